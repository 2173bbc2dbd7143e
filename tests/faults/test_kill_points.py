"""kill -9 of the web process before, during and after each named step of an upload, a training and a reset.

Every one is hit at least once: a step that nothing comes by any more fails its test.
CLASSROOM_FAULT_POINT_ROUNDS says how often all of them come.
"""

from __future__ import annotations

import functools
import itertools
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.patient_http import Patience
from ml_core.contract.blobs import is_half_written
from tests.support import crash_points
from tests.support.class_over_http import facilitator_client, group_client, make_class, result_of, send_photos
from tests.support.crash_points import RESET, TRAINING, UPLOAD, CrashPoint, Step, points
from tests.support.ledger import Ledger, Rows
from tests.support.running import Running, wait_for
from tests.support.slow_tests import Figures
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("CLASSROOM_FAULT_POINT_ROUNDS", "1"))
PER_LABEL = 5  # the least that can be trained
STRUCK_WITHIN_S = 90.0
RUN_LIMIT_S = 240.0
PATIENCE = Patience(tries=1200, first_wait_s=0.1, longest_wait_s=0.2, timeout_s=60)


class Mortal(Running):
    """Its web process has the places at which it can be killed."""

    def command(self) -> list[str]:
        return crash_points.command(["run", "--data", str(self.data), "--port", str(self.port)])


@dataclass
class Day:
    """Two groups: one whose photos and runs are kept, one that is reset."""

    app: Running
    made: CreatedClass
    ipads: list[GroupClient]
    adult: FacilitatorClient
    ledger: Ledger = field(default_factory=Ledger)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def send_photo(self) -> None:
        photo_id = str(uuid.uuid4())
        picture = jpeg(COLORS["apple"], next(self.numbers))
        result_of(self.ipads[0].send_photo(self.made.label_ids["apple"], picture, photo_id=photo_id))
        self.ledger.photos.add(photo_id)

    def fill(self, ipad: GroupClient) -> None:
        send_photos(ipad, self.made.label_ids, itertools.islice(self.numbers, PER_LABEL))

    def train(self) -> None:
        run_id = result_of(self.ipads[0].start_run()).id
        self.ledger.runs.add(run_id)
        ended = result_of(self.ipads[0].wait_for_run(run_id, limit_s=RUN_LIMIT_S))
        assert ended.state == "done", ended

    def reset(self) -> None:
        """Asked for again until it is done; a training of the group is on its way."""
        self.fill(self.ipads[1])
        result_of(self.ipads[1].start_run())
        body = {"scope": "group_reset", "group_id": self.made.groups[1].id, "now": True}
        where = f"/api/events/{self.made.id}/deletions"
        receipt = result_of(self.adult.http.ask("POST", where, data=body)).json()
        assert receipt["clean"], receipt
        assert self.of_group(1) == [], "its photos and runs are gone"

    def of_group(self, number: int) -> Rows:
        of_it = f"WHERE group_id = '{self.made.groups[number].id}'"
        return self.ask(f"SELECT id FROM photos {of_it} UNION SELECT id FROM runs {of_it}")

    def ask(self, query: str) -> Rows:
        with closing(sqlite3.connect(self.app.data / "classroom.sqlite", timeout=30)) as database:
            return database.execute(query).fetchall()

    def files(self) -> list[str]:
        root = self.app.data / "blobs"
        found = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
        return [name for name in found if not is_half_written(name)]  # the sweep takes them

    def has_died(self, times: int) -> bool:
        """Its launcher says so each time, and no more often than it was killed."""
        return (self.app.data / "log").read_text().count("web ended (exit code -9)") == times


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with ExitStack() as opened:
        app = opened.enter_context(Mortal(tmp_path, start_limit_s=300))
        made = make_class(app.url, groups=2)
        ipads = [
            opened.enter_context(group_client(app.url, group.join_path, patience=PATIENCE))
            for group in made.groups
        ]
        yield Day(app, made, ipads, opened.enter_context(facilitator_client(app.url)))


def strike(day: Day, point: CrashPoint, work: str) -> None:
    crash_points.arm(day.app.data, point)
    getattr(day, work)()
    wait_for(lambda: crash_points.was_struck(day.app.data, point), STRUCK_WITHIN_S, f"killed {point}")


@pytest.mark.parametrize(
    ("steps", "work"),
    [(UPLOAD, "send_photo"), (TRAINING, "train"), (RESET, "reset")],
    ids=["upload", "training", "reset"],
)
def test_a_kill_at_any_named_step_loses_nothing(
    day: Day, steps: Sequence[Step], work: str, figures: Figures
) -> None:
    if work == "train":
        day.fill(day.ipads[0])
        day.ledger.photos |= {str(photo) for (photo,) in day.ask("SELECT id FROM photos")}
    wanted = points(*steps) * ROUNDS
    for number, point in enumerate(wanted, start=1):
        strike(day, point, work)
        wait_for(functools.partial(day.has_died, number), 30, f"one death a kill, the last {point}")
    getattr(day, work)()  # once more, and nobody dies
    found = day.ledger.problems(day.ask, day.files())
    checked = result_of(day.adult.check_everything())
    found += [
        f"{problem.kind}: {problem.subject}"
        for problem in checked.problems
        if problem.kind != "half_written_file"
    ]
    figures(
        f"{len(wanted)} kills at {len(steps)} steps, before, during and after each ({work}):"
        f" {len(day.ledger.photos)} photos, {len(day.ledger.runs)} runs; lost or left: {len(found)}"
    )
    assert found == []
    assert day.has_died(len(wanted))
