"""What a class leaves behind, as tables: scores, runs, photos per label, awards, swap rounds, and what every
column means.

Groups are named by their animals. No photo, no name of a file and nothing of a child is in any of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classroom_app.content import i18n
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, finals, photos, runs, swap
from classroom_app.data.tables import Event, Final, utcnow
from classroom_app.services import ranking
from classroom_app.services.awards import awards_of
from classroom_app.services.board import Standing, board_rows, live_standings, written_standings
from classroom_app.states import Half
from classroom_app.views.classes import ContestRules
from classroom_app.views.contest import Award, BoardRow

Cell = str | int | float | bool | dt.datetime | None


@dataclass(frozen=True)
class Column:
    """`kind`: text, integer, number, yes_no or time (UTC). `meaning` is English: it is for who evaluates."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Table:
    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class ResultSheet:
    """What a page of results shows. `final_number`: 0 before the reveal, 2 and more: it was done again."""

    class_name: str
    day: dt.datetime
    final_number: int
    rules: ContestRules
    rows: tuple[BoardRow, ...]
    awards: tuple[Award, ...]


_GROUP = (
    Column("group", "text", "key of the group's animal, such as penguin"),
    Column("group_ja", "text", "the group's name in Japanese"),
    Column("group_en", "text", "the group's name in English"),
)
_SCORES = (
    Column("practice_correct", "integer", "challenge photos of the practice half that it got right"),
    Column("practice_total", "integer", "challenge photos of the practice half that it was asked"),
    Column("final_correct", "integer", "challenge photos of the final half that it got right"),
    Column("final_total", "integer", "challenge photos of the final half that it was asked"),
)
CLASS = Table(
    "class",
    "The class and the rules of its contest: one row.",
    (
        Column("class_name", "text", "the name that the facilitators gave the class"),
        Column(
            "made_at", "time", "when the final was written down, or (final_number 0) when this was exported"
        ),
        Column(
            "final_number",
            "integer",
            "which final this is: 0 none yet, 1 the first, 2 and more: groups had seen the one before",
        ),
        Column("labels", "integer", "number of labels; a coin toss gets 1 of so many right"),
        Column("groups", "integer", "number of groups"),
        Column("counted", "text", "which version of a group counts: best (practice half), last, chosen"),
        Column("trainings_max", "integer", "trainings of a group in a round; empty: no limit"),
        Column(
            "freeze_minutes", "integer", "minutes before a round's end from which on the board stood still"
        ),
        Column("tie_break", "yes_no", "of equal scores fewer photos, then earlier, came first"),
    ),
)
SCORES = Table(
    "scores",
    "The board: one row a group, with the version that counts.",
    (
        *_GROUP,
        Column("final_rank", "integer", "rank by the final half; equals share one; empty without an AI"),
        Column("practice_rank", "integer", "rank by the practice half"),
        Column("version", "integer", "number of the version that counts"),
        *_SCORES,
        Column("photos", "integer", "photos that the group had"),
        Column("versions", "integer", "versions that it had trained to the end"),
    ),
)
RUNS = Table(
    "runs",
    "Every training: one row a run.",
    (
        *_GROUP,
        Column("version", "integer", "the run's number within its group, from 1"),
        Column("state", "text", "queued, running, done, failed, cancelled"),
        Column("counts", "yes_no", "it is the version that counts"),
        Column("asked_at", "time", "when the group asked for it"),
        Column("finished_at", "time", "when it ended"),
        Column("seconds", "number", "from the tap to the end"),
        Column("photos", "integer", "photos that it was trained on"),
        *_SCORES,
    ),
)
PHOTOS = Table(
    "photos",
    "Photos per label: one row a group and label.",
    (
        *_GROUP,
        Column("label", "text", "key of the label"),
        Column("label_ja", "text", "the label's name in Japanese"),
        Column("label_en", "text", "the label's name in English"),
        Column("photos", "integer", "photos that the group has of it now"),
        Column(
            "trained",
            "integer",
            "photos of it that the version that counts was trained on; empty without an AI",
        ),
    ),
)
AWARDS = Table(
    "awards",
    "Awards: one row an award and group; equals share one.",
    (
        Column("award", "text", "improved, data, detective, balance, brave, trickster"),
        *_GROUP,
        Column("figure", "text", "what it was won with"),
    ),
)
FOOLED = Table(
    "fooled",
    "Swap rounds: one row a thing that another group's AI took for something else. They change no score.",
    (
        *_GROUP,
        Column("ai_of", "text", "key of the animal of the group whose AI it was"),
        Column("ai_of_ja", "text", "that group's name in Japanese"),
        Column("ai_of_en", "text", "that group's name in English"),
        Column("version", "integer", "number of that AI's version"),
        Column("label", "text", "key of the label that the thing was of, as the finders said"),
        Column("guessed_as", "text", "key of the label that the AI took it for"),
        Column("at", "time", "when"),
    ),
)
TABLES = (CLASS, SCORES, RUNS, PHOTOS, AWARDS, FOOLED)


class ResultsService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def tables(self, event_id: str) -> tuple[Table, ...]:
        """In the order of TABLES. Before the reveal too, with the hidden half: for facilitators alone."""
        with self._db.read() as session:
            found = _Found(session, classes.event(session, event_id))
            rows = (found.about, found.scores, found.runs, found.photos, found.awarded, found.fooled)
            return tuple(
                Table(table.name, table.meaning, table.columns, tuple(read()))
                for table, read in zip(TABLES, rows, strict=True)
            )

    def sheet(self, event_id: str) -> ResultSheet:
        """By the final half."""
        with self._db.read() as session:
            found = _Found(session, classes.event(session, event_id))
            return ResultSheet(
                found.event.name, found.made_at, found.number, found.rules, found.board, found.awards
            )


class _Found:
    """A class's results as they are, or as they were written down."""

    def __init__(self, session: Session, event: Event) -> None:
        self._session = session
        self.event = event
        written: Final | None = finals.current(session, event.id)
        self.number = written.number if written is not None else 0
        self.made_at = written.made_at if written is not None else utcnow()
        self.rules = ranking.rules_of(event)
        self.standings: dict[str, Standing] = (
            written_standings(session, event, written)
            if written is not None
            else live_standings(session, event)
        )
        tie_break = bool(written.rules["tie_break"]) if written is not None else event.tie_break
        until = written.made_at if written is not None else None
        self.board = board_rows(event, self.standings, show_final=True, tie_break=tie_break, until=until)
        self.awards = awards_of(written) if written is not None else ()
        self._groups = {group.id: (group.key, group.name_ja, group.name_en) for group in event.groups}

    def _group(self, group_id: str) -> tuple[str, str, str]:
        key, name_ja, name_en = self._groups[group_id]
        return key, i18n.kanji(name_ja), name_en

    def about(self) -> Iterator[tuple[Cell, ...]]:
        rules, event = self.rules, self.event
        limits = (rules.counted.value, rules.trainings_max, rules.freeze_minutes, rules.tie_break)
        yield (event.name, self.made_at, self.number, len(event.labels), len(event.groups), *limits)

    def scores(self) -> Iterator[tuple[Cell, ...]]:
        for row in self.board:
            version = self.standings[row.group_id].version
            yield (
                *self._group(row.group_id),
                row.rank,
                row.practice_rank,
                version.number if version is not None else None,
                *((row.score(Half.PRACTICE) or (None, None)) + (row.score(Half.FINAL) or (None, None))),
                row.photos,
                row.runs,
            )

    def runs(self) -> Iterator[tuple[Cell, ...]]:
        counts = {standing.version.run_id for standing in self.standings.values() if standing.version}
        place = {group_id: number for number, group_id in enumerate(self._groups)}
        found = runs.of_groups(self._session, list(self._groups))
        for run in sorted(found, key=lambda run: (place[run.group_id], run.version)):
            result = run.result
            scores: Sequence[Cell] = (
                (result.practice_correct, result.practice_total, result.final_correct, result.final_total)
                if result is not None
                else (None,) * 4
            )
            ended = run.finished_at
            yield (
                *self._group(run.group_id),
                run.version,
                run.state.value,
                run.id in counts,
                run.requested_at,
                ended,
                round((ended - run.requested_at).total_seconds(), 3) if ended else None,
                sum(run.photos.values()),
                *scores,
            )

    def photos(self) -> Iterator[tuple[Cell, ...]]:
        counts = photos.counts(self._session, list(self._groups))
        for group_id in self._groups:
            version = self.standings[group_id].version
            for label in self.event.labels:
                trained = version.photos.get(label.id, 0) if version is not None else None
                names = (label.key, i18n.kanji(label.name_ja), label.name_en)
                yield (*self._group(group_id), *names, counts[group_id].get(label.id, 0), trained)

    def awarded(self) -> Iterator[tuple[Cell, ...]]:
        for award in self.awards:
            for group_id in award.group_ids:
                yield (award.kind, *self._group(group_id), award.figure)

    def fooled(self) -> Iterator[tuple[Cell, ...]]:
        keys = {label.id: label.key for label in self.event.labels}
        for item in swap.found(self._session, self.event.id):
            finder, owner = self._group(item.group_id), self._group(item.owner_id)
            yield (*finder, *owner, item.version, keys[item.label_id], keys[item.guess_id], item.at)
