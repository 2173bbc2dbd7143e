"""What kill -9 does to a class day: nothing is lost, nothing is doubled, the run completes by itself."""

from __future__ import annotations

import os
import signal
import sqlite3
import uuid
from pathlib import Path

import pytest

from tests.support.running import Day, wait_for
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow


def counts(data: Path) -> dict[str, int]:
    with sqlite3.connect(data / "classroom.sqlite") as database:
        return {
            table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("photos", "runs", "run_results")
        }


@pytest.mark.parametrize("victim", ["web", "ml_core"])
def test_a_run_survives_the_death_of_a_process(day: Day, victim: str) -> None:
    day.send(per_label=15)
    run_id = day.ipad.post("/runs").json()["id"]
    wait_for(lambda: day.run(run_id)["state"] == "running", 30, "the run has begun")
    os.kill(day.app.child(victim), signal.SIGKILL)
    run = wait_for(lambda: (run := day.run(run_id))["state"] != "running" and run, 120, "the run has ended")
    assert (run["state"], run["version"], run["photos"]) == ("done", 1, 45)
    assert run["practice_total"] == 6
    assert counts(day.app.data) == {"photos": 45, "runs": 1, "run_results": 1}
    assert day.ipad.post("/runs").json()["id"] != run_id


def test_a_killed_app_starts_again_with_all_its_data_and_finishes_the_run(day: Day) -> None:
    """The launcher and everything under it, as when the laptop's battery is empty."""
    day.send(per_label=12)
    run_id = day.ipad.post("/runs").json()["id"]
    wait_for(lambda: day.run(run_id)["state"] == "running", 30, "the run has begun")
    assert day.app.process is not None
    children = [day.app.child("web"), day.app.child("ml_core")]
    for pid in (day.app.process.pid, *children):
        os.kill(pid, signal.SIGKILL)
    day.app.process.wait()
    wait_for(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 20, "nothing is left running"
    )
    day.app.start()
    run = wait_for(lambda: (run := day.run(run_id))["state"] == "done" and run, 120, "the run completes")
    assert run["version"] == 1
    assert counts(day.app.data) == {"photos": 36, "runs": 1, "run_results": 1}
    assert day.app.stop() == 0


def test_a_burst_survives_the_death_of_the_web_process(day: Day) -> None:
    """An iPad sends each photo until it hears that it is saved: each is there once."""
    label_id = day.labels["apple"]
    photos = {str(uuid.uuid4()): jpeg(COLORS["apple"], n) for n in range(20)}
    for number, (photo_id, data) in enumerate(photos.items()):
        if number == 7:
            os.kill(day.app.child("web"), signal.SIGKILL)

        def saved(photo_id: str = photo_id, data: bytes = data) -> bool:
            answer = day.ipad.post(
                f"/photos?label={label_id}", content=data, headers={"X-Photo-Id": photo_id}
            )
            return answer.status_code in {200, 201}

        wait_for(saved, 60, "the photo is saved")
    overview = day.ipad.get("/api/group").json()
    assert {label["key"]: label["photos"] for label in overview["labels"]}["apple"] == 20
    assert counts(day.app.data)["photos"] == 20
