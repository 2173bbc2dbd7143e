"""Paragraphs for our PDFs: lines break as their language wants it, words of a screen are in a frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fpdf import FPDF

from classroom_app.content.catalog import DARK_INK, WHITE_INK
from classroom_app.printing.drawing import FONT, printable

LEADING: Final = 0.53  # mm a line for each point of the font's size
FRAME_PAD, FRAME_GAP = 1.1, 0.5  # mm within a frame, and beside it
FRAME_LINE: Final = 0.3
_OPEN, _CLOSE = "\x02", "\x03"
_NEVER_FIRST: Final = frozenset("、。，．」』）！？ー・…：；ぁぃぅぇぉっゃゅょァィゥェォッャュョ々,.;:!?)”’")
_NEVER_LAST: Final = frozenset("「『（“‘(")
_ATOM: Final = re.compile(r"\s+|[!-~“”‘’…]+|.", re.DOTALL)


def framed(words: str) -> str:
    """Within a paragraph's words: these are what a screen says."""
    return f"{_OPEN}{words}{_CLOSE}"


def unframed(words: str) -> str:
    return words.replace(_OPEN, "").replace(_CLOSE, "")


@dataclass(frozen=True, slots=True)
class LinePiece:
    """What stays in one line. `width`: in mm, with what is around a frame."""

    words: str
    is_framed: bool
    width: float
    size: float


class Paragraph:
    """Words that are laid out, in `lines`, and not drawn yet; lengths in mm, `size` in points."""

    def __init__(self, pdf: FPDF, words: str, width: float, size: float, *, bold: bool = False) -> None:
        self._pdf = pdf
        self._style = "B" if bold else ""
        self._size = size
        self.lines = list(self._broken(words, width))

    @property
    def height(self) -> float:
        return len(self.lines) * self._size * LEADING

    def draw(self, x: float, y: float, ink: str = DARK_INK) -> float:
        """Returns where the next thing may begin."""
        step = self._size * LEADING
        for row, line in enumerate(self.lines):
            left = x
            for piece in line:
                self._draw_piece(piece, left, y + row * step, step, ink)
                left += piece.width
        return y + self.height

    def _draw_piece(self, piece: LinePiece, x: float, y: float, step: float, ink: str) -> None:
        self._pdf.set_text_color(ink)
        self._pdf.set_font(FONT, "B" if piece.is_framed else self._style, piece.size)
        if piece.is_framed:
            x += FRAME_GAP
            self._pdf.set_draw_color(DARK_INK)
            self._pdf.set_fill_color(WHITE_INK)
            self._pdf.set_line_width(FRAME_LINE)
            self._pdf.rect(
                *(x, y + step * 0.06, piece.width - 2 * FRAME_GAP, step * 0.88),
                style="DF",
                round_corners=True,
                corner_radius=1.1,
            )
            x += FRAME_PAD
        self._pdf.set_xy(x, y)
        self._pdf.cell(piece.width, step, piece.words, align="L")

    def _broken(self, words: str, width: float) -> Iterator[list[LinePiece]]:
        line: list[LinePiece] = []
        used = 0.0
        for unit in _units(self._pieces(words, width)):
            needed = sum(piece.width for piece in unit)
            if line and used + needed > width:
                yield line
                line, used = [], 0.0
            if not line and unit[0].words.isspace():
                continue
            line = [*line, *unit]
            used += needed
        if line:
            yield line

    def _pieces(self, words: str, width: float) -> Iterator[LinePiece]:
        for place, part in enumerate(re.split(f"[{_OPEN}{_CLOSE}]", words)):
            if place % 2:
                yield self._frame(printable(part), width)
                continue
            self._pdf.set_font(FONT, self._style, self._size)
            for atom in _ATOM.findall(part):
                shown = " " if atom.isspace() else printable(atom)
                yield LinePiece(shown, False, self._pdf.get_string_width(shown), self._size)

    def _frame(self, words: str, width: float) -> LinePiece:
        around = 2 * (FRAME_PAD + FRAME_GAP)
        size = self._size * 0.94
        self._pdf.set_font(FONT, "B", size)
        natural = self._pdf.get_string_width(words)
        if natural + around > width:  # rather smaller than out of its column
            size *= (width - around) / natural * 0.99
            self._pdf.set_font_size(size)
            natural = self._pdf.get_string_width(words)
        return LinePiece(words, True, natural + around, size)


def _units(pieces: Iterator[LinePiece]) -> Iterator[list[LinePiece]]:
    """Pieces that no line break may part: what ends a sentence stays with the word before it."""
    unit: list[LinePiece] = []
    for piece in pieces:
        holds = bool(unit) and (unit[-1].words in _NEVER_LAST or piece.words[:1] in _NEVER_FIRST)
        if unit and (not holds or piece.words.isspace()):
            yield unit
            unit = []
        unit.append(piece)
    if unit:
        yield unit
