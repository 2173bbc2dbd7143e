"""Browsers as their owners know them."""

from __future__ import annotations

import pytest

from classroom_app.services.device_words import device_words

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"(iPad; CPU OS 18_1 like Mac OS X) {WEBKIT} Version/18.1 Safari/604.1", "Safari, iPad"),
        (f"(Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.1 Safari/605.1", "Safari, Mac / iPad"),
        ("(Windows NT 10.0; Win64) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("(X11; CrOS x86_64 14541.0.0) Chrome/130.0 Safari/537.36", "Chrome, Chromebook"),
        ("(X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox, Linux"),
        ("python-httpx/0.28", ""),
        ("<script>Safari", ""),
    ],
)
def test_what_a_browser_says_in_two_words(said: str, words: str) -> None:
    assert device_words(said) == words
