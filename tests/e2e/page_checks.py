"""What is checked of a page in any state: axe's rules, finger-sized targets, no sideways scrolling, no stray
English; and nothing is cut off, covered or written one letter a line on half a screen and a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page, ViewportSize

from tests.e2e import browser
from tests.e2e.page_scripts import (
    CHROME,
    CROWDED,
    ENDLESS,
    FAULTS,
    OFF_CENTRE,
    PRIMARY,
    REACH,
    SIDEWAYS,
    SMALL_TEXT,
    TARGETS,
    WORDS,
)
from tests.e2e.page_views import PageView

TARGET_PX = 60
# The smallest text, and the smallest reading over kanji, for who reads from how far away (px).
TEXT_PX = {"child": (18, 11), "facilitator": (14, 9), "projector": (46, 25)}
# Half a screen (Split View), a phone, the narrow strip of Slide Over.
NARROW: tuple[ViewportSize, ...] = (
    {"width": 507, "height": 1010},
    {"width": 375, "height": 700},
    {"width": 320, "height": 700},
)
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Rules about elements that Streamlit makes and that no setting of ours changes; each with its reason.
NOT_OURS: dict[str, str] = {}
# Words of the Latin alphabet that Japanese children know as they are, the language switch, and Safari's words
# on the way to the camera.
LATIN_KNOWN = frozenset({"AI", "QR", "iPad", "Wi-Fi", "English", "Web"})
# Words that Streamlit says by itself, in English whatever the page's language. On pages of grown-ups other
# English words cannot be told from names and addresses. "Choose an option" is not among them: a box that has
# a choice keeps it as a placeholder that nobody sees.
STREAMLIT_SAYS = re.compile(
    r"per file|Browse files|Drag and drop|Limit \d+|Press (?:⌘ ?\+ ?)?(?:Enter|Ctrl)"
    r"|Select all|No (?:options|results)|Running\.\.\.|Upload$",
    re.IGNORECASE,
)
LATIN = re.compile(r"[A-Za-z][A-Za-z-]+")


def axe(page: Page) -> list[str]:
    """Serious and critical violations, one line an element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {
        "runOnly": {"type": "tag", "values": WCAG},
        "rules": {rule: {"enabled": False} for rule in NOT_OURS},
        "resultTypes": ["violations"],
    }
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'].splitlines()[1].strip()}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def stray_words(page: Page) -> list[str]:
    found = {word for text in page.evaluate(WORDS) for word in LATIN.findall(text)}
    return sorted(found - LATIN_KNOWN)


def streamlits_words(texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if STREAMLIT_SAYS.search(text)})


def problems_of(view: PageView, page: Page) -> list[str]:
    """A line for each thing that is wrong with the page, which is on the screen."""
    problems = [f"axe {line}" for line in axe(page)]
    problems += [f"Streamlit's {line} is seen" for line in page.evaluate(CHROME)]
    problems += [f"Streamlit's own words: {text}" for text in streamlits_words(page.evaluate(WORDS))]
    problems += [f"small text: {line}" for line in page.evaluate(SMALL_TEXT, TEXT_PX[view.who])]
    problems += [f"moves for ever: {line}" for line in page.evaluate(ENDLESS)]
    if view.who == "child":
        problems += _on_ipads(page)
    if view.who != "projector":
        problems += _narrow(view, page)
    return problems


def _on_ipads(page: Page) -> list[str]:
    problems = [f"English word: {word}" for word in stray_words(page)]
    for size in browser.IPADS:
        page.set_viewport_size(size)
        page.wait_for_timeout(150)
        at = f"{size['width']}x{size['height']}"
        problems += [f"{at} too small: {line}" for line in page.evaluate(TARGETS, TARGET_PX)]
        problems += [f"{at} scrolls sideways: {line}" for line in page.evaluate(SIDEWAYS)]
        problems += [f"{at} crowded steps: {line}" for line in page.evaluate(CROWDED)]
        problems += [f"{at} off centre: {line}" for line in page.evaluate(OFF_CENTRE)]
        problems += [f"{at} next thing: {line}" for line in page.evaluate(PRIMARY)]
        problems += [f"{at} reach: {line}" for line in page.evaluate(REACH)]
        problems += [f"{at} {line}" for line in page.evaluate(FAULTS)]
    return problems + [f"axe at {at} {line}" for line in axe(page)]


def _narrow(view: PageView, page: Page) -> list[str]:
    problems = []
    for size in NARROW:
        page.set_viewport_size(size)
        page.wait_for_timeout(250)
        at = f"{size['width']}x{size['height']}"
        problems += [f"{at} scrolls sideways: {line}" for line in page.evaluate(SIDEWAYS)]
        problems += [f"{at} {line}" for line in page.evaluate(FAULTS)]
        if view.who == "child":
            problems += [f"{at} small text: {line}" for line in page.evaluate(SMALL_TEXT, TEXT_PX["child"])]
    return problems
