"""Draws a class's group cards as a PDF: two big cards a page, then the facilitators' page with the codes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from fpdf import FPDF

from classroom_app.content import i18n
from classroom_app.content.catalog import DARK_INK, WHITE_INK, ink_on, picture
from classroom_app.network import is_loopback
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

CARD_WIDTH, CARD_HEIGHT = PAGE_WIDTH - 2 * MARGIN, PAGE_HEIGHT / 2 - 2 * MARGIN
BAND_HEIGHT, QR_SIZE, CORNER = 36.0, 76.0, 7.0
ROW_MIN, ROW_MAX = 12.0, 24.0  # 20 groups, all animals of the catalogue, fit on one page
ALARM = "#a5123b"
# Q: a quarter of the code may be stained or scratched. 4 modules of quiet zone are the standard's minimum.
QR_ERROR, QR_QUIET_ZONE, QR_PIXELS_PER_MODULE = "q", 4, 12


@dataclass(frozen=True, slots=True)
class GroupCard:
    """What one card shows; `picture_code` holds keys of the catalogue's pictures."""

    name_ja: str
    name_en: str
    emoji: str
    color: str
    join_url: str
    picture_code: tuple[str, ...]


STEPS = ("card_step_scan", "card_step_check", "card_step_grow")


def group_cards_pdf(
    *, class_name: str, cards: Sequence[GroupCard], lang: str, privacy_url: str = "", typed_url: str = ""
) -> bytes:
    """The PDF. Any language other than English gets the Japanese cards.

    `privacy_url`: where parents find answers; `typed_url`: where whoever cannot scan a card joins.
    """
    lang = "en" if lang == "en" else "ja"
    pdf = document(class_name, lang)
    for index, card in enumerate(cards):
        if index % 2 == 0:
            pdf.add_page()
            _cut_marks(pdf)
        _card(pdf, card, class_name, lang, top=MARGIN + index % 2 * PAGE_HEIGHT / 2)
        _for_parents(pdf, privacy_url, lang, top=MARGIN + index % 2 * PAGE_HEIGHT / 2)
    _staff_pages(pdf, cards, class_name, lang, typed_url)
    return bytes(pdf.output())


def _cut_marks(pdf: FPDF) -> None:
    """A dashed line across the middle of the sheet, with scissors on it."""
    middle = PAGE_HEIGHT / 2
    pdf.set_draw_color(MUTED)
    pdf.set_line_width(0.3)
    pdf.set_dash_pattern(dash=2.5, gap=2)
    pdf.line(0, middle, PAGE_WIDTH, middle)
    pdf.set_dash_pattern()
    with pdf.rotation(90, x=6.5, y=middle):  # the blades along the line
        drawing(pdf, "✂️", 3, middle - 3.5, 7)


def _card(pdf: FPDF, card: GroupCard, class_name: str, lang: str, top: float) -> None:
    pdf.set_fill_color(WHITE_INK)
    pdf.set_draw_color(card.color)
    pdf.set_line_width(1.2)
    pdf.rect(MARGIN, top, CARD_WIDTH, CARD_HEIGHT, style="DF", round_corners=True, corner_radius=CORNER)
    _band(pdf, card, class_name, lang, top)

    body = top + BAND_HEIGHT
    qr_top = body + (CARD_HEIGHT - BAND_HEIGHT - 12 - QR_SIZE) / 2
    pdf.image(io.BytesIO(qr_png(card.join_url)), x=MARGIN + 3, y=qr_top, w=QR_SIZE, h=QR_SIZE)
    pictures = ("📷", card.emoji, "🤖")
    left = MARGIN + QR_SIZE + 8
    for number, (emoji, key) in enumerate(zip(pictures, STEPS, strict=True)):
        _step(pdf, str(number + 1), emoji, i18n.t(key, lang), card.color, left, body + 4 + number * 24)
    drawing(pdf, "👆", left + 22, body + 38, 8.5)  # a finger that taps the animal of the second step

    foot = top + CARD_HEIGHT - 12
    if is_loopback(card.join_url):  # an address of this very computer: the card is of no use
        pdf.set_fill_color(ALARM)
        pdf.rect(MARGIN + 4, foot - 2, CARD_WIDTH - 8, 11, style="F")
        alarm = i18n.t_kanji("cards_loopback", lang)
        text(pdf, alarm, MARGIN + 6, foot - 1, CARD_WIDTH - 12, 9, 13, WHITE_INK, bold=True, align="C")
        return
    text(pdf, i18n.t("card_keep", lang), MARGIN + 6, foot, CARD_WIDTH - 12, 9, 11.5, MUTED, align="C")


def _for_parents(pdf: FPDF, url: str, lang: str, top: float) -> None:
    """Below the card's last line, small: children have no use for it."""
    if url and not is_loopback(url):
        words = i18n.t_kanji("cards_parents", lang, url=url)
        text(pdf, words, MARGIN + 6, top + CARD_HEIGHT - 5.5, CARD_WIDTH - 12, 4, 7.5, MUTED, align="C")


def _band(pdf: FPDF, card: GroupCard, class_name: str, lang: str, top: float) -> None:
    """The coloured head of a card: animal, name in both languages, class."""
    pdf.set_fill_color(card.color)
    pdf.rect(MARGIN, top, CARD_WIDTH, BAND_HEIGHT, style="F", round_corners=True, corner_radius=CORNER)
    pdf.rect(MARGIN, top + CORNER, CARD_WIDTH, BAND_HEIGHT - CORNER, style="F")  # only the top is round
    badge = 30.0
    x, y = MARGIN + 5, top + (BAND_HEIGHT - badge) / 2
    pdf.set_fill_color(PALE)
    pdf.ellipse(x, y, badge, badge, style="F")
    drawing(pdf, card.emoji, x + 4, y + 4, badge - 8, instead=card.name_ja)
    names = (card.name_en, card.name_ja) if lang == "en" else (card.name_ja, card.name_en)
    ink, left, width = ink_on(card.color), MARGIN + badge + 11, CARD_WIDTH - badge - 17
    text(pdf, class_name, left, top + 3.5, width, 6, 12, ink)
    text(pdf, names[0], left, top + 10, width, 15, 36, ink, bold=True)
    text(pdf, names[1], left, top + 26, width, 7, 15, ink)


def _step(pdf: FPDF, number: str, emoji: str, words: str, color: str, left: float, top: float) -> None:
    pdf.set_fill_color(color)
    pdf.ellipse(left, top + 5.5, 9, 9, style="F")
    text(pdf, number, left, top + 5.5, 9, 9, 16, ink_on(color), bold=True, align="C")
    drawing(pdf, emoji, left + 12, top + 1.5, 17)
    lines = words.split("\n")
    for row, line in enumerate(lines):
        y = top + 10 - len(lines) * 4 + row * 8
        text(pdf, line, left + 33, y, CARD_WIDTH - QR_SIZE - 44, 8, 16, DARK_INK, bold=True)


def _staff_pages(pdf: FPDF, cards: Sequence[GroupCard], class_name: str, lang: str, typed_url: str) -> None:
    """Apart from the cards: whoever holds a code can join that group, so no card carries one."""
    head, width = 42.0, PAGE_WIDTH - 2 * MARGIN
    space = PAGE_HEIGHT - head - MARGIN
    per_page = int(space // ROW_MIN)
    for start in range(0, len(cards), per_page):
        rows = cards[start : start + per_page]
        pdf.add_page()
        text(pdf, class_name, MARGIN, 11, width, 7, 12, MUTED)
        text(pdf, i18n.t_kanji("cards_secret", lang), MARGIN, 18, width, 11, 24, DARK_INK, bold=True)
        text(pdf, i18n.t_kanji("cards_secret_hint", lang), MARGIN, 30, width, 7, 10.5, DARK_INK)
        if typed_url and not is_loopback(typed_url):
            typed = i18n.t_kanji("cards_typed", lang, url=typed_url)
            text(pdf, typed, MARGIN, 35.5, width, 6, 10.5, DARK_INK, bold=True)
        height = min(ROW_MAX, space / len(rows))
        for index, card in enumerate(rows):
            _staff_row(pdf, card, lang, head + index * height, height)


def _staff_row(pdf: FPDF, card: GroupCard, lang: str, top: float, height: float) -> None:
    gap = 1.5
    inner = height - gap
    pdf.set_fill_color(card.color)
    pdf.rect(MARGIN, top, 76, inner, style="F", round_corners=True, corner_radius=3)
    pdf.set_fill_color(PALE)
    badge = inner - 2
    pdf.ellipse(MARGIN + 2, top + 1, badge, badge, style="F")
    drawing(pdf, card.emoji, MARGIN + 2 + badge * 0.14, top + 1 + badge * 0.14, badge * 0.72, card.name_ja)
    names = (card.name_en, card.name_ja) if lang == "en" else (card.name_ja, card.name_en)
    ink, left = ink_on(card.color), MARGIN + badge + 6
    name_top = top + inner / 2 - 5.3
    text(pdf, names[0], left, name_top, 72 - badge - 3, 6.5, 16, ink, bold=True)
    text(pdf, names[1], left, name_top + 6.5, 72 - badge - 3, 4, 9, ink)
    step = 27.0
    for place, key in enumerate(card.picture_code):
        item = picture(key)
        if item is None:
            continue
        x, size = MARGIN + 82 + place * step, inner * 0.64
        drawing(pdf, item.emoji, x + (step - 4 - size) / 2, top, size)
        name = item.name_en if lang == "en" else item.name_ja
        text(pdf, name, x, top + size + 0.3, step - 4, inner - size - 0.6, 9, DARK_INK, align="C")
        if place:  # an arrow: the order counts
            text(pdf, "→", x - 4, top, 4, size, 11, MUTED, align="C")


def qr_png(url: str) -> bytes:
    """Pixels rather than lines: no viewer or printer leaves hairlines between the modules."""
    buffer = io.BytesIO()
    code = segno.make(url, error=QR_ERROR, micro=False)
    code.save(buffer, kind="png", scale=QR_PIXELS_PER_MODULE, border=QR_QUIET_ZONE)
    return buffer.getvalue()
