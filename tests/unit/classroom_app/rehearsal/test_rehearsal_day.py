"""The day against a small fake of the routes: it passes a good app and names each fault of a bad one."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import re
import threading
import time
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from classroom_app.network import free_port
from classroom_app.rehearsal import RehearsalOptions, rehearse, screens
from classroom_app.rehearsal.answers import ClassLabel
from classroom_app.rehearsal.day import play_day
from classroom_app.rehearsal.patient_http import Patience, PatientHttp, Tally
from classroom_app.rehearsal.problems import RefusedError, UnreachableError
from classroom_app.rehearsal.records import DayPlan, DayRecord
from classroom_app.rehearsal.report import make_report
from classroom_app.rehearsal.terminal import print_report

PASSWORD = "only of this test"
LABELS = (
    ClassLabel(key="cup", emoji="☕", name_ja="cup", name_en="cup"),
    ClassLabel(key="star", emoji="⭐", name_ja="star", name_en="star"),
)
CHALLENGE_PER_LABEL = 4


@dataclass
class FakeApp:
    """Keeps a class in memory; each switch makes one fault."""

    run_state: str = "done"
    lose_every: int = 0
    double_every: int = 0
    busy_first: int = 0
    receipt_left: int = 0
    lost_file: str = ""
    leak_final: bool = False
    show_to_all: bool = False
    two_runs: bool = False
    never_ready: bool = False
    reject_challenge: bool = False
    counts_otherwise: bool = False
    says_so: bool = True
    final_number: int = 1
    never_steps: bool = False
    step: int = 0
    photos: dict[str, tuple[str, str]] = field(default_factory=dict)
    extra: dict[tuple[str, str], int] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    taken: dict[str, list[int]] = field(default_factory=dict)
    deleted: bool = False
    uploads: int = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/readyz", lambda request: JSONResponse({"database": True})),
                Route("/session/facilitator", self.log_in, methods=["POST"]),
                Route("/api/events", self.create, methods=["POST"]),
                Route("/api/check", self.check),
                Route("/api/events/{id}", self.monitor, methods=["GET"]),
                Route("/api/events/{id}", self.delete, methods=["DELETE"]),
                Route("/api/events/{id}/challenge", self.challenge, methods=["POST"]),
                Route("/api/events/{id}/phase", self.phase, methods=["POST"]),
                Route("/api/events/{id}/leaderboard", self.leaderboard),
                Route("/api/events/{id}/recount", self.recount),
                Route("/cards/{id}.pdf", lambda request: Response(b"%PDF-1.7", media_type="application/pdf")),
                Route("/join", lambda request: Response("page")),
                Route("/join/{token}", self.join),
                Route("/photos", self.upload, methods=["POST"]),
                Route("/photos/{id}/thumb", self.thumb),
                Route("/api/group", self.group),
                Route("/api/group/now", self.group_now),
                Route("/api/show/now", self.screen),
                Route("/api/show/step", self.lead, methods=["POST"]),
                Route("/runs", self.tap, methods=["POST"]),
                Route("/runs/{id}", self.run),
            ]
        )

    async def log_in(self, request: Request) -> Response:
        body = await request.json()
        if request.headers.get("X-Classroom") != "1" or body["password"] != PASSWORD:
            return JSONResponse({"error": "login_wrong", "message": "No.", "retry": False}, 401)
        response = Response(status_code=204)
        response.set_cookie("facilitator", "f", httponly=True)
        return response

    async def create(self, request: Request) -> Response:
        body = await request.json()
        self.groups = [f"g{number}" for number in range(body["groups"])]
        return JSONResponse(
            {
                "id": "e",
                "groups": [
                    {"id": group, "name": group.upper(), "emoji": "🐧", "join_path": f"/join/token-{group}"}
                    for group in self.groups
                ],
                "labels": [{"id": f"id-{label['key']}", "key": label["key"]} for label in body["labels"]],
            },
            201,
        )

    async def challenge(self, request: Request) -> Response:
        with zipfile.ZipFile(io.BytesIO(await request.body())) as archive:
            names = archive.namelist()
        bad = [names.pop()] if self.reject_challenge else []
        rejected = [{"error": "photo_broken", "message": "?", "count": 1, "names": bad}] if bad else []
        return JSONResponse({"added": len(names), "rejected": rejected})

    async def phase(self, request: Request) -> Response:
        self.phases.append((await request.json())["phase"])
        return Response(status_code=204)

    async def join(self, request: Request) -> Response:
        response = RedirectResponse("/join", 303)
        response.set_cookie("group", request.path_params["token"].removeprefix("token-"), httponly=True)
        return response

    async def upload(self, request: Request) -> Response:
        if self.busy_first > 0:
            self.busy_first -= 1
            return JSONResponse({"error": "busy", "message": "", "retry": True}, 503)
        photo_id = str(uuid.UUID(request.headers["X-Photo-Id"], version=4))
        if photo_id in self.photos:
            return JSONResponse({"id": photo_id, "status": "already"}, 200)
        group, label = request.cookies["group"], request.query_params["label"]
        self.photos[photo_id] = (group, label)
        self.taken.setdefault(group, []).append(int(request.query_params["taken_at"]))
        self.uploads += 1
        if self.lose_every and self.uploads % self.lose_every == 0:
            self.photos[photo_id] = ("nobody", label)
        if self.double_every and self.uploads % self.double_every == 0:
            self.extra[group, label] = self.extra.get((group, label), 0) + 1
        return JSONResponse({"id": photo_id, "status": "saved"}, 201)

    async def thumb(self, request: Request) -> Response:
        owner = self.photos.get(request.path_params["id"], ("",))[0]
        allowed = self.show_to_all or (owner == request.cookies.get("group") and not self.deleted)
        return Response(b"\xff\xd8", media_type="image/jpeg") if allowed else _problem(404, "error_not_found")

    async def group(self, request: Request) -> Response:
        group = request.cookies["group"]

        def count(label: str) -> int:
            kept = sum(photo == (group, label) for photo in self.photos.values())
            return kept + self.extra.get((group, label), 0)

        labels = [(f"id-{label.key}", label.key) for label in LABELS]
        return JSONResponse(
            {"labels": [{"id": label, "key": key, "photos": count(label)} for label, key in labels]}
        )

    async def tap(self, request: Request) -> Response:
        group = request.cookies["group"]
        mine = [run for run in self.runs.values() if run["group"] == group]
        active = [run for run in mine if run["polls"] < 2]
        if active and not self.two_runs:
            return JSONResponse(self._view(active[0]), 202)
        run_id = str(uuid.uuid4())
        self.runs[run_id] = {"id": run_id, "group": group, "version": len(mine) + 1, "polls": 0}
        return JSONResponse({"id": run_id, "state": "queued"}, 202)

    async def run(self, request: Request) -> Response:
        run = self.runs[request.path_params["id"]]
        run["polls"] += 1
        return JSONResponse(self._view(run))

    def _view(self, run: dict[str, Any]) -> dict[str, Any]:
        if run["polls"] < 2:
            return {"id": run["id"], "state": "running", "version": run["version"]}
        view = {
            "id": run["id"], "state": self.run_state, "version": run["version"], "seconds": 0.02,
            "practice_correct": 3 if self.run_state == "done" else None, "practice_total": 4,
        }  # fmt: skip
        if self.run_state == "done":
            view["finished_at"] = dt.datetime.now(dt.UTC).isoformat()
        return view | ({"final_correct": 2} if self.leak_final else {})

    async def monitor(self, request: Request) -> Response:
        return JSONResponse({"features_pending": int(self.never_ready), "groups": [{"runs": 2}]})

    async def leaderboard(self, request: Request) -> Response:
        rows = [
            {
                "group_id": group, "name": group, "emoji": "🐧", "rank": 1, "runs": 3, "photos": 12,
                "practice_correct": 3, "practice_total": 4, "final_correct": 2, "final_total": 4,
                "final_rank": 2,
                "versions": [
                    {"id": run["id"], "version": run["version"], "final_correct": 2, "final_total": 4}
                    for run in self.runs.values() if run["group"] == group and run["polls"] >= 2
                ],
            }
            for group in self.groups
        ]  # fmt: skip
        return JSONResponse({"rows": rows})

    async def screen(self, request: Request) -> Response:
        if "facilitator" not in request.cookies:
            return _problem(403, "error_not_allowed")
        phase = self.phases[-1] if self.phases else "lobby"
        mark = f"{phase}-{self.step}-{len(self.runs)}.{len(self.photos)}"
        if request.headers.get("if-none-match") == f'"{mark}"':
            return Response(status_code=304)
        return JSONResponse({"mark": mark, "phase": phase, "step": self.step, "steps": len(self.groups) + 2})

    async def lead(self, request: Request) -> Response:
        told = await request.json()
        if told["seen"] == self.step and not self.never_steps:
            self.step += 1
        return JSONResponse(
            {"step": self.step, "scene": "place" if self.step <= len(self.groups) else "thanks"}
        )

    async def group_now(self, request: Request) -> Response:
        told = self.step >= len(self.groups)  # they are equals, and hear it when the last of them is told
        mark = f"told-{told}"
        if request.headers.get("if-none-match") == f'"{mark}"':
            return Response(status_code=304)
        return JSONResponse({"mark": mark})

    async def recount(self, _request: Request) -> Response:
        off = self.counts_otherwise
        rows = [
            {
                "group_id": group, "rank": 2, "practice_rank": 1, "practice_correct": 3, "practice_total": 4,
                "final_correct": 1 if off else 2, "final_total": 4,
            }
            for group in self.groups
        ]  # fmt: skip
        told = {"what": "final", "group_id": self.groups[0], "written": "2/4", "counted": "1/4"}
        differences = [told] if off and self.says_so else []
        return JSONResponse({"final_number": self.final_number, "differences": differences, "rows": rows})

    async def check(self, _request: Request) -> Response:
        problems = [{"kind": "file_without_row", "subject": self.lost_file}] if self.lost_file else []
        return JSONResponse({"sound": not problems, "problems": problems})

    async def delete(self, request: Request) -> Response:
        self.deleted = True
        return JSONResponse({"deleted": {"photos": 9}, "left": {"photos": self.receipt_left, "blobs": 0}})


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(screens, "IPAD_LOOKS_EVERY_S", 0.05)
    monkeypatch.setattr(screens, "STEP_LIMIT_S", 0.4)


def _problem(status: int, key: str) -> JSONResponse:
    return JSONResponse({"error": key, "message": key, "retry": False}, status)


def _challenge() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for label in LABELS:
            for number in range(CHALLENGE_PER_LABEL):
                archive.writestr(f"{label.key}/{number}.jpg", b"jpeg")
    return out.getvalue()


PLAN = DayPlan(
    options=RehearsalOptions(
        Path(), photos_per_label=6, url="http://fake", password=PASSWORD, ready_limit_s=0.0, run_limit_s=5.0,
        poll_s=0.0,
    ),
    class_name="Rehearsal",
    labels=LABELS,
    hands=tuple({label.key: tuple([b"jpeg"] * 6) for label in LABELS} for _ in range(3)),
    challenge=_challenge(),
    challenge_photos=len(LABELS) * CHALLENGE_PER_LABEL,
)  # fmt: skip


class Silence:
    """A watcher that says nothing."""

    def begin(self, part: str, total: int) -> None:
        pass

    def step(self, part: str) -> None:
        pass

    def end(self, part: str) -> None:
        pass


def with_options(**changed: Any) -> DayPlan:
    return replace(PLAN, options=replace(PLAN.options, **changed))


def play(fake: FakeApp, plan: DayPlan = PLAN, tally: Tally | None = None) -> DayRecord:
    transport = httpx.ASGITransport(fake.app())
    counts = tally or Tally()

    def connect() -> PatientHttp:
        client = httpx.AsyncClient(base_url="http://fake", transport=transport)
        return PatientHttp(client, counts, Patience(tries=3, first_wait_s=0.0))

    return asyncio.run(play_day(plan, connect, Silence()))


def test_a_good_day_has_no_failures() -> None:
    fake = FakeApp()
    record = play(fake)
    assert record.failures == []
    assert [len(group.sent) for group in record.groups] == [12, 12, 12]
    assert [[run.round for run in group.runs] for group in record.groups] == [
        ["first", "second", "ready"]
    ] * 3
    assert all(group.sent_twice == 6 for group in record.groups)
    assert fake.phases == ["collect", "final", "reveal"]
    assert fake.deleted
    assert len(fake.photos) == 36


def test_photos_are_taken_at_a_childs_pace_and_never_in_the_future() -> None:
    fake = FakeApp()
    play(fake)
    for times in fake.taken.values():
        ordered = sorted(times)
        assert min(later - earlier for earlier, later in pairwise(ordered)) >= 2000, "a burst is one photo"
        assert ordered[-1] <= time.time() * 1000 + 1000


def test_keep_leaves_the_class() -> None:
    fake = FakeApp()
    assert play(fake, with_options(keep=True)).receipt is None
    assert not fake.deleted


@pytest.mark.parametrize(
    ("fake", "words"),
    [
        (FakeApp(run_state="failed"), "ended as failed"),
        (FakeApp(lose_every=7), "photos lost"),
        (FakeApp(double_every=7), "photos doubled"),
        (FakeApp(receipt_left=2), "receipt is not empty: 2 photos"),
        (FakeApp(lost_file="a/b.jpg"), "check at the end: file_without_row a/b.jpg"),
        (FakeApp(leak_final=True), "told of the final half: final_correct"),
        (FakeApp(show_to_all=True), "another group is shown"),
        (FakeApp(two_runs=True), "a double tap started two runs"),
        (FakeApp(never_ready=True), "still without features"),
        (FakeApp(never_steps=True), "step 1 of the show (place) was not on every screen"),
        (FakeApp(never_steps=True), "the iPad of g0 was not told its place"),
        (FakeApp(reject_challenge=True), "challenge photos rejected: 1 ("),
        (FakeApp(counts_otherwise=True), "recount: final of g0: 2/4 was written down, 1/4 counted"),
        (FakeApp(counts_otherwise=True, says_so=False), "is not what a recount gives"),
        (FakeApp(final_number=0), "the reveal made final no. 0"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_each_fault_is_named(fake: FakeApp, words: str) -> None:
    failures = play(fake).failures
    assert any(words in failure for failure in failures), failures


def test_lost_and_doubled_photos_do_not_hide_each_other() -> None:
    record = play(FakeApp(lose_every=5, double_every=5))
    assert sum(group.lost for group in record.groups) == 7
    assert sum(group.doubled for group in record.groups) == 7


def test_a_busy_app_is_waited_for() -> None:
    tally = Tally()
    assert play(FakeApp(busy_first=2), tally=tally).failures == []
    assert tally.retries == 2


def test_a_refused_upload_is_a_lost_photo() -> None:
    fake = FakeApp()

    async def refuse(request: Request) -> Response:
        return _problem(422, "photo_broken")

    fake.upload = refuse  # type: ignore[method-assign]  # the fake's own method is replaced
    record = play(fake)
    assert sum(group.lost for group in record.groups) == 36
    assert any("refused with 422 photo_broken" in failure for failure in record.failures)
    assert fake.deleted, "the class must not stay behind"


def test_a_wrong_password_ends_the_day_before_it_begins() -> None:
    with pytest.raises(RefusedError, match="401 login_wrong"):
        play(FakeApp(), with_options(password="wrong"))


def test_a_broken_off_day_still_deletes_the_class() -> None:
    fake = FakeApp()

    async def broken(request: Request) -> Response:
        return Response("oops", 500)

    fake.leaderboard = broken  # type: ignore[method-assign]  # the fake's own method is replaced
    assert any("broken off" in failure for failure in play(fake).failures)
    assert fake.deleted


def test_the_report_of_a_day() -> None:
    tally = Tally()
    record = play(FakeApp(), tally=tally)
    report = make_report(PLAN, record, tally, own_app=False, parts_s={"prepare the photos": 1.0})
    told = json.loads(report.to_json())
    assert told["ok"] is True
    assert (told["address"], told["labels"]) == ("http://fake", ["cup", "star"])
    assert told["schema"] == 3
    assert [(step["step"], step["scene"]) for step in told["show"]["steps"]] == [
        (1, "place"),
        (2, "place"),
        (3, "place"),
        (4, "thanks"),
    ]
    assert all(len(step["seconds_by_screen"]) == 2 for step in told["show"]["steps"])
    assert set(told["show"]["ipads_s"]) == {"G0", "G1", "G2"}
    assert told["board"]["runs"] <= 9
    assert {"runs", "p50_s", "p95_s", "max_s"} == set(told["board"])
    assert told["show"]["p50_s"] <= told["show"]["p95_s"] <= told["show"]["max_s"]
    assert told["chance_level"] == 0.5
    assert told["totals"] | {"wall_seconds": 0} == {
        "groups": 3, "labels": 2, "photos": 36, "challenge_photos": 8, "runs": 9, "failed_runs": 0,
        "photos_lost": 0, "photos_doubled": 0, "requests": tally.requests, "retries": 0,
        "network_errors": 0, "server_errors": 0, "wall_seconds": 0,
    }  # fmt: skip
    group = told["groups"][0]
    assert (group["rank"], group["final_rank"]) == (1, 2)
    assert group["practice"] == {"correct": 3, "total": 4, "fraction": 0.75}
    assert group["final"]["fraction"] == 0.5
    assert [run["version"] for run in group["runs"]] == [1, 2, 3]
    assert group["runs"][0]["final"]["correct"] == 2
    assert all(run["seconds_tap_to_result"] >= 0 for run in group["runs"])
    assert {"p50_ms", "p95_ms", "max_ms", "photos", "bytes", "sent_twice"} == set(told["uploads"])
    assert told["receipt_left"] == {"photos": 0, "blobs": 0}
    assert told["seconds_by_part"]["prepare the photos"] == 1.0
    assert "train, ready" in told["seconds_by_part"]
    assert PASSWORD not in report.to_json()


def test_the_leaderboard_fits_a_log_of_80_columns() -> None:
    out = io.StringIO()
    tally = Tally()
    record = play(FakeApp(lose_every=20), tally=tally)
    report = make_report(replace(PLAN, notes=("[a note]",)), record, tally, own_app=False, parts_s={})
    print_report(report, Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    figures = lines[2].split()
    assert " ".join(figures[:-3]) == "🐧 G0 12 2. 2/4 50% 1. 3/4 75% 75 75 75"
    assert all(re.fullmatch(r"\d+\.\d", seconds) for seconds in figures[-3:])
    assert len(lines[2]) <= 80
    assert "Note: [a note]" in lines
    assert any(line.startswith("Failed: G") and "1 photos lost" in line for line in lines)
    assert "faults" in lines[-1]


@pytest.fixture
def served() -> Iterator[tuple[FakeApp, str]]:
    """The fake behind a real socket."""
    fake = FakeApp()
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(fake.app(), port=port, ws="none", log_level="critical", lifespan="off")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield fake, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def test_a_whole_rehearsal_at_an_address(served: tuple[FakeApp, str], tmp_path: Path) -> None:
    fake, url = served
    for part, count in (("train", 12), ("test", 4)):
        for label in LABELS:
            below = tmp_path / part / label.key
            below.mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (16, 16), (number * 9, 0, 0)).save(below / f"{number}.jpg")
    out = io.StringIO()
    options = RehearsalOptions(
        photos=tmp_path, groups=3, photos_per_label=6, url=url, password=PASSWORD,
        json_out=tmp_path / "report.json", poll_s=0.0,
    )  # fmt: skip
    report = rehearse(options, Console(file=out, width=100))
    assert (report.ok, report.failures) == (True, ())
    assert report.notes == tuple(
        f"Too few photos of {label.key} for all groups: 6 were given to a second group." for label in LABELS
    )
    assert json.loads((tmp_path / "report.json").read_text())["totals"]["photos"] == 36
    assert "The rehearsal went well." in out.getvalue()
    assert re.search(r"Board behind a finished run, \d+ runs: p50 .*, p95 .*, slowest ", out.getvalue())
    assert re.search(r"Show, \d+ steps on every screen: p50 [\d.]+ s, p95 [\d.]+ s, slowest", out.getvalue())
    assert fake.deleted


def test_an_address_where_nobody_is(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for label in LABELS:
            (tmp_path / part / label.key).mkdir(parents=True)
            for number in range(6):
                Image.new("RGB", (16, 16)).save(tmp_path / part / label.key / f"{number}.jpg")
    url = f"http://127.0.0.1:{free_port()}"
    options = RehearsalOptions(photos=tmp_path, groups=1, photos_per_label=6, url=url, password=PASSWORD)
    with pytest.raises(UnreachableError, match="No app is ready at"):
        rehearse(options, Console(file=io.StringIO()))
