"""The rehearsal under load: its options, its arithmetic and its words; the app itself is far away."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import time
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from typer.testing import CliRunner
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from classroom_app.__main__ import cli
from classroom_app.rehearsal import load_options
from classroom_app.rehearsal.answers import LiveGuess, RunStatus, SavedPhoto
from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.load_ipad import LoadIpad
from classroom_app.rehearsal.load_options import LESSON, LoadOptions, LoadPace, Rhythm, numbers_of
from classroom_app.rehearsal.load_records import Action, LoadRecord
from classroom_app.rehearsal.load_report import (
    AppFigures,
    StepFigures,
    action_figures,
    make_load_report,
    print_load_report,
)
from classroom_app.rehearsal.page_session import PageSession
from classroom_app.rehearsal.problems import OptionsError, RefusedError, UnreachableError
from classroom_app.rehearsal.processes import ProcessFigures, database_bytes, look
from classroom_app.rehearsal.records import LedStep, ShowRecord
from classroom_app.rehearsal.report import board_figures, show_figures

FAST = Rhythm(
    bursts=2, burst=3, shot_every_s=0, rest_s=0, settle_s=0, look_every_s=0.01, beat_every_s=0.01,
    run_every_s=0, play_s=0.02,
    frame_every_s=0.001, server_guesses=True, results_s=0,
)  # fmt: skip


def test_ipads_pace_their_looks_as_the_pages_do() -> None:
    script = (Path(load_options.__file__).parents[1] / "ui/widgets/follow/follow.js").read_text()
    said = {name: float(number) for name, number in re.findall(r"^const (\w+) = ([\d_.]+);", script, re.M)}
    assert said["SLOWER"] == load_options.SLOWER
    assert said["CALM_MS"] == load_options.CALM_S * 1000
    assert said["BREATH"] == load_options.BREATH
    assert said["BREATH_MOST_MS"] == load_options.BREATH_MOST_S * 1000
    assert Rhythm.pause_s(0.5, 0, 0) == 0.5
    assert Rhythm.pause_s(0.5, 50, 0) == 2.0
    assert Rhythm.pause_s(2.0, 0, 0.7) == pytest.approx(5.6)


def step(record: LoadRecord, ipads: int = 4, **other: object) -> StepFigures:
    given: dict[str, object] = {
        "ipads": ipads, "groups": 1, "seconds": 10.0, "actions": action_figures(record),
        "errors": dict(record.errors), "photos_saved": 3, "photos_counted": 3, "groups_full": 0,
        "reruns_per_second": 1.5, "socket_bytes": 0, "requests": 9, "retries": 0, "server_errors": 0,
        "before": AppFigures(),
        "after": AppFigures(), "cores": None, "load": 0.1,
        "board": board_figures(()), "show": show_figures(ShowRecord(), {}),
    }  # fmt: skip
    return StepFigures(**{**given, **other})  # type: ignore[arg-type]  # as the fields are


def report_of(
    *steps: StepFigures, failures: tuple[str, ...] = ()
) -> tuple[str, list[str], dict[str, object]]:
    """What a terminal shows, the failures, and the JSON."""
    made = make_load_report(
        steps, address="http://127.0.0.1:1", own_app=True, seed=0, minutes=1, rhythm=FAST, failures=failures
    )
    out = io.StringIO()
    print_load_report(made, Console(file=out, width=140))
    return out.getvalue(), list(made.failures), json.loads(made.to_json())


# -- options -------------------------------------------------------------------------------------


def test_a_ramp_is_numbers_with_commas() -> None:
    assert numbers_of("10,20, 40") == (10, 20, 40)
    with pytest.raises(OptionsError, match="ten"):
        numbers_of("ten")


@pytest.mark.parametrize(
    "options",
    [
        LoadOptions(()),
        LoadOptions((0,)),
        LoadOptions((10, 121)),
        LoadOptions((10,), minutes=0),
        LoadOptions((10,), minutes=121),
        LoadOptions((10,), url="ftp://elsewhere"),
        LoadOptions((10,), url="http://elsewhere"),
        LoadOptions((10,), hold_out=-1),
        LoadOptions((10,), json_out=Path("/nowhere/at/all.json")),
    ],
)
def test_what_cannot_work_is_refused_before_anything_starts(options: LoadOptions) -> None:
    with pytest.raises(OptionsError):
        options.check()


def test_forty_ipads_for_ten_minutes_is_what_it_is_for() -> None:
    LoadOptions((40,)).check()
    assert LoadOptions((40,)).minutes == 10


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((), "--photos"),
        (("--ramp", "ten"), "numbers"),
        (("--ipads", "0"), "iPads must be"),
        (("--ipads", "4", "--minutes", "0"), "--minutes"),
    ],
)
def test_the_command_line_says_what_is_missing_or_wrong(given: tuple[str, ...], says: str) -> None:
    told = CliRunner().invoke(cli, ["rehearse", *given], env={"COLUMNS": "200"})
    assert told.exit_code == 2
    assert says in told.output


# -- figures -------------------------------------------------------------------------------------


def test_percentiles_are_values_that_occurred() -> None:
    record = LoadRecord()
    record.seconds[Action.GUESS] = [number / 1000 for number in range(1, 101)]
    found = step(record).figures_of(Action.GUESS)
    assert (found.times, found.p50_ms, found.p95_ms, found.p99_ms, found.max_ms) == (100, 50, 95, 99, 100)
    never = step(record).figures_of(Action.SCORE)
    assert (never.times, never.p50_ms, never.max_ms) == (0, None, None)


def test_what_fails_is_counted_as_an_error_and_not_as_fast() -> None:
    record = LoadRecord()
    for _ in range(2):
        with record.timed(Action.SWITCH):
            raise UnreachableError("no page")
    with record.timed(Action.SWITCH):
        time.sleep(0.001)
    assert record.errors == {"page switch: no page": 2}
    assert len(record.seconds[Action.SWITCH]) == 1
    shown, failures, _ = report_of(step(record))
    assert failures == ["4 iPads: 2 x page switch: no page"]
    assert "no page" in shown
    assert "No errors" not in shown


def test_lost_and_doubled_photos_are_failures() -> None:
    assert report_of(step(LoadRecord(), photos_saved=5))[1] == ["4 iPads: 2 photos lost"]
    assert report_of(step(LoadRecord(), photos_counted=4))[1] == ["4 iPads: 1 photos doubled"]


def test_a_step_that_broke_off_is_a_failure() -> None:
    assert report_of(failures=("80 iPads: broken off: no page",))[1] == ["80 iPads: broken off: no page"]


def test_a_ramp_has_a_row_for_each_number_of_ipads() -> None:
    record = LoadRecord()
    record.seconds[Action.UPDATE] = [0.123]
    shown, failures, told = report_of(step(record, 10), step(record, 20))
    assert failures == []
    rows = [line.split() for line in shown.partition("p95 by number")[2].splitlines()]
    assert [row[0] for row in rows if row and row[0] in {"10", "20"}] == ["10", "20"]
    assert all("123" in row for row in rows if row and row[0] in {"10", "20"})
    assert [one["ipads"] for one in cast("list[dict[str, int]]", told["steps"])] == [10, 20]


def test_how_far_board_and_show_are_behind_is_printed_and_written() -> None:
    show = ShowRecord(
        [LedStep(number, "place", (number / 10, number / 20)) for number in range(1, 11)], {"g": 1.5}
    )
    made = step(
        LoadRecord(),
        10,
        board=board_figures([number / 100 for number in range(1, 101)]),
        show=show_figures(show, {"g": "Lions"}),
    )
    shown, _, told = report_of(made, step(LoadRecord(), 20))
    assert "Board behind a finished run, 100 runs: p50 0.50 s, p95 0.95 s, slowest 1.00 s" in shown
    assert "Show, 10 steps on every screen: p50 0.35 s, p95 0.90 s, slowest 1.00 s" in shown
    assert "Board behind a finished run, 0 runs: p50 -, p95 -, slowest -" in shown
    [first, _] = cast("list[dict[str, dict[str, object]]]", told["steps"])
    assert first["board"] == {"runs": 100, "p50_s": 0.5, "p95_s": 0.95, "max_s": 1.0}
    assert {name: first["show"][name] for name in ("p50_s", "p95_s", "max_s", "ipads_s")} == {
        "p50_s": 0.35, "p95_s": 0.9, "max_s": 1.0, "ipads_s": {"Lions": 1.5},
    }  # fmt: skip
    [row] = [line.split() for line in shown.partition("p95 by number")[2].splitlines() if " 950 " in line]
    assert "900" in row


def test_memory_at_the_start_and_the_end_is_shown_by_process() -> None:
    before = AppFigures((ProcessFigures("web tier", 1, 300.0, 10.0),), 2_000_000)
    after = AppFigures((ProcessFigures("web tier", 1, 310.0, 15.0),), 5_000_000)
    shown, *_ = report_of(step(LoadRecord(), before=before, after=after))
    assert "web tier (1): 300 MB at the start, 310 MB at the end; 0.50 cores" in shown
    assert "2.0 MB at the start, 5.0 MB at the end" in shown


def test_a_busy_machine_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert "load average 9.0 on 2 cores" in report_of(step(LoadRecord(), load=9.0))[0]
    assert "load average" not in report_of(step(LoadRecord(), load=1.0))[0]


# -- processes -----------------------------------------------------------------------------------


def process(proc: Path, pid: int, command: str, pages: int, ticks: int, children: str = "") -> None:
    below = proc / str(pid)
    (below / "task" / str(pid)).mkdir(parents=True)
    (below / "task" / str(pid) / "children").write_text(children)
    (below / "cmdline").write_text(command.replace(" ", "\0"))
    (below / "statm").write_text(f"9999 {pages} 0 0 0 0 0")
    (below / "stat").write_text(f"{pid} (a ) b) S " + " ".join(["0"] * 10 + [str(ticks), str(ticks), "0"]))


def test_the_whole_tree_of_the_app_is_looked_at_by_kind(tmp_path: Path) -> None:
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    process(tmp_path, 1, "python -m classroom_app run --data x", 1, 0, "2 5")
    process(tmp_path, 2, "python -m classroom_app web", 1000, tick, "3 4")
    for pid in (3, 4):
        process(tmp_path, pid, "python -m classroom_app.intake.decoder_process 7", 500, 2 * tick)
    process(tmp_path, 5, "python -m ml_core serve", 2000, 0)
    process(tmp_path, 6, "python -m classroom_app web", 1, 0)  # somebody else's
    found = {one.name: one for one in look(1, tmp_path)}
    assert set(found) == {"launcher", "web tier", "decoder", "compute tier"}
    assert found["web tier"] == ProcessFigures("web tier", 1, round(1000 * page / 1e6, 1), 2.0)
    assert (found["decoder"].processes, found["decoder"].cpu_s) == (2, 8.0)


def test_a_process_that_is_gone_takes_nothing(tmp_path: Path) -> None:
    assert look(1, tmp_path) == ()


def test_what_is_written_ahead_belongs_to_the_database(tmp_path: Path) -> None:
    for name, size in (("classroom.sqlite", 10), ("classroom.sqlite-wal", 5), ("log", 100)):
        (tmp_path / name).write_bytes(bytes(size))
    assert database_bytes(tmp_path) == 15


# -- an iPad -------------------------------------------------------------------------------------


class FakeClient:
    """A group's routes in memory; another iPad's photo changes the mark once."""

    def __init__(self) -> None:
        self.photos: list[bytes] = []
        self.guesses = 0
        self.runs = 0
        self.marks = iter(("a", None, "b"))
        self.run_marks = cycle(("c", None, "d"))  # an answer that brings nothing among them
        self.states = cycle(("running", "done"))
        self.full_after = 10**6

    async def look(self, page: str, mark: str = "") -> str | None:
        if page == "run":
            return next(self.run_marks, None)
        return next(self.marks, None) if mark else "a"

    async def say_here(self, _ipad: str, unsent: int) -> None:
        assert unsent == 0

    async def send_photo(self, _label: str, jpeg: bytes, **_: object) -> SavedPhoto:
        if len(self.photos) >= self.full_after:
            raise RefusedError(409, "photos_full", "")
        self.photos.append(jpeg)
        return SavedPhoto(id="x", status="saved")

    async def start_run(self) -> RunStatus:
        self.runs += 1
        return RunStatus(id="r", state="queued")

    async def run(self, _run: str) -> RunStatus:
        return RunStatus(id="r", state=next(self.states))

    async def guess(self, _jpeg: bytes) -> LiveGuess:
        self.guesses += 1
        return LiveGuess(version=1)


class FakePage:
    def __init__(self) -> None:
        self.shown: list[str] = []

    async def show(self, page: str = "") -> float:
        self.shown.append(page)
        return 0.01


def played(
    client: FakeClient, seconds: float = 0.3, rhythm: Rhythm = FAST
) -> tuple[LoadRecord, FakePage, LoadIpad]:
    record, page = LoadRecord(), FakePage()
    ipad = LoadIpad(
        cast("GroupClient", client), cast("PageSession", page), {"apple": [b"one"], "pear": [b"two"]}, record,
        rhythm, group="g", run_limit_s=1, seed=0,
    )  # fmt: skip

    async def play() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        await ipad.open()
        await ipad.play(stop)

    asyncio.run(play())
    return record, page, ipad


def test_an_ipad_does_all_that_is_measured() -> None:
    client = FakeClient()
    record, page, ipad = played(client)
    assert not record.errors
    assert all(record.seconds[action] for action in Action)
    assert len(set(client.photos)) == len(client.photos) == ipad.saved
    assert page.shown[0] == "collect"
    assert {"train", "play", "results", "collect"} <= set(page.shown)
    assert record.reruns == len(page.shown) - 1


def test_an_ipad_that_guesses_by_itself_asks_the_server_for_none() -> None:
    client = FakeClient()
    played(client, rhythm=replace(FAST, server_guesses=False))
    assert client.runs
    assert not client.guesses


@pytest.mark.parametrize("pace", LoadPace)
def test_a_pace_is_a_rhythm_by_its_name(pace: LoadPace) -> None:
    assert not pace.rhythm(server_guesses=False).server_guesses
    assert pace.rhythm(server_guesses=True).server_guesses


def photos_a_minute(rhythm: Rhythm) -> float:
    collecting = rhythm.bursts * (rhythm.burst * rhythm.shot_every_s + rhythm.settle_s + rhythm.rest_s)
    return 60 * rhythm.bursts * rhythm.burst / (collecting + rhythm.play_s + rhythm.results_s)


def test_a_lesson_is_calmer_than_a_hurry() -> None:
    assert 8 < photos_a_minute(LESSON) < 10
    assert 35 < photos_a_minute(Rhythm()) < 60


def test_a_page_is_sent_what_it_keeps_only_once() -> None:
    """As to a browser, which names what it has."""
    big = ForwardMsg()
    big.delta.new_element.html.body = "x" * 20_000
    big.hash, big.metadata.cacheable = "big", True
    end = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
    named: list[list[str]] = []

    async def answer(socket: ServerConnection) -> None:
        async for data in socket:
            asked = BackMsg.FromString(cast("bytes", data)).rerun_script
            named.append(list(asked.cached_message_hashes))
            await socket.send(big.SerializeToString())
            await socket.send(end.SerializeToString())

    async def show_twice() -> None:
        async with serve(answer, "127.0.0.1", 0, subprotocols=[Subprotocol("streamlit")]) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with PageSession(f"http://127.0.0.1:{port}", "collect", {}) as page:
                await page.show()
                await page.show()

    asyncio.run(show_twice())
    assert named == [[], ["big"]]


def test_a_run_of_the_page_ends_what_it_has_run_and_no_other_timer() -> None:
    """Streamlit runs timers that ask while the page runs in one go, with one end that names them."""
    asked: list[str] = []
    ends = {2: ["one", "other"], 4: ["one"]}  # by what was asked until then

    async def answer(socket: ServerConnection) -> None:
        for name in ("one", "other"):
            timer = ForwardMsg()
            timer.auto_rerun.fragment_id, timer.auto_rerun.interval = name, 0.01
            await socket.send(timer.SerializeToString())
        async for data in socket:
            asked.append(BackMsg.FromString(cast("bytes", data)).rerun_script.fragment_id)
            if ended := ends.get(len(asked)):
                end = ForwardMsg(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
                end.metadata.run.fragment_ids.extend(ended)
                await socket.send(end.SerializeToString())

    async def look_on() -> None:
        async with serve(answer, "127.0.0.1", 0, subprotocols=[Subprotocol("streamlit")]) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with PageSession(f"http://127.0.0.1:{port}", "collect", {}):
                while len(asked) < 5:
                    await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(look_on(), 20))
    assert sorted(asked[:2]) == sorted(asked[2:4]) == ["one", "other"]
    assert asked[4] == "one"


def test_a_group_that_has_all_its_photos_goes_on_without_the_camera() -> None:
    client = FakeClient()
    client.full_after = 4
    record, _, ipad = played(client)
    assert record.full == {"g"}
    assert not record.errors
    assert (ipad.saved, len(client.photos)) == (4, 4)
    assert client.guesses
