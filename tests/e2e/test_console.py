"""The console on a facilitator's screen: thirty groups in sight, a group opened that a reload keeps, photos
chosen by tapping, phases that are asked for, and an iPad that hears and waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from classroom_app.rehearsal.answers import CreatedClass
from tests.e2e import browser
from tests.e2e.browser import settle
from tests.e2e.page_views import HELD_MS
from tests.support.class_over_http import group_client, make_class, send_photos
from tests.support.running import OWN, PASSWORD, Running

pytestmark = pytest.mark.slow

GROUPS_MAX = 30


@pytest.fixture
def desk(running: Running, launch: Callable[..., Browser]) -> Iterator[BrowserContext]:
    context = browser.screen(launch(), browser.DESK, "ja")
    login = {"username": "facilitator", "password": PASSWORD}
    context.request.post(f"{running.url}/session/facilitator", data=login, headers=OWN)
    context.request.post(f"{running.url}/session/language", data={"lang": "ja"}, headers=OWN)
    yield context
    context.close()


def opened(desk: BrowserContext, url: str, ready: str) -> Page:
    page = desk.new_page()
    page.goto(url)
    page.locator(ready).first.wait_for()
    settle(page)
    return page


def bottoms(page: Page, what: str) -> list[float]:
    """Where each ends, in pixels from the top of the page."""
    found = page.locator(what).evaluate_all("all => all.map(one => one.getBoundingClientRect().bottom)")
    return [float(bottom) for bottom in found]


@pytest.mark.parametrize(("groups", "screens"), [(8, 1), (GROUPS_MAX, 2)])
def test_the_groups_are_in_sight_at_1280_by_800(
    running: Running, desk: BrowserContext, groups: int, screens: int
) -> None:
    """Eight without scrolling; thirty with one scroll at most."""
    made = make_class(running.url, groups=groups)
    page = opened(desk, f"{running.url}/facilitator?event={made.id}", ".staff-tile")
    found = bottoms(page, ".staff-tile")
    assert len(found) == groups
    assert max(found) <= screens * browser.DESK["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def class_with_photos(running: Running) -> CreatedClass:
    """Its first group has two of each of three labels."""
    made = make_class(running.url)
    with group_client(running.url, made.groups[0].join_path) as group:
        send_photos(group, made.label_ids, range(2))
    return made


def test_a_group_is_opened_its_photos_are_chosen_by_tapping_and_a_reload_stays_there(
    running: Running, desk: BrowserContext
) -> None:
    made = class_with_photos(running)
    page = opened(desk, f"{running.url}/facilitator?event={made.id}", ".staff-tile")
    page.locator(f"a.staff-tile[href$='{made.groups[0].id}']").click()
    tiles = page.locator(".picker .tile")
    tiles.first.wait_for()
    expect(tiles).to_have_count(6, timeout=browser.WAIT_MS)
    page.locator(".picker .labels button").nth(2).click()
    expect(tiles).to_have_count(2, timeout=browser.WAIT_MS)
    for number in range(2):
        tiles.nth(number).click()
    page.wait_for_timeout(4000)  # the page looks again meanwhile
    expect(page.locator(".picker .tile[aria-pressed=true]")).to_have_count(2)
    page.locator(".picker .moves button").nth(0).click()
    expect(tiles).to_have_count(0, timeout=browser.WAIT_MS)
    page.locator(".picker .labels button").nth(1).click()
    expect(tiles).to_have_count(4, timeout=browser.WAIT_MS)
    page.locator(".picker .all").click()
    page.locator(".picker .remove").click()
    page.locator(".st-key-photos_sure").wait_for()
    page.wait_for_timeout(700)  # the page moves to it
    page.locator(".st-key-photos_sure .st-key-delete_undo button").click(delay=HELD_MS)
    expect(tiles).to_have_count(0, timeout=browser.WAIT_MS)
    page.locator("[class*=st-key-undo_] button").click()
    expect(tiles).to_have_count(4, timeout=browser.WAIT_MS)
    page.reload()
    page.locator(".picker .tile").first.wait_for()
    expect(page.locator(".staff-big")).to_contain_text("ペンギン")
    expect(tiles).to_have_count(6, timeout=browser.WAIT_MS)


def test_a_press_in_the_moment_of_a_tick_is_about_that_tick_too(
    running: Running, desk: BrowserContext
) -> None:
    """The page that deletes has a button of its own: it says no other number than is ticked."""
    made = class_with_photos(running)
    page = opened(desk, f"{running.url}/reset?event={made.id}", ".picker .tile")
    tiles = page.locator(".picker .tile")
    expect(tiles).to_have_count(6, timeout=browser.WAIT_MS)
    page.evaluate(
        """() => new MutationObserver((changes) => {
          window.waited ||= changes.some((change) => change.target.hasAttribute('data-untold'));
        }).observe(document.body, { subtree: true, attributeFilter: ['data-untold'] })"""
    )
    tiles.evaluate_all("all => all.slice(0, 3).forEach((tile) => tile.click())")
    page.wait_for_function("window.waited")
    expect(page.locator(".staff-ask")).to_contain_text("写真3枚")
    expect(page.locator("[data-untold]")).to_have_count(0)
    both = "tile => { tile.click(); document.querySelector('.st-key-delete button').click(); }"
    tiles.nth(3).evaluate(both)
    expect(page.locator(".staff-ask").first).to_contain_text("写真4枚", timeout=browser.WAIT_MS)
    expect(page.locator(".picker .number")).to_have_text("4枚を選択")
    expect(page.locator("[data-untold]")).to_have_count(0)


def test_photos_that_are_to_go_are_asked_about_though_another_button_is_pressed_in_the_same_moment(
    running: Running, desk: BrowserContext
) -> None:
    made = class_with_photos(running)
    address = f"{running.url}/group?event={made.id}&group={made.groups[0].id}"
    page = opened(desk, address, ".picker .tile")
    page.locator(".picker .tile").first.click()
    both = "tile => { tile.click(); document.querySelector('.st-key-send_say button').click(); }"
    page.locator(".picker .remove").evaluate(both)
    expect(page.locator(".st-key-photos_sure")).to_contain_text("写真1枚", timeout=browser.WAIT_MS)
    expect(page.locator(".st-key-take_back")).to_be_visible()


# Of all buttons in sight, the words of those that are filled with the colour of the one next thing.
FILLED = """() => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.background = 'var(--action)';
  const action = getComputedStyle(probe).backgroundColor;
  probe.remove();
  return [...document.querySelectorAll('button, a[href]')].filter((button) => {
    const { top, bottom, height } = button.getBoundingClientRect();
    return height && top < innerHeight && bottom > 0 && getComputedStyle(button).backgroundColor === action;
  }).map((button) => button.innerText.trim());
}"""


def test_one_button_stands_out_and_the_reveal_is_asked_for_in_a_dialog_that_stays(
    running: Running, desk: BrowserContext
) -> None:
    made = make_class(running.url)
    page = opened(desk, f"{running.url}/facilitator?event={made.id}", ".staff-tile")
    assert page.evaluate(FILLED) == ["しめきりへ進む →"]
    page.locator(".st-key-go_final button").click()
    page.locator(".st-key-phase_yes button").click()
    go, dialog = page.locator(".st-key-go_reveal button"), page.get_by_role("dialog")
    for close in ("Escape", "no"):
        go.click(timeout=browser.WAIT_MS)
        expect(dialog).to_contain_text("隠していた成績が全員に見えます", timeout=browser.WAIT_MS)
        assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")
        page.mouse.move(0, 0)
        assert page.evaluate(FILLED) == ["はい、進みます"]
        page.wait_for_timeout(4000)  # the page looks again meanwhile
        expect(dialog).to_be_visible()
        if close == "Escape":
            page.keyboard.press("Escape")
        else:
            page.locator(".st-key-phase_no button").click()
        expect(dialog).to_have_count(0, timeout=browser.WAIT_MS)
        expect(go).to_be_focused(timeout=browser.WAIT_MS)
    page.locator(".st-key-phase_others button").click()
    page.get_by_role("menuitem").filter(has_text="あつめる・学習へ戻す").click()
    expect(dialog).to_contain_text("また写真を撮って", timeout=browser.WAIT_MS)
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-phase_others button")).to_be_focused(timeout=browser.WAIT_MS)
    go.click()
    page.locator(".st-key-phase_yes button").click(timeout=browser.WAIT_MS)
    page.locator(".st-key-show_control").wait_for(timeout=browser.WAIT_MS)
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("size", [browser.DESK, browser.PORTRAIT], ids=["desk", "iPad"])
def test_photos_are_tapped_to_be_deleted_and_what_came_of_it_is_said_in_sight(
    running: Running, desk: BrowserContext, size: ViewportSize
) -> None:
    made = make_class(running.url)
    with group_client(running.url, made.groups[0].join_path) as group:
        send_photos(group, made.label_ids, range(14))
    page = desk.new_page()
    page.set_viewport_size(size)
    page.goto(f"{running.url}/reset?event={made.id}")
    tiles, delete = page.locator(".picker .tile"), page.locator(".st-key-delete button")
    expect(tiles).to_have_count(42, timeout=browser.WAIT_MS)
    expect(delete).to_be_disabled()
    for number in range(3):
        tiles.nth(number).click()
    page.get_by_text("写真3枚").first.wait_for()  # the page knows of all three
    delete.click(timeout=browser.WAIT_MS)
    assert page.evaluate(FILLED) == [], "deleting is never the one next thing"
    page.locator(".st-key-delete_sure .st-key-delete_undo button").click(delay=HELD_MS)
    told = page.locator(".st-key-notice_deleted")
    expect(told).to_contain_text("10分は元に戻せます", timeout=browser.WAIT_MS)
    expect(told).to_be_in_viewport(ratio=1)
    expect(told.locator("[role=status], [role=alert]").first).to_be_visible()
    expect(tiles).to_have_count(39, timeout=browser.WAIT_MS)
    expect(delete).to_have_count(0)  # what came of it stands alone
    page.locator("[class*=st-key-undo_] button").first.click()
    expect(told).to_contain_text("元に戻しました", timeout=browser.WAIT_MS)
    expect(told).to_be_in_viewport(ratio=1)
    expect(tiles).to_have_count(42, timeout=browser.WAIT_MS)


def test_an_ipad_hears_waits_and_goes_on_and_keeps_what_it_took(
    running: Running, desk: BrowserContext, launch: Callable[..., Browser]
) -> None:
    made = make_class(running.url)
    ipad = browser.ipad(launch())
    ipad.request.get(f"{running.url}{made.groups[0].join_path}")
    child = ipad.new_page()
    child.goto(f"{running.url}/collect")
    child.locator(".cam[data-word=live]").wait_for()
    page = opened(desk, f"{running.url}/group?event={made.id}&group={made.groups[0].id}", ".st-key-send_say")
    page.locator(".st-key-send_say button").click()
    expect(child.locator(".said")).to_contain_text("あつまろう", timeout=browser.WAIT_MS)
    child.locator(".st-key-said_ok button").tap()
    expect(child.locator(".said")).to_have_count(0)
    expect(page.locator(".st-key-desk_words")).to_contain_text("読まれました", timeout=browser.WAIT_MS)
    page.locator(".st-key-send_lock button").click()
    expect(child.locator(".big-message")).to_contain_text("まってね", timeout=browser.WAIT_MS)
    expect(child.locator(".cam")).to_have_count(0)
    page.locator(".st-key-unlock button").click()
    child.locator(".cam[data-word=live]").wait_for(timeout=browser.WAIT_MS)
    ipad.close()
