"""Time limits that contain each other, as one table: the outer one leaves the inner one time for its part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from classroom_app import __main__ as command_line
from classroom_app.compute import channel, client
from classroom_app.data import postgres
from classroom_app.intake import decoder_client, decoder_pool
from classroom_app.onsite import launcher
from classroom_app.rehearsal.client import ZIP_TIMEOUT_S
from classroom_app.services import challenge, embedding, health, retention, worker, zip_uploads
from classroom_app.services.training import queue, steps, takeover
from classroom_app.web.routes import request_body
from ml_core import config as ml_config

ROOT = Path(__file__).parents[3]
POD = yaml.safe_load((ROOT / "k8s/base/deployment.yaml").read_text())["spec"]["template"]["spec"]
CONTAINER = POD["containers"][0]
GATEWAY = (ROOT / "k8s/base/gateway.yaml").read_text()
VARIABLES = (ROOT / "terraform/variables.tf").read_text()
UPLOAD_RUN_JS = (ROOT / "classroom_app/ui/widgets/upload/upload_run.js").read_text()
SEND_JS = (ROOT / "classroom_app/ui/widgets/common/send.js").read_text()
PHOTO_QUEUE_JS = (ROOT / "classroom_app/ui/widgets/common/photo_queue.js").read_text()


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found, pattern
    return float(found[1].replace("_", ""))


SECONDS_OF_A_ZIP = number(r"ZIP_ANSWER_MS = ([\d_]+)", UPLOAD_RUN_JS) / 1000
SECONDS_OF_A_QUESTION = number(r"ASK_MS = ([\d_]+)", UPLOAD_RUN_JS) / 1000
SECONDS_OF_SILENCE = number(r"QUIET_MS = ([\d_]+)", SEND_JS) / 1000
SECONDS_OF_AN_UPLOAD = number(r"SEND_TIMEOUT_MS = ([\d_]+)", PHOTO_QUEUE_JS) / 1000
ML_STOP_GRACE_S = number(r'"ml_stop_grace_seconds" \{[^}]*?default\s*= (\d+)', VARIABLES)
DRAINING_S = number(r"drainingTimeoutSec: (\d+)", GATEWAY)

# A kept connection is asked whether it is well and hangs, then a new one is tried.
LOST_SERVER_S = postgres.SILENT_SERVER_S + postgres.CONNECT_S
LOST_MACHINE_S = postgres.KEEPALIVE_IDLE_S + postgres.KEEPALIVE_EVERY_S * postgres.KEEPALIVE_TRIES
STEP_WAITS_S = sum(
    queue.STEP_FIRST_WAIT_S * queue.STEP_BACK_OFF**attempt for attempt in range(queue.STEP_TRIES - 1)
)
WEB_STOP_S = (
    command_line.LAST_REQUESTS_S
    + worker.STOP_WAIT_S  # the sweeper
    + embedding.STOP_WAIT_S
    + worker.STOP_WAIT_S  # the keeper of runs
    + queue.LAST_WORKFLOW_WAIT_S
    + takeover.HEART_STOP_WAIT_S
)
PRE_STOP_S = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]

# (what it means, the inner limit, the outer limit), in seconds
TABLE = [
    (
        "who hangs in a transaction loses it before others give its locks up",
        postgres.IDLE_IN_TRANSACTION_S,
        postgres.LOCK_WAIT_S,
    ),
    ("a wait for a lock is told from a slow statement", postgres.LOCK_WAIT_S, postgres.STATEMENT_S),
    (
        "the server says that it took too long before it is taken for lost",
        postgres.STATEMENT_S,
        postgres.SILENT_SERVER_S,
    ),
    ("a lost server is said before the iPad stops waiting", LOST_SERVER_S, SECONDS_OF_AN_UPLOAD),
    (
        "a photo that no decoder answers is said before the iPad stops waiting",
        decoder_pool.ANSWER_WITHIN_S + decoder_pool.SHORTEST_TRY_S,
        SECONDS_OF_AN_UPLOAD,
    ),
    (
        "a wait for a decoder and a try that hangs leave time for another one",
        2 * decoder_pool.DECODE_TIMEOUT_S + decoder_pool.SHORTEST_TRY_S,
        decoder_pool.ANSWER_WITHIN_S,
    ),
    (
        "a wait for a decoder and its start leave time for a try",
        decoder_pool.DECODE_TIMEOUT_S + decoder_client.START_TIMEOUT_S + decoder_pool.SHORTEST_TRY_S,
        decoder_pool.ANSWER_WITHIN_S,
    ),
    ("a ZIP ends before who sent it gives it up", challenge.ZIP_SECONDS_MAX, ZIP_TIMEOUT_S),
    ("a ZIP ends before its page gives it up", challenge.ZIP_SECONDS_MAX, SECONDS_OF_A_ZIP),
    ("what became of a ZIP is known until its page has asked", SECONDS_OF_A_QUESTION, zip_uploads.KEPT_S),
    ("the server breaks off a silent body before its page does", request_body.SILENCE_S, SECONDS_OF_SILENCE),
    (
        "an upload's row is there, or is not coming, before its files count as nobody's",
        postgres.LOCK_WAIT_S + LOST_SERVER_S + postgres.SILENT_SERVER_S,
        retention.ORPHAN_WAIT_S,
    ),
    (
        "a heart that runs into a lost server beats again in time",
        takeover.BEAT_EVERY_S + LOST_SERVER_S,
        takeover.SILENT_AFTER_S,
    ),
    (
        "the beat of a process that hangs is free to be read before it is judged",
        takeover.BEAT_EVERY_S + postgres.IDLE_IN_TRANSACTION_S,
        takeover.SILENT_AFTER_S,
    ),
    (
        "no statement of a process outlives its own death in the eyes of others",
        postgres.STATEMENT_S,
        takeover.SILENT_AFTER_S,
    ),
    (
        "a machine that is gone is noticed by the server before its runs are taken over",
        LOST_MACHINE_S,
        takeover.SILENT_AFTER_S,
    ),
    (
        "a judge may be late by a beat without starting anew",
        2 * takeover.BEAT_EVERY_S,
        takeover.LOOKED_AWAY_S,
    ),
    (
        "a judge that looked away for long has not seen the silence",
        takeover.LOOKED_AWAY_S,
        takeover.SILENT_AFTER_S,
    ),
    (
        "a lease is renewed in time, even past a lost server",
        embedding.LEASE_RENEWED_EVERY_S + postgres.SILENT_SERVER_S,
        embedding.LEASE_S,
    ),
    (
        "photos of a dead process are free and embedded while a run waits",
        embedding.LEASE_S + client.EMBED_TIMEOUT_S,
        steps.EMBED_WAIT_S,
    ),
    ("a step's tries outlast a database that is lost and comes back", 2 * LOST_SERVER_S, STEP_WAITS_S),
    (
        "a step that waits goes on soon after an outage",
        queue.STEP_FIRST_WAIT_S * queue.STEP_BACK_OFF ** (queue.STEP_TRIES - 2),
        10,
    ),
    ("a step's tries outlast the take-over of another process", takeover.SILENT_AFTER_S, STEP_WAITS_S),
    (
        "no call outlives the channel that it is on",
        max(client.EMBED_TIMEOUT_S, client.TRAIN_TIMEOUT_S, client.PREDICT_TIMEOUT_S, client.FRAME_TIMEOUT_S),
        channel.LONGEST_CALL_S + 1,
    ),
    ("a live frame is given up before other guesses", client.FRAME_TIMEOUT_S, client.PREDICT_TIMEOUT_S),
    (
        "readiness answers before its probe gives up",
        health.LOOK_LIMIT_S,
        CONTAINER["readinessProbe"]["timeoutSeconds"],
    ),
    ("a part that is only reported makes no answer late", health.REPORTED_LIMIT_S, health.LOOK_LIMIT_S),
    ("the web tier stops by itself before the launcher kills it", WEB_STOP_S, launcher.STOP_GRACE_S),
    (
        "the compute tier stops by itself before the launcher kills it",
        ml_config.DRAIN_SECONDS,
        launcher.STOP_GRACE_S,
    ),
    (
        "the compute tier stops by itself before its machine kills it",
        ml_config.DRAIN_SECONDS,
        ML_STOP_GRACE_S,
    ),
    (
        "a pod stops by itself before it is killed",
        PRE_STOP_S + WEB_STOP_S,
        POD["terminationGracePeriodSeconds"],
    ),
    ("the load balancer lets connections end as long as a pod takes new ones", PRE_STOP_S, DRAINING_S),
]


@pytest.mark.parametrize(("inner", "outer"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_limits_contain_each_other(inner: float, outer: float) -> None:
    assert inner < outer


def test_the_servers_limits_are_those_of_the_table() -> None:
    session = {name: value.removesuffix("s") for name, value in postgres.SESSION.items()}
    assert session["idle_in_transaction_session_timeout"] == str(postgres.IDLE_IN_TRANSACTION_S)
    assert session["lock_timeout"] == str(postgres.LOCK_WAIT_S)
    assert session["statement_timeout"] == str(postgres.STATEMENT_S)
