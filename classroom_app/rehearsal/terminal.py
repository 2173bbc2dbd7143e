"""Progress bars, the leaderboard and the figures on a terminal, or as plain lines where there is none."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from classroom_app.rehearsal.answers import Score
from classroom_app.rehearsal.report import RehearsalReport, RunFigures, latency_lines


class ProgressWatcher:
    """Bars on a terminal; one line per part when the output goes into a file or a log."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, tuple[float, int]] = {}

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description:<28}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=self._console,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def begin(self, part: str, total: int) -> None:
        self._began[part] = (time.monotonic(), total)
        if self._bars is not None:
            self._tasks[part] = self._bars.add_task(part, total=total)

    def step(self, part: str) -> None:
        if self._bars is not None:
            self._bars.advance(self._tasks[part])

    def end(self, part: str) -> None:
        began, total = self._began[part]
        if self._bars is not None:
            self._bars.update(self._tasks[part], completed=total)
            self._bars.stop_task(self._tasks[part])
        else:
            self._console.print(f"{part}: {total} in {time.monotonic() - began:.1f} s", highlight=False)


def print_report(report: RehearsalReport, console: Console) -> None:
    """The leaderboard, the figures a facilitator looks at, and at last what went wrong."""
    console.print(_leaderboard(report))
    totals, uploads = report.totals, report.uploads
    lines = [
        f"Uploads: {uploads.photos} photos, {uploads.bytes / 1e6:.1f} MB; p50 {_of(uploads.p50_ms, 'ms')}, "
        f"p95 {_of(uploads.p95_ms, 'ms')}, slowest {_of(uploads.max_ms, 'ms')}; "
        f"{totals.photos_lost} lost, {totals.photos_doubled} doubled",
    ]
    lines += [
        f"Tap to result, {tap.round} training: median {_of(tap.p50_s, 's')}, slowest {_of(tap.max_s, 's')}; "
        f"features pending at the tap: {tap.features_pending_at_tap}"
        for tap in report.taps
    ]
    lines += latency_lines(report.board, report.show)
    lines.append(
        f"Requests: {totals.requests}, repeated: {totals.retries}, server errors: {totals.server_errors}; "
        f"{totals.wall_seconds:.0f} s in all"
    )
    if report.receipt_left is not None:
        lines.append(f"Receipt: {sum(report.receipt_left.values())} things of the class are left")
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)
    for note in report.notes:
        console.print(f"[yellow]Note:[/] {escape(note)}", highlight=False, soft_wrap=True)
    for failure in report.failures:
        console.print(f"[bold red]Failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)
    verdict = (
        "[bold green]The rehearsal went well.[/]"
        if report.ok
        else f"[bold red]The rehearsal found {len(report.failures)} faults.[/]"
    )
    console.print(verdict, soft_wrap=True)


def _leaderboard(report: RehearsalReport) -> Table:
    """Narrow enough for the 80 columns of a log; no lines, which wrap badly."""
    table = Table(
        title=f"Leaderboard (chance level {report.chance_level:.0%})",
        title_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
    )
    table.add_column("Group")
    for name in ("Photos", "Final", "Practice", "Versions, %", "Tap, s"):
        table.add_column(name, justify="right")
    for group in report.groups:
        table.add_row(
            f"{group.emoji} {escape(group.name)}",
            str(group.photos),
            _ranked(group.final_rank, group.final),
            _ranked(group.rank, group.practice),
            " ".join(_outcome(run) for run in group.runs),
            " ".join(f"{run.seconds_tap_to_result:.1f}" for run in group.runs),
        )
    return table


def _outcome(run: RunFigures) -> str:
    return f"{100 * run.practice.fraction:.0f}" if run.practice else run.state


def _ranked(rank: int | None, score: Score | None) -> str:
    if score is None:
        return "-"
    place = "" if rank is None else f"{rank}. "
    return f"{place}{score.correct}/{score.total} {score.fraction:.0%}"


def _of(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:.0f} {unit}" if unit == "ms" else f"{value:.2f} {unit}"
