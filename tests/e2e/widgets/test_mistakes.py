"""The mistakes widget and the frozen picture's map in headless Chromium: shown, asked for late, acted on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.widgets.support import Ipad, shown, until

pytestmark = pytest.mark.slow

# Mean brightness of the upper left and of the lower right quarter of what is drawn, and its opacity there.
_CORNERS = """canvas => {
  const pen = canvas.getContext('2d');
  const alpha = (x, y) => {
    const {data} = pen.getImageData(x * canvas.width, y * canvas.height, 20, 20);
    return [data[3] / 255, (data[0] + data[1] + data[2]) / 3];
  };
  return [alpha(0.1, 0.1), alpha(0.8, 0.8)];
}"""


def opened(ipad: Ipad, cards: int = 3, extra: str = "", **switches: object) -> Page:
    """The page with cards; the store has six own photos, two of each label."""
    ipad.harness.set(seed=6, **switches)
    ipad.open(f"w=mistakes&cards={cards}{extra}")
    ipad.page.locator(".mistake").first.wait_for()
    return ipad.page


def reasons(ipad: Ipad) -> list[str]:
    """The ids of the cards whose reason was asked for."""
    paths = [path for path in ipad.harness.arrived()["fetched"] if path.endswith("/reason")]
    return [path.split("/")[2] for path in paths]


def told(page: Page, what: str) -> Locator:
    """The page's own words on what a tap meant."""
    return page.get_by_text(f"TOLD={what}", exact=True)


def test_a_card_says_what_was_thought_and_what_is_true(ipad: Ipad) -> None:
    page = opened(ipad)
    card = page.locator(".mistake").first
    expect(card.locator(".thought")).to_contain_text("パー")
    expect(card.locator(".thought")).to_contain_text("きっと")
    expect(card).not_to_contain_text("%")
    expect(card.locator(".truth")).to_contain_text("グー")
    expect(page.locator(".title")).to_contain_text("3まい")
    expect(card.locator(".tile")).to_have_count(2)  # a similar photo that is gone is not shown
    expect(page.locator(".take.strong")).to_have_count(1)  # what it was surest about first
    card.locator(".take").tap()
    expect(told(page, "take rock")).to_be_visible()


def test_where_a_heap_looks_mixed_the_button_leads_to_it(ipad: Ipad) -> None:
    page = opened(ipad, extra="&mixed=1")
    button = page.locator(".mistake").first.locator(".take")
    expect(button).to_contain_text("たしかめる")
    expect(button.locator("svg")).to_be_hidden()
    button.tap()
    expect(told(page, "take paper")).to_be_visible()


def test_the_map_is_shown_and_hidden_by_taps(ipad: Ipad) -> None:
    page = opened(ipad)
    look, heat = page.locator(".look").first, page.locator(".heat").first
    expect(heat).to_be_hidden()
    look.tap()
    expect(heat).to_be_visible()
    expect(look).to_contain_text(shown("look_bright"))
    (bright_veil, _), (dark_veil, dark) = heat.evaluate(_CORNERS)
    assert bright_veil < 0.3  # told by brightness, not by hue
    assert dark_veil > 0.6
    assert dark < 60
    look.tap()
    expect(heat).to_be_hidden()


def test_a_photo_in_which_nothing_stood_out(ipad: Ipad) -> None:
    page = opened(ipad, reasons="flat")
    page.locator(".look").first.tap()
    expect(page.locator(".look").first).to_contain_text(shown("look_nowhere"))


def test_of_a_hundred_only_what_is_looked_at_is_asked_for(ipad: Ipad) -> None:
    page = opened(ipad, cards=100)
    expect(page.locator(".mistake")).to_have_count(100)
    page.wait_for_timeout(2500)
    assert set(reasons(ipad)) <= {"m0", "m1", "m2"}
    pictures = [
        path
        for path in ipad.harness.arrived()["fetched"]
        if path.startswith("/mistakes/") and path.endswith("/thumb")
    ]
    assert 0 < len(pictures) < 20
    page.locator(".mistake").nth(60).scroll_into_view_if_needed()
    assert until(lambda: "m60" in reasons(ipad), page)
    assert len(reasons(ipad)) < 10
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= page.evaluate("innerWidth")


def test_a_similar_photo_can_be_deleted_and_brought_back(ipad: Ipad) -> None:
    page = opened(ipad)
    tiles = page.locator(".mistake").first.locator(".tile")
    expect(tiles).to_have_count(2)
    tiles.first.tap()
    expect(page.locator(".sheet .big")).to_have_attribute("src", "/photos/photo-1/full")
    page.locator(".delete").tap()
    expect(told(page, "delete photo-1")).to_be_visible()
    expect(tiles).to_have_count(1)
    page.locator(".undo-button").tap()
    expect(told(page, "undo")).to_be_visible()
    expect(tiles).to_have_count(2)


def test_a_similar_photo_can_be_moved(ipad: Ipad) -> None:
    page = opened(ipad)
    tile = page.locator(".mistake").first.locator(".tile").first
    tile.tap()
    page.locator(".moves button").filter(has_text="チョキ").tap()
    expect(told(page, "move photo-1scissors")).to_be_visible()
    expect(page.locator(".sheet")).to_be_hidden()
    expect(tile.locator(".tile-emoji")).to_have_text("✌️")


def test_when_photos_are_closed_there_is_only_looking(ipad: Ipad) -> None:
    page = opened(ipad, extra="&closed")
    expect(page.locator(".take").first).to_be_hidden()
    page.locator(".tile").first.tap()
    expect(page.locator(".sheet .big")).to_be_visible()
    expect(page.locator(".delete")).to_be_hidden()


def test_a_reason_that_does_not_come_is_waited_for_and_a_refused_one_is_left_out(ipad: Ipad) -> None:
    page = opened(ipad, cards=1, reasons="down")
    look = page.locator(".look")
    look.tap()
    expect(look).to_contain_text(shown("look_wait"))
    ipad.harness.set(seed=6)
    expect(page.locator(".heat")).to_be_visible(timeout=12_000)
    page = opened(ipad, cards=1, reasons="refused")
    expect(page.locator(".alike")).to_be_hidden()
    expect(look).to_be_hidden()
    expect(page.locator(".take")).to_be_visible()


def frozen(ipad: Ipad, **switches: object) -> Page:
    """The live player with a picture that stands still."""
    ipad.harness.set(**switches)
    ipad.open("w=player")
    page = ipad.page
    expect(page.locator(".row.best")).to_have_count(1)
    page.locator(".freeze").tap()
    expect(page.locator(".still")).to_be_visible()
    return page


def test_a_frozen_picture_shows_where_the_ai_looked(ipad: Ipad) -> None:
    page = frozen(ipad)
    heat, look = page.locator(".heat"), page.locator(".look")
    expect(heat).to_be_visible()
    (bright_veil, _), (dark_veil, _) = heat.evaluate(_CORNERS)
    assert bright_veil < 0.3
    assert dark_veil > 0.6
    look.tap()
    expect(heat).to_be_hidden()
    expect(page.locator(".still")).to_be_visible()
    look.tap()
    expect(heat).to_be_visible()
    assert ipad.harness.arrived()["fetched"].count("/explain?label=rock") == 1
    page.locator(".freeze").tap(position={"x": 200, "y": 200})
    expect(heat).to_be_hidden()
    expect(look).to_be_hidden()
    expect(page.locator(".still")).to_be_hidden()


def test_without_the_network_the_picture_still_stands_and_the_map_comes_later(ipad: Ipad) -> None:
    page = frozen(ipad, reasons="down")
    expect(page.locator(".look")).to_contain_text(shown("look_wait"))
    expect(page.locator(".row.best")).to_have_count(1)
    expect(page.locator(".offline")).to_be_visible(timeout=8000)
    ipad.harness.set()
    expect(page.locator(".heat")).to_be_visible(timeout=12_000)
    expect(page.locator(".offline")).to_be_hidden()


def test_a_refused_map_leaves_the_guess_alone(ipad: Ipad) -> None:
    page = frozen(ipad, reasons="refused")
    expect(page.locator(".look")).to_be_hidden()
    expect(page.locator(".row.best")).to_have_count(1)
    page.wait_for_timeout(1500)
    assert ipad.harness.arrived()["fetched"].count("/explain?label=rock") == 1
