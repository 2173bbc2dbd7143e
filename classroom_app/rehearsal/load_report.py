"""The figures of a rehearsal under load, as dataclasses, as JSON and on a terminal."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from classroom_app.rehearsal.load_options import Rhythm
from classroom_app.rehearsal.load_records import Action, LoadRecord
from classroom_app.rehearsal.processes import ProcessFigures
from classroom_app.rehearsal.report import (
    BoardFigures,
    JsonReport,
    ShowFigures,
    latency_lines,
    percentile,
    versions,
)

SCHEMA_VERSION = 2
ERRORS_SHOWN = 20


@dataclass(frozen=True)
class ActionFigures:
    """Milliseconds of one action; nothing where it never happened."""

    action: str
    times: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


@dataclass(frozen=True)
class AppFigures:
    """The app's processes and its database at one moment; empty for an app elsewhere."""

    processes: tuple[ProcessFigures, ...] = ()
    database_bytes: int = 0

    @property
    def cpu_s(self) -> float:
        return sum(process.cpu_s for process in self.processes)


@dataclass(frozen=True)
class StepFigures:
    """So many iPads for a while. `cores`: processor that the app took, in cores; `load`: the machine's load
    average at the end, which counts everything that runs on it. `board`, `show`: as in a report of a day, on
    two projectors whose pages run, while the iPads work, and then look on.
    """

    ipads: int
    groups: int
    seconds: float
    actions: tuple[ActionFigures, ...]
    errors: dict[str, int]
    photos_saved: int
    photos_counted: int
    groups_full: int
    reruns_per_second: float
    socket_bytes: int  # that the pages were sent over their websockets
    requests: int
    retries: int
    server_errors: int
    before: AppFigures
    after: AppFigures
    cores: float | None
    load: float
    board: BoardFigures
    show: ShowFigures

    def figures_of(self, action: Action) -> ActionFigures:
        return next(figures for figures in self.actions if figures.action == action)


@dataclass(frozen=True)
class LoadReport(JsonReport):
    """Everything that was measured; `failures` empty means that nothing went wrong."""

    schema: int
    made_at: str
    address: str
    own_app: bool
    cores_here: int | None
    seed: int
    minutes: float
    rhythm: Rhythm  # what each of the iPads did
    steps: tuple[StepFigures, ...]
    failures: tuple[str, ...]
    notes: tuple[str, ...]
    versions: dict[str, str]


def action_figures(record: LoadRecord) -> tuple[ActionFigures, ...]:
    return tuple(
        ActionFigures(
            action,
            len(seconds),
            p50_ms=_ms(percentile(seconds, 50)),
            p95_ms=_ms(percentile(seconds, 95)),
            p99_ms=_ms(percentile(seconds, 99)),
            max_ms=_ms(max(seconds, default=None)),
        )
        for action, seconds in record.seconds.items()
    )


def make_load_report(
    steps: Sequence[StepFigures],
    *,
    address: str,
    own_app: bool,
    seed: int,
    minutes: float,
    rhythm: Rhythm,
    failures: Sequence[str] = (),
) -> LoadReport:
    """`failures`: what went wrong beside the steps."""
    return LoadReport(
        schema=SCHEMA_VERSION,
        made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        address=address,
        own_app=own_app,
        cores_here=os.cpu_count(),
        seed=seed,
        minutes=minutes,
        rhythm=rhythm,
        steps=tuple(steps),
        failures=(*(fault for step in steps for fault in _faults(step)), *failures),
        notes=tuple(note for step in steps for note in _notes(step, own_app)),
        versions=versions(),
    )


def _faults(step: StepFigures) -> list[str]:
    faults = [f"{step.ipads} iPads: {count} x {error}" for error, count in step.errors.items()]
    if step.photos_saved > step.photos_counted:
        faults.append(f"{step.ipads} iPads: {step.photos_saved - step.photos_counted} photos lost")
    if step.photos_counted > step.photos_saved:
        faults.append(f"{step.ipads} iPads: {step.photos_counted - step.photos_saved} photos doubled")
    return faults


def _notes(step: StepFigures, own_app: bool) -> list[str]:
    notes = []
    if step.retries:
        notes.append(
            f"{step.ipads} iPads: {step.retries} requests were repeated ({step.server_errors} server errors)."
        )
    if step.groups_full:
        notes.append(f"{step.ipads} iPads: {step.groups_full} groups had all the photos that they may have.")
    if own_app and (cores := os.cpu_count()) and step.load > cores:
        notes.append(
            f"{step.ipads} iPads: load average {step.load:.1f} on {cores} cores; the iPads, and whatever "
            "else runs here, take processor from the app."
        )
    return notes


def print_load_report(report: LoadReport, console: Console) -> None:
    """A table for each number of iPads, or a row for each where there are several."""
    console.print(f"{report.cores_here} cores here", highlight=False)
    for step in report.steps:
        _print_step(step, console)
    if len(report.steps) > 1:
        console.print(_ramp(report.steps))
    for note in report.notes:
        console.print(f"[yellow]Note:[/] {escape(note)}", highlight=False, soft_wrap=True)
    for failure in report.failures[:ERRORS_SHOWN]:
        console.print(f"[bold red]Failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)
    console.print(
        f"[bold red]{len(report.failures)} kinds of fault.[/]"
        if report.failures
        else "[bold green]No errors.[/]"
    )


def _print_step(step: StepFigures, console: Console) -> None:
    table = _table(f"{step.ipads} iPads in {step.groups} groups, {step.seconds:.0f} s; milliseconds")
    table.add_column("Action")
    for name in ("Times", "p50", "p95", "p99", "Slowest"):
        table.add_column(name, justify="right")
    for figures in step.actions:
        values = (figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.max_ms)
        table.add_row(figures.action, str(figures.times), *(_whole(value) for value in values))
    console.print(table)
    lines = [
        f"Errors: {sum(step.errors.values())}; {step.reruns_per_second:.1f} runs of pages a second; "
        f"{step.photos_saved} photos; {step.requests} requests, {step.retries} repeated; "
        f"{step.socket_bytes / 1e6:.1f} MB over the websockets; load {step.load:.1f}"
    ]
    before = {process.name: process for process in step.before.processes}
    lines += [
        f"{now.name} ({now.processes}): {before[now.name].rss_mb:.0f} MB at the start, "
        f"{now.rss_mb:.0f} MB at the end; {(now.cpu_s - before[now.name].cpu_s) / step.seconds:.2f} cores"
        for now in step.after.processes
        if now.name in before
    ]
    if step.after.database_bytes:
        lines.append(
            f"Database: {step.before.database_bytes / 1e6:.1f} MB at the start, "
            f"{step.after.database_bytes / 1e6:.1f} MB at the end"
        )
    lines += latency_lines(step.board, step.show)
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)


def _ramp(steps: Sequence[StepFigures]) -> Table:
    table = _table("p95 by number of iPads, ms")
    for name in ("iPads", *Action, "Board", "Show", "Errors", "Runs/s", "Cores"):
        table.add_column(name, justify="right")
    for step in steps:
        table.add_row(
            str(step.ipads),
            *(_whole(step.figures_of(action).p95_ms) for action in Action),
            *(_whole(None if one is None else 1000 * one) for one in (step.board.p95_s, step.show.p95_s)),
            str(sum(step.errors.values())),
            f"{step.reruns_per_second:.1f}",
            "-" if step.cores is None else f"{step.cores:.2f}",
        )
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
