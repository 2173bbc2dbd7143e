"""The figures of the web tier for Prometheus. Labels have few values: never an id."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from classroom_app.intake.decoder_pool import CAUSES

HTTP_REQUESTS = Counter(
    "classroom_http_requests", "Answers by the route's template and the class of the status",
    ["method", "route", "status"],
)  # fmt: skip
HTTP_SECONDS = Histogram(
    "classroom_http_request_seconds", "Seconds from a request to the end of its answer",
    ["route"], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip

UPLOADS = Counter(
    "classroom_uploads", "Photos that iPads and facilitators sent, by what became of them", ["outcome"]
)
UPLOAD_SECONDS = Histogram(
    "classroom_upload_seconds", "Seconds from the last byte of a group's photo to its answer, with its wait",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
UPLOAD_BYTES = Counter("classroom_upload_bytes", "Bytes of the photos that were kept")

DECODER_FAILURES = Counter(
    "classroom_decoder_failures",
    "Photos on which a decoder process died, hung or failed otherwise",
    ["cause"],
)
PHOTOS_SET_ASIDE = Counter(
    "classroom_photos_set_aside", "Photos that were given up, because every decoder failed on them"
)

RUNS = Counter("classroom_runs", "Trainings that ended, by how", ["outcome"])
RUNS.labels("failed")  # from 0 on: a counter that begins at 1 shows the alert no increase
RUN_WAIT_SECONDS = Histogram(
    "classroom_run_wait_seconds", "Seconds from a tap to the start of its training",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)  # fmt: skip
RUN_STAGE_SECONDS = Histogram(
    "classroom_run_stage_seconds", "Seconds of one stage of a training",
    ["stage"], buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)  # fmt: skip

for _cause in CAUSES:
    DECODER_FAILURES.labels(_cause)  # from 0 on, as above

_UPLOAD_OUTCOMES = {
    201: "saved",
    200: "already",
    401: "not_allowed",
    409: "conflict",  # after a reset, a deletion or the end of collecting
    413: "refused",
    422: "refused",
    499: "broken_off",
    503: "busy",
}


def count_decoder_failure(cause: str) -> None:
    DECODER_FAILURES.labels(cause).inc()


def count_upload(status: int, seconds: float | None = None) -> None:
    UPLOADS.labels(_UPLOAD_OUTCOMES.get(status, "failed" if status >= 500 else "refused")).inc()
    if seconds is not None:
        UPLOAD_SECONDS.observe(seconds)
