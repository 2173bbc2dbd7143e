"""What the facilitators' console shows: a class, or one group of it, each from one look at the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, ipads, photos, runs
from classroom_app.data.tables import Group, utcnow
from classroom_app.errors import NotFoundError
from classroom_app.services import help_wanted
from classroom_app.services.board import look_at
from classroom_app.services.group_lines import group_lines, group_view
from classroom_app.services.ipads import lines_of, together, trouble_of
from classroom_app.services.likeness import LikenessService
from classroom_app.services.photo_desk import PhotoDeskService
from classroom_app.services.ranking import Version
from classroom_app.services.staff_words import said_now, waits_for
from classroom_app.services.training.jobs import JobService
from classroom_app.states import Half
from classroom_app.views.console import ClassNow, GroupDesk, ScoreLine
from classroom_app.views.jobs import JobLine


class ConsoleService:
    def __init__(self, db: Database, jobs: JobService) -> None:
        self._db = db
        self._jobs = jobs

    def look(self, event_id: str, *, behind_the_curtain: bool = False) -> ClassNow:
        """Raises NotFoundError."""
        now = utcnow()
        with self._db.read() as session:
            event = classes.event(session, event_id)
            ids = [group.id for group in event.groups]
            counts, all_runs = photos.counts(session, ids), runs.of_groups(session, ids)
            heard = ipads.of_class(session, event_id)
            groups = {group.id: group for group in event.groups}
            newest = {run.group_id: run.state for run in all_runs if runs.is_news(run, groups[run.group_id])}
            board = look_at(session, event, live=True, counts=counts, all_runs=all_runs)
            behind = board.rows(final=True) if behind_the_curtain else None
            return ClassNow(
                lines=tuple(group_lines(session, event, now, counts, all_runs)),
                wanted=tuple(help_wanted.wanted(session, event, together(heard, now), newest)),
                trouble=trouble_of(heard, now),
                scores={group_id: _scores(found) for group_id, found in board.versions.items() if found},
                final=None if behind is None else {row.group_id: row for row in behind},
                seen=LikenessService.seen_in(session, event_id, ids),
                locked=frozenset(group.id for group in event.groups if group.locked_at is not None),
                jobs=self._jobs.counts(session),
            )

    def group(self, event_id: str, group_id: str) -> GroupDesk:
        """Raises NotFoundError, for a group of another class too."""
        now = utcnow()
        with self._db.read() as session:
            group = _of_class(session, event_id, group_id)
            event = classes.event(session, event_id)
            heard = ipads.of_class(session, event_id)
            newest = runs.newest_states(session, [one.id for one in event.groups])
            helps = help_wanted.wanted(session, event, together(heard, now), newest)
            return GroupDesk(
                group=group_view(group),
                help=next(line for line in helps if line.group_id == group_id),
                photos=PhotoDeskService.shown(session, group_id),
                ipads=lines_of((ipad for ipad in heard if ipad.group_id == group_id), now),
                said=said_now(group.said_word, group.said_text, group.said_at, group.said_read_at, now),
                waits=waits_for(group.locked_word, group.locked_text, group.locked_at),
            )

    def runs_of(self, event_id: str, group_id: str) -> tuple[JobLine, ...]:
        """The group's trainings: that at work first, then the newest. Raises NotFoundError."""
        with self._db.read() as session:
            _of_class(session, event_id, group_id)
            lines = self._jobs.lines(session, runs.of_groups(session, [group_id]))[1]
            here = photos.ids_shown(session, group_id)
            gone = {
                lesson.run_id: len((lesson.learnt_from or here) - here)
                for lesson in runs.lessons(session, [group_id])
            }
            return tuple(replace(line, photos_gone=gone.get(line.id, 0)) for line in lines)


def _scores(versions: Sequence[Version]) -> ScoreLine:
    """Of one group, oldest first; of AIs that are as good the newest is the best."""
    best = max(versions, key=lambda version: (version.share(Half.PRACTICE) or 0, version.number))
    last = versions[-1]
    return ScoreLine(
        (last.practice_correct, last.practice_total), (best.practice_correct, best.practice_total)
    )


def _of_class(session: Session, event_id: str, group_id: str) -> Group:
    group = classes.group(session, group_id)
    if group.event_id != event_id:
        raise NotFoundError("error_group_not_found")
    return group
