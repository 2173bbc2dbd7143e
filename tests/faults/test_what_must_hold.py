"""Tests of faults end with `python -m classroom_app check`: what is broken makes them fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from classroom_app.resources import App
from classroom_app.views.classes import EventView, GroupIdentity
from tests.support.running import Running
from tests.support.stand_ins import COLORS, jpeg

PHOTO = "5a1c9f5e-3f0f-4f4b-9a55-0d3c2b1a7e42"


@dataclass
class Ended(Running):
    """The data of an app that does not run."""

    is_checked: ClassVar[bool] = True  # as the fixture of this folder says of every other

    def start(self) -> None:
        pass


@pytest.fixture
def data(app: App, event: EventView, group: GroupIdentity) -> Path:
    app.photos.take(group, event.labels[0].id, PHOTO, None, jpeg(COLORS["apple"], 1))
    return app.settings.data_dir


def photo_file(data: Path) -> Path:
    [found] = (data / "blobs").rglob(f"groups/*/*/{PHOTO}.jpg")
    return found


def lose_a_file(data: Path) -> str:
    photo_file(data).unlink()
    return "photo_without_file"


def lose_a_row(data: Path) -> str:
    with closing(sqlite3.connect(data / "classroom.sqlite")) as database, database:
        database.execute("DELETE FROM photos WHERE id = ?", (PHOTO,))
    return "file_without_row"


def break_a_run(data: Path) -> str:
    """Done, and nobody knows its score."""
    with closing(sqlite3.connect(data / "classroom.sqlite")) as database, database:
        [(group_id,)] = database.execute("SELECT group_id FROM photos").fetchall()
        database.execute(
            "INSERT INTO runs (id, group_id, epoch, version, state, stage, progress, photos, left_out,"
            " tells_seen, requested_at) VALUES ('run', ?, 1, 1, 'done', 'done', 1, '{}', 0, 0, '2026-01-01')",
            (group_id,),
        )
    return "run_without_result"


def test_what_is_in_order_passes(data: Path) -> None:
    with Ended(data):
        pass


def test_what_a_kill_leaves_and_the_sweep_takes_passes(data: Path) -> None:
    picture = photo_file(data)
    half_written = picture.with_name(f"{picture.name}.writing-abc")
    half_written.write_bytes(b"half")
    with Ended(data):
        pass
    assert not half_written.exists()


@pytest.mark.parametrize("broken", [lose_a_file, lose_a_row, break_a_run])
def test_what_is_broken_fails_a_test_that_says_nothing_of_it(
    data: Path, broken: Callable[[Path], str]
) -> None:
    with pytest.raises(AssertionError, match="classroom_app check") as told, Ended(data):
        kind = broken(data)
    assert kind in str(told.value)


def test_an_app_of_this_folder_is_checked() -> None:
    assert Running.is_checked
