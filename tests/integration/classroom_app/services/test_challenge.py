"""The challenge set against odd archives, the same photo twice, and changes at the wrong time."""

from __future__ import annotations

import io
import unicodedata
import zipfile

import pytest

from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.resources import App
from classroom_app.views.classes import EventView, GroupIdentity, NewLabel
from classroom_app.views.photos import ChallengeUpload
from ml_core.contract.blobs import FolderBlobs
from tests.support.challenge_set import put_in
from tests.support.raw_zip import raw_zip
from tests.support.stand_ins import COLORS, jpeg, take


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out


def named(upload: ChallengeUpload) -> dict[str, list[str]]:
    """The files that were not taken, by reason."""
    return {key: files.names for key, files in upload.rejected.items()}


def test_one_broken_file_of_a_zip_does_not_stop_the_others(app: App) -> None:
    event = app.classes.create("Broken", 2, template="fruit")
    photos = {f"apple/{n}.jpg": jpeg(COLORS["apple"], n) for n in range(2)}
    data = bytearray(packed(photos, zipfile.ZIP_DEFLATED).getvalue())
    start = data.index(b"apple/0.jpg") + len("apple/0.jpg")
    data[start : start + 200] = b"\xff" * 200
    upload = app.challenge.add_zip(event.id, io.BytesIO(data))
    assert (upload.added, named(upload)) == (1, {"challenge_file_broken": ["apple/0.jpg"]})


def test_a_zip_that_cannot_be_opened_is_said_to_be_none(app: App) -> None:
    event = app.classes.create("Broken", 2, template="fruit")
    good = packed({"apple/1.jpg": b"x"}).getvalue()
    directory = good.index(b"PK\x01\x02")
    newer = good[: directory + 6] + b"\xff" + good[directory + 7 :]  # made for a ZIP version to come
    for data in (b"", b"PK\x05\x06", good[:-5], newer):
        with pytest.raises(BadInputError) as error:
            app.challenge.add_zip(event.id, io.BytesIO(data))
        assert error.value.key == "challenge_not_zip"


def test_the_same_photo_is_in_the_set_once(app: App) -> None:
    event = app.classes.create("Twice", 2, template="fruit")
    files = {f"apple/{n}.jpg": jpeg(COLORS["apple"], n) for n in range(3)}
    assert app.challenge.add_zip(event.id, packed(files)).added == 3
    again = app.challenge.add_zip(event.id, packed(files | {"banana/0.jpg": files["apple/0.jpg"]}))
    assert again.added == 0
    assert named(again).keys() == {"challenge_photo_twice"}
    blobs = app.settings.data_dir / "blobs"
    assert len([path for path in blobs.rglob("*") if path.is_file()]) == 2 * 3, "refused photos leave no file"
    assert again.rejected_count == 4
    other = app.classes.create("Another class", 2, template="fruit")
    assert app.challenge.add_zip(other.id, packed(files)).added == 3


def test_folders_are_found_by_every_name_of_a_label(app: App) -> None:
    labels = [
        NewLabel("book", "📖", "{本|ほん}", "Textbook"),
        NewLabel("glasses", "👓", "めがね", "Glasses"),
    ]
    event = app.classes.create("Names", 2, labels=labels)
    book = ["BOOK", "ｂｏｏｋ", "本", "ほん", "textbook"]
    glasses = ["めがね", unicodedata.normalize("NFD", "めがね")]
    assert glasses[0] != glasses[1]
    files = {f"{name}/1.jpg": jpeg((9, 9, 9), n) for n, name in enumerate([*book, *glasses])}
    upload = app.challenge.add_zip(event.id, packed(files))
    assert upload.rejected == {}
    counts = app.challenge.counts(event.id)
    per_label = [sum(n for (label_id, _), n in counts.items() if label_id == x.id) for x in event.labels]
    assert per_label == [len(book), len(glasses)]


def test_a_zip_of_a_japanese_windows_gets_in_and_what_does_not_can_be_read(app: App) -> None:
    """Its names are in its own code page, with backslashes as some of its programs write them."""
    event = app.classes.create("Windows", 2, template="fruit")
    names = [
        "りんご\\写真1.jpg",
        "5年2組\\バナナ\\午前\\写真1.jpg",
        "みかん\\表.jpg",
        "なし\\写真1.jpg",
        "写真9.jpg",
    ]
    photos = {name.encode("cp932"): jpeg(COLORS["apple"], number) for number, name in enumerate(names)}
    upload = app.challenge.add_zip(event.id, raw_zip(photos))
    assert named(upload) == {
        "challenge_folder_unknown": ["なし/写真1.jpg"],
        "challenge_no_folder": ["写真9.jpg"],
    }
    counts = app.challenge.counts(event.id)
    assert {label_id for label_id, _ in counts} == {label.id for label in event.labels}


def test_a_path_that_leads_out_of_a_folder_is_no_photo_of_that_label(app: App) -> None:
    event = app.classes.create("Out", 2, template="fruit")
    names = ["りんご/../../x.jpg", "../りんご/1.jpg", "りんご\\..\\2.jpg", "りんご/3..4.jpg"]
    photos = {name.encode("cp932"): jpeg(COLORS["apple"], number) for number, name in enumerate(names)}
    upload = app.challenge.add_zip(event.id, raw_zip(photos))
    assert named(upload) == {
        "challenge_path_strange": ["りんご/../../x.jpg", "../りんご/1.jpg", "りんご/../2.jpg"]
    }
    assert upload.added == 1


def test_the_key_of_a_label_comes_before_the_name_of_another(app: App) -> None:
    labels = [NewLabel("red", "🟥", "あか", "Blue"), NewLabel("blue", "🟦", "あお", "Red")]
    event = app.classes.create("Crossed", 2, labels=labels)
    app.challenge.add_zip(event.id, packed({"blue/1.jpg": jpeg((0, 0, 200))}))
    assert [label_id for label_id, _ in app.challenge.counts(event.id)] == [event.labels[1].id]


def test_a_run_that_begins_meanwhile_closes_the_set(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(app, group, event, 5)
    before = app.challenge.counts(event.id)
    real = app.intake.clean

    def clean_while_training_begins(data: bytes, *, any_format: bool = False) -> object:
        app.runs.request(group)
        return real(data, any_format=any_format)

    monkeypatch.setattr(app.intake, "clean", clean_while_training_begins)
    with pytest.raises(ConflictError) as error:
        put_in(app.challenge, event.id, event.labels[0].id, [("a.jpg", jpeg(COLORS["apple"], 77))])
    assert error.value.key == "challenge_locked"
    assert app.challenge.counts(event.id) == before


def of_label(app: App, event: EventView, label_id: str) -> list[str]:
    return [photo.id for photo in app.challenge.photos(event.id) if photo.label_id == label_id]


def test_photos_are_taken_out_in_the_lobby_alone(app: App, event: EventView, group: GroupIdentity) -> None:
    label = event.labels[0].id
    mine = of_label(app, event, label)
    with pytest.raises(ConflictError) as error:
        app.challenge.take_out(event.id, mine)
    assert error.value.key == "challenge_not_in_lobby"
    app.classes.set_phase(event.id, "lobby")
    other = app.classes.create("Another class", 2, template="fruit")
    with pytest.raises(NotFoundError):  # photos of another class
        app.challenge.take_out(other.id, mine)
    assert app.challenge.take_out(event.id, mine[:1]) == 1
    assert set(of_label(app, event, label)) == set(mine[1:])
    assert app.challenge.take_out(event.id, mine) == 3
    assert not app.challenge.complete(event.id)
    stored = FolderBlobs(app.settings.data_dir / "blobs").keys(f"events/{event.id}/challenge/")
    assert len(list(stored)) == 2 * 4 * 2  # photo and thumb of two labels
    files = [(f"{n}.jpg", jpeg(COLORS["apple"], 1000 + n)) for n in range(2)]
    assert put_in(app.challenge, event.id, label, files).added == 2
    app.classes.set_phase(event.id, "collect")
    take(app, group, event, 5)
    app.runs.request(group)
    app.classes.set_phase(event.id, "lobby")
    with pytest.raises(ConflictError) as error:
        app.challenge.take_out(event.id, of_label(app, event, label))
    assert error.value.key == "challenge_locked"
