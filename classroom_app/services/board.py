"""The leaderboard: the version of each group that counts, in the order of the class's rules.

Before the reveal it is worked out from the runs, and stands still in a round's last minutes; from the reveal
on it is what was written down then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, contest, finals, photos, runs
from classroom_app.data.tables import Event, Final, Run, utcnow
from classroom_app.services import ranking
from classroom_app.services.ranking import Version
from classroom_app.services.round_clock import RoundState
from classroom_app.states import Half, Phase, RunState
from classroom_app.views.contest import Board, BoardRow
from classroom_app.views.training import RunScore

PhotoCounts = Mapping[str, Mapping[str, int]]  # by group id and label id


@dataclass(frozen=True)
class Standing:
    """A group on the board. `versions`: how many it has."""

    version: Version | None
    photos: int
    versions: int


class BoardService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def board(self, event_id: str, *, final: bool | None = None, live: bool = False) -> Board:
        """Rank by the practice half, or by the final half.

        `final` None: by the class's phase, as the projector does. `live`: past the freeze, for facilitators.
        """
        with self._db.read() as session:
            event = classes.event(session, event_id)
            show_final = event.phase in {Phase.REVEAL, Phase.CLOSED} if final is None else final
            look = look_at(session, event, live=live)
            number = look.written.number if look.written is not None else 0
            return Board(event.name, event.phase, look.rows(final=show_final), number)

    def counted_runs(self, event_id: str) -> dict[str, str]:
        """The id of the run that counts, by the id of each group that has one."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            found = look_at(session, event, live=True).standings
            return {
                group_id: standing.version.run_id for group_id, standing in found.items() if standing.version
            }

    def versions(self, event_id: str) -> dict[str, list[RunScore]]:
        """Every finished run by group id, oldest first."""
        with self._db.read() as session:
            return scores_of(versions_of(session, classes.event(session, event_id)))


@dataclass(frozen=True)
class BoardLook:
    """A board as it was read once: rows of either half come from it without another question."""

    event: Event
    versions: Mapping[str, Sequence[Version]]
    written: Final | None
    standings: Mapping[str, Standing]

    def rows(self, *, final: bool) -> tuple[BoardRow, ...]:
        """Ranked by the final half, or by the practice half."""
        written = self.written
        tie_break = bool(written.rules["tie_break"]) if written is not None else self.event.tie_break
        until = written.made_at if written is not None else None
        return board_rows(self.event, self.standings, show_final=final, tie_break=tie_break, until=until)


def look_at(
    session: Session,
    event: Event,
    *,
    live: bool,
    counts: PhotoCounts | None = None,
    all_runs: Sequence[Run] | None = None,
) -> BoardLook:
    """`live`: past the freeze. `counts`, `all_runs`: photos and runs of the class's groups, where they were
    read already.
    """
    written = finals.current(session, event.id)
    versions = versions_of(session, event, all_runs)
    if written is not None:
        return BoardLook(event, versions, written, _written(event, written, versions))
    frozen = None if live else RoundState(contest.clock_of(event), utcnow()).frozen_since
    if counts is None:
        counts = photos.counts(session, list(versions))
    return BoardLook(event, versions, None, _live(event, counts, versions, frozen))


def scores_of(versions: Mapping[str, Sequence[Version]]) -> dict[str, list[RunScore]]:
    return {
        group_id: [
            RunScore(
                item.run_id,
                item.number,
                item.practice_correct,
                item.practice_total,
                item.final_correct,
                item.final_total,
            )
            for item in found
        ]
        for group_id, found in versions.items()
    }


def versions_of(
    session: Session, event: Event, all_runs: Sequence[Run] | None = None
) -> dict[str, list[Version]]:
    """All that the groups have trained to the end, by group id, oldest first; `all_runs` as for `look_at`."""
    found: dict[str, list[Version]] = {group.id: [] for group in event.groups}
    if all_runs is None:
        all_runs = runs.of_groups(session, list(found), RunState.DONE)
    for run in all_runs:
        version = ranking.version_of(run) if run.state == RunState.DONE else None
        if version is not None:
            found[run.group_id].append(version)
    return found


def live_standings(session: Session, event: Event, until: dt.datetime | None = None) -> dict[str, Standing]:
    """By group id, from the runs as they are; `until`: as they were then."""
    counts = photos.counts(session, [group.id for group in event.groups])
    return _live(event, counts, versions_of(session, event), until)


def _live(
    event: Event,
    counts: PhotoCounts,
    versions_by_group: Mapping[str, Sequence[Version]],
    until: dt.datetime | None,
) -> dict[str, Standing]:
    return {
        group_id: Standing(
            ranking.counted(versions, event.counted, until),
            sum(counts[group_id].values()),
            sum(until is None or version.finished_at <= until for version in versions),
        )
        for group_id, versions in versions_by_group.items()
    }


def written_standings(session: Session, event: Event, written: Final) -> dict[str, Standing]:
    """By group id, as the final has them. A group that was reset since is there without an AI."""
    return _written(event, written, versions_of(session, event))


def _written(
    event: Event, written: Final, versions_by_group: Mapping[str, Sequence[Version]]
) -> dict[str, Standing]:
    known = {version.run_id: version for versions in versions_by_group.values() for version in versions}
    standings = {group.id: Standing(None, 0, 0) for group in event.groups}
    for entry in written.entries:
        version = known.get(entry.run_id or "")
        if version is not None:  # the figures are those of the entry, whatever became of the result
            version = replace(
                version,
                practice_correct=entry.practice_correct or 0,
                practice_total=entry.practice_total or 0,
                final_correct=entry.final_correct or 0,
                final_total=entry.final_total or 0,
            )
        standings[entry.group_id] = Standing(version, entry.photos, entry.runs)
    return standings


def board_rows(
    event: Event,
    standings: Mapping[str, Standing],
    *,
    show_final: bool,
    tie_break: bool,
    until: dt.datetime | None,
) -> tuple[BoardRow, ...]:
    """Best first, groups without a rank last; of equals in the order of the class's groups. `until`: when the
    final was written down; who joins after it changes nothing of a show that is on.
    """
    entries = {group_id: standing.version for group_id, standing in standings.items()}
    practice = ranking.ranks(entries, Half.PRACTICE, tie_break=tie_break)
    rank = ranking.ranks(entries, Half.FINAL, tie_break=tie_break) if show_final else practice
    rows = []
    for group in event.groups:
        standing = standings[group.id]
        version = standing.version
        rows.append(
            BoardRow(
                group_id=group.id,
                name_ja=group.name_ja,
                name_en=group.name_en,
                emoji=group.emoji,
                color=group.color,
                rank=rank[group.id],
                photos=standing.photos,
                runs=standing.versions,
                practice_correct=version.practice_correct if version else None,
                practice_total=version.practice_total if version else None,
                final_correct=version.final_correct if version and show_final else None,
                final_total=version.final_total if version and show_final else None,
                practice_rank=practice[group.id],
                joined=group.joined_at is not None and (until is None or group.joined_at <= until),
            )
        )
    return tuple(_best_first(rows))


def _best_first(rows: Iterable[BoardRow]) -> list[BoardRow]:
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))
