"""A class in a running app, made and used over HTTP with the rehearsal's client; for tests without async."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import threading
import zipfile
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from functools import cache
from typing import Any, TypeVar

import httpx

from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.patient_http import Patience, PatientHttp, connect
from tests.support.running import PASSWORD, Running
from tests.support.stand_ins import COLORS, jpeg

USERNAME = "facilitator"
CHALLENGE_PER_LABEL = 4
# A killed process is back within a minute, and a test sees it soon.
PATIENCE = Patience(tries=120, first_wait_s=0.1, longest_wait_s=0.5, timeout_s=120)

ResultT = TypeVar("ResultT")


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all clients, in a thread of its own: Playwright has a running one in the tests' thread."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="class over HTTP", daemon=True).start()
    return loop


def begin(work: Coroutine[Any, Any, ResultT]) -> Future[ResultT]:
    """Runs while the test goes on."""
    return asyncio.run_coroutine_threadsafe(work, _loop())


def result_of(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """What a call of the client returns or raises."""
    return begin(work).result()


@contextmanager
def group_client(
    url: str,
    join_path: str,
    *,
    patience: Patience = PATIENCE,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Iterator[GroupClient]:
    """An iPad that has joined its group."""
    with _closing(connect(url, patience=patience, transport=transport)) as http:
        ipad = GroupClient(http)
        result_of(ipad.join(join_path))
        yield ipad


@contextmanager
def facilitator_client(
    url: str, password: str = PASSWORD, *, patience: Patience = PATIENCE
) -> Iterator[FacilitatorClient]:
    """Somebody who has logged in."""
    with _closing(connect(url, patience=patience)) as http:
        facilitator = FacilitatorClient(http)
        result_of(facilitator.log_in(USERNAME, password))
        yield facilitator


@contextmanager
def _closing(http: PatientHttp) -> Iterator[PatientHttp]:
    try:
        yield http
    finally:
        result_of(http.aclose())


def challenge_zip(photos: Mapping[str, Iterable[bytes]]) -> bytes:
    """A folder a label key."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for key, jpegs in photos.items():
            for number, data in enumerate(jpegs):
                archive.writestr(f"{key}/{number}.jpg", data)
    return packed.getvalue()


def make_class(url: str, groups: int = 1) -> CreatedClass:
    """A fruit class with a challenge set, collecting."""
    photos = {
        key: [jpeg(color, 500 + number) for number in range(CHALLENGE_PER_LABEL)]
        for key, color in COLORS.items()
    }
    with facilitator_client(url) as facilitator:
        made = result_of(facilitator.create_class("Test class", groups, template="fruit"))
        upload = result_of(facilitator.upload_challenge(made.id, challenge_zip(photos)))
        assert upload.added == CHALLENGE_PER_LABEL * len(COLORS)
        result_of(facilitator.move_phase(made.id, "collect"))
    return made


def delete_classes(app: Running) -> None:
    """All that are in an app on this machine, with everything of theirs."""
    with closing(sqlite3.connect(app.data / "classroom.sqlite", timeout=30)) as database:
        made = [str(class_id) for (class_id,) in database.execute("SELECT id FROM events")]
    with facilitator_client(app.url) as facilitator:
        for class_id in made:
            receipt = result_of(facilitator.delete_class(class_id))
            assert receipt.left, receipt
            assert receipt.remains == {}, receipt


def send_photos(ipad: GroupClient, label_ids: Mapping[str, str], numbers: Iterable[int]) -> None:
    """So many photos of each label, in its colour."""
    for number in numbers:
        for key, label_id in label_ids.items():
            saved = result_of(ipad.send_photo(label_id, jpeg(COLORS[key], number)))
            assert saved.status == "saved"
