"""Challenge files in headless Chromium, on a real app behind a network that breaks: they all come in, once,
while the page does other things, and what is not taken is said beside the button.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from classroom_app.rehearsal.answers import CreatedClass
from tests.e2e import browser
from tests.e2e.browser import WAIT_MS
from tests.support.class_over_http import challenge_zip, facilitator_client, result_of
from tests.support.hostile_network import Fate, HostileNetwork, hostile_network, open_network
from tests.support.running import OWN, PASSWORD, Running
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

SLOW_BYTES_PER_S = 300_000
FILES, CAMERA, ZIP = 0, 1, 2  # the places of the ways to challenge photos
NOISE_BYTES = 1_500_000  # of a ZIP that takes five seconds


@dataclass(frozen=True)
class Desk:
    """A facilitator at the page of a new class, by way of the network."""

    page: Page
    network: HostileNetwork
    made: CreatedClass

    def slow_down(self, bytes_per_s: int) -> None:
        """What leaves the browser; -1: as fast as it can."""
        tools = self.page.context.new_cdp_session(self.page)
        tools.send("Network.enable")
        tools.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s},
        )

    def cut(self) -> None:
        """Nothing of the class's files gets through any more."""
        self.network.rule = files(Fate.DROP)
        result_of(self.network.cut())

    def way(self, number: int) -> None:
        self.page.locator(".st-key-challenge_way button").nth(number).click()
        if number != CAMERA:
            labels = 0 if number == ZIP else len(COLORS)
            expect(self.page.locator(".upload .chips label")).to_have_count(labels)

    def counts(self) -> list[int]:
        """Photos by label, as the page says."""
        cells = self.page.locator(".staff-table").first.locator("td b").all_inner_texts()
        return [int(cell) for cell in cells if cell.isdecimal()]


def files(fate: Fate) -> Callable[[str, str], Fate]:
    return lambda _method, path: fate if "/challenge" in path else Fate.PASS


@pytest.fixture
def desk(running: Running, chromium: Browser) -> Iterator[Desk]:
    with facilitator_client(running.url) as facilitator:
        made = result_of(facilitator.create_class("Test class", 1, template="fruit"))
    with hostile_network(running.port) as network:
        context = browser.screen(chromium, browser.DESK, "ja")
        login = {"username": "facilitator", "password": PASSWORD}
        context.request.post(f"{network.url}/session/facilitator", data=login, headers=OWN)
        context.request.post(f"{network.url}/session/language", data={"lang": "ja"}, headers=OWN)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{network.url}/facilitator?event={made.id}")
        page.locator(".upload .send").wait_for()
        yield Desk(page, network, made)
        network.rule = open_network
        context.close()
        assert errors == []


def photo(name: str, key: str, number: int) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": jpeg(COLORS[key], number)}


def large_zip() -> FilePayload:
    """Two photos of each label, and so much beside them that it takes its time."""
    photos = {key: [jpeg(color, number) for number in range(2)] for key, color in COLORS.items()}
    noise = random.Random(1).randbytes(NOISE_BYTES)
    data = challenge_zip(photos | {"notes": [noise]})
    return {"name": "day.zip", "mimeType": "application/zip", "buffer": data}


def test_a_zip_comes_in_once_however_the_network_breaks_and_whatever_the_page_does(desk: Desk) -> None:
    page = desk.page
    desk.way(ZIP)
    desk.slow_down(SLOW_BYTES_PER_S)
    page.locator(".upload .pick").set_input_files(large_zip())
    expect(page.locator(".upload .files")).to_contain_text("day.zip1.4MB")
    page.locator(".upload .send").click()
    word = page.locator(".upload .word")
    expect(word).to_have_text(re.compile(r"送っています… [2-9]\d\dKB / 1\.4MB"), timeout=WAIT_MS)
    expect(page.locator(".upload .stop")).to_be_focused()
    desk.cut()
    expect(page.locator(".upload .news")).to_have_text(
        "つながらないので待っています。つながれば自動で続きます。", timeout=WAIT_MS
    )
    desk.network.rule = open_network
    page.locator(".upload .again").click()
    expect(word).to_have_text(re.compile(r"送っています… [2-9]\d\dKB / 1\.4MB"), timeout=WAIT_MS)
    desk.way(CAMERA)  # the camera: the widget is gone, its run goes on
    page.locator(".cam").wait_for()
    expect(page.locator(".upload")).to_have_count(0)
    desk.way(ZIP)
    report = page.locator(".st-key-upload_report")
    expect(report).to_contain_text(
        "6枚を追加しました：🍎 りんご 2、🍌 バナナ 2、🍊 みかん 2", timeout=WAIT_MS
    )
    expect(report).to_contain_text("notes/0.jpg")
    expect(report).to_be_in_viewport()
    assert desk.counts() == [2, 2, 2]
    expect(page.locator(".upload .send")).to_be_visible()
    expect(page.locator(".upload .files")).to_be_hidden()


def test_photos_of_a_label_come_in_each_once_and_the_bad_one_is_told(desk: Desk) -> None:
    page = desk.page
    desk.way(FILES)
    page.locator(".upload .chips label").nth(1).click()
    broken: FilePayload = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    film: FilePayload = {"name": "film.mov", "mimeType": "video/quicktime", "buffer": b"a film"}
    photos = [photo(f"{number}.jpg", "banana", number) for number in range(4)]
    page.locator(".upload .pick").set_input_files([*photos, broken, film])
    expect(page.locator(".upload .refused")).to_have_text("使える種類の写真ではないので送りません：film.mov")
    expect(page.locator(".upload .files li")).to_have_count(5)
    page.get_by_label("3.jpgを外す").click()
    expect(page.locator(".upload .files li")).to_have_count(4)
    expect(page.get_by_label("broken.jpgを外す")).to_be_focused()
    desk.network.rule = files(Fate.PORTAL)  # a Wi-Fi's log-in page says 200 to everything
    page.locator(".upload .send").click()
    expect(page.locator(".upload .news")).to_contain_text("待っています", timeout=WAIT_MS)
    page.locator(".upload .stop").click()
    expect(page.locator(".upload .news")).to_have_text("止めました。まだ送っていないファイル：4件")
    desk.network.rule = open_network
    page.locator(".upload .again").click()
    report = page.locator(".st-key-upload_report")
    expect(report).to_contain_text("3枚を追加しました：🍌 バナナ 3", timeout=WAIT_MS)
    expect(report).to_contain_text("broken.jpg")
    expect(report).to_contain_text("写真として読めません")
    assert desk.counts() == [0, 3, 0]
    page.locator(".upload .pick").set_input_files([photo("again.jpg", "banana", 0)])
    page.locator(".upload .send").click()
    expect(report).to_contain_text("同じ写真がもう入っています", timeout=WAIT_MS)


def test_what_cannot_be_sent_is_said_beside_the_button_at_once(desk: Desk) -> None:
    page = desk.page
    desk.way(ZIP)
    news = page.locator(".upload .news")
    page.locator(".upload .send").click()
    expect(news).to_have_text("先にファイルを選んでください。")
    page.locator(".upload .pick").set_input_files([photo("1.jpg", "apple", 1)])
    expect(news).to_be_hidden()
    expect(page.locator(".upload .refused")).to_contain_text("ZIPではないので送りません")
    notes: FilePayload = {"name": "notes.zip", "mimeType": "application/zip", "buffer": b"no zip"}
    page.locator(".upload .pick").set_input_files([notes])
    expect(page.locator(".upload .refused")).to_be_hidden()
    page.locator(".upload .send").click()
    expect(news).to_have_text("ZIPファイルとして開けません。ZIPに圧縮し直してください。", timeout=WAIT_MS)
    expect(page.locator(".st-key-upload_report")).to_have_count(0)


def test_files_are_dragged_onto_it_and_beside_it_the_page_stays(desk: Desk) -> None:
    page = desk.page
    desk.way(ZIP)
    drop = """([zone, name]) => {
      const carried = new DataTransfer();
      carried.items.add(new File(['PK'], name));
      const how = { dataTransfer: carried, bubbles: true, cancelable: true, composed: true };
      return zone.dispatchEvent(new DragEvent('drop', how));
    }"""
    zone = page.locator(".upload .zone").element_handle()
    assert page.evaluate(drop, [zone, "a.zip"]) is False, "the browser does not open it"
    expect(page.locator(".upload .files")).to_contain_text("a.zip")
    beside = page.locator("body").element_handle()
    assert page.evaluate(drop, [beside, "b.zip"]) is False
    expect(page.locator(".upload .files")).not_to_contain_text("b.zip")
