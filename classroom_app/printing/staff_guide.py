"""The facilitators' guide: two pages that somebody who has never seen the app can follow.

Buttons' words come from the locales by their keys: a button that is called otherwise changes the guide.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

from fpdf import FPDF

from classroom_app.content import catalog, i18n
from classroom_app.content.catalog import DARK_INK, WHITE_INK
from classroom_app.printing import small_screens
from classroom_app.printing.drawing import MARGIN, MUTED, PAGE_HEIGHT, PAGE_WIDTH, document, drawing, text
from classroom_app.printing.flow import Paragraph, framed

WIDTH: Final = PAGE_WIDTH - 2 * MARGIN
BOTTOM: Final = PAGE_HEIGHT - MARGIN  # what comes below it may be cut off by a printer
SIZE: Final = 9.2  # points: to be read on paper at arm's length
GAP, INDENT, INSIDE = 2.0, 5.4, 2.6
RULE: Final = "#b7a690"
WAYS: Final = ("ch_way_files", "ch_way_camera", "ch_way_zip")


@functools.lru_cache(maxsize=len(i18n.LANGUAGES))
def staff_guide_pdf(lang: str) -> bytes:
    """The PDF. Any language other than English gets the Japanese one."""
    return bytes(GuidePages("en" if lang == "en" else "ja").pdf.output())


def guide_words(key: str, lang: str) -> str:
    """A sentence of the guide, with what its screens say in place of their keys, each in a frame."""
    said = {name: framed(i18n.t_kanji(name, lang)) for name in i18n.blanks(key)}
    return i18n.t_kanji(key, lang, **said)


class GuidePages:
    """Both pages, drawn. `ends`: how far down each part of them reaches, in mm."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self.pdf: FPDF = document(self._say("guide_title"), lang)
        self.ends: list[float] = []
        self._before_the_day()
        self._on_the_day()

    def _say(self, key: str, **blanks: object) -> str:
        return i18n.t_kanji(key, self._lang, **blanks)

    # -- page by page --------------------------------------------------------------------------

    def _before_the_day(self) -> None:
        y = self._page(1, "guide_before")
        y = self._step(1, "guide_enter", y, ("guide_enter_1", "guide_enter_2"))
        picture = WIDTH * 0.4
        makes = tuple(f"guide_make_{number}" for number in range(1, 5))
        below = self._step(2, "guide_make", y, makes, WIDTH - picture - 4)
        small_screens.own_labels(self.pdf, self._say, MARGIN + WIDTH - picture, y + 1, picture)
        y = max(below, y + 38 + GAP)
        y = self._photos(y)
        cards = ("guide_cards_1", "guide_cards_2", "guide_cards_3")
        below = self._step(4, "guide_cards", y, cards, WIDTH - 58)
        small_screens.card(self.pdf, self._say, MARGIN + WIDTH - 53, y + 2)
        self.ends += [below, y + 26]

    def _photos(self, y: float) -> float:
        """The ways to the challenge photos, beside each other."""
        y = self._step(3, "guide_photos", y, ("guide_photos_1", "guide_photos_2"))
        width = (WIDTH - GAP) / 2
        zip_lines = self._numbered(("guide_zip_1", "guide_zip_2", "guide_zip_3"), width - 2 * INSIDE)
        phone_lines = self._numbered(("guide_phone_1", "guide_phone_2"), width - 2 * INSIDE)
        camera_lines = self._numbered(("guide_camera_1", "guide_camera_2"), width - 2 * INSIDE)
        upper, lower = (_height(lines) + 8.5 for lines in (phone_lines, camera_lines))
        height = max(_height(zip_lines) + 28.5, upper + GAP + lower)
        upper = height - GAP - lower
        left = self._box("guide_zip", MARGIN, y, width, height)
        self._lines(zip_lines, MARGIN + INSIDE, left)
        pictures = y + height - 18
        small_screens.folders(self.pdf, self._say, MARGIN + INSIDE + 10, pictures, width - 20)
        right = MARGIN + width + GAP
        self._lines(phone_lines, right + INSIDE, self._box("guide_phone", right, y, width, upper))
        camera_top = y + upper + GAP
        camera_box = self._box("guide_camera", right, camera_top, width, lower)
        self._lines(camera_lines, right + INSIDE, camera_box)
        y += height + GAP
        words = Paragraph(self.pdf, guide_words("guide_photos_3", self._lang), WIDTH * 0.42, SIZE)
        words.draw(MARGIN + INDENT, y + 4)
        screen = WIDTH * 0.52
        small_screens.challenge(self.pdf, self._say, WAYS, MARGIN + WIDTH - screen, y, screen)
        return max(y + 4 + words.height, y + 27) + GAP

    def _on_the_day(self) -> None:
        y = self._page(2, "guide_day")
        y = self._phases(y)
        y = self._heading("guide_trouble", y)
        tile = Paragraph(self.pdf, guide_words("guide_tile", self._lang), WIDTH - 68, SIZE, bold=True)
        tile.draw(MARGIN, y + 4.5)
        small_screens.tile(self.pdf, self._say, MARGIN + WIDTH - 62, y, 62)
        y += max(15.0, 4.5 + tile.height) + GAP
        y = self._pair(y, ("guide_lost", 2), ("guide_label", 2))
        y = self._pair(y, ("guide_run", 2), ("guide_after", 3))
        below = self._column(y, MARGIN, (("guide_parent", 3),))
        beside = self._column(y, MARGIN + (WIDTH + GAP) / 2, (("guide_swap", 2), ("guide_people", 2)))
        y = max(below, beside)
        self.ends.append(y - GAP)

    def _phases(self, y: float) -> float:
        width = (WIDTH - 4 * GAP) / len(catalog.PHASE_EMOJI)
        columns = [
            Paragraph(self.pdf, guide_words(f"guide_phase_{phase}", self._lang), width - 3.2, SIZE - 0.5)
            for phase in catalog.PHASE_EMOJI
        ]
        height = max(column.height for column in columns) + 24
        days = zip(catalog.PHASE_EMOJI.items(), columns, strict=True)
        for place, ((phase, emoji), words) in enumerate(days):
            x = MARGIN + place * (width + GAP)
            self._frame(x, y, width, height)
            self._number(place + 1, x + 1.6, y + 2)
            drawing(self.pdf, emoji, x + width / 2 - 5, y + 2, 10)
            name = self._say(f"phase_{phase}")
            text(self.pdf, name, x + 1, y + 13.5, width - 2, 6, 11, DARK_INK, bold=True, align="C")
            words.draw(x + 1.6, y + 21)
        return y + height + GAP + 1

    def _pair(self, y: float, *boxes: tuple[str, int]) -> float:
        """Two boxes beside each other."""
        width = (WIDTH - GAP) / 2
        laid = [self._rows(key, rows, width) for key, rows in boxes]
        height = max(map(_height, laid)) + 9.5
        for place, ((key, _), lines) in enumerate(zip(boxes, laid, strict=True)):
            x = MARGIN + place * (width + GAP)
            self._lines(lines, x + INSIDE, self._box(key, x, y, width, height))
        return y + height + GAP

    def _column(self, y: float, x: float, boxes: Sequence[tuple[str, int]]) -> float:
        """Boxes below each other, in one half of the page."""
        width = (WIDTH - GAP) / 2
        for key, rows in boxes:
            lines = self._rows(key, rows, width)
            height = _height(lines) + 9.5
            self._lines(lines, x + INSIDE, self._box(key, x, y, width, height))
            y += height + GAP
        return y

    def _rows(self, key: str, rows: int, width: float) -> list[tuple[str, Paragraph]]:
        return self._numbered([f"{key}_{row}" for row in range(1, rows + 1)], width - 2 * INSIDE)

    # -- their parts ---------------------------------------------------------------------------

    def _page(self, number: int, heading: str) -> float:
        self.pdf.add_page()
        text(self.pdf, self._say("guide_title"), MARGIN, 10, 110, 8, 17, DARK_INK, bold=True)
        for place, emoji in enumerate(("🦁", "🐧", "🦊", "🤖")):
            drawing(self.pdf, emoji, MARGIN + WIDTH - 52 + place * 9.5, 9.5, 8)
        page = self._say("guide_page", number=number)
        text(self.pdf, page, MARGIN + WIDTH - 14, 10, 14, 8, 10, MUTED, align="R")
        boxed = self._say("guide_boxed")
        text(self.pdf, boxed, MARGIN, 18, WIDTH, 5, 8, MUTED)
        return self._heading(heading, 24.5)

    def _heading(self, key: str, y: float) -> float:
        self.pdf.set_fill_color(DARK_INK)
        self.pdf.rect(MARGIN, y, WIDTH, 7, style="F", round_corners=True, corner_radius=1.8)
        text(self.pdf, self._say(key), MARGIN + 3, y, WIDTH - 6, 7, 11.5, WHITE_INK, bold=True)
        return y + 7 + GAP

    def _step(self, number: int, heading: str, y: float, keys: Sequence[str], width: float = WIDTH) -> float:
        self._number(number, MARGIN, y)
        text(self.pdf, self._say(heading), MARGIN + 8, y, width - 8, 6.4, 12, DARK_INK, bold=True)
        end = self._lines(self._numbered(keys, width - 8), MARGIN + 8, y + 7)
        self.ends.append(end)
        return end + GAP

    def _number(self, number: int, x: float, y: float) -> None:
        self.pdf.set_fill_color(DARK_INK)
        self.pdf.ellipse(x, y, 6.4, 6.4, style="F")
        text(self.pdf, str(number), x, y, 6.4, 6.4, 11, WHITE_INK, bold=True, align="C")

    def _numbered(self, keys: Sequence[str], width: float) -> list[tuple[str, Paragraph]]:
        """A small letter before each: they are done one after the other."""
        return [
            (f"{letter})", Paragraph(self.pdf, guide_words(key, self._lang), width - INDENT, SIZE))
            for letter, key in zip("abcdef", keys, strict=False)
        ]

    def _lines(self, lines: Sequence[tuple[str, Paragraph]], x: float, y: float) -> float:
        for mark, words in lines:
            text(self.pdf, mark, x, y, INDENT, SIZE * 0.53, SIZE, DARK_INK, bold=True)
            y = words.draw(x + INDENT, y) + 0.9
        return y

    def _frame(self, x: float, y: float, width: float, height: float) -> None:
        self.pdf.set_draw_color(RULE)
        self.pdf.set_line_width(0.4)
        self.pdf.rect(x, y, width, height, style="D", round_corners=True, corner_radius=2.2)
        self.ends.append(y + height)

    def _box(self, heading: str, x: float, y: float, width: float, height: float) -> float:
        """Returns where its lines begin."""
        self._frame(x, y, width, height)
        words = self._say(heading)
        text(self.pdf, words, x + INSIDE, y + 1, width - 2 * INSIDE, 6, 10.5, DARK_INK, bold=True)
        return y + 7.6


def _height(lines: Sequence[tuple[str, Paragraph]]) -> float:
    return sum(words.height + 0.9 for _, words in lines)
