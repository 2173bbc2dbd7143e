"""The result sheet: one page whatever the class, all of it there, and a mark on a later final."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from classroom_app.content import catalog, i18n
from classroom_app.printing.result_sheet import AWARD_MIN, BOTTOM, HEAD, ROW_MIN, layout, result_sheet_pdf
from classroom_app.states import AwardKind, CountedRun
from classroom_app.views.classes import ContestRules
from classroom_app.views.contest import Award, BoardRow
from tests.unit.classroom_app.printing.test_group_cards import pages, text_of

DAY = dt.datetime(2026, 11, 27, 3, tzinfo=dt.UTC)
RULES = ContestRules(CountedRun.BEST, 5, 3, tie_break=False)


def rows(number: int) -> list[BoardRow]:
    """The last one has no AI."""
    return [
        BoardRow(
            group_id=group.key,
            name_ja=group.name_ja,
            name_en=group.name_en,
            emoji=group.emoji,
            color=group.color,
            rank=place + 1 if place < number - 1 else None,
            photos=20,
            runs=2,
            practice_correct=10,
            practice_total=20,
            final_correct=max(0, 18 - place) if place < number - 1 else None,
            final_total=18 if place < number - 1 else None,
            joined=True,
        )
        for place, group in enumerate(catalog.groups_for(number))
    ]


def sheet(number: int, lang: str = "ja", final_number: int = 1) -> bytes:
    return sheet_of(rows(number), lang, final_number)


def sheet_of(board: list[BoardRow], lang: str = "ja", final_number: int = 1) -> bytes:
    awards = [Award(kind, (board[0].group_id,), "3/18 → 12/18") for kind in AwardKind]
    return result_sheet_pdf(
        class_name="なつやすみの AI教室",
        day=DAY,
        final_number=final_number,
        rules=RULES,
        rows=board,
        awards=awards,
        lang=lang,
    )


@pytest.mark.parametrize("number", [1, 2, 12, 30])
@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_it_is_one_page_for_any_class(number: int, lang: str) -> None:
    assert pages(sheet(number, lang)) == 1


def test_nothing_runs_over_the_rules_or_off_the_page() -> None:
    for rows_in_all in range(61):
        for awards in range(7):
            plan = layout(rows_in_all, awards)
            case = f"{rows_in_all} groups, {awards} awards: {plan}"
            assert HEAD + plan.rows_a_page * plan.row_height <= BOTTOM + 0.01, case
            assert plan.row_height >= ROW_MIN or not rows_in_all, case
            if awards:
                assert plan.award_height >= AWARD_MIN, case
                assert plan.awards_top + AWARD_MIN + awards * plan.award_height <= BOTTOM + 0.01, case


def test_a_class_of_sixty_has_all_of_it_on_more_pages() -> None:
    board = [replace(row, group_id=f"{row.group_id}{turn}") for turn in range(3) for row in rows(20)]
    words = text_of(sheet_of(board))
    assert pages(sheet_of(board)) == 3
    assert words.count("18 / 18") == 3
    for kind in AwardKind:
        assert i18n.t_kanji(f"award_{kind}", "ja") in words


def test_everything_is_on_it() -> None:
    words = text_of(sheet(30))
    for row in rows(30):
        assert i18n.kanji(row.name_ja) in words
    for kind in AwardKind:
        assert i18n.t_kanji(f"award_{kind}", "ja") in words
    assert "18 / 18" in words
    assert "2026年11月27日" in words
    english = text_of(sheet(3, "en"))
    assert "Your best AI counts." in english
    assert "no AI" in english


def test_who_never_came_is_not_on_it() -> None:
    board = rows(6)
    board[5] = replace(board[5], photos=0, runs=0, joined=False)
    words = text_of(sheet_of(board))
    assert i18n.kanji(board[5].name_ja) not in words
    assert i18n.kanji(board[4].name_ja) in words
    absent = [replace(row, rank=None, photos=0, runs=0, joined=False) for row in board]
    assert i18n.kanji(board[5].name_ja) in text_of(sheet_of(absent)), "a class that is only being made ready"


def test_a_final_that_is_not_the_first_says_so() -> None:
    first, again, none = (text_of(sheet(3, "en", number)) for number in (1, 2, 0))
    assert "Final no. 2" in again
    assert "no final has been written down" in none
    assert "Final no." not in first
    assert "written down" not in first
