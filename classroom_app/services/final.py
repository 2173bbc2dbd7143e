"""The final: what counted is written down once, when a class comes to its reveal, and can be counted again.

From then on it is the board. Who goes back to collecting after it says so first, and what comes out at the
next reveal is a second final, marked as such: the groups had seen the results of the first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import challenge, classes, contest, finals, runs, shows
from classroom_app.data.tables import Event, Final, FinalEntry, utcnow
from classroom_app.errors import ConflictError
from classroom_app.services import contest_score, ranking
from classroom_app.services.awards import Played, awards, awards_from_json, awards_to_json, given_to
from classroom_app.services.board import (
    Standing,
    board_rows,
    live_standings,
    versions_of,
    written_standings,
)
from classroom_app.services.ranking import Version
from classroom_app.services.round_clock import RoundState
from classroom_app.services.swap_finds import award_counts
from classroom_app.services.training.records import answers_from_json
from classroom_app.states import CountedRun, Half, Phase
from classroom_app.views.contest import Award, Difference, Recount

# A training asked for in time counts, so the reveal waits for it; but not for one that is lost.
RUN_WAIT = dt.timedelta(minutes=2)


def enter(session: Session, event: Event, wanted: Phase, *, reopen: bool) -> None:
    """What moving the (locked) class to `wanted` does to its final and its clock.

    Raises ConflictError: `final_is_made` for collecting after the reveal without `reopen`, `runs_finishing`
    for a reveal while a training that counts is still worked on.
    """
    now = utcnow()
    if wanted == Phase.COLLECT:
        _collect(session, event, now, reopen=reopen)
    elif wanted == Phase.FINAL and event.phase == Phase.COLLECT:
        state = RoundState(contest.clock_of(event), now)
        event.board_frozen_at = state.frozen_since
        event.collect_ended_at = state.closed_since or now
    elif wanted in {Phase.REVEAL, Phase.CLOSED} and finals.current(session, event.id) is None:
        _write(session, event, now, wanted)


def _collect(session: Session, event: Event, now: dt.datetime, *, reopen: bool) -> None:
    written = finals.current(session, event.id)
    if written is not None:
        if not reopen:
            raise ConflictError("final_is_made")
        written.reopened_at = now
    if event.phase != Phase.COLLECT:
        event.collect_ended_at = None
        if written is not None or RoundState(contest.clock_of(event), now).over_since:
            forget_round(event)  # who goes back to collecting wants that it goes on
            event.round_started_at = now  # trainings are counted anew, as in every round


def forget_round(event: Event) -> None:
    """No time box, until a facilitator starts one."""
    event.round_started_at = event.round_ends_at = event.round_paused_at = event.round_went_on_at = None
    event.board_frozen_at = event.collect_ended_at = None


def _write(session: Session, event: Event, now: dt.datetime, wanted: Phase) -> None:
    waiting = [
        run
        for run in runs.active(session, [group.id for group in event.groups])
        if run.requested_at > now - RUN_WAIT
    ]
    if waiting and wanted == Phase.REVEAL:
        raise ConflictError("runs_finishing", number=len(waiting))
    standings = live_standings(session, event)
    if wanted == Phase.CLOSED and not any(standing.version for standing in standings.values()):
        return  # closed without a contest: there is nothing that anybody could have seen
    before = finals.last(session, event.id)
    halves: dict[str, list[str]] = {half.value: [] for half in Half}
    for photo in challenge.photos(session, event.id):
        halves[photo.half].append(photo.id)
    # Another process's clock may be a little ahead of ours, and what it finished counts.
    finished = [standing.version.finished_at for standing in standings.values() if standing.version]
    made_at = max([now, *finished])
    fooled = award_counts(session, event.id)
    found = _awards(session, event, standings, made_at, fooled)
    written = Final(
        event_id=event.id,
        number=before.number + 1 if before is not None else 1,
        made_at=made_at,
        rules=asdict(ranking.rules_of(event)),
        halves=halves,
        awards=awards_to_json(found),
        fooled=fooled,
    )
    written.entries = [_entry(group_id, standing) for group_id, standing in standings.items()]
    session.add(written)
    session.flush()


def _entry(group_id: str, standing: Standing) -> FinalEntry:
    version = standing.version
    return FinalEntry(
        group_id=group_id,
        run_id=version.run_id if version else None,
        photos=standing.photos,
        runs=standing.versions,
        practice_correct=version.practice_correct if version else None,
        practice_total=version.practice_total if version else None,
        final_correct=version.final_correct if version else None,
        final_total=version.final_total if version else None,
    )


def _awards(
    session: Session,
    event: Event,
    standings: dict[str, Standing],
    until: dt.datetime,
    fooled: Mapping[str, int],
) -> tuple[Award, ...]:
    versions = {
        group_id: [version for version in found if version.finished_at <= until]
        for group_id, found in versions_of(session, event).items()
    }
    stored = shows.answers(session, _run_ids(versions))
    played = [
        Played(
            group_id,
            standing.version,
            versions[group_id],
            {version.run_id: _wrong(stored.get(version.run_id, [])) for version in versions[group_id]},
            fooled.get(group_id, 0),
        )
        for group_id, standing in standings.items()
        if standing.version is not None and versions[group_id]
    ]
    entries = {group_id: standing.version for group_id, standing in standings.items()}
    ranks = ranking.ranks(entries, Half.FINAL, tie_break=event.tie_break)
    champions = [group_id for group_id, rank in ranks.items() if rank == 1]
    return awards(played, [label.id for label in event.labels], champions)


def _run_ids(versions: Mapping[str, Sequence[Version]]) -> list[str]:
    return [version.run_id for found in versions.values() for version in found]


def _wrong(stored: list[Any]) -> frozenset[str]:
    """The practice photos that a run's model got wrong, of its answers."""
    return frozenset(
        answer.photo
        for answer in answers_from_json(stored)
        if answer.half == Half.PRACTICE and answer.guess != answer.label
    )


class FinalService:
    """Counts the board again from the answers that the AIs gave."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def number(self, event_id: str) -> int:
        """Of the final that is the class's board: 0 before the reveal, 2 and more where it was done again."""
        with self._db.read() as session:
            written = finals.current(session, event_id)
            return written.number if written is not None else 0

    def recount(self, event_id: str) -> Recount:
        """Of the final that is the board, or of the board as it is while there is none."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            return recount(session, event)

    def recount_all(self) -> list[Recount]:
        """Of every class, the newest first."""
        with self._db.read() as session:
            return [recount(session, event) for event in classes.events(session)]


def recount(session: Session, event: Event) -> Recount:
    """Rank, score and choice once more from `run_results.answers` alone."""
    written = finals.current(session, event.id)
    until = written.made_at if written is not None else None
    which = CountedRun(written.rules["counted"]) if written is not None else event.counted
    tie_break = bool(written.rules["tie_break"]) if written is not None else event.tie_break
    halves = {half: set(written.halves[half]) for half in Half} if written is not None else None
    kept = (
        written_standings(session, event, written) if written is not None else live_standings(session, event)
    )
    counted: dict[str, Standing] = {}
    trained = versions_of(session, event)
    stored = shows.answers(session, _run_ids(trained))
    for group_id, versions in trained.items():
        again = [_counted_again(version, stored.get(version.run_id, []), halves) for version in versions]
        # A group that was reset, or has no entry any more, is on no board with an AI.
        gone = written is not None and kept[group_id].version is None and not _was_there(written, group_id)
        version = None if gone else ranking.counted(again, which, until)
        counted[group_id] = Standing(version, kept[group_id].photos, kept[group_id].versions)
    rows = board_rows(event, counted, show_final=True, tie_break=tie_break, until=until)
    found = list(_differences(event, kept, counted, tie_break=tie_break))
    if written is not None and not found:
        found += _award_differences(session, event, written, counted)
    number = written.number if written is not None else 0
    return Recount(event.id, event.name, number, rows, tuple(found))


def _was_there(written: Final, group_id: str) -> bool:
    return any(entry.group_id == group_id for entry in written.entries)


def _counted_again(version: Version, stored: list[Any], halves: dict[Half, set[str]] | None) -> Version:
    """The version with the score that its answers give, in the halves as they were written down."""
    try:
        answers = answers_from_json(stored)
    except ValueError:
        answers = []
    if halves is not None:
        answers = [answer for answer in answers if answer.photo in halves[answer.half]]
    return replace(
        version,
        practice_correct=contest_score.right(answers, Half.PRACTICE),
        practice_total=contest_score.asked(answers, Half.PRACTICE),
        final_correct=contest_score.right(answers, Half.FINAL),
        final_total=contest_score.asked(answers, Half.FINAL),
    )


def _differences(
    event: Event, kept: dict[str, Standing], counted: dict[str, Standing], *, tie_break: bool
) -> Iterator[Difference]:
    for group in event.groups:
        then, now = kept[group.id].version, counted[group.id].version
        if _number(then) != _number(now):
            yield Difference("version", _number(then), _number(now), group.id)
            continue
        for half in Half:
            if _score(then, half) != _score(now, half):
                yield Difference(half, _score(then, half), _score(now, half), group.id)
    shown, again = (
        {
            row.group_id: row
            for row in board_rows(event, part, show_final=True, tie_break=tie_break, until=None)
        }
        for part in (kept, counted)
    )
    for group in event.groups:
        ranks = [str(rows[group.id].rank or "-") for rows in (shown, again)]
        if ranks[0] != ranks[1]:
            yield Difference("rank", ranks[0], ranks[1], group.id)


def _award_differences(
    session: Session, event: Event, written: Final, counted: dict[str, Standing]
) -> Sequence[Difference]:
    """Not after a group was reset or deleted, or some of its versions were: what it did is gone, and the
    awards stay with whoever has them.
    """
    stored = awards_from_json(written.awards)
    here = {group_id for group_id in counted if _was_there(written, group_id)}
    if (
        len(here) < len(counted)
        or given_to(stored, here) != stored
        or _lost_versions(session, event, written)
    ):
        return ()
    # What was found with the AI of a group that was reset since is gone; what counted is written down.
    again = _awards(session, event, counted, written.made_at, written.fooled or {})
    if stored == again:
        return ()
    return (Difference("awards", _told(stored), _told(again)),)


def _lost_versions(session: Session, event: Event, written: Final) -> bool:
    """Were some deleted since that were there when it was written down?"""
    now = live_standings(session, event, written.made_at)
    return any(now[entry.group_id].versions < entry.runs for entry in written.entries)


def _told(found: Sequence[Award]) -> str:
    return ", ".join(f"{award.kind}: {len(award.group_ids)} ({award.figure})" for award in found) or "-"


def _number(version: Version | None) -> str:
    return str(version.number) if version is not None else "-"


def _score(version: Version | None, half: Half) -> str:
    if version is None:
        return "-"
    right, asked = (
        (version.final_correct, version.final_total)
        if half is Half.FINAL
        else (version.practice_correct, version.practice_total)
    )
    return f"{right}/{asked}"
