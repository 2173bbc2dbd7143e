"""A class day as in the cloud, with the deaths that a day brings: nothing is lost, doubled or left behind."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.cloud.conftest import Cloud, Process
from tests.support.running import OWN, PASSWORD, make_class, wait_for
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

PER_LABEL = 14


class IPad:
    """A group's iPad; the load balancer may send each of its requests to another web process."""

    def __init__(self, event: dict[str, Any], number: int) -> None:
        self.client = httpx.Client(headers=OWN, timeout=60)
        self.join_path = event["groups"][number]["join_path"]
        self.labels = {label["key"]: label["id"] for label in event["labels"]}

    def join(self, web: Process) -> None:
        assert self.client.get(f"{web.url}{self.join_path}").status_code == 303

    def send(self, webs: list[Process], start: int) -> None:
        for key, label_id in self.labels.items():
            for n in range(start, start + PER_LABEL):
                answer = self.client.post(
                    f"{webs[n % len(webs)].url}/photos?label={label_id}",
                    content=jpeg(COLORS[key], n),
                    headers={"X-Photo-Id": str(uuid.uuid4())},
                )
                assert answer.status_code == 201, answer.text

    def tap(self, web: Process) -> str:
        answer = self.client.post(f"{web.url}/runs")
        assert answer.status_code == 202, answer.text
        run_id: str = answer.json()["id"]
        return run_id

    def ended(self, web: Process, run_id: str) -> dict[str, Any]:
        def over() -> Any:
            run = self.client.get(f"{web.url}/runs/{run_id}").json()
            return run["state"] not in {"queued", "running"} and run

        run: dict[str, Any] = wait_for(over, 150, "the run has ended")
        return run


def executor_of(cloud: Cloud, run_id: str) -> str | None:
    """Who is in the middle of the run."""
    rows = cloud.ask(
        cloud.queue,
        "SELECT executor_id FROM dbos.workflow_status "
        f"WHERE workflow_uuid = '{run_id}' AND status = 'PENDING'",
    )
    return str(rows[0][0]) if rows else None


def left_in_queue(cloud: Cloud, run_ids: list[str]) -> dict[str, int]:
    """Rows of the runs in every table of the queue that speaks of workflows."""
    tables = cloud.ask(
        cloud.queue,
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = 'dbos' AND column_name = 'workflow_uuid'",
    )
    ids = ", ".join(f"'{run_id}'" for run_id in run_ids)
    assert ("workflow_status",) in tables
    return {
        str(name): cloud.ask(cloud.queue, f"SELECT count(*) FROM dbos.{name} WHERE workflow_uuid IN ({ids})")[
            0
        ][0]  # type: ignore[misc]  # as above: a row is never None
        for (name,) in tables
    }


@pytest.fixture
def event(cloud: Cloud) -> dict[str, Any]:
    return make_class(cloud.web[0], COLORS, groups=2)  # type: ignore[arg-type]  # a process answers as an app does


@pytest.fixture
def ipads(event: dict[str, Any]) -> Iterator[list[IPad]]:
    made = [IPad(event, number) for number in range(2)]
    yield made
    for ipad in made:
        ipad.client.close()


def test_a_day_in_the_cloud(cloud: Cloud, event: dict[str, Any], ipads: list[IPad]) -> None:
    for ipad, web in zip(ipads, cloud.web, strict=True):
        ipad.join(web)
        ipad.send(cloud.web, 0)

    # A web process dies in the middle of a training: the other one finishes it.
    run_id = ipads[0].tap(cloud.web[0])
    victim_id = wait_for(lambda: executor_of(cloud, run_id), 60, "a web process works on the run")
    victim = next(web for web in cloud.web if web.name == victim_id)
    victim.send(signal.SIGKILL)
    victim.wait(10)
    web = next(web for web in cloud.web if web is not victim)
    run = ipads[0].ended(web, run_id)
    assert (run["state"], run["version"], run["photos"]) == ("done", 1, 3 * PER_LABEL), web.log
    assert run["practice_total"] == 6
    assert cloud.count("photos", "runs", "run_results") == {
        "photos": 6 * PER_LABEL,
        "runs": 1,
        "run_results": 1,
    }

    # A compute process is told to go in the middle of another one: the class goes on.
    ipads[1].send([web], PER_LABEL)
    second = ipads[1].tap(web)
    wait_for(lambda: executor_of(cloud, second), 60, "the run has begun")
    cloud.ml[0].send(signal.SIGTERM)
    run = ipads[1].ended(web, second)
    assert (run["state"], run["photos"]) == ("done", 6 * PER_LABEL), web.log
    assert cloud.ml[0].wait(40) == 0
    assert ipads[1].client.post(f"{web.url}/predict", content=jpeg(COLORS["apple"], 900)).status_code == 200
    assert cloud.count("runs", "run_results") == {"runs": 2, "run_results": 2}

    # Nothing went through the web tier's own hands: the compute tier read the photos from the bucket.
    assert "compute_tier_reads_no_photos" not in web.log + victim.log

    with httpx.Client(base_url=web.url, headers=OWN, timeout=60) as teacher:
        login = {"username": "facilitator", "password": PASSWORD}
        assert teacher.post("/session/facilitator", json=login).status_code == 204
        # One more training runs while the class is deleted.
        third = ipads[0].tap(web)
        receipt = teacher.delete(f"/api/events/{event['id']}").json()
    assert set(receipt["left"].values()) == {0}, receipt
    assert receipt["deleted"]["photos"] == 9 * PER_LABEL
    assert set(
        cloud.count("events", "groups", "photos", "challenge_photos", "runs", "run_results").values()
    ) == {0}
    assert cloud.files() == []
    assert set(left_in_queue(cloud, [run_id, second, third]).values()) == {0}
