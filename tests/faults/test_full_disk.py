"""A disk that is full to its last byte while iPads send photos: nothing is lost or refused, people read why,
a deletion works, and all goes on by itself when there is room again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from classroom_app.content import i18n
from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.patient_http import Patience
from classroom_app.services.training.takeover import SILENT_AFTER_S
from tests.support.children_at_work import collect_and_train
from tests.support.class_over_http import (
    begin,
    challenge_zip,
    facilitator_client,
    group_client,
    make_class,
    result_of,
    send_photos,
)
from tests.support.ledger import Ledger, Rows
from tests.support.read_page import ReadPage
from tests.support.running import wait_for
from tests.support.slow_tests import Figures
from tests.support.small_disk import OnSmallDisk, SmallDisk, small_disk
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

DISK_MB = 256
PER_LABEL = 5  # the least that can be trained
RUN_LIMIT_S = 120
FULL_S = SILENT_AFTER_S + 3  # no heart of the queue can be written down meanwhile
BACK_WITHIN_S = 10.0
ASK = "import json, sqlite3, sys; _, file, query = sys.argv; connection = sqlite3.connect(file, timeout=30)"
ASK += "; print(json.dumps(connection.execute(query).fetchall()))"
# Asks often, so that what it waits for is the app.
PATIENCE = Patience(tries=600, first_wait_s=0.2, longest_wait_s=0.5, timeout_s=30)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "data", DISK_MB) as made:
        yield made


@pytest.fixture
def running(disk: SmallDisk) -> Iterator[OnSmallDisk]:
    with OnSmallDisk(disk.mount, disk=disk) as app:
        yield app


@pytest.fixture
def made(running: OnSmallDisk) -> CreatedClass:
    return make_class(running.url, groups=4)


@pytest.fixture
def ipads(running: OnSmallDisk, made: CreatedClass) -> Iterator[list[GroupClient]]:
    with ExitStack() as opened:
        yield [
            opened.enter_context(group_client(running.url, group.join_path, patience=PATIENCE))
            for group in made.groups
        ]


@pytest.fixture
def adult(running: OnSmallDisk) -> Iterator[FacilitatorClient]:
    with facilitator_client(running.url) as client:
        yield client


def ask(disk: SmallDisk, query: str) -> Rows:
    """SQLite goes by a file's own path, which is another one outside."""
    command = [*disk.inside, sys.executable, "-c", ASK, str(disk.mount / "classroom.sqlite"), query]
    rows: Rows = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return rows


def files(disk: SmallDisk) -> set[str]:
    root = disk.path / "blobs"
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def is_ready(app: OnSmallDisk) -> bool:
    return httpx.get(f"{app.url}/readyz").status_code == 200


async def words_of_console(app: OnSmallDisk, adult: FacilitatorClient) -> str:
    async with ReadPage(app.url, "facilitator", adult.http.cookies()) as page:
        await page.read()
        return await page.read()  # what is away is said at the second look


def a_photo_once(ipad: GroupClient, label_id: str, photo_id: str) -> httpx.Response:
    headers = {"X-Photo-Id": photo_id, "Content-Type": "image/jpeg"}
    sent = ipad.http.once(
        "POST", f"/photos?label={label_id}", headers=headers, content=jpeg(COLORS["apple"], 900)
    )
    return result_of(sent)


def people_read_why(
    running: OnSmallDisk, made: CreatedClass, ipad: GroupClient, adult: FacilitatorClient, waiting: str
) -> None:
    """While there is no room. `waiting`: a photo's id."""
    # Photos wait: an iPad is told to come again, and never that this is no photo.
    answer = a_photo_once(ipad, made.label_ids["apple"], waiting)
    assert (answer.status_code, answer.json()["retry"]) == (503, True), answer.text
    assert answer.json()["error"] == "error_unavailable"
    # A challenge set that does not fit is not broken either.
    archive = challenge_zip({"apple": [jpeg(COLORS["apple"], number) for number in range(600, 604)]})
    sent = result_of(
        adult.http.once(
            "POST",
            f"/api/events/{made.id}/challenge",
            headers={"Content-Type": "application/zip"},
            content=archive,
        )
    )
    assert (sent.status_code, sent.json()["error"]) == (503, "error_unavailable"), sent.text

    probe = httpx.get(f"{running.url}/readyz")
    assert probe.status_code == 503
    assert not probe.json()["blobs"]
    assert not probe.json()["database"]
    said = result_of(words_of_console(running, adult))
    assert i18n.t_kanji("cs_part_disk_away", "ja") in said


def test_a_full_disk_loses_nothing_and_all_goes_on_when_there_is_room(
    running: OnSmallDisk,
    disk: SmallDisk,
    made: CreatedClass,
    ipads: list[GroupClient],
    adult: FacilitatorClient,
    figures: Figures,
) -> None:
    ledger = Ledger()
    *at_work, trains, leaving = ipads
    send_photos(leaving, made.label_ids, range(2))
    send_photos(trains, made.label_ids, range(PER_LABEL))
    group = made.groups[ipads.index(trains)].id
    rows = ask(disk, f"SELECT id FROM photos WHERE group_id = '{group}'")
    ledger.photos |= {str(photo) for (photo,) in rows}
    sent_before = len(ledger.photos)
    compute = running.child("ml_core")
    os.kill(compute, signal.SIGSTOP)  # a training is in its middle when there is no room any more
    run_id = result_of(trains.start_run()).id
    ledger.runs.add(run_id)
    wait_for(lambda: result_of(trains.run(run_id)).state == "running", 30, "the training has begun")
    work = [begin(collect_and_train(ipad, made.label_ids, 100, 6, ledger)) for ipad in at_work]
    wait_for(lambda: len(ledger.photos) >= sent_before + 4, 60, "they are at work")
    disk.fill()
    os.kill(compute, signal.SIGCONT)
    full_since = time.monotonic()
    saved = len(ledger.photos)

    waiting = str(uuid.uuid4())
    people_read_why(running, made, at_work[0], adult, waiting)

    # A group goes, files and rows, while there is no room for anything.
    where = f"/api/events/{made.id}/deletions"
    body = {"scope": "group", "group_id": made.groups[-1].id, "now": True}
    begun = time.monotonic()
    receipt = result_of(adult.http.ask("POST", where, data=body)).json()
    took = time.monotonic() - begun
    assert receipt["clean"], receipt
    assert receipt["deleted"]["photos"] == 2 * len(COLORS)
    disk.fill()  # what that made room for
    assert not [name for name in files(disk) if f"/groups/{made.groups[-1].id}/" in name]
    time.sleep(max(0.0, full_since + FULL_S - time.monotonic()))
    assert len(ledger.photos) <= saved + 2, "what was on its way; nothing else was told to be kept"
    assert not any(one.done() for one in work), "nobody gave up"

    disk.empty()
    begun = time.monotonic()
    before = len(ledger.photos)
    wait_for(lambda: len(ledger.photos) > before and is_ready(running), BACK_WITHIN_S, "it goes on by itself")
    back = time.monotonic() - begun
    assert i18n.t_kanji("cs_part_disk_away", "ja") not in result_of(words_of_console(running, adult))
    assert result_of(trains.wait_for_run(run_id, limit_s=RUN_LIMIT_S)).state == "done"
    for one in work:
        one.result()
    assert a_photo_once(at_work[0], made.label_ids["apple"], waiting).status_code == 201
    ledger.photos.add(waiting)
    found = ledger.problems(lambda query: ask(disk, query), files(disk))
    figures(
        f"a full disk: {len(ledger.photos)} photos, {len(ledger.runs)} runs; lost or left: {len(found)};"
        f" a deletion meanwhile {took:.1f} s, back after {back:.1f} s"
    )
    assert found == []
