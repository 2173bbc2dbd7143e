"""The leaderboard: best run per group, shared ranks; the final half only after the reveal."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from classroom_app.data.engine import Database
from classroom_app.data.repository import classes, photos, runs
from classroom_app.data.tables import Run
from classroom_app.states import Phase, RunState
from classroom_app.views import Board, BoardRow, RunScore


class BoardService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def board(self, event_id: str, *, final: bool | None = None) -> Board:
        """Rank by the practice half, or by the final half.

        `final` None: by the class's phase, as the projector does. The entry of a group is its best
        run on the practice half, the newest of equals: nobody may choose by the final half.
        """
        with self._db.read() as session:
            event = classes.event(session, event_id)
            show_final = event.phase in {Phase.REVEAL, Phase.CLOSED} if final is None else final
            ids = [group.id for group in event.groups]
            counts = photos.counts(session, ids)
            done = runs.of_groups(session, ids, RunState.DONE)
            rows = []
            for group in event.groups:
                own = [run for run in done if run.group_id == group.id and run.result is not None]
                entry = max(own, key=lambda run: (_practice(run), run.version), default=None)
                result = entry.result if entry is not None else None
                rows.append(
                    BoardRow(
                        group_id=group.id,
                        name_ja=group.name_ja,
                        name_en=group.name_en,
                        emoji=group.emoji,
                        color=group.color,
                        rank=None,
                        photos=sum(counts[group.id].values()),
                        runs=len(own),
                        practice_correct=result.practice_correct if result else None,
                        practice_total=result.practice_total if result else None,
                        final_correct=result.final_correct if result and show_final else None,
                        final_total=result.final_total if result and show_final else None,
                    )
                )
            return Board(event.name, event.phase, tuple(_ranked(rows, show_final)))

    def versions(self, event_id: str) -> dict[str, list[RunScore]]:
        """Every finished run by group id, oldest first."""
        with self._db.read() as session:
            ids = [group.id for group in classes.event(session, event_id).groups]
            scores: dict[str, list[RunScore]] = {group_id: [] for group_id in ids}
            for run in runs.of_groups(session, ids, RunState.DONE):
                if run.result is not None:
                    result = run.result
                    scores[run.group_id].append(
                        RunScore(
                            run.id,
                            run.version,
                            result.practice_correct,
                            result.practice_total,
                            result.final_correct,
                            result.final_total,
                        )
                    )
            return scores


def _practice(run: Run) -> Fraction:
    result = run.result
    return Fraction(result.practice_correct, result.practice_total or 1) if result else Fraction(0)


def _score(row: BoardRow, final: bool) -> Fraction | None:
    correct, total = (
        (row.final_correct, row.final_total) if final else (row.practice_correct, row.practice_total)
    )
    return Fraction(correct, total) if correct is not None and total else None


def _ranked(rows: list[BoardRow], final: bool) -> list[BoardRow]:
    """1, 2, 2, 4: equal scores share a rank, and the next one counts those before it."""
    scores = {row.group_id: _score(row, final) for row in rows}
    given = [score for score in scores.values() if score is not None]
    ranked = [
        replace(row, rank=None if score is None else 1 + sum(other > score for other in given))
        for row in rows
        for score in [scores[row.group_id]]
    ]
    return sorted(ranked, key=lambda row: row.rank if row.rank is not None else len(rows) + 1)
