"""Postgres is away for a minute while iPads send photos and a training is on its way, as for a maintenance.

No run is taken from a process that lives, nothing is lost or doubled, pages stay calm; photos and pages are
back in ten seconds, a run once DBOS tries again. CLASSROOM_FAULT_AWAY_S says for how long.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from classroom_app.content import i18n
from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import GroupClient
from tests.cloud.test_cloud_faults import frozen
from tests.support.children_at_work import collect_and_train
from tests.support.class_over_http import begin, result_of, send_photos
from tests.support.cloud import CloudHere, executor_of
from tests.support.ledger import Ledger
from tests.support.read_page import ReadPage
from tests.support.running import wait_for
from tests.support.slow_tests import Figures

pytestmark = pytest.mark.slow

AWAY_S = float(os.environ.get("CLASSROOM_FAULT_AWAY_S", "60"))
BACK_WITHIN_S = 10.0
PER_LABEL = 5  # the least that can be trained
RUN_LIMIT_S = 240
SORRY = 'class="sorry"'


def worked_by(cloud: CloudHere, run_id: str) -> str:
    [(executor,)] = cloud.ask(
        cloud.queue, f"SELECT executor_id FROM dbos.workflow_status WHERE workflow_uuid = '{run_id}'"
    )
    return str(executor)


@pytest.fixture
def ended() -> Iterator[ExitStack]:
    """What is to end with the test, however that ends."""
    with ExitStack() as stack:
        yield stack


def test_a_minute_without_postgres_loses_nothing(
    cloud: CloudHere, made: CreatedClass, ipads: list[GroupClient], figures: Figures, ended: ExitStack
) -> None:
    ledger = Ledger()
    trains, collects = ipads
    send_photos(trains, made.label_ids, range(PER_LABEL))
    ledger.photos |= {str(photo) for (photo,) in cloud.ask(cloud.tables, "SELECT id FROM photos")}
    page = ReadPage(cloud.web[0].url, "collect", collects.http.cookies())
    result_of(page.__aenter__())
    ended.callback(lambda: result_of(page.__aexit__(None, None, None)))
    assert SORRY not in result_of(page.read())

    with frozen(*cloud.ml):  # the run waits for them in its middle
        run_id = result_of(trains.start_run()).id
        ledger.runs.add(run_id)
        holder = str(wait_for(lambda: executor_of(cloud, run_id), 60, "a process has the run"))
        work = begin(collect_and_train(collects, made.label_ids, 100, 2 * PER_LABEL, ledger))
        before = len(ledger.photos)
        wait_for(lambda: len(ledger.photos) > before, 60, "photos come")
        cloud.postgres.leave()
    away_since = time.monotonic()
    try:
        said = result_of(page.read())
        assert SORRY in said
        assert i18n.t("error_unavailable", "ja").split("{")[0] in said
        for web in cloud.web:
            assert not httpx.get(f"{web.url}/readyz").json()["database"]
            assert httpx.get(f"{web.url}/healthz").status_code == 200, "nobody starts it again"
        time.sleep(max(0.0, away_since + AWAY_S - time.monotonic()))
        before = len(ledger.photos)
    finally:
        cloud.postgres.run()
    begun = time.monotonic()
    wait_for(lambda: len(ledger.photos) > before, BACK_WITHIN_S, "photos come again")
    photos_s = time.monotonic() - begun
    assert SORRY not in result_of(page.read(BACK_WITHIN_S))
    page_s = time.monotonic() - begun
    wait_for(lambda: all(map(cloud.is_ready, cloud.web)), BACK_WITHIN_S, "all say that they are ready")
    ready_s = time.monotonic() - begun
    assert max(photos_s, page_s, ready_s) < BACK_WITHIN_S

    assert result_of(trains.wait_for_run(run_id, limit_s=RUN_LIMIT_S)).state == "done"
    run_s = time.monotonic() - begun
    work.result()
    assert worked_by(cloud, run_id) == holder
    assert not [web.name for web in cloud.web if "run_taken_over" in web.log]
    found = ledger.problems(lambda query: cloud.ask(cloud.tables, query), cloud.files())
    figures(
        f"Postgres was away for {AWAY_S:.0f} s: {len(ledger.photos)} photos, {len(ledger.runs)} runs; lost or"
        f" left: {len(found)}; photos again after {photos_s:.1f} s, a page {page_s:.1f} s, all ready"
        f" {ready_s:.1f} s, the run done {run_s:.1f} s"
    )
    assert found == []
