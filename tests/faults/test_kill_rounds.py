"""Rounds of kill -9 at random moments of uploads, trainings and resets: nothing is lost, doubled or left.

CLASSROOM_FAULT_ROUNDS says how many; each has CLASSROOM_FAULT_KILLS of them. What they threw stands at
the end of the run.
"""

from __future__ import annotations

import functools
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from classroom_app.rehearsal.patient_http import Patience
from ml_core.contract.blobs import is_half_written
from tests.support.children_at_work import collect_and_be_reset, collect_and_train
from tests.support.class_over_http import begin, facilitator_client, group_client, make_class, result_of
from tests.support.ledger import Ledger, Rows
from tests.support.running import Running, wait_for
from tests.support.slow_tests import Figures

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("CLASSROOM_FAULT_ROUNDS", "2"))
KILLS = int(os.environ.get("CLASSROOM_FAULT_KILLS", "4"))
SEED = int(os.environ.get("CLASSROOM_FAULT_SEED", "1"))
GROUPS = 3  # the last one is reset in every round
PER_LABEL = 5  # the least that can be trained
VICTIMS = (("web",), ("web",), ("ml_core",), ("web", "ml_core"), ("launcher", "web", "ml_core"))
# Longer than a machine that is busy with other things takes to start the app again.
START_LIMIT_S = 300.0
PATIENCE = Patience(tries=1200, first_wait_s=0.1, longest_wait_s=0.3, timeout_s=60)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """As that of all tests, with the patience for many starts on a machine that is busy with them."""
    with Running(tmp_path, start_limit_s=START_LIMIT_S) as app:
        yield app


def ask(app: Running, query: str) -> Rows:
    with sqlite3.connect(app.data / "classroom.sqlite", timeout=30) as database:
        return database.execute(query).fetchall()


def files(app: Running) -> set[str]:
    root = app.data / "blobs"
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    # The sweep takes what was being written at the kill.
    return {name for name in found if not is_half_written(name)}


def strike(app: Running, victims: tuple[str, ...]) -> None:
    """All at once; who was the launcher's is started anew by it, and the launcher by us."""
    assert app.process is not None
    children = {
        name: wait_for(functools.partial(running_child, app, name), 120, f"{name} runs")
        for name in victims
        if name != "launcher"
    }
    if "launcher" in victims:
        os.kill(app.process.pid, signal.SIGKILL)
    for pid in children.values():
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)
    if "launcher" in victims:
        app.process.wait()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children.values()), 30, "all gone")
        app.start()


def running_child(app: Running, name: str) -> int | None:
    try:
        return app.child(name)
    except (AssertionError, OSError):
        return None  # it is being started


def test_rounds_of_kills_lose_nothing(running: Running, figures: Figures) -> None:
    chance = random.Random(SEED)  # repeatable, as far as processes are
    made = make_class(running.url, groups=GROUPS)
    ledger = Ledger()
    kills = 0
    with ExitStack() as opened:
        adult = opened.enter_context(facilitator_client(running.url, patience=PATIENCE))
        ipads = [
            opened.enter_context(group_client(running.url, group.join_path, patience=PATIENCE))
            for group in made.groups
        ]
        for number in range(ROUNDS):
            first = 100 * number
            *kept, reset_again = ipads
            work = [begin(collect_and_train(ipad, made.label_ids, first, PER_LABEL, ledger)) for ipad in kept]
            reset = collect_and_be_reset(reset_again, adult, made, GROUPS - 1, first, PER_LABEL)
            work.append(begin(reset))
            thrown = [chance.choice(VICTIMS) for _ in range(KILLS)]
            for victims in thrown:
                time.sleep(chance.uniform(0.0, 4.0))
                strike(running, victims)
                kills += len(victims)
            for one in work:
                one.result()
            found = ledger.problems(lambda query: ask(running, query), files(running))
            checked = result_of(adult.check_everything())
            found += [f"{problem.kind}: {problem.subject}" for problem in checked.problems]
            said = ", ".join("+".join(victims) for victims in thrown)
            figures(
                f"round {number + 1}: kill -9 of {said}; {len(ledger.photos)} photos,"
                f" {len(ledger.runs)} runs, {number + 1} resets; lost or left: {len(found)}"
            )
            assert found == [], f"seed {SEED}, round {number + 1}: {said}"
    figures(f"{kills} processes killed, 0 lost")
