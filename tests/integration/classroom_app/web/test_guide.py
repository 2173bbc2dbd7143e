"""The guide over its route: for everybody, in the language that the browser has chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from classroom_app.resources import App, set_app
from tests.integration.classroom_app.web.test_routes import Browser
from tests.unit.classroom_app.printing.test_group_cards import pages, text_of


@pytest.fixture
def browser(app: App) -> Iterator[Browser]:
    set_app(app)
    yield Browser(app)
    set_app(None)


@pytest.mark.parametrize(
    ("lang", "title"), [("ja", "ファシリテーターガイド"), ("en", "Guide for facilitators")]
)
def test_it_comes_in_the_language_of_whoever_asks(browser: Browser, lang: str, title: str) -> None:
    browser.cookies.set("lang", lang)
    answer = browser("GET", "/guide.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert pages(answer.content) == 2
    browser.cookies.set("lang", "en" if lang == "ja" else "ja")
    assert title in text_of(browser("GET", f"/guide.pdf?lang={lang}").content, "-l", "1")
    assert title in text_of(answer.content, "-l", "1")
