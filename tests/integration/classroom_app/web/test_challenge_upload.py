"""A challenge ZIP over HTTP: on disk while it is read, one at a time, its refusals summed up."""

from __future__ import annotations

import functools
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config

from classroom_app.resources import App, set_app
from classroom_app.services import challenge
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.settings import Settings
from classroom_app.views.photos import ChallengeUpload
from classroom_app.web.asgi import create_app
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.stand_ins import COLORS, jpeg

ROOT = Path(__file__).parents[4]


@pytest.fixture
def desk(app: App) -> Iterator[Browser]:
    app.logins.first_start("a-long-password")
    set_app(app)
    browser = Browser(app)
    browser.cookies.set("facilitator", app.logins.facilitator_cookie(FIRST_FACILITATOR))
    yield browser
    set_app(None)


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def new_class(app: App) -> str:
    return app.classes.create("Zip", 2, template="fruit").id


def test_a_zip_lies_in_the_data_folder_while_it_is_read_and_nowhere_afterwards(
    app: App, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id, seen = new_class(app), []
    real = app.challenge.add_zip

    def look(event_id: str, file: io.BufferedRandom) -> ChallengeUpload:
        seen.append(Path(f"/proc/self/fd/{file.fileno()}").readlink())
        return real(event_id, file)

    monkeypatch.setattr(app.challenge, "add_zip", look)
    noise = {"apple/1.jpg": jpeg(COLORS["apple"], 1), "notes/big.bin": bytes(3_000_000)}
    answer = desk.post(f"/api/events/{event_id}/challenge", content=packed(noise))
    assert (answer.status_code, answer.json()["added"]) == (200, 1)
    assert [path.parent for path in seen] == [(app.settings.data_dir / "incoming").resolve()]
    assert list((app.settings.data_dir / "incoming").iterdir()) == []
    assert desk.post(f"/api/events/{event_id}/challenge", content=b"no zip").status_code == 422
    assert desk.post("/api/events/x/challenge", content=packed(noise)).status_code == 404
    assert list((app.settings.data_dir / "incoming").iterdir()) == []


def test_what_a_crash_left_goes_at_the_next_start(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    (app.incoming.folder / "tmp123").write_bytes(b"half a ZIP")
    for part in (app.queue, app.embedder, app.forecaster, app.sweeper, app.forgetter):
        monkeypatch.setattr(part, "start", lambda: None)
    app.start()
    assert list(app.incoming.folder.iterdir()) == []
    assert app.incoming.folder.stat().st_mode & 0o077 == 0


def test_what_was_not_taken_is_summed_up(app: App, desk: Browser) -> None:
    files = {f"unknown/{number}.jpg": b"x" for number in range(3000)} | {"apple/bad.jpg": b"no photo"}
    answer = desk.post(f"/api/events/{new_class(app)}/challenge", content=packed(files))
    found = {item["error"]: item for item in answer.json()["rejected"]}
    assert found.keys() == {"challenge_folder_unknown", "photo_not_image"}
    assert found["challenge_folder_unknown"]["count"] == 3000
    assert len(found["challenge_folder_unknown"]["names"]) == 5
    assert found["photo_not_image"]["names"] == ["apple/bad.jpg"]
    assert len(answer.content) < 2000


def test_one_zip_is_read_at_a_time(app: App, desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is read, another is refused: on its route before its body, elsewhere by the service."""
    event_id, inner = new_class(app), []
    real = app.intake.clean

    def meanwhile(data: bytes, **options: bool) -> object:
        inner.append(desk.post(f"/api/events/{event_id}/challenge", content=packed({})))
        return real(data, **options)

    monkeypatch.setattr(app.intake, "clean", meanwhile)
    good = packed({"apple/1.jpg": jpeg(COLORS["apple"], 1)})
    assert app.challenge.add_zip(event_id, io.BytesIO(good)).added == 1
    [refused] = inner
    assert (refused.status_code, refused.json()["error"]) == (503, "challenge_zip_busy")
    assert refused.headers["retry-after"] == "10"
    monkeypatch.setattr(app.intake, "clean", real)
    assert desk.post(f"/api/events/{event_id}/challenge", content=packed({})).status_code == 200


def test_a_zip_that_takes_too_long_says_what_is_left(app: App) -> None:
    times = iter([0.0, 1.0, challenge.ZIP_SECONDS_MAX + 1, challenge.ZIP_SECONDS_MAX + 2])
    slow = challenge.ChallengeService(
        app.db,
        app.files,
        app.intake,
        max_photos=app.settings.max_challenge_photos,
        zip_bytes_max=app.settings.zip_bytes_max,
        wake_embedder=threading.Event(),
        scrub=app.privacy.scrub,
        clock=functools.partial(next, times),  # of three readings
    )
    files = {f"apple/{number}.jpg": jpeg(COLORS["apple"], number) for number in range(3)}
    upload = slow.add_zip(new_class(app), io.BytesIO(packed(files)))
    assert upload.added == 1
    assert upload.rejected["challenge_zip_late"].names == ["apple/1.jpg", "apple/2.jpg"]


def test_one_number_says_how_large_a_zip_may_be(
    app: App, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    megabytes = Settings().zip_megabytes_max
    assert f"maxUploadSize = {megabytes}\n" in (ROOT / ".streamlit/config.toml").read_text()
    assert f"a ZIP ({megabytes} MB at most)" in (ROOT / "README.md").read_text()
    monkeypatch.setenv("CLASSROOM_ZIP_BYTES_MAX", str(7 * 1024 * 1024))
    monkeypatch.setattr("classroom_app.web.asgi.get_settings", Settings)
    before = config.get_option("server.maxUploadSize")
    try:
        create_app()
        assert config.get_option("server.maxUploadSize") == 7
    finally:
        config.set_option("server.maxUploadSize", before)
    large = bytes(app.settings.zip_bytes_max + 1)
    assert desk.post(f"/api/events/{new_class(app)}/challenge", content=large).status_code == 413
