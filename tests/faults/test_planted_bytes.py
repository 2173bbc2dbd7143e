"""Known bytes are planted, a group is reset in the middle of a training, and the whole disk is searched:
database with free pages and log, files, models, the app's own log, temporary files; and the memory of all
processes.
"""

from __future__ import annotations

import base64
import io
import os
import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.support.class_over_http import group_client, make_class, result_of
from tests.support.process_memory import kinds_found
from tests.support.running import OWN, PASSWORD, Running, wait_for
from tests.support.slow_tests import Figures

pytestmark = pytest.mark.slow

WORDS = b"planted-words-8d2f61c7a9"  # in the metadata and behind the end of what is sent
IN_SMALL_PIECES = {"small pictures"}  # what an allocator does not overwrite; 12 pixels wide (README)
PIECE = 40  # bytes of a needle: no two files share so many by chance
SIDE = 240
Needles = dict[str, list[bytes]]


def photo(number: int) -> bytes:
    """Noise, so that every piece of it is its own, with words where they do not belong."""
    pixels = np.random.default_rng(number).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x9286] = exif[0x010E] = WORDS.decode()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif, comment=WORDS)
    return file.getvalue() + WORDS


def pieces(data: bytes) -> list[bytes]:
    """From the middle, where a file is not like all others of its kind."""
    return [data[len(data) * part // 10 :][:PIECE] for part in (4, 6, 8)]


def in_text(piece: bytes) -> list[bytes]:
    """As base64 has it, wherever in a longer text it begins."""
    return [base64.b64encode(piece[skip:])[4 : PIECE + 4 - skip] for skip in range(3)]


def planted(data: Path) -> Needles:
    """What is stored of the group's photos: to be gone."""
    files = list((data / "blobs").rglob("*/groups/*/*/*"))
    with closing(sqlite3.connect(data / "classroom.sqlite", timeout=30)) as database:
        rows = database.execute("SELECT features, tiny FROM photos WHERE features IS NOT NULL").fetchall()
    found = {
        "photos": [piece for path in files if path.suffix == ".jpg" for piece in pieces(path.read_bytes())],
        "models": [
            piece for path in files if path.suffix == ".safetensors" for piece in pieces(path.read_bytes())
        ],
        "features": [piece for features, _ in rows for piece in pieces(features)],
        "small pictures": [piece for _, tiny in rows for piece in pieces(tiny)],
    }
    assert all(found.values()), "each kind is there to be looked for"
    return found


def everywhere(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()


def hits(needles: Mapping[str, list[bytes]], *folders: Path) -> dict[str, set[str]]:
    """The files in which each kind is found."""
    wanted = {
        kind: [form for piece in found for form in (piece, *in_text(piece))]
        for kind, found in needles.items()
    }
    seen: dict[str, set[str]] = {kind: set() for kind in needles}
    for path, data in everywhere(*folders):
        for kind, forms in wanted.items():
            if any(form in data for form in forms):
                seen[kind].add(path.name)
    return {kind: names for kind, names in seen.items() if names}


def post(facilitator: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = facilitator.post(path, json=body, headers=OWN)
    assert answer.is_success, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("way", ["now", "undo that ends"])
def test_after_a_reset_in_the_middle_of_a_training_nothing_is_left(
    tmp_path: Path, way: str, figures: Figures
) -> None:
    data, temporary = tmp_path / "data", tmp_path / "tmp"
    data.mkdir()
    temporary.mkdir()
    with Running(data, env={"TMPDIR": str(temporary)}) as app:
        made = make_class(app.url)
        group = made.groups[0]
        with (
            group_client(app.url, group.join_path) as ipad,
            httpx.Client(base_url=app.url, timeout=120) as facilitator,
        ):
            for number, label_id in enumerate(list(made.label_ids.values()) * 6):
                result_of(ipad.send_photo(label_id, photo(number)))
            first = result_of(ipad.start_run()).id
            assert result_of(ipad.wait_for_run(first, limit_s=120)).state == "done"
            needles = planted(data)
            before = hits(needles, data, temporary)
            assert set(before) == set(needles), "the search finds what is there"
            login = {"username": "facilitator", "password": PASSWORD}
            assert facilitator.post("/session/facilitator", json=login, headers=OWN).is_success

            os.kill(app.child("ml_core"), signal.SIGSTOP)  # it holds its breath in the middle of the next one
            run_id = result_of(ipad.start_run()).id
            wait_for(lambda: result_of(ipad.run(run_id)).state == "running", 30, "the run has begun")
            where = f"/api/events/{made.id}/deletions"
            body = {"scope": "group_reset", "group_id": group.id, "now": way == "now"}
            answer = post(facilitator, where, body)
            if way != "now":
                answer = post(facilitator, f"/api/deletions/{answer['id']}/finish", {})
            os.kill(app.child("ml_core"), signal.SIGCONT)
            assert answer["clean"], answer
            assert answer["deleted"]["photos"] == 18

            wanted = {**needles, "words": [WORDS]}
            # What the training brings back after its wait is refused; the log is emptied when nobody reads.
            wait_for(lambda: not hits(wanted, data, temporary), 30, "nothing is left")
            assert hits(wanted, data, temporary) == {}
            if os.getuid() == 0:  # nobody else may look into processes that forbid it
                assert app.process is not None
                pid = app.process.pid
                wait_for(lambda: set(kinds_found(pid, wanted)) <= IN_SMALL_PIECES, 30, "memory has forgotten")
                left = kinds_found(pid, wanted)
                figures(f"planted pieces left in memory, one machine, {way}: {left or 'none'}")
    assert hits(wanted, data, temporary) == {}, "nor when the app has stopped"
