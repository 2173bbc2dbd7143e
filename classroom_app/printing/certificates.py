"""Draws a certificate for each group: its animal, what it won, what its AI can do. No photo is on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from fpdf import FPDF

from classroom_app.content import i18n
from classroom_app.content.catalog import DARK_INK, WHITE_INK, ink_on
from classroom_app.content.dates import day_words
from classroom_app.printing.drawing import (
    MARGIN,
    MUTED,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    document,
    drawing,
    text,
)
from classroom_app.states import Half
from classroom_app.views.contest import Award, BoardRow, who_came

INNER: Final = PAGE_WIDTH - 4 * MARGIN
LEFT: Final = 2 * MARGIN
PICTURE: Final = 64.0
AWARDS_SHOWN: Final = 2
METALS: Final = {1: "#f2b705", 2: "#b8c0c8", 3: "#c9803a"}  # of the first three


def certificates_pdf(
    *, class_name: str, day: dt.datetime, rows: Sequence[BoardRow], awards: Sequence[Award], lang: str
) -> bytes:
    """A page for each group that came, in the order of the ranks. Any language other than English gets
    Japanese.
    """
    lang = "en" if lang == "en" else "ja"
    pdf = document(class_name, lang)
    for row in who_came(rows):
        won = [award for award in awards if row.group_id in award.group_ids]
        below = f"{class_name}{i18n.t('staff_between', lang)}{day_words(day, lang, year=True)}"
        _page(pdf, row, won, below, lang)
    return bytes(pdf.output())


def _page(pdf: FPDF, row: BoardRow, won: Sequence[Award], foot: str, lang: str) -> None:
    pdf.add_page()
    _frame(pdf, row)
    _middle(pdf, i18n.t("cert_title", lang), 34, 22, 46, bold=True)
    picture_left = (PAGE_WIDTH - PICTURE) / 2
    pdf.set_fill_color(row.color)
    pdf.ellipse(picture_left, 66, PICTURE, PICTURE, style="F")
    inner = PICTURE * 0.66
    drawing(pdf, row.emoji, (PAGE_WIDTH - inner) / 2, 66 + (PICTURE - inner) / 2, inner, instead=row.name_ja)
    if row.rank in METALS:
        _medal(pdf, row.rank, picture_left + PICTURE - 3, 66 + PICTURE - 26)
    _middle(pdf, i18n.plain(row.name(lang)), 138, 18, 38, bold=True)
    top = 162.0
    for title in _titles(row, won, lang):
        _ribbon(pdf, title, row, top)
        top += 19
    for sentence in _sentences(row, lang):
        _middle(pdf, sentence, top + 4, 10, 17)
        top += 11
    _middle(pdf, foot, PAGE_HEIGHT - 2.4 * MARGIN, 8, 13, ink=MUTED)


def _titles(row: BoardRow, won: Sequence[Award], lang: str) -> list[str]:
    """What the group is praised for: a place among the first three, its awards, else that it took part."""
    titles = []
    if row.rank in METALS:
        titles.append(i18n.t("cert_rank", lang, number=i18n.ordinal(row.rank, lang)))
    titles += [i18n.t(f"award_{award.kind}", lang) for award in won[:AWARDS_SHOWN]]
    return titles or [i18n.t("cert_took_part" if row.runs else "cert_tried", lang)]


def _sentences(row: BoardRow, lang: str) -> list[str]:
    did = {0: "cert_did_photos", 1: "cert_did_once"}.get(row.runs, "cert_did")
    sentences = [i18n.t(did, lang, photos=row.photos, runs=row.runs)] if row.photos or row.runs else []
    score = row.score(Half.FINAL)
    if score is not None and score[0]:
        sentences += i18n.t("cert_score", lang, correct=score[0], total=score[1]).split("\n")
    return sentences


def _frame(pdf: FPDF, row: BoardRow) -> None:
    """The group's colour around the page, and a thin line within it."""
    pdf.set_fill_color(row.color)
    pdf.rect(0, 0, PAGE_WIDTH, PAGE_HEIGHT, style="F")
    pdf.set_fill_color(WHITE_INK)
    edge = MARGIN * 0.75
    pdf.rect(
        *(edge, edge, PAGE_WIDTH - 2 * edge, PAGE_HEIGHT - 2 * edge),
        style="F",
        round_corners=True,
        corner_radius=8,
    )
    pdf.set_draw_color(row.color)
    pdf.set_line_width(0.8)
    pdf.rect(
        *(MARGIN * 1.2, MARGIN * 1.2, PAGE_WIDTH - 2.4 * MARGIN, PAGE_HEIGHT - 2.4 * MARGIN),
        style="D",
        round_corners=True,
        corner_radius=6,
    )


def _medal(pdf: FPDF, rank: int, x: float, y: float) -> None:
    """On its ribbon, the middle of its disc at (x, y)."""
    pdf.set_fill_color("#c9184a")
    for side in (-1, 1):
        pdf.polygon(
            [(x, y), (x + side * 13, y + 24), (x + side * 7, y + 22.5), (x + side * 3.5, y + 27)], style="F"
        )
    for radius, color in ((14.0, WHITE_INK), (12.6, METALS[rank])):
        pdf.set_fill_color(color)
        pdf.ellipse(x - radius, y - radius, 2 * radius, 2 * radius, style="F")
    text(pdf, str(rank), x - 10, y - 9, 20, 18, 40, DARK_INK, bold=True, align="C")


def _ribbon(pdf: FPDF, title: str, row: BoardRow, top: float) -> None:
    pdf.set_fill_color(row.color)
    width = 130.0
    left = (PAGE_WIDTH - width) / 2
    pdf.rect(left, top, width, 16, style="F", round_corners=True, corner_radius=7.9)
    text(pdf, title, left + 6, top, width - 12, 16, 24, ink_on(row.color), bold=True, align="C")


def _middle(
    pdf: FPDF, words: str, top: float, height: float, size: float, *, bold: bool = False, ink: str = DARK_INK
) -> None:
    text(pdf, words, LEFT, top, INNER, height, size, ink, bold=bold, align="C")
