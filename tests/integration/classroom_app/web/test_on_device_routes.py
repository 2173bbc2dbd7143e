"""What an iPad loads to guess by itself: who gets it, how it is kept, and what happens without it."""

from __future__ import annotations

import gzip
import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom_app.resources import App, set_app
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.states import DeletionScope
from classroom_app.ui.widgets import device
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.stand_ins import COLORS, group_cookie, identity, jpeg, train

FAR_AWAY = "0" * 64


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Files with the runtime's names: what they hold is nothing to the routes."""
    for name in (device.RUNTIME, device.GLUE, device.WASM):
        (tmp_path / name).write_bytes(name.encode() * 100)
    monkeypatch.setattr(device, "RUNTIME_FOLDER", tmp_path)
    device.device_files.cache_clear()
    yield tmp_path
    device.device_files.cache_clear()


@pytest.fixture
def browser(app: App) -> Iterator[Browser]:
    set_app(app)
    yield Browser(app)
    set_app(None)


def trained(app: App, event: EventView, place: int, shift: int = 0) -> str:
    """The hash of the group's newest model."""
    group = identity(app, event, place)
    colors = list(COLORS.values())
    for at, label in enumerate(event.labels):
        for n in range(5):
            picture = jpeg(colors[(at + shift) % len(colors)], 100 * place + n)
            app.photos.take(group, label.id, str(uuid.uuid4()), None, picture)
    train(app, group)
    return app.play.model(group).model_id


def test_the_runtime_is_kept_for_ever_packed_and_under_a_policy_of_its_own(
    browser: Browser, runtime: Path
) -> None:
    files = device.device_files()
    assert files is not None
    for name in files.runtime:
        address = f"/on-device/{files.stamp}/{name}"
        answer = browser("GET", address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        plain = browser("GET", address, headers={"Accept-Encoding": "identity"})
        assert plain.content == answer.content
        if name.endswith("js"):
            policy = answer.headers["content-security-policy"]
            assert "'wasm-unsafe-eval'" in policy
            assert "'unsafe-eval'" not in policy
            assert "connect-src 'self'" in policy
    assert browser("GET", f"/on-device/{files.stamp}/../../settings.py").status_code == 404
    assert browser("GET", f"/on-device/0123456789abcdef/{device.WASM}").status_code == 404


def test_another_runtime_has_another_address(runtime: Path) -> None:
    before = device.device_files()
    (runtime / device.WASM).write_bytes(b"another one")
    device.device_files.cache_clear()
    after = device.device_files()
    assert before is not None
    assert after is not None
    assert before.stamp != after.stamp


def test_where_a_file_is_missing_the_page_is_offered_nothing(browser: Browser, runtime: Path) -> None:
    assert device.offer(1, FAR_AWAY, 0, []) is not None
    (runtime / device.WASM).unlink()
    device.device_files.cache_clear()
    assert device.offer(1, FAR_AWAY, 0, []) is None
    assert browser("GET", f"/on-device/0123456789abcdef/{device.WASM}").status_code == 404


def test_the_network_is_for_groups(app: App, browser: Browser, event: EventView, runtime: Path) -> None:
    files = device.device_files()
    assert files is not None
    address = f"/on-device/graphs/{files.graph_sha256}"
    assert browser("GET", address).status_code == 401
    browser.cookies.set("group", group_cookie(app, event, 0))
    answer = browser("GET", address)
    assert hashlib.sha256(answer.content).hexdigest() == files.graph_sha256
    assert answer.headers["cache-control"].startswith("private")
    assert gzip.decompress(files.graph.packed()) == answer.content
    assert browser("GET", f"/on-device/graphs/{FAR_AWAY}").status_code == 404


def test_a_model_is_for_its_own_group_alone(
    app: App, browser: Browser, event: EventView, runtime: Path
) -> None:
    own, other = trained(app, event, 0), trained(app, event, 1, shift=1)
    assert own != other
    address = f"/on-device/models/{own}"
    assert browser("GET", address).status_code == 401
    app.logins.first_start("a-long-password")
    browser.cookies.set("facilitator", app.logins.facilitator_cookie(FIRST_FACILITATOR))
    assert browser("GET", address).status_code == 401
    browser.cookies.set("group", group_cookie(app, event, 1))
    assert browser("GET", address).status_code == 404
    browser.cookies.set("group", group_cookie(app, event, 0))
    answer = browser("GET", address)
    assert hashlib.sha256(answer.content).hexdigest() == own
    assert "no-store" in answer.headers["cache-control"]


def test_after_a_reset_nothing_of_the_model_is_left(
    app: App, browser: Browser, event: EventView, runtime: Path
) -> None:
    own = trained(app, event, 0)
    browser.cookies.set("group", group_cookie(app, event, 0))
    assert browser("GET", f"/on-device/models/{own}").status_code == 200
    group = identity(app, event, 0)
    app.queue.start()
    try:
        receipt = app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group_id=group.id))
    finally:
        app.queue.stop()
    assert receipt.clean
    assert browser("GET", f"/on-device/models/{own}").status_code == 409
