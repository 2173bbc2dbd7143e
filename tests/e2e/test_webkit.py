"""A group's day in the real WebKit, the engine of Safari: join, shoot, choose files, train, try, results."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from classroom_app.content import i18n
from classroom_app.ui.widgets import device
from tests.e2e.browser import COUNT_FRAMES, UNHURRIED
from tests.e2e.webkit import WebKit
from tests.support.class_over_http import begin, result_of
from tests.support.hostile_network import STREAM, Fate, hostile_network, open_network
from tests.support.prepared_class import AWAY, BETTER, LABELS, PreparedClass, drawn
from tests.support.running import WebAlone

pytestmark = [
    pytest.mark.slow,
    # selenium's own WebKitGTK driver uses its own deprecated argument.
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),
]
SHOTS = 3
GUESSES = 10


def test_a_group_in_webkit(webkit: WebKit, prepared_class: PreparedClass, tmp_path: Path) -> None:
    prepared_class.enter("collect")
    before = photos(prepared_class)  # of a first try
    webkit.driver.get(prepared_class.join_url(AWAY))
    webkit.tap(".st-key-big_yes button")

    # The camera, which in this browser is a moving test picture.
    webkit.wait(".cam[data-word=live]")
    webkit.tap("button.tile", 1)
    webkit.until(lambda: chip(webkit) == LABELS[1].name_ja, "the second label's camera is open")
    for _ in range(SHOTS):
        webkit.tap(".shutter")
        time.sleep(0.5)
    webkit.until(
        lambda: photos(prepared_class)[LABELS[1].key] >= before[LABELS[1].key] + SHOTS, "photos are saved"
    )
    webkit.wait("img[src*='/thumb']", SHOTS)

    # Photos of the library, as files.
    webkit.tap("button.tile", 0)
    webkit.until(lambda: chip(webkit) == LABELS[0].name_ja, "the first label's camera is open")
    files = []
    for number in range(5):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(drawn(LABELS[0].key, "webkit", before[LABELS[0].key] + number))
        files.append(str(path))
    webkit.wait("input.pick-many")[0].send_keys("\n".join(files))
    webkit.until(
        lambda: photos(prepared_class)[LABELS[0].key] == before[LABELS[0].key] + len(files),
        "photos of the library are saved",
    )

    # The rest of what a training needs, and the one big button.
    prepared_class.take(AWAY, {label.key: 5 for label in LABELS[1:]}, start=50 + sum(before.values()))
    webkit.driver.refresh()
    webkit.tap(".st-key-big_to_train button")
    webkit.tap(".st-key-big_train button")
    webkit.wait(".score-words")
    assert "せいかい" in webkit.text()

    # It guesses, and the results tell of version 1.
    webkit.tap("[class*=_to_play] button")  # large or small: it depends on the score
    webkit.wait(".player[data-guess=sure], .player[data-guess=unsure]")
    if device.device_files() is not None:  # on this very machine: the page says that no picture leaves it
        webkit.run(UNHURRIED)
        webkit.wait(".player[data-where=here]")
        asked = (
            "return performance.getEntriesByType('resource').filter((one) => /predict/.test(one.name)).length"
        )
        before = webkit.run(asked)
        time.sleep(5)
        assert webkit.run(asked) == before
        assert webkit.run("return deep(document, '.stays')[0].checkVisibility()")
    webkit.tap(".st-key-big_to_results button")
    webkit.wait(".version")
    assert "わたしたちの" in webkit.text()


@pytest.mark.skipif(device.device_files() is None, reason="the iPads' runtime is not installed")
def test_once_it_is_loaded_webkit_guesses_without_the_network(
    webkit: WebKit, prepared_class: PreparedClass
) -> None:
    prepared_class.enter("collect")
    with hostile_network(prepared_class.app.port) as network:
        webkit.driver.get(prepared_class.join_url(BETTER))
        webkit.driver.get(f"{network.url}/play")  # cookies are of the host, whatever the port
        webkit.run(UNHURRIED)
        webkit.wait(".player[data-where=here]")
        webkit.run(COUNT_FRAMES)
        network.rule = lambda _method, _path: Fate.DROP
        begin(network.cut()).result()
        webkit.run("window.framesAsked = 0")
        webkit.until(lambda: webkit.run("return window.framesAsked") >= GUESSES, "it goes on guessing")
        assert webkit.all(".player[data-where=here]")
        assert webkit.all(".player[data-guess=sure], .player[data-guess=unsure]")
        webkit.driver.get("about:blank")


def test_where_no_websocket_opens_webkit_says_so_until_one_does(webkit: WebKit, tmp_path: Path) -> None:
    with WebAlone(tmp_path) as app, hostile_network(app.port) as network:
        network.rule = lambda _method, path: Fate.BLOCK if path == STREAM else Fate.PASS
        webkit.driver.get(f"{network.url}/join")
        kind = (
            "return document.querySelector('#first-words:not([hidden]) section:not([hidden])')?.dataset.kind"
        )
        webkit.until(lambda: webkit.run(kind) == "socket", "it says that no websocket opens")
        assert i18n.t_kanji("first_socket_adult", "ja") in webkit.text()
        network.rule = open_network
        webkit.wait(".big-message")
        webkit.until(lambda: webkit.run(kind) is None, "the words are gone")
        assert webkit.run("return [document.documentElement.lang, document.documentElement.translate]") == [
            "ja",
            False,
        ]
        webkit.driver.get("about:blank")  # it would go on asking a network that is gone


def chip(webkit: WebKit) -> str:
    text: str = webkit.run("return deep(document, '.chip-name')[0]?.textContent ?? ''")
    return text


def photos(prepared_class: PreparedClass) -> dict[str, int]:
    return result_of(prepared_class.groups[AWAY].overview()).photos_by_key
