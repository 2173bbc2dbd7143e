"""What our PDFs share: an A4 sheet with our fonts, a line of text that fits its box, drawings of emoji."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF

from classroom_app.content.catalog import DARK_INK, emoji_file

ASSETS = Path(__file__).parents[1] / "content" / "assets"
REGULAR, BOLD = (ASSETS / "fonts" / f"mplus-rounded-1c-{weight}.woff" for weight in (500, 800))
FONT = "mplus"

# All lengths are millimetres, font sizes are points.
PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 210.0, 297.0, 12.0
PALE, MUTED = "#fffaf2", "#5a4f46"


def document(title: str, lang: str) -> FPDF:
    pdf = FPDF(orientation="portrait", unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0  # cells would shift their text by 1 mm
    pdf.add_font(FONT, "", REGULAR)
    pdf.add_font(FONT, "B", BOLD)
    pdf.set_title(title)
    pdf.set_lang("en" if lang == "en" else "ja")
    return pdf


def text(
    pdf: FPDF,
    words: str,
    x: float,
    y: float,
    width: float,
    height: float,
    size: float,
    ink: str,
    *,
    bold: bool = False,
    align: str = "L",
) -> None:
    """One line in a box; too long a line gets smaller, then loses its end."""
    words = printable(words)
    pdf.set_text_color(ink)
    pdf.set_font(FONT, "B" if bold else "", size)
    natural = pdf.get_string_width(words)
    if natural > width:
        pdf.set_font_size(max(size * width / natural * 0.99, size * 0.5))
        while len(words) > 1 and pdf.get_string_width(words) > width:
            words = words.removesuffix("…")[:-1] + "…"
    pdf.set_xy(x, y)
    # An explicit align: the default justifies, which tears Japanese apart.
    pdf.cell(width, height, words, align=align)


def drawing(pdf: FPDF, emoji: str, x: float, y: float, size: float, instead: str = "") -> None:
    """An emoji from our own drawings: a PDF can't count on a colour font. Without one: a first letter."""
    file = ASSETS / "emoji" / emoji_file(emoji)
    if emoji and file.is_file():
        pdf.image(io.BytesIO(file.read_bytes()), x=x, y=y, w=size, h=size)
    elif instead:
        text(pdf, instead[:1], x, y, size, size, size * 2, DARK_INK, bold=True, align="C")


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    with TTFont(BOLD, lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(typed: str) -> str:
    """Class names are typed freely: of what the font lacks, letters become 〓 and emoji and controls go."""
    known = _characters()
    words = " ".join(typed.split())
    return "".join(char if ord(char) in known else "〓" if char.isalpha() else "" for char in words)
