"""A challenge ZIP over HTTP: on disk while it is read, one at a time, its refusals summed up."""

from __future__ import annotations

import functools
import io
import threading
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom_app.content.photo_formats import FILE_BYTES_MAX
from classroom_app.resources import App, set_app
from classroom_app.services import challenge
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.settings import Settings
from classroom_app.views.photos import ChallengeUpload
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support import copies
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

    def look(event_id: str, file: io.BufferedRandom, upload_id: str) -> ChallengeUpload:
        seen.append(Path(f"/proc/self/fd/{file.fileno()}").readlink())
        return real(event_id, file, upload_id)

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


def test_one_number_says_how_large_a_zip_may_be(app: App, desk: Browser) -> None:
    assert f"a ZIP ({Settings().zip_megabytes_max} MB at most)" in (ROOT / "README.md").read_text()
    large = bytes(app.settings.zip_bytes_max + 1)
    assert desk.post(f"/api/events/{new_class(app)}/challenge", content=large).status_code == 413


def sent_as(upload_id: str) -> dict[str, str]:
    return {"X-Upload-Id": upload_id}


def test_whoever_lost_the_answer_asks_what_became_of_the_zip(app: App, desk: Browser) -> None:
    event_id = new_class(app)
    path = f"/api/events/{event_id}/challenge"
    files = {f"apple/{number}.jpg": jpeg(COLORS["apple"], number) for number in range(2)}
    files["notes.txt"] = b"no photo"
    unknown = desk("GET", f"{path}/uploads/one")
    assert (unknown.status_code, unknown.json()) == (200, {"state": "unknown"})
    answer = desk.post(path, content=packed(files), headers=sent_as("one"))
    told = desk("GET", f"{path}/uploads/one").json()
    assert told == {"state": "done", "report": answer.json()}
    [apple] = [label.id for label in app.classes.get(event_id).labels if label.key == "apple"]
    assert told["report"]["added_to"] == {apple: 2}
    other = desk("GET", f"/api/events/{new_class(app)}/challenge/uploads/one")
    assert other.json() == {"state": "unknown"}, "of another class"


def test_what_ended_a_zip_is_told_again_and_after_a_mistake_of_ours_nobody_waits_for_it(
    app: App, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = new_class(app)
    path = f"/api/events/{event_id}/challenge"
    first = desk.post(path, content=b"no zip", headers=sent_as("broken"))
    again = desk("GET", f"{path}/uploads/broken")
    assert (again.status_code, again.json()) == (422, first.json())

    def fails(*_given: object, **_options: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(app.intake, "clean", fails)
    good = packed({"apple/1.jpg": jpeg(COLORS["apple"], 1)})
    assert desk.post(path, content=good, headers=sent_as("fault")).status_code == 500
    assert desk("GET", f"{path}/uploads/fault").json() == {"state": "unknown"}


def test_how_far_a_zip_is_read_is_told_meanwhile(
    app: App, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id, seen = new_class(app), []
    real = app.intake.clean

    def meanwhile(data: bytes, **options: bool) -> object:
        seen.append(desk("GET", f"/api/events/{event_id}/challenge/uploads/one").json())
        return real(data, **options)

    monkeypatch.setattr(app.intake, "clean", meanwhile)
    files = {f"apple/{number}.jpg": jpeg(COLORS["apple"], number) for number in range(2)}
    assert app.challenge.add_zip(event_id, io.BytesIO(packed(files)), "one").added == 2
    assert seen == [{"state": "reading", "read": number, "total": 2} for number in range(2)]


def test_a_file_of_one_label_comes_by_itself_as_large_as_files_may_be(app: App, desk: Browser) -> None:
    """It lies on the disk until it is its turn."""
    event = app.classes.get(new_class(app))
    path = f"/api/events/{event.id}/challenge/photos?label={event.labels[0].id}"
    photo = copies.things(1)

    def send(data: bytes, photo_id: str = "") -> tuple[int, dict[str, object]]:
        answer = desk.post(path, content=data, headers={"X-Photo-Id": photo_id or str(uuid.uuid4())})
        return answer.status_code, answer.json()

    large = photo + bytes(app.settings.photo_bytes_max)  # what follows a JPEG is not looked at
    photo_id = str(uuid.uuid4())
    assert send(large, photo_id) == (201, {"id": photo_id, "status": "saved", "alike": False})
    assert send(large, photo_id) == (200, {"id": photo_id, "status": "already", "alike": False})
    assert send(photo)[1]["error"] == "challenge_photo_twice"
    assert send(b"no photo")[1]["error"] == "photo_not_image"
    assert send(bytes(FILE_BYTES_MAX + 1))[0] == 413
    assert send(copies.smaller(photo))[1]["alike"]
    assert list((app.settings.data_dir / "incoming").iterdir()) == []
