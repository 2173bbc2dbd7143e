"""A class day as in the cloud, with the deaths that a day brings: nothing is lost, doubled or left behind."""

from __future__ import annotations

import io
import signal
from pathlib import Path

import pytest
from rich.console import Console

from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.drawn_photos import make_drawn_photos
from classroom_app.rehearsal.options import MIN_PHOTOS_PER_LABEL, RehearsalOptions
from classroom_app.rehearsal.rehearse import rehearse
from tests.support.affinity_proxy import affinity_proxy
from tests.support.class_over_http import facilitator_client, result_of, send_photos
from tests.support.cloud import CloudHere, TierProcess, executor_of
from tests.support.running import PASSWORD, wait_for
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

PER_LABEL = 14
RUN_LIMIT_S = 150


def left_in_queue(cloud: CloudHere, run_ids: list[str]) -> dict[str, int]:
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
        ][0]
        for (name,) in tables
    }


def a_rehearsal_goes_well(cloud: CloudHere, folder: Path) -> None:
    """A whole class day, each iPad on the replica of its cookie, as behind the load balancer."""
    make_drawn_photos(folder, seed=1)
    with affinity_proxy([web.port for web in cloud.web]) as (url, proxy):
        options = RehearsalOptions(
            photos=folder, groups=2, photos_per_label=MIN_PHOTOS_PER_LABEL, url=url, password=PASSWORD
        )
        report = rehearse(options, Console(file=io.StringIO()))
    # The other replica forgets within two minutes; a receipt that is written before says so.
    assert [failure for failure in report.failures if "other_processes" not in failure] == []
    assert min(proxy.seen) > 0, "both replicas had iPads"
    assert set(cloud.count("photos", "runs").values()) == {0}, "its class is gone"


def test_a_day_in_the_cloud(
    cloud: CloudHere,
    up: list[TierProcess],
    made: CreatedClass,
    ipads: list[GroupClient],
    tmp_path: Path,
) -> None:
    a_rehearsal_goes_well(cloud, tmp_path / "drawn")
    for ipad in ipads:
        send_photos(ipad, made.label_ids, range(PER_LABEL))

    # A web process dies in the middle of a training: the other one finishes it.
    run_id = result_of(ipads[0].start_run()).id
    victim_id = wait_for(lambda: executor_of(cloud, run_id), 60, "a web process works on the run")
    victim = next(web for web in cloud.web if web.name == victim_id)
    victim.send(signal.SIGKILL)
    victim.wait(10)
    up.remove(victim)
    (web,) = up
    run = result_of(ipads[0].wait_for_run(run_id, limit_s=RUN_LIMIT_S))
    assert (run.state, run.version, run.photos) == ("done", 1, 3 * PER_LABEL), web.log
    assert run.practice_total == 6
    assert cloud.count("photos", "runs", "run_results") == {
        "photos": 6 * PER_LABEL,
        "runs": 1,
        "run_results": 1,
    }

    # A compute process is told to go in the middle of another one: the class goes on.
    send_photos(ipads[1], made.label_ids, range(PER_LABEL, 2 * PER_LABEL))
    second = result_of(ipads[1].start_run()).id
    wait_for(lambda: executor_of(cloud, second), 60, "the run has begun")
    cloud.ml[0].send(signal.SIGTERM)
    run = result_of(ipads[1].wait_for_run(second, limit_s=RUN_LIMIT_S))
    assert (run.state, run.photos) == ("done", 6 * PER_LABEL), web.log
    assert cloud.ml[0].wait(40) == 0
    guess = result_of(ipads[1].http.once("POST", "/predict", content=jpeg(COLORS["apple"], 900)))
    assert guess.status_code == 200
    assert cloud.count("runs", "run_results") == {"runs": 2, "run_results": 2}

    # Nothing went through the web tier's own hands: the compute tier read the photos from the bucket.
    assert "compute_tier_reads_no_photos" not in web.log + victim.log

    with facilitator_client(web.url) as facilitator:
        # One more training runs while the class is deleted.
        third = result_of(ipads[0].start_run()).id
        receipt = result_of(facilitator.delete_class(made.id))
    assert receipt.left, receipt
    assert receipt.remains == {}, receipt
    assert receipt.deleted["photos"] == 9 * PER_LABEL
    assert set(
        cloud.count("events", "groups", "photos", "challenge_photos", "runs", "run_results").values()
    ) == {0}
    assert cloud.files() == []
    assert set(left_in_queue(cloud, [run_id, second, third]).values()) == {0}
