"""A small load on a real app: pages held open over websockets, and everything that is measured happens."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from classroom_app.rehearsal.load import rehearse_load
from classroom_app.rehearsal.load_options import LoadOptions, Rhythm
from classroom_app.rehearsal.load_records import Action
from classroom_app.rehearsal.load_report import StepFigures
from classroom_app.rehearsal.screens import SCREENS
from tests.support.slow_tests import Figures

pytestmark = pytest.mark.slow

IPADS = 3
SHORT = Rhythm(
    bursts=2, burst=6, rest_s=0.5, play_s=2, server_guesses=True, results_s=2.5
)  # so long that there is news to look for


def test_a_few_ipads_do_everything_without_an_error(tmp_path: Path, figures: Figures) -> None:
    out = io.StringIO()
    report = rehearse_load(
        LoadOptions((IPADS,), minutes=0.1, json_out=tmp_path / "load.json", rhythm=SHORT, whole_rounds=True),
        Console(file=out, width=120),
    )
    for line in (line for step in report.steps for line in told_of(step)):
        figures(line)
    assert report.failures == (), out.getvalue()
    [step] = report.steps
    assert {done.action for done in step.actions if done.times} == set(Action)
    assert step.photos_saved == step.photos_counted >= IPADS * SHORT.bursts * SHORT.burst
    assert step.reruns_per_second > 0
    assert step.server_errors == 0
    assert step.board.runs >= 1, "a training was seen on both projectors"
    assert len(step.show.steps) > 1
    assert all(len(scene.seconds_by_screen) == SCREENS for scene in step.show.steps)
    assert "steps on every screen: p50" in out.getvalue()
    names = {process.name: process for process in step.after.processes}
    assert {"web tier", "compute tier", "decoder", "launcher"} <= set(names)
    assert all(process.rss_mb > 10 for process in names.values())
    assert step.after.database_bytes > 0
    told = json.loads((tmp_path / "load.json").read_text())
    assert told["steps"][0]["photos_saved"] == step.photos_saved


def told_of(step: StepFigures) -> Iterator[str]:
    saved = f"{step.photos_saved} photos answered as saved, {step.photos_counted} counted"
    yield f"{step.ipads} iPads for {step.seconds:.0f} s: {saved}, {step.server_errors} errors of the server"
    board, show = step.board, step.show
    yield f"board behind {board.runs} runs: p50 {board.p50_s} s, p95 {board.p95_s} s, slowest {board.max_s} s"
    yield f"show, {len(show.steps)} steps: p50 {show.p50_s} s, p95 {show.p95_s} s, slowest {show.max_s} s"
    for done in step.actions:
        yield f"{done.action}: {done.times} times, p50 {done.p50_ms} ms, p95 {done.p95_ms} ms"
