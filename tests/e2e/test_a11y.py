"""Every page in every state: axe's rules, finger-sized targets, no sideways scrolling, no stray English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python  # type: ignore[import-untyped]  # it comes without types
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import browser, page_views
from tests.e2e.page_views import PageView, PageVisitor
from tests.support.prepared_class import PreparedClass

pytestmark = pytest.mark.slow

TARGET_PX = 60
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Rules about elements that Streamlit makes and that no setting of ours changes; each with its reason.
NOT_OURS: dict[str, str] = {}
# Words of the Latin alphabet that Japanese children know as they are, the language switch, and Safari's words
# on the way to the camera.
LATIN_KNOWN = frozenset({"AI", "QR", "iPad", "Wi-Fi", "English", "Web"})
LATIN = re.compile(r"[A-Za-z][A-Za-z-]+")

# Walks the page and every shadow root in it; `visit` gets each element that can be seen.
WALK = """
const walk = (root, visit) => {
  for (const element of root.querySelectorAll('*')) {
    visit(element);
    if (element.shadowRoot) walk(element.shadowRoot, visit);
  }
};
const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
"""
TARGETS = (
    "(least) => {"
    + WALK
    + """
  const small = [];
  walk(document, (element) => {
    if (!element.matches('button, a[href], input, select, textarea, [role=button], [role=tab]')) return;
    if (!seen(element) || element.closest('[aria-hidden=true], [inert]')) return;
    const { width, height } = element.getBoundingClientRect();
    if (width && height && Math.min(width, height) < least - 0.5) {
      const name = (element.getAttribute('aria-label') || element.innerText || element.id).trim();
      small.push(`${element.tagName} "${name.slice(0, 30)}" ${Math.round(width)}x${Math.round(height)}`);
    }
  });
  return small;
}"""
)
WORDS = (
    "() => {"
    + WALK
    + """
  const words = [];
  const texts = (element) => [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()).map((node) => node.data.trim());
  walk(document.body, (element) => {
    if (['STYLE', 'SCRIPT', 'NOSCRIPT', 'TITLE'].includes(element.tagName) || !seen(element)) return;
    if (element.dataset.testid === 'stIconMaterial') return; // the name of a drawing, not a word
    words.push(...texts(element));
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
      const said = element.getAttribute(name);
      if (said) words.push(said);
    }
  });
  return words;
}"""
)
# Streamlit's own furniture; a child has no use for any of it.
CHROME = """() => [
    'stHeader', 'stToolbar', 'stMainMenu', 'stDecoration', 'stStatusWidget', 'stAppDeployButton', 'stSidebar',
    'stSidebarCollapsedControl', 'stExpandSidebarButton', 'stElementToolbar', 'stHeaderActionElements',
  ]
  .flatMap((id) => [...document.querySelectorAll(`[data-testid=${id}]`)])
  .concat([...document.querySelectorAll('footer, .vega-actions, [class*=viewerBadge]')])
  .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter((element) => element.offsetHeight > 0 && element.offsetWidth > 0 && element.innerText?.trim())
  .map((element) => element.dataset.testid ?? element.tagName)"""
SIDEWAYS = """() => [document.scrollingElement, ...document.querySelectorAll('[data-testid=stMain]')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`)"""

# A page with a message alone has it in the middle: what shows nothing must not take its place.
OFF_CENTRE = """() => {
  const message = document.querySelector('.big-message');
  const block = message?.closest('[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock]');
  if (!block || document.querySelector('[data-testid=stMain]').scrollHeight > innerHeight + 8) return [];
  const shown = [...block.children]
    .filter((part) => part.offsetHeight > 0 && getComputedStyle(part).position !== 'absolute');
  const place = shown.findIndex((part) => part.contains(message));
  const above = shown[place].getBoundingClientRect().top
    - (place ? shown[place - 1].getBoundingClientRect().bottom : 0);
  const below = innerHeight - shown.at(-1).getBoundingClientRect().bottom;
  return 2 * below < above ? [`${Math.round(above)} px above the message, ${Math.round(below)} below`] : [];
}"""


@pytest.fixture(scope="module")
def visitor(
    prepared_class: PreparedClass, launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PageVisitor]:
    camera = browser.drawn_film(tmp_path_factory.mktemp("camera") / "apple.y4m", "apple")
    opened = PageVisitor(prepared_class, launch(camera))
    yield opened
    opened.close()


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


@pytest.mark.parametrize("view", page_views.ALL, ids=[view.name for view in page_views.ALL])
def test_a_page_is_fit_for_everybody(view: PageView, visitor: PageVisitor) -> None:
    page = visitor.open(view)
    try:
        problems = [f"axe {line}" for line in axe(page)]
        problems += [f"Streamlit's {line} is seen" for line in page.evaluate(CHROME)]
        if view.who == "child":
            problems += [f"English word: {word}" for word in stray_words(page)]
            for size in browser.IPADS:
                page.set_viewport_size(size)
                page.wait_for_timeout(150)
                at = f"{size['width']}x{size['height']}"
                problems += [f"{at} too small: {line}" for line in page.evaluate(TARGETS, TARGET_PX)]
                problems += [f"{at} scrolls sideways: {line}" for line in page.evaluate(SIDEWAYS)]
                problems += [f"{at} off centre: {line}" for line in page.evaluate(OFF_CENTRE)]
            problems += [f"axe at {at} {line}" for line in axe(page)]
        assert problems == []
    finally:
        visitor.leave(view, page)
