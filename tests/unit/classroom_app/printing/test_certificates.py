"""A certificate for each group: a page each, praise for everybody, a rank for the first three alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classroom_app.content import i18n
from classroom_app.printing.certificates import certificates_pdf
from classroom_app.states import AwardKind
from classroom_app.views.contest import Award, BoardRow
from tests.unit.classroom_app.printing.test_group_cards import pages, text_of
from tests.unit.classroom_app.printing.test_result_sheet import DAY, rows


def certificates(board: list[BoardRow], awards: list[Award], lang: str = "ja") -> bytes:
    return certificates_pdf(class_name="なつやすみの AI教室", day=DAY, rows=board, awards=awards, lang=lang)


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_each_group_gets_a_page(lang: str) -> None:
    board = rows(30)
    assert pages(certificates(board, [], lang)) == 30
    words = text_of(certificates(board, [], lang))
    for row in board:
        assert i18n.plain(row.name(lang)) in words


def test_only_the_first_three_read_their_rank_and_everybody_is_praised() -> None:
    board = rows(6)  # the last one has no AI
    award = Award(AwardKind.DATA, (board[4].group_id,), "12")
    sheets = [text_of(certificates([row], [award], "en")) for row in board]
    assert [" place" in sheet for sheet in sheets] == [True, True, True, False, False, False]
    assert "Best data" in sheets[4]
    assert "For raising an AI" in sheets[3]
    assert "18 of them right" not in sheets[1]
    assert "It got 17 of them right" in sheets[1]
    assert "of them right" not in sheets[5], "there is no score to be told"
    for sheet in sheets:
        assert "20 photos" in sheet


def test_who_never_came_gets_none_and_who_trained_nothing_is_praised_for_trying() -> None:
    board = rows(6)
    board[5] = replace(board[5], photos=0, runs=0, joined=False)
    assert pages(certificates(board, [])) == 5
    board[5] = replace(board[5], joined=True)
    tried = text_of(certificates(board[5:], [], "en"))
    assert "For taking up the challenge" in tried
    assert "0 photos" not in tried
    absent = [replace(row, rank=None, photos=0, runs=0, joined=False) for row in board]
    assert pages(certificates(absent, [])) == 6, "a class that is only being made ready"


def test_a_score_of_nothing_is_not_held_against_a_group() -> None:
    [row] = rows(30)[25:26]
    assert row.final_correct == 0
    assert "of them right" not in text_of(certificates([row], [], "en"))


def test_the_day_is_on_it() -> None:
    assert "2026年11月27日" in text_of(certificates(rows(2), []))
