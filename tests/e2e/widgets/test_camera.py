"""The camera widget in headless Chromium: shooting, and a queue that loses and doubles nothing."""

from __future__ import annotations

import io
import re
import signal
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, expect

from classroom_app.network import free_port
from tests.e2e.browser import LANDSCAPE
from tests.e2e.widgets.support import Harness, Ipad, fresh_ipad, shown, start_server, until
from tests.support.processes import end, kill_tree

pytestmark = pytest.mark.slow
UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def live(ipad: Ipad, query: str = "w=camera") -> Page:
    """Open the camera page and wait for its picture."""
    ipad.open(query)
    ipad.page.locator(".cam[data-word=live]").wait_for()
    return ipad.page


def press(page: Page) -> CDPSession:
    """Put a finger on the shutter; `lift` takes it off."""
    box = page.locator(".shutter").bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    return touch


def lift(touch: CDPSession) -> None:
    """Take the finger off."""
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def hold(page: Page, ms: int) -> None:
    """Hold the shutter down for a while."""
    touch = press(page)
    page.wait_for_timeout(ms)
    lift(touch)


def shots(page: Page) -> int:
    """How many photos the widget says were taken of this label, once the last one is encoded."""
    page.wait_for_timeout(500)
    return int(page.locator(".shots").inner_text() or 0)


def arrive(ipad: Ipad, count: int, seconds: float = 25.0) -> list[dict[str, object]]:
    """Wait for so many photos at the server and for an empty queue, and then for a doubled one."""
    until(lambda: len(ipad.harness.arrived()["photos"]) >= count, ipad.page, seconds)
    until(lambda: not ipad.page.evaluate("window.classroomPhotoQueue.photos.size"), ipad.page, seconds)
    ipad.page.wait_for_timeout(400)
    photos: list[dict[str, object]] = ipad.harness.arrived()["photos"]
    assert len(photos) == count
    return photos


def bytes_of(harness: Harness, photo_id: object) -> bytes:
    """The photo as the server got it."""
    with urllib.request.urlopen(f"{harness.control_url}/photos/{photo_id}/full", timeout=5) as answer:
        data: bytes = answer.read()
    return data


def holiday_photo(path: Path) -> Path:
    """A photo as a phone takes it: large, turned by its EXIF tag, with GPS. Red above blue once turned."""
    picture = Image.new("RGB", (1600, 1200), (20, 40, 200))
    picture.paste((220, 30, 30), (0, 0, 800, 1200))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 22.0), 3: "E", 4: (139.0, 41.0, 30.0)})
    picture.save(path, "JPEG", exif=exif)
    assert b"SecretMaker" in path.read_bytes()
    return path


def test_a_tap_is_one_photo_and_the_page_hears_of_it(ipad: Ipad) -> None:
    page = live(ipad)
    page.locator(".shutter").tap()
    (photo,) = arrive(ipad, 1)
    assert photo["label"] == "rock"
    assert photo["group"] == "penguins"
    with Image.open(io.BytesIO(bytes_of(ipad.harness, photo["id"]))) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) <= 640
        assert len(set(picture.resize((8, 8)).tobytes())) > 10, "a real picture, not a blank one"
    assert UUID_4.fullmatch(str(photo["id"]))
    expect(page.locator(".progress.done")).to_be_visible()
    expect(page.get_by_text("rock=1 paper=0")).to_be_visible()  # it ran again: nothing else tells it


def test_a_hold_is_a_burst_of_about_five_per_second(ipad: Ipad) -> None:
    page = live(ipad)
    hold(page, 2300)
    taken = shots(page)
    assert 7 <= taken <= 12
    photos = arrive(ipad, taken)
    assert len({photo["id"] for photo in photos}) == taken
    expect(page.get_by_text(f"rock={taken} paper=0")).to_be_visible()


def test_a_shot_right_after_a_tile_belongs_to_it(ipad: Ipad) -> None:
    """The page needs a moment to follow; the child does not wait for it."""
    page = live(ipad, "w=camera&tiles")
    page.locator("button.tile", has_text="パー").tap()
    page.locator(".shutter").tap()
    page.locator("button.tile", has_text="チョキ").tap()
    page.locator(".shutter").tap()
    expect(page.locator(".chip-name")).to_have_text("チョキ", timeout=100)
    photos = arrive(ipad, 2)
    assert sorted(str(photo["label"]) for photo in photos) == ["paper", "scissors"]
    page.wait_for_timeout(4000)  # the page has followed by now, and says the same
    expect(page.locator(".chip-name")).to_have_text("チョキ")


def test_a_burst_ends_at_thirty(ipad: Ipad) -> None:
    page = live(ipad)
    hold(page, 9000)
    assert shots(page) == 30
    arrive(ipad, 30)


def test_a_burst_of_a_still_picture_keeps_one_and_asks_to_move(ipad: Ipad) -> None:
    page = live(ipad)
    still = """() => {
      const video = document.querySelector('[data-testid=stBidiComponentIsolated]')
        .shadowRoot.querySelector('video');
      HTMLMediaElement.prototype.play = () => Promise.resolve();
      video.pause();
    }"""
    page.evaluate(still)
    page.wait_for_timeout(100)
    touch = press(page)
    page.wait_for_timeout(1700)
    expect(page.locator(".nudge")).to_be_visible()
    lift(touch)
    assert shots(page) == 1


def test_a_server_that_is_down_for_a_while_loses_and_doubles_nothing(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="down")
    hold(page, 1600)
    page.locator(".shutter").tap()
    taken = shots(page)
    assert taken >= 5
    expect(page.locator(".progress")).to_contain_text(str(taken))
    page.wait_for_timeout(2500)
    assert ipad.harness.arrived()["photos"] == []
    ipad.harness.set(mode="lost_answer")  # saves the photo, but the answer says otherwise
    page.wait_for_timeout(1500)
    ipad.harness.set()
    arrive(ipad, taken)
    assert len(ipad.harness.arrived()["attempts"]) > taken
    expect(page.locator(".progress.done")).to_be_visible()


def test_a_server_killed_in_the_middle_of_a_burst_gets_every_photo_once(
    chromium: Browser, tmp_path: Path
) -> None:
    port = free_port()
    server = start_server(port, tmp_path / "ledger")
    try:
        for ipad in fresh_ipad(chromium, Harness.at(port), permissions=["camera"]):
            page = live(ipad)
            ipad.harness.set(delay_s=0.2)
            touch = press(page)
            page.wait_for_timeout(1200)
            kill_tree(server)
            page.wait_for_timeout(1200)
            lift(touch)
            taken = shots(page)
            page.wait_for_timeout(2000)
            expect(page.locator(".cam[data-word=live]")).to_be_visible()
            server = start_server(port, tmp_path / "ledger")
            photos = arrive(ipad, taken)
            assert len((tmp_path / "ledger").read_text().splitlines()) == len(photos), "none was kept twice"
    finally:
        end(server, signal.SIGTERM, 10)


def test_a_gap_in_the_wifi_is_waited_for(ipad: Ipad) -> None:
    page = live(ipad)
    page.context.set_offline(True)
    hold(page, 1500)
    taken = shots(page)
    page.wait_for_timeout(3000)
    expect(page.locator(".progress")).to_contain_text(str(taken))
    page.context.set_offline(False)
    arrive(ipad, taken)


def test_a_log_in_page_of_the_wifi_is_not_taken_for_success(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="portal")
    page.locator(".shutter").tap()
    page.wait_for_timeout(1500)
    expect(page.locator(".progress")).to_contain_text("1")
    ipad.harness.set()
    arrive(ipad, 1)


def tried_more_than(ipad: Ipad, before: int) -> bool:
    return len(ipad.harness.arrived()["attempts"]) > before


def test_a_filters_page_costs_no_photo_and_is_told_while_it_stands(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="filter")
    page.locator(".shutter").tap()
    for _ in range(12):  # a child who waits, and an iPad that wakes: more tries than a photo once had
        before = len(ipad.harness.arrived()["attempts"])
        page.wait_for_timeout(500)
        page.evaluate("window.classroomPhotoQueue.wake()")
        assert until(partial(tried_more_than, ipad, before), page)
    expect(page.locator(".news")).to_contain_text(shown("camera_blocked"))
    page.wait_for_timeout(9500)  # other news would be gone by now
    expect(page.locator(".news")).to_be_visible()
    expect(page.locator(".progress")).to_contain_text("1")
    assert ipad.harness.arrived()["photos"] == []
    ipad.harness.set()
    arrive(ipad, 1)
    expect(page.locator(".news")).to_be_hidden()
    expect(page.locator(".progress.done")).to_be_visible()


def test_unsent_photos_survive_a_reload(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="down")
    hold(page, 1300)
    taken = shots(page)
    page.wait_for_timeout(300)
    page.reload()
    page.locator(".cam[data-word=live]").wait_for()
    expect(page.locator(".progress")).to_contain_text(str(taken))
    ipad.harness.set()
    photos = arrive(ipad, taken)
    assert {photo["label"] for photo in photos} == {"rock"}


def test_sending_goes_on_when_the_label_changes_and_the_camera_leaves_the_page(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="down")
    page.locator(".shutter").tap()
    page.get_by_role("radio", name="paper").or_(page.get_by_role("button", name="paper")).first.tap()
    expect(page.locator(".chip-name")).to_have_text("パー")
    page.locator(".shutter").tap()
    assert shots(page) == 1
    page.get_by_text("show", exact=True).tap()
    expect(page.locator(".cam")).to_have_count(0)
    ipad.harness.set()
    photos = arrive(ipad, 2)
    assert sorted(str(photo["label"]) for photo in photos) == ["paper", "rock"]


LAST_GREYS = """() => {
  const widget = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot;
  const last = widget.querySelector('.last');
  const { width, height } = last.firstElementChild;
  const { data } = last.firstElementChild.getContext('2d').getImageData(0, 0, width, height);
  return getComputedStyle(last).visibility === 'visible' ? new Set(data).size : null;
}"""


def test_the_last_shot_of_each_label_is_seen_again_after_another_page(ipad: Ipad) -> None:
    page = live(ipad)
    assert page.evaluate(LAST_GREYS) is None
    page.locator(".shutter").tap()
    assert shots(page) == 1
    assert page.evaluate(LAST_GREYS) > 2
    page.get_by_text("show", exact=True).tap()
    expect(page.locator(".cam")).to_have_count(0)
    page.get_by_text("show", exact=True).tap()
    page.locator(".cam[data-word=live]").wait_for()
    assert shots(page) == 1
    assert page.evaluate(LAST_GREYS) > 2, "no blank picture"
    page.get_by_role("radio", name="paper").or_(page.get_by_role("button", name="paper")).first.tap()
    expect(page.locator(".chip-name")).to_have_text("パー")
    assert page.evaluate(LAST_GREYS) is None, "of this label there is none"


def test_photos_of_another_group_wait_for_their_group(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="down")
    page.locator(".shutter").tap()
    page.wait_for_timeout(500)
    live(ipad, "w=camera&group=foxes")
    ipad.harness.set()
    page.locator(".shutter").tap()
    until(lambda: bool(ipad.harness.arrived()["photos"]), page)
    page.wait_for_timeout(1500)
    assert [photo["group"] for photo in ipad.harness.arrived()["photos"]] == ["foxes"]
    expect(page.locator(".news")).to_contain_text("「ペンギン」")
    live(ipad, "w=camera&group=penguins")
    photos = arrive(ipad, 2)
    assert [photo["group"] for photo in photos] == ["foxes", "penguins"]


def test_a_tab_whose_ipad_another_group_has_joined_says_why_its_photo_waits(ipad: Ipad) -> None:
    page = live(ipad)
    other = page.context.new_page()
    other.goto(f"{ipad.harness.url}/?w=camera&group=foxes")
    other.locator(".cam[data-word=live]").wait_for()
    page.bring_to_front()
    page.locator(".shutter").tap()
    expect(page.locator(".news")).to_contain_text(shown("camera_other_group"))
    page.wait_for_timeout(9500)
    expect(page.locator(".news")).to_be_visible()
    page.evaluate("window.classroomPhotoQueue.cookieIs('penguins')")  # the server's word, after the card
    arrive(ipad, 1)
    expect(page.locator(".news")).to_be_hidden()


def test_a_refused_photo_gets_a_friendly_sentence_and_is_let_go(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="refuse")
    page.locator(".shutter").tap()
    expect(page.locator(".news")).to_contain_text("まっくらな")
    expect(page.locator(".news ruby rt")).to_have_text("しゃしん")
    until(lambda: not page.evaluate("window.classroomPhotoQueue.photos.size"), page)
    ipad.harness.set()
    page.locator(".shutter").tap()
    arrive(ipad, 1)


def test_a_group_that_is_signed_out_keeps_its_photos(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="signed_out")
    page.locator(".shutter").tap()
    expect(page.locator(".news")).to_contain_text(shown("camera_signed_out"))
    ipad.harness.set()
    page.reload()
    arrive(ipad, 1)


def kept(page: Page) -> int:
    """How many photos lie in the iPad's own store."""
    number: int = page.evaluate("window.classroomPhotoQueue.store.all().then((all) => all.length)")
    return number


def test_photos_of_before_a_reset_are_dropped_and_new_ones_go_up(ipad: Ipad) -> None:
    page = live(ipad, "w=camera&epoch=1")
    ipad.harness.set(mode="down")
    hold(page, 1300)
    assert shots(page) >= 2
    until(lambda: kept(page) >= 2, page)
    ipad.harness.set(epoch=2)
    live(ipad, "w=camera&epoch=2")
    expect(page.locator(".news")).to_contain_text("リセット")
    until(lambda: kept(page) == 0, page)
    assert kept(page) == 0
    assert ipad.harness.arrived()["photos"] == []
    page.locator(".shutter").tap()
    arrive(ipad, 1)


def test_a_class_that_is_over_leaves_no_photo_of_the_group_on_the_ipad(ipad: Ipad) -> None:
    page = live(ipad, "w=camera&group=foxes")
    ipad.harness.set(mode="down")
    page.locator(".shutter").tap()
    until(lambda: kept(page) == 1, page)
    live(ipad, "w=camera&group=penguins")
    hold(page, 1300)
    taken = shots(page)
    until(lambda: kept(page) == taken + 1, page)
    ipad.harness.set(mode="class_over")
    expect(page.locator(".news")).to_contain_text("おしまい", timeout=20_000)
    until(lambda: kept(page) == 1, page)
    groups = page.evaluate(
        "window.classroomPhotoQueue.store.all().then((all) => all.map((one) => one.group))"
    )
    assert groups == ["foxes"], "another group's photos are not this answer's business"
    assert shots(page) == 0


def test_old_photos_are_forgotten_while_the_page_stays_open(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="down")
    page.locator(".shutter").tap()
    until(lambda: kept(page) == 1, page)
    page.evaluate("""() => {
      const queue = window.classroomPhotoQueue;
      for (const photo of queue.photos.values()) photo.takenAt -= 4 * 24 * 3600 * 1000;
      queue.forgetOld();
    }""")
    until(lambda: kept(page) == 0, page)
    assert kept(page) == 0
    expect(page.locator(".progress")).to_be_hidden()


def test_a_lost_camera_comes_back_by_itself(ipad: Ipad) -> None:
    page = live(ipad)
    lose = """() => {
      const video = document.querySelector('[data-testid=stBidiComponentIsolated]')
        .shadowRoot.querySelector('video');
      const [track] = video.srcObject.getVideoTracks();
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }"""
    page.evaluate(lose)
    expect(page.locator(".card .sentence")).to_contain_text(shown("camera_lost"))
    page.locator(".cam[data-word=live]").wait_for()
    page.locator(".shutter").tap()
    arrive(ipad, 1)


def test_one_tap_turns_the_camera_around_and_the_front_one_is_a_mirror(
    launch: Callable[..., Browser], harness: Harness
) -> None:
    for ipad in fresh_ipad(launch(cameras=2), harness, permissions=["camera"]):
        page = live(ipad)
        which = """() => document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
            .querySelector('video').srcObject.getVideoTracks()[0].getSettings().deviceId"""
        before = page.evaluate(which)
        page.locator(".flip").tap()
        page.wait_for_timeout(300)
        page.locator(".cam[data-word=live]").wait_for()
        assert page.evaluate(which) != before


def test_an_ipad_that_sees_nothing_says_so(ipad: Ipad) -> None:
    ipad.page.add_init_script("""
      const black = Object.assign(document.createElement('canvas'), {width: 640, height: 480});
      setInterval(() => black.getContext('2d').fillRect(0, 0, 640, 480), 50);
      navigator.mediaDevices.getUserMedia = async () => black.captureStream(20);
    """)
    page = live(ipad)
    page.locator(".cam[data-word=dark]").wait_for(timeout=20_000)
    expect(page.locator(".news")).to_contain_text(shown("camera_dark"))


def test_a_refused_camera_falls_back_to_the_ipads_own_and_gps_stays_on_the_ipad(
    ipad_refused: Ipad, tmp_path: Path
) -> None:
    ipad = ipad_refused
    ipad.open("w=camera")
    ipad.page.locator(".cam[data-word=denied]").wait_for()
    expect(ipad.page.locator(".take")).to_be_visible()
    assert ipad.page.locator(".pick-one").get_attribute("capture") == "environment"
    with ipad.page.expect_file_chooser() as chooser:
        ipad.page.locator(".take").tap()
    chooser.value.set_files(holiday_photo(tmp_path / "holiday.jpg"))
    (photo,) = arrive(ipad, 1)
    data = bytes_of(ipad.harness, photo["id"])
    assert b"SecretMaker" not in data
    assert b"Exif" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (480, 640)
        top, bottom = picture.getpixel((240, 40)), picture.getpixel((240, 600))
        assert isinstance(top, tuple)
        assert isinstance(bottom, tuple)
        assert top[0] > top[2]
        assert bottom[2] > bottom[0]


def test_a_file_that_is_no_photo_gets_a_friendly_sentence(ipad: Ipad, tmp_path: Path) -> None:
    page = live(ipad)
    fake = tmp_path / "fake.jpg"
    fake.write_bytes(b"this is no photo")
    with page.expect_file_chooser() as chooser:
        page.locator(".library").tap()
    assert chooser.value.is_multiple()
    chooser.value.set_files([fake, holiday_photo(tmp_path / "holiday.jpg")])
    arrive(ipad, 1)
    expect(page.locator(".news")).to_contain_text("1こ")


def test_what_is_said_of_a_labels_files_goes_with_it_and_lies_on_no_button(
    ipad: Ipad, tmp_path: Path
) -> None:
    page = ipad.page
    page.set_viewport_size(LANDSCAPE)
    live(ipad, "w=camera&wide&tiles")
    fake = tmp_path / "fake.jpg"
    fake.write_bytes(b"this is no photo")
    with page.expect_file_chooser() as chooser:
        page.locator(".library").tap()
    chooser.value.set_files([fake])
    expect(page.locator(".news")).to_contain_text("1こ")
    page.wait_for_timeout(400)  # it rises
    news = page.locator(".news").bounding_box()
    hand = page.locator(".hand").bounding_box()
    assert news is not None
    assert hand is not None
    assert news["y"] + news["height"] <= hand["y"]
    page.locator("button.tile", has_text="パー").tap()
    expect(page.locator(".news")).to_be_hidden(timeout=1000)


def test_without_https_the_ipads_own_camera_and_the_same_queue_are_used(
    ipad_plain_http: Ipad, tmp_path: Path
) -> None:
    ipad = ipad_plain_http
    ipad.open("w=camera")
    ipad.page.locator(".cam[data-word=insecure]").wait_for()
    found = ipad.page.evaluate("[isSecureContext, typeof crypto.randomUUID, typeof navigator.mediaDevices]")
    assert found == [False, "undefined", "undefined"]
    with ipad.page.expect_file_chooser() as chooser:
        ipad.page.locator(".take").tap()
    chooser.value.set_files(holiday_photo(tmp_path / "holiday.jpg"))
    (photo,) = arrive(ipad, 1)
    assert UUID_4.fullmatch(str(photo["id"]))


def test_the_shutter_changes_sides_for_the_other_hand_and_the_ipad_remembers(ipad: Ipad) -> None:
    ipad.page.set_viewport_size({"width": 1080, "height": 810})
    ipad.open("w=camera&wide")
    expect(ipad.page.locator(".cam[data-word=live]")).to_be_visible()

    def shutter_x() -> float:
        box = ipad.page.locator(".shutter").bounding_box()
        assert box
        return float(box["x"])

    right = shutter_x()
    ipad.page.locator(".hand").tap()
    left = shutter_x()
    assert left < 540 < right
    ipad.page.reload()
    expect(ipad.page.locator(".cam.wide.left[data-word=live]")).to_be_visible()
    assert abs(shutter_x() - left) < 2
    assert ipad.page.evaluate("document.documentElement.dataset.hand") == "left"
