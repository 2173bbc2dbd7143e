"""The figures of a rehearsal, as dataclasses and as JSON."""

from __future__ import annotations

import datetime as dt
import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from classroom_app.rehearsal.answers import LeaderboardRow, Score
from classroom_app.rehearsal.patient_http import Tally
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.records import DayPlan, DayRecord, GroupRecord, PlayedRun, ShowRecord

SCHEMA_VERSION = 3
PACKAGES = ("streamlit", "starlette", "uvicorn", "dbos", "httpx", "pillow")


@dataclass(frozen=True)
class RunFigures:
    """One run. `final` is there where the app tells it per run, otherwise see the group."""

    round: str
    version: int | None
    state: str
    practice: Score | None
    final: Score | None
    seconds_tap_to_result: float
    seconds_server: float | None
    features_pending_at_tap: int


@dataclass(frozen=True)
class GroupFigures:
    """One group: its place and best run as on the leaderboard, and every run."""

    name: str
    emoji: str
    rank: int | None
    final_rank: int | None
    photos: int
    practice: Score | None
    final: Score | None
    lost: int
    doubled: int
    runs: tuple[RunFigures, ...]


@dataclass(frozen=True)
class UploadFigures:
    """Milliseconds from the first byte of a photo to `saved`, retries and waits included."""

    photos: int
    bytes: int
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None
    sent_twice: int


@dataclass(frozen=True)
class TapFigures:
    """Seconds from tap to result over all groups of one round."""

    round: str
    runs: int
    p50_s: float | None
    max_s: float | None
    features_pending_at_tap: int


@dataclass(frozen=True)
class BoardFigures:
    """Seconds that the projectors' board was behind the end of a run."""

    runs: int
    p50_s: float | None
    p95_s: float | None
    max_s: float | None


@dataclass(frozen=True)
class SceneFigures:
    """A step of the show: seconds from "next" until it was on each screen."""

    step: int
    scene: str
    seconds_by_screen: tuple[float, ...]


@dataclass(frozen=True)
class ShowFigures:
    """The show on every screen, and by group the seconds until its iPad was told its place."""

    steps: tuple[SceneFigures, ...]
    p50_s: float | None
    p95_s: float | None
    max_s: float | None
    ipads_s: Mapping[str, float]


@dataclass(frozen=True)
class Totals:
    """Sums over the day."""

    groups: int
    labels: int
    photos: int
    challenge_photos: int
    runs: int
    failed_runs: int
    photos_lost: int
    photos_doubled: int
    requests: int
    retries: int
    network_errors: int
    server_errors: int
    wall_seconds: float


@dataclass(frozen=True)
class JsonReport:
    """What every report can do with its figures."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    def write(self, path: Path) -> None:
        try:
            path.write_text(self.to_json(), encoding="utf-8")
        except OSError as exc:
            raise RehearsalError(f"The report cannot be written to {path}: {exc}") from exc


@dataclass(frozen=True)
class RehearsalReport(JsonReport):
    """Everything a rehearsal found; `ok` is decided by `failures` alone."""

    schema: int
    made_at: str
    address: str
    own_app: bool
    seed: int
    photos_per_label: int
    labels: tuple[str, ...]
    chance_level: float
    ok: bool
    failures: tuple[str, ...]
    notes: tuple[str, ...]
    groups: tuple[GroupFigures, ...]
    uploads: UploadFigures
    taps: tuple[TapFigures, ...]
    board: BoardFigures
    show: ShowFigures
    totals: Totals
    seconds_by_part: Mapping[str, float]
    receipt_left: Mapping[str, int] | None
    final_number: int  # of the final that was written down at the reveal and counted again
    versions: Mapping[str, str]


def make_report(
    plan: DayPlan, record: DayRecord, tally: Tally, *, own_app: bool, parts_s: Mapping[str, float]
) -> RehearsalReport:
    """Turns what was seen into figures. `parts_s`: parts outside the day, such as starting the app."""
    parts = {**parts_s, **record.parts_s}
    runs = [run for group in record.groups for run in group.runs]
    listed = {row.group_id: row for row in record.leaderboard}
    server_errors = sum(count for status, count in tally.statuses.items() if status >= 500)
    labels = tuple(label.name_en for label in plan.labels)
    told = list(plan.notes)
    if tally.retries:
        told.append(
            f"{tally.retries} requests were repeated ({server_errors} server errors, {tally.statuses[429]} "
            f"times told to wait, {tally.network_errors} network errors)."
        )
    return RehearsalReport(
        schema=SCHEMA_VERSION,
        made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        address=str(plan.options.url),
        own_app=own_app,
        seed=plan.options.seed,
        photos_per_label=plan.options.photos_per_label,
        labels=labels,
        chance_level=round(1 / len(labels), 4),
        ok=not record.failures,
        failures=tuple(record.failures),
        notes=tuple(told),
        groups=tuple(
            sorted(
                (_group(group, listed.get(group.group.id)) for group in record.groups),
                key=lambda figures: (_place(figures), figures.name),
            )
        ),
        uploads=_uploads(record.groups),
        taps=_taps(runs),
        board=board_figures(record.board_behind_s),
        show=show_figures(record.show, {played.group.id: played.group.name for played in record.groups}),
        totals=Totals(
            groups=len(record.groups),
            labels=len(labels),
            photos=sum(len(group.sent) for group in record.groups),
            challenge_photos=record.challenge_added,
            runs=len(runs),
            failed_runs=sum(run.status.state != "done" for run in runs),
            photos_lost=sum(group.lost for group in record.groups),
            photos_doubled=sum(group.doubled for group in record.groups),
            requests=tally.requests,
            retries=tally.retries,
            network_errors=tally.network_errors,
            server_errors=server_errors,
            wall_seconds=round(sum(parts.values()), 3),
        ),
        seconds_by_part={name: round(seconds, 3) for name, seconds in parts.items()},
        receipt_left=record.receipt.left if record.receipt else None,
        final_number=record.final_number,
        versions=versions(),
    )


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile: a value that really occurred; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(percent / 100 * len(values)) - 1)]


def _place(figures: GroupFigures) -> tuple[float, float]:
    """The order of the reveal: by the final half, then by the practice half; unranked groups last."""
    last = math.inf
    return (
        last if figures.final_rank is None else figures.final_rank,
        last if figures.rank is None else figures.rank,
    )


def _group(group: GroupRecord, row: LeaderboardRow | None) -> GroupFigures:
    final_by_run = row.final_by_run if row else {}
    return GroupFigures(
        name=group.group.name,
        emoji=group.group.emoji,
        rank=row.rank if row else None,
        final_rank=row.final_rank if row else None,
        photos=len(group.sent),
        practice=row.practice if row else None,
        final=row.final if row else None,
        lost=group.lost,
        doubled=group.doubled,
        runs=tuple(
            RunFigures(
                round=run.round,
                version=run.status.version,
                state=run.status.state,
                practice=run.status.practice,
                final=final_by_run.get(run.status.id),
                seconds_tap_to_result=round(run.seconds, 3),
                seconds_server=run.status.seconds,
                features_pending_at_tap=run.features_pending_at_tap,
            )
            for run in group.runs
        ),
    )


def _uploads(groups: Sequence[GroupRecord]) -> UploadFigures:
    sent = [photo for group in groups for photo in group.sent]
    seconds = [photo.seconds for photo in sent]
    return UploadFigures(
        photos=len(sent),
        bytes=sum(photo.size_bytes for photo in sent),
        p50_ms=_ms(percentile(seconds, 50)),
        p95_ms=_ms(percentile(seconds, 95)),
        max_ms=_ms(max(seconds, default=None)),
        sent_twice=sum(group.sent_twice for group in groups),
    )


def _taps(runs: Sequence[PlayedRun]) -> tuple[TapFigures, ...]:
    figures = []
    for name in dict.fromkeys(run.round for run in runs):
        of_round = [run for run in runs if run.round == name]
        seconds = [run.seconds for run in of_round if run.status.state == "done"]
        figures.append(
            TapFigures(
                round=name,
                runs=len(of_round),
                p50_s=_rounded(percentile(seconds, 50)),
                max_s=_rounded(max(seconds, default=None)),
                features_pending_at_tap=of_round[0].features_pending_at_tap,
            )
        )
    return tuple(figures)


def board_figures(behind_s: Sequence[float]) -> BoardFigures:
    return BoardFigures(
        runs=len(behind_s),
        p50_s=_rounded(percentile(behind_s, 50)),
        p95_s=_rounded(percentile(behind_s, 95)),
        max_s=_rounded(max(behind_s, default=None)),
    )


def show_figures(show: ShowRecord, names: Mapping[str, str]) -> ShowFigures:
    """`names`: of the groups, by id."""
    every = [seconds for step in show.steps for seconds in step.seconds_by_screen]
    return ShowFigures(
        steps=tuple(
            SceneFigures(
                step.step, step.scene, tuple(round(seconds, 3) for seconds in step.seconds_by_screen)
            )
            for step in show.steps
        ),
        p50_s=_rounded(percentile(every, 50)),
        p95_s=_rounded(percentile(every, 95)),
        max_s=_rounded(max(every, default=None)),
        ipads_s={names[group_id]: round(seconds, 3) for group_id, seconds in show.ipads_s.items()},
    )


def latency_lines(board: BoardFigures, show: ShowFigures) -> tuple[str, str]:
    """What the screens owe the room: the board at most 1 s behind (p95), and so each step of the show."""
    return (
        f"Board behind a finished run, {board.runs} runs: {_three(board.p50_s, board.p95_s, board.max_s)}",
        f"Show, {len(show.steps)} steps on every screen: {_three(show.p50_s, show.p95_s, show.max_s)}",
    )


def _three(*seconds: float | None) -> str:
    names = ("p50", "p95", "slowest")
    return ", ".join(
        f"{name} {'-' if value is None else f'{value:.2f} s'}"
        for name, value in zip(names, seconds, strict=True)
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def versions() -> dict[str, str]:
    """Versions on the machine of the rehearsal (the app's too, when it is one of our own)."""
    found = {"python": platform.python_version(), "system": platform.platform(terse=True)}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
