"""The gallery widget in headless Chromium: deleting, moving, undo, and three hundred photos."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.widgets.support import Ipad, shown, until

pytestmark = pytest.mark.slow


def open_gallery(ipad: Ipad, photos: int) -> None:
    """A gallery with so many drawn photos, dealt out over three labels."""
    ipad.harness.set(seed=photos)
    ipad.open("w=gallery")
    ipad.page.locator(".tile").first.wait_for()


def test_delete_takes_the_tile_away_and_undo_brings_it_back(ipad: Ipad) -> None:
    open_gallery(ipad, 6)
    page = ipad.page
    page.locator(".tile").nth(1).tap()
    expect(page.locator(".sheet .big")).to_have_attribute("src", "/photos/photo-3/full")
    page.locator(".delete").tap()
    expect(page.locator(".tile")).to_have_count(5)
    expect(page.get_by_text("rock=1 paper=2 scissors=2")).to_be_visible()
    assert "photo-3" not in {photo["id"] for photo in ipad.harness.arrived()["photos"]}
    page.locator(".undo-button").tap()
    expect(page.get_by_text("rock=2 paper=2 scissors=2")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(6)
    expect(page.locator(".undo")).to_be_hidden()


def test_move_puts_the_photo_under_the_other_label(ipad: Ipad) -> None:
    open_gallery(ipad, 6)
    page = ipad.page
    page.locator(".tile").first.tap()
    expect(page.locator(".now-name")).to_have_text("グー")
    expect(page.locator(".moves button")).to_have_count(2)
    page.locator(".moves button", has_text="チョキ").tap()
    expect(page.get_by_text("rock=1 paper=2 scissors=3")).to_be_visible()
    expect(page.locator(".shelf").nth(2).locator(".tile")).to_have_count(3)
    expect(page.locator(".sheet")).to_be_hidden()


def test_the_sheet_steps_from_photo_to_photo_and_closes(ipad: Ipad) -> None:
    open_gallery(ipad, 6)
    page = ipad.page
    page.locator(".tile").first.tap()
    expect(page.locator(".previous")).to_be_hidden()
    page.locator(".next").tap()
    expect(page.locator(".sheet .big")).to_have_attribute("src", "/photos/photo-3/full")
    page.locator(".close").tap()
    expect(page.locator(".sheet")).to_be_hidden()


def test_a_rerun_fetches_no_photo_again_and_a_shelf_holds_its_tiles(ipad: Ipad) -> None:
    open_gallery(ipad, 9)
    page = ipad.page
    until(lambda: page.locator(".tile img.here").count() == 9, page)
    before = len(ipad.harness.arrived()["fetched"])
    page.get_by_role("button", name="rerun").tap()
    page.wait_for_timeout(700)
    page.locator(".tile").first.tap()
    page.locator(".delete").tap()
    expect(page.locator(".tile")).to_have_count(8)
    page.wait_for_timeout(700)
    fetched = ipad.harness.arrived()["fetched"][before:]
    assert fetched == ["/photos/photo-0/full"]


def test_three_hundred_photos_are_fetched_only_where_the_child_looks(ipad: Ipad) -> None:
    open_gallery(ipad, 300)
    page = ipad.page
    expect(page.locator(".tile")).to_have_count(300)
    page.wait_for_timeout(1500)
    fetched = len(ipad.harness.arrived()["fetched"])
    assert 15 <= fetched < 290
    boxes = page.locator(".tile").evaluate_all("tiles => tiles.map(one => one.getBoundingClientRect().width)")
    assert min(boxes) >= 100
    assert max(boxes) - min(boxes) < 1
    page.locator(".tile").nth(299).scroll_into_view_if_needed()
    until(lambda: "/photos/photo-299/thumb" in ipad.harness.arrived()["fetched"], page)
    expect(page.locator(".tile").nth(299).locator("img.here")).to_have_count(1)


def test_no_photos_yet(ipad: Ipad) -> None:
    ipad.open("w=gallery")
    expect(ipad.page.locator(".empty")).to_contain_text(shown("gallery_empty"))


def test_photos_that_are_still_on_the_ipad_are_not_none(ipad: Ipad) -> None:
    ipad.open("w=gallery")
    empty = ipad.page.locator(".empty")
    expect(empty).to_be_visible()
    waiting = """number => {
      window.classroomPhotoQueue = { snapshot: () => ({ waiting: number }) };
      dispatchEvent(new CustomEvent('photos-waiting', { detail: new Map() }));
    }"""
    ipad.page.evaluate(waiting, 3)
    expect(empty).to_be_hidden()
    ipad.page.evaluate(waiting, 0)
    expect(empty).to_be_visible()
