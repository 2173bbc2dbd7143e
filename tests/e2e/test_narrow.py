"""Half a screen and a phone: nothing is cut off, covered or written one letter a line, on any page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.e2e import browser, page_views
from tests.e2e.page_views import PageView, PageVisitor
from tests.e2e.test_a11y import SIDEWAYS, WALK
from tests.support.prepared_class import PreparedClass

pytestmark = pytest.mark.slow

SPLIT_VIEW: ViewportSize = {"width": 507, "height": 1010}
PHONE: ViewportSize = {"width": 375, "height": 700}
SLIDE_OVER: ViewportSize = {"width": 320, "height": 700}
VIEWS = [view for view in page_views.ALL if view.who != "projector"]

FAULTS = (
    "() => {"
    + WALK
    + """
  const faults = [];
  const name = (element) => (element.getAttribute('aria-label') || element.innerText || element.className)
    .toString().trim().replace(/\\s+/g, ' ').slice(0, 24);
  // What scrolls sideways by itself may be wider than the screen.
  const scrolls = (element) => {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host)
      if (at !== document.body && ['auto', 'scroll'].includes(getComputedStyle(at).overflowX)
        && at.dataset?.testid !== 'stMain' && at.dataset?.testid !== 'stApp') return true;
    return false;
  };
  const words = (element) => [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join('');
  const taps = [];
  const heads = [];
  walk(document.body, (element) => {
    if (!seen(element) || element.closest('[aria-hidden=true], [inert], .confetti, rt')) return;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const said = words(element);
    const isTap = element.matches('button, a[href]');
    if ((said || isTap) && !scrolls(element) && (box.left < -1 || box.right > innerWidth + 1))
      faults.push(`cut off: ${name(element)} ${Math.round(box.left)} to ${Math.round(box.right)}`);
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (said.length > 3 && box.width < 2 * size && box.height > 3.5 * size && !scrolls(element))
      faults.push(`one letter a line: ${name(element)} ${Math.round(box.width)}x${Math.round(box.height)}`);
    if (isTap && getComputedStyle(element).opacity !== '0') taps.push([element, box]);
    if (element.matches('h1, h2, .badge, .code-who b')) heads.push([element, box]);
  });
  const meets = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 4
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;
  const apart = (one, other) => !one.contains(other) && !other.contains(one);
  for (const [at, [one, box]] of taps.entries())
    for (const [other, place] of [...taps.slice(at + 1), ...heads])
      if (apart(one, other) && one.getRootNode() === other.getRootNode() && meets(box, place))
        faults.push(`lie over each other: ${name(one)} / ${name(other)}`);
  return faults;
}"""
)


@pytest.fixture(scope="module")
def visitor(
    prepared_class: PreparedClass, launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PageVisitor]:
    camera = browser.drawn_film(tmp_path_factory.mktemp("camera") / "apple.y4m", "apple")
    opened = PageVisitor(prepared_class, launch(camera))
    yield opened
    opened.close()


@pytest.mark.parametrize("view", VIEWS, ids=[view.name for view in VIEWS])
def test_a_narrow_page_can_be_read_and_tapped(view: PageView, visitor: PageVisitor) -> None:
    page = visitor.open(view)
    try:
        problems = []
        for size in (SPLIT_VIEW, PHONE, SLIDE_OVER):
            page.set_viewport_size(size)
            page.wait_for_timeout(250)
            at = f"{size['width']}x{size['height']}"
            problems += [f"{at} scrolls sideways: {line}" for line in page.evaluate(SIDEWAYS)]
            problems += [f"{at} {line}" for line in page.evaluate(FAULTS)]
        assert problems == []
    finally:
        visitor.leave(view, page)
