"""Draws a class's results, on one page where they fit: ranks, awards, the rules they came about by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fpdf import FPDF

from classroom_app.content import i18n
from classroom_app.content.catalog import DARK_INK, MEDALS, TwoNames
from classroom_app.content.dates import day_words
from classroom_app.printing.drawing import (
    MARGIN,
    MUTED,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PALE,
    document,
    drawing,
    text,
)
from classroom_app.states import Half
from classroom_app.views.classes import ContestRules, rule_sentences
from classroom_app.views.contest import Award, BoardRow, who_came

WIDTH: Final = PAGE_WIDTH - 2 * MARGIN
HEAD: Final = 44.0
AWARD_MIN: Final = 9.0
AWARD_MAX: Final = 13.0
ROW_MIN: Final = 4.8
ROW_GOOD: Final = 7.0  # above it, room goes to the awards first
ROW_MAX: Final = 13.0
GAP: Final = 4.0
BOTTOM: Final = PAGE_HEIGHT - MARGIN - 10  # the rules stand below it
BAR_INK: Final = "#2f6db5"


def result_sheet_pdf(
    *,
    class_name: str,
    day: dt.datetime,
    final_number: int,
    rules: ContestRules,
    rows: Sequence[BoardRow],
    awards: Sequence[Award],
    lang: str,
) -> bytes:
    """The PDF. Any language other than English gets the Japanese sheet."""
    lang = "en" if lang == "en" else "ja"
    pdf = document(class_name, lang)
    came = who_came(rows)
    plan = layout(len(came), len(awards))
    for first in range(0, max(1, len(came)), plan.rows_a_page):
        _page(pdf, class_name, day, final_number, rules, lang)
        for place, row in enumerate(came[first : first + plan.rows_a_page]):
            _row(pdf, row, lang, HEAD + place * plan.row_height, plan.row_height)
    if awards:
        if plan.awards_top == HEAD:
            _page(pdf, class_name, day, final_number, rules, lang)
        names = {row.group_id: row for row in came}
        _awards(pdf, awards, names, lang, plan.awards_top, plan.award_height)
    return bytes(pdf.output())


@dataclass(frozen=True)
class SheetPlan:
    """Millimetres. `awards_top`: on the last page with ranks, or `HEAD` on a page of their own."""

    rows_a_page: int
    row_height: float
    awards_top: float
    award_height: float


def layout(rows: int, awards: int) -> SheetPlan:
    """All on one page where it fits; else the awards on a page of their own, and the ranks on as many as they
    need."""
    space = BOTTOM - HEAD
    for_awards = GAP + AWARD_MIN + awards * AWARD_MIN if awards else 0.0
    if rows * ROW_MIN + for_awards <= space:
        award = 0.0
        if awards:
            award = max(AWARD_MIN, min(AWARD_MAX, (space - rows * ROW_GOOD - GAP - AWARD_MIN) / awards))
            for_awards = GAP + AWARD_MIN + awards * award
        height = min(ROW_MAX, (space - for_awards) / max(1, rows))
        return SheetPlan(max(1, rows), height, HEAD + rows * height + GAP, award)
    a_page = min(rows, int(space / ROW_MIN))
    return SheetPlan(a_page, min(ROW_MAX, space / a_page), HEAD, AWARD_MAX)


def _page(
    pdf: FPDF, class_name: str, day: dt.datetime, final_number: int, rules: ContestRules, lang: str
) -> None:
    pdf.add_page()
    _head(pdf, class_name, day, final_number, lang)
    text(pdf, _rules(rules, lang), MARGIN, PAGE_HEIGHT - MARGIN - 6, WIDTH, 6, 8.5, MUTED)


def _rules(rules: ContestRules, lang: str) -> str:
    sentences = (i18n.t_kanji(key, lang, **numbers) for key, numbers in rule_sentences(rules, timed=False))
    return ("" if lang == "ja" else " ").join(sentences)


def _head(pdf: FPDF, class_name: str, day: dt.datetime, final_number: int, lang: str) -> None:
    text(pdf, class_name, MARGIN, 12, WIDTH - 64, 8, 14, MUTED)
    text(pdf, day_words(day, lang, year=True), PAGE_WIDTH - MARGIN - 62, 12, 62, 8, 12, MUTED, align="R")
    text(pdf, i18n.t_kanji("sheet_title", lang), MARGIN, 20, WIDTH, 13, 28, DARK_INK, bold=True)
    mark = _final_mark(final_number, lang)
    if mark:
        text(pdf, mark, MARGIN, 34, WIDTH, 6, 11, "#a03020", bold=True)


def _final_mark(final_number: int, lang: str) -> str:
    """What has to be said of a final that is not the first, or not one yet; empty for the first."""
    if final_number == 1:
        return ""
    return i18n.t_kanji("final_none" if final_number == 0 else "final_again", lang, number=final_number)


def _row(pdf: FPDF, row: BoardRow, lang: str, top: float, height: float) -> None:
    inner, middle = height - 0.8, top + height / 2
    size = min(22.0, inner * 1.9)  # points
    pdf.set_fill_color(PALE)
    pdf.rect(MARGIN, top, WIDTH, inner, style="F", round_corners=True, corner_radius=min(2.5, inner / 2))
    rank = i18n.t_kanji("mo_rank", lang, number=row.rank) if row.rank is not None else "–"
    text(pdf, rank, MARGIN + 2, top, 18, inner, size, DARK_INK, bold=True)
    icon = inner * 0.8
    drawing(pdf, row.emoji, MARGIN + 21, middle - icon / 2 - 0.4, icon, instead=row.name_ja)
    text(pdf, _name(row, lang), MARGIN + 36, top, 52, inner, size, DARK_INK, bold=row.rank in MEDALS)
    found = row.score(Half.FINAL)
    if found is None:
        text(pdf, i18n.t_kanji("sheet_no_ai", lang), MARGIN + 90, top, 60, inner, size * 0.7, MUTED)
        return
    correct, total = found
    bar, left = 60.0, MARGIN + 90
    pdf.set_fill_color("#e6ded2")
    pdf.rect(left, middle - inner * 0.18 - 0.4, bar, inner * 0.36, style="F")
    pdf.set_fill_color(BAR_INK)
    if correct:
        pdf.rect(left, middle - inner * 0.18 - 0.4, bar * correct / total, inner * 0.36, style="F")
    text(pdf, f"{correct} / {total}", left + bar + 3, top, 30, inner, size * 0.9, DARK_INK, bold=True)


def _awards(
    pdf: FPDF, awards: Sequence[Award], names: dict[str, BoardRow], lang: str, top: float, height: float
) -> None:
    """Two lines each in `height` millimetres: who won it with what, and what for."""
    text(pdf, i18n.t_kanji("awards_title", lang), MARGIN, top, WIDTH, AWARD_MIN, 14, DARK_INK, bold=True)
    spare = height - AWARD_MIN
    between = i18n.t("staff_between", lang)
    for place, award in enumerate(awards, start=1):
        y = top + AWARD_MIN + (place - 1) * height
        winners = between.join(_name(names[group], lang) for group in award.group_ids if group in names)
        title = i18n.t_kanji(f"award_{award.kind}", lang)
        text(pdf, title, MARGIN, y, 48, 5, 11, DARK_INK, bold=True)
        text(pdf, winners, MARGIN + 50, y, WIDTH - 92, 5, 11, DARK_INK)
        text(pdf, award.figure, PAGE_WIDTH - MARGIN - 40, y, 40, 5, 10, MUTED, align="R")
        text(
            pdf,
            i18n.t_kanji(f"award_{award.kind}_why", lang),
            MARGIN + 50,
            y + 4.2 + spare / 3,
            WIDTH - 50,
            4,
            8 + spare / 2,
            MUTED,
        )


def _name(named: TwoNames, lang: str) -> str:
    return i18n.kanji(named.name(lang))
