"""What the cloud throws at a class: processes and databases that die, hang and come back. Nothing is lost.

One cloud for all of it, as one day brings several; the figures say what was thrown and what was lost.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.page_session import PageSession
from classroom_app.services.training.takeover import SILENT_AFTER_S
from tests.support.children_at_work import collect_and_train
from tests.support.class_over_http import begin, result_of, send_photos
from tests.support.cloud import CloudHere, TierProcess, cloud_here, executor_of
from tests.support.hostile_network import Fate, HostileNetwork, hostile_network, open_network
from tests.support.ledger import Ledger
from tests.support.postgres import Postgres
from tests.support.running import wait_for
from tests.support.slow_tests import Figures

pytestmark = pytest.mark.slow

RUN_LIMIT_S = 240
HANG_S = 25.0  # longer than any time limit of a connection
AWAY_S = 5.0
BUCKET_FAILS_S = 15.0
PER_LABEL = 5  # the least that can be trained
DAY_S = 24 * 60 * 60.0
PAGES_OPEN = 40
BACK_WITHIN_S = 60.0  # on a busy machine; what it took is told


class Day:
    """The groups at work, and what they were told."""

    def __init__(
        self, cloud: CloudHere, made: CreatedClass, ipads: list[GroupClient], figures: Figures
    ) -> None:
        self.cloud = cloud
        self.made = made
        self.ipads = ipads
        self.ledger = Ledger()
        self.figures = figures
        self.number = 0

    def begin(self) -> list[Future[None]]:
        """Every group sends photos, and trains on them."""
        self.number += 100
        ids = self.made.label_ids
        return [
            begin(collect_and_train(ipad, ids, self.number, PER_LABEL, self.ledger)) for ipad in self.ipads
        ]

    def check(self, thrown: str) -> None:
        found = self.ledger.problems(
            lambda query: self.cloud.ask(self.cloud.tables, query), self.cloud.files()
        )
        told = f"{len(self.ledger.photos)} photos, {len(self.ledger.runs)} runs"
        self.figures(f"{thrown}: {told}; lost or left: {len(found)}")
        assert found == [], thrown

    def finish(self, work: list[Future[None]], thrown: str) -> None:
        for one in work:
            one.result()
        self.check(thrown)

    def run_in_hand(self) -> tuple[str, str] | None:
        """A run that a web process is in the middle of, and the name of that process."""
        rows = self.cloud.ask(
            self.cloud.queue,
            "SELECT workflow_uuid, executor_id FROM dbos.workflow_status WHERE status = 'PENDING'",
        )
        return (str(rows[0][0]), str(rows[0][1])) if rows else None


@dataclass
class WayToBucket:
    """What the tiers' requests to the bucket meet."""

    network: HostileNetwork | None = None

    @contextmanager
    def __call__(self, bucket: str) -> Iterator[str]:
        with hostile_network(int(bucket.rpartition(":")[2])) as self.network:
            yield self.network.url

    @contextmanager
    def all_is(self, fate: Fate) -> Iterator[None]:
        assert self.network is not None
        self.network.rule = lambda _method, _path: fate
        try:
            yield
        finally:
            self.network.rule = open_network


@pytest.fixture
def way_to_bucket() -> WayToBucket:
    return WayToBucket()


@pytest.fixture
def cloud(encrypted_postgres: Postgres, tmp_path: Path, way_to_bucket: WayToBucket) -> Iterator[CloudHere]:
    with cloud_here(encrypted_postgres, tmp_path, way_to_bucket=way_to_bucket) as made:
        yield made


@pytest.fixture
def day(cloud: CloudHere, made: CreatedClass, ipads: list[GroupClient], figures: Figures) -> Day:
    return Day(cloud, made, ipads, figures)


@contextmanager
def frozen(*processes: TierProcess) -> Iterator[None]:
    for process in processes:
        process.send(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send(signal.SIGCONT)


def a_web_process_dies_in_its_first_seconds(day: Day, up: list[TierProcess]) -> None:
    """It has taken runs up, and nobody has heard of it before: its name is new, as that of a new pod."""
    cloud = day.cloud
    old, other = cloud.web[1], cloud.web[0]
    old.send(signal.SIGKILL)
    old.wait(10)
    up[:] = [other]
    for ipad in day.ipads:
        send_photos(ipad, day.made.label_ids, range(PER_LABEL))
    rows = cloud.ask(cloud.tables, "SELECT id FROM photos")
    day.ledger.photos |= {str(photo) for (photo,) in rows}
    run_ids: list[str] = []
    old.env["CLASSROOM_EXECUTOR_ID"] = "a-new-pod"
    # The other one stands still until the new one has taken the run.
    with frozen(other):
        old.start()
        wait_for(lambda: cloud.is_ready(old), 120, "the new pod is ready")
        up[:] = [old]
        for ipad in day.ipads:
            run_ids.append(result_of(ipad.start_run()).id)
        wait_for(lambda: "a-new-pod" in {executor_of(cloud, run) for run in run_ids}, 30, "it takes a run")
        old.send(signal.SIGKILL)
        old.wait(10)
    up[:] = [other]
    day.ledger.runs |= set(run_ids)
    for ipad, run_id in zip(day.ipads, run_ids, strict=True):
        assert result_of(ipad.wait_for_run(run_id, limit_s=RUN_LIMIT_S)).state == "done", other.log
    day.check("kill -9 of a web process in its first seconds")
    old.start()
    wait_for(lambda: cloud.is_ready(old), 120, "both are there again")
    up[:] = [old, other]


def postgres_hangs(day: Day) -> None:
    work = day.begin()
    wait_for(lambda: day.ledger.photos, 60, "they are at work")
    day.cloud.postgres.freeze()
    try:
        time.sleep(HANG_S)
    finally:
        day.cloud.postgres.thaw()
    day.finish(work, f"Postgres hung for {HANG_S:.0f} s")


def postgres_is_away(day: Day) -> None:
    work = day.begin()
    time.sleep(1)
    day.cloud.postgres.leave()
    try:
        time.sleep(AWAY_S)
    finally:
        day.cloud.postgres.run()
    day.finish(work, f"Postgres was away for {AWAY_S:.0f} s")


def the_bucket_is(fate: Fate, day: Day, way: WayToBucket) -> None:
    """From the first photo on, while photos come, are embedded and models kept."""
    work = day.begin()
    wait_for(lambda: day.ledger.photos, 60, "they are at work")
    with way.all_is(fate):
        time.sleep(BUCKET_FAILS_S)
    day.finish(work, f"the bucket was {fate} for {BUCKET_FAILS_S:.0f} s")


def a_web_process_hangs_and_comes_back(day: Day, up: list[TierProcess]) -> None:
    """The other one takes its runs over; when it goes on, it can write nothing of them."""
    cloud = day.cloud
    names = {web.env["CLASSROOM_EXECUTOR_ID"]: web for web in cloud.web}
    results = "SELECT run_id, model_id, model_key FROM run_results ORDER BY run_id"
    taken_over = False
    while not taken_over:  # a run may end in the moment before its process stands still
        work = day.begin()
        run_id, holder = wait_for(day.run_in_hand, RUN_LIMIT_S, "a run is on its way")
        victim = names[holder]
        (other,) = (web for web in cloud.web if web is not victim)
        up[:] = [other]
        with frozen(victim):
            taken_over = executor_of(cloud, run_id) == holder
            for one in work:
                one.result()
            before = cloud.ask(cloud.tables, results)
        up[:] = list(cloud.web)
    time.sleep(10)  # it goes on where it stood
    assert before == cloud.ask(cloud.tables, results)
    assert "run_taken_over" in other.log
    day.check(f"a web process hung for more than {SILENT_AFTER_S:.0f} s and went on")


def a_compute_process_hangs(day: Day) -> None:
    work = day.begin()
    with frozen(day.cloud.ml[0]):
        time.sleep(20)
    day.finish(work, "a compute process hung for 20 s")


def clocks_are_wrong_by_a_day(day: Day) -> None:
    """One group's iPad is behind, the other's ahead; then both are right, among photos of yesterday and
    tomorrow."""
    for off_s in (-DAY_S, DAY_S):
        day.number += 100
        for ipad in day.ipads:
            work = collect_and_train(ipad, day.made.label_ids, day.number, PER_LABEL, day.ledger, off_s)
            begin(work).result()
    day.finish(day.begin(), "the iPads' clocks were wrong by a day")


def a_replica_is_removed_with_pages_open(day: Day, up: list[TierProcess]) -> None:
    """Its pages come back on the other one with what the browser has: the cookie and the address."""
    cloud = day.cloud
    going, staying = cloud.web[1], cloud.web[0]
    cookies = [day.ipads[n % len(day.ipads)].http.cookies() for n in range(PAGES_OPEN)]
    pages = [PageSession(going.url, "collect", one) for one in cookies]

    async def open_all(pages: list[PageSession]) -> list[float]:
        await asyncio.gather(*(page.__aenter__() for page in pages))
        return await asyncio.gather(*(page.show() for page in pages))

    async def close_all(pages: list[PageSession]) -> None:
        await asyncio.gather(*(page.__aexit__(None, None, None) for page in pages))

    begin(open_all(pages)).result()
    work = day.begin()
    up[:] = [staying]
    going.send(signal.SIGTERM)
    moved = [PageSession(staying.url, "collect", one) for one in cookies]
    took = begin(open_all(moved)).result()
    assert max(took) < BACK_WITHIN_S
    going.wait(60)
    begin(close_all(pages + moved)).result()
    day.finish(
        work, f"a replica was removed with {PAGES_OPEN} pages open; the last was back in {max(took):.1f} s"
    )
    going.start()
    wait_for(lambda: cloud.is_ready(going), 120, "both are there again")
    up[:] = list(cloud.web)


def test_a_bad_day_in_the_cloud_loses_nothing(
    day: Day, up: list[TierProcess], way_to_bucket: WayToBucket
) -> None:
    a_web_process_dies_in_its_first_seconds(day, up)
    postgres_hangs(day)
    postgres_is_away(day)
    for fate in (Fate.SLOW, Fate.BUSY, Fate.DROP):
        the_bucket_is(fate, day, way_to_bucket)
    a_web_process_hangs_and_comes_back(day, up)
    a_compute_process_hangs(day)
    clocks_are_wrong_by_a_day(day)
    a_replica_is_removed_with_pages_open(day, up)
