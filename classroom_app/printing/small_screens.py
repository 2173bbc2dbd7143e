"""Small drawings for the facilitators' guide: what its words are about, as lines that any printer prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from fpdf import FPDF

from classroom_app.content.catalog import DARK_INK, WHITE_INK
from classroom_app.printing.drawing import PALE, drawing, text

STRONG: Final = "#9c3208"  # of a screen's most important button; nearly black without colours
LINE, SOFT = "#5a4f46", "#f0e6da"
Say = Callable[[str], str]  # the words of the screen by their key
LABELS: Final = (("✂️", "guide_example_one"), ("📎", "guide_example_two"))  # of the example


def window(pdf: FPDF, x: float, y: float, width: float, height: float) -> None:
    pdf.set_draw_color(LINE)
    pdf.set_line_width(0.35)
    pdf.set_fill_color(WHITE_INK)
    pdf.rect(x, y, width, height, style="DF", round_corners=True, corner_radius=2)
    pdf.line(x, y + 4, x + width, y + 4)
    pdf.set_fill_color(LINE)
    for place in range(3):
        pdf.ellipse(x + 2 + place * 2.2, y + 1.4, 1.2, 1.2, style="F")


def button(pdf: FPDF, words: str, x: float, y: float, width: float, *, strong: bool = False) -> None:
    """5.6 mm high."""
    pdf.set_draw_color(STRONG if strong else LINE)
    pdf.set_line_width(0.3)
    pdf.set_fill_color(STRONG if strong else WHITE_INK)
    pdf.rect(x, y, width, 5.6, style="DF", round_corners=True, corner_radius=1.6)
    ink = WHITE_INK if strong else DARK_INK
    text(pdf, words, x + 1, y, width - 2, 5.6, 7.5, ink, bold=True, align="C")


def field(pdf: FPDF, words: str, x: float, y: float, width: float) -> None:
    pdf.set_draw_color(LINE)
    pdf.set_line_width(0.2)
    pdf.set_fill_color(SOFT)
    pdf.rect(x, y, width, 5.6, style="DF", round_corners=True, corner_radius=1)
    text(pdf, words, x + 1.5, y, width - 3, 5.6, 7.5, DARK_INK)


def own_labels(pdf: FPDF, say: Say, x: float, y: float, width: float) -> None:
    """The rows for own labels, and the buttons below; 36 mm high."""
    window(pdf, x, y, width, 36)
    for row, (emoji, key) in enumerate(LABELS):
        top = y + 6 + row * 7
        drawing(pdf, emoji, x + 3, top + 0.3, 5)
        field(pdf, say(key), x + 10, top, width - 33)
        button(pdf, say("fa_label_more"), x + width - 21, top, 18)
    button(pdf, say("fa_label_add"), x + 10, y + 20, 34)
    field(pdf, say("fa_name"), x + 3, y + 28, width - 38)
    button(pdf, say("fa_create"), x + width - 33, y + 28, 30, strong=True)


def challenge(pdf: FPDF, say: Say, ways: Sequence[str], x: float, y: float, width: float) -> None:
    """The ways in, one of them chosen, and the table that fills; 27 mm high."""
    window(pdf, x, y, width, 27)
    each = (width - 6) / len(ways)
    for place, way in enumerate(ways):
        button(pdf, say(way), x + 3 + place * each, y + 6, each - 1, strong=not place)
    for row, (emoji, key) in enumerate(LABELS):
        top = y + 13 + row * 6.7
        pdf.set_fill_color(PALE)
        pdf.rect(x + 3, top, width - 6, 6.2, style="F")
        drawing(pdf, emoji, x + 4.5, top + 0.7, 5)
        text(pdf, say(key), x + 11, top, width - 55, 6.5, 8, DARK_INK, bold=True)
        text(pdf, "5 + 5", x + width - 42, top, 14, 6.5, 8, DARK_INK)
        text(pdf, f"✓ {say('ch_ok')}", x + width - 27, top, 23, 6.5, 8, DARK_INK, bold=True)


def folders(pdf: FPDF, say: Say, x: float, y: float, width: float) -> None:
    """A folder for each label becomes one ZIP; 17 mm high."""
    for place, (emoji, key) in enumerate(LABELS):
        left = x + place * 19
        pdf.set_draw_color(LINE)
        pdf.set_line_width(0.35)
        pdf.set_fill_color(SOFT)
        pdf.rect(left, y + 0.6, 7, 3, style="DF", round_corners=True, corner_radius=0.8)
        pdf.rect(left, y + 2, 16.5, 10, style="DF", round_corners=True, corner_radius=1)
        drawing(pdf, emoji, left + 5.3, y + 3.6, 6.5)
        text(pdf, say(key), left, y + 12.4, 16.5, 4, 7, DARK_INK, bold=True, align="C")
    text(pdf, "→", x + 37, y + 3, 6, 8, 14, DARK_INK, bold=True, align="C")
    left = x + min(44.0, width - 13)
    pdf.set_fill_color(WHITE_INK)
    pdf.rect(left, y + 0.6, 11, 13, style="DF", round_corners=True, corner_radius=1)
    text(pdf, "ZIP", left, y + 0.6, 11, 13, 9, DARK_INK, bold=True, align="C")


def card(pdf: FPDF, say: Say, x: float, y: float) -> None:
    """A group's card, and an iPad that reads it; 52 mm wide, 24 mm high."""
    pdf.set_draw_color(LINE)
    pdf.set_line_width(0.35)
    pdf.set_fill_color(WHITE_INK)
    pdf.rect(x, y, 34, 24, style="DF", round_corners=True, corner_radius=2)
    pdf.set_fill_color("#f2b705")
    pdf.rect(x + 0.6, y + 0.6, 32.8, 7.5, style="F", round_corners=True, corner_radius=1.6)
    drawing(pdf, "🦁", x + 2, y + 1, 6.5)
    text(pdf, say("guide_example_group"), x + 10, y + 0.6, 22, 7.5, 10, DARK_INK, bold=True)
    _code(pdf, x + 3, y + 10, 12)
    drawing(pdf, "📷", x + 19, y + 11, 10)
    pdf.set_draw_color(DARK_INK)
    pdf.set_line_width(0.9)
    pdf.set_fill_color(WHITE_INK)
    pdf.rect(x + 37.5, y + 3, 15, 20, style="DF", round_corners=True, corner_radius=1.8)
    _code(pdf, x + 40.5, y + 8.5, 9)


def _code(pdf: FPDF, x: float, y: float, size: float) -> None:
    """Looks like a QR code, and is none: nobody shall scan it."""
    unit = size / 7
    pdf.set_fill_color(DARK_INK)
    for left, top in ((0, 0), (4.5, 0), (0, 4.5)):
        pdf.rect(x + left * unit, y + top * unit, 2.5 * unit, 2.5 * unit, style="F")
        pdf.set_fill_color(WHITE_INK)
        pdf.rect(x + (left + 0.6) * unit, y + (top + 0.6) * unit, 1.3 * unit, 1.3 * unit, style="F")
        pdf.set_fill_color(DARK_INK)
        pdf.rect(x + (left + 0.95) * unit, y + (top + 0.95) * unit, 0.6 * unit, 0.6 * unit, style="F")
    for left, top in ((3, 1), (3.2, 3), (5, 3.4), (3.4, 4.8), (4.4, 5.4), (5.8, 5), (5.4, 6.2), (3, 6)):
        pdf.rect(x + left * unit, y + top * unit, unit, unit, style="F")


def tile(pdf: FPDF, say: Say, x: float, y: float, width: float) -> None:
    """A group in the live view, and the finger that presses it; 15 mm high."""
    pdf.set_draw_color(LINE)
    pdf.set_line_width(0.35)
    pdf.set_fill_color(WHITE_INK)
    pdf.rect(x, y, width, 15, style="DF", round_corners=True, corner_radius=2)
    pdf.set_fill_color(LINE)
    pdf.rect(x, y + 1.4, 1.8, 12.2, style="F")
    drawing(pdf, "🦁", x + 4, y + 1.6, 6)
    text(pdf, say("guide_example_group"), x + 11.5, y + 1.4, 26, 6.5, 10, DARK_INK, bold=True)
    for place, (emoji, _) in enumerate(LABELS):
        drawing(pdf, emoji, x + 4 + place * 12, y + 9, 4.4)
        text(pdf, str(8 + place), x + 9 + place * 12, y + 8.8, 6, 5, 8.5, DARK_INK)
    drawing(pdf, "👆", x + width - 13, y + 4.5, 12)
