"""Draws the receipt of a deletion as one page: what went, what a recount found left, when."""

from __future__ import annotations

from typing import Final

from classroom_app.content import deletion_words, i18n
from classroom_app.content.catalog import DARK_INK
from classroom_app.content.dates import moment_words
from classroom_app.printing.drawing import MARGIN, MUTED, PAGE_HEIGHT, PAGE_WIDTH, PALE, document, text
from classroom_app.views.deletion import ReceiptView

WIDTH: Final = PAGE_WIDTH - 2 * MARGIN
ROW: Final = 9.0
TABLE_TOP: Final = 84.0
GOOD, BAD = "#1c6b3a", "#a5123b"


def receipt_pdf(receipt: ReceiptView, lang: str) -> bytes:
    """The PDF. Any language other than English gets the Japanese sheet."""
    lang = "en" if lang == "en" else "ja"

    def say(key: str) -> str:
        return i18n.t_kanji(key, lang)

    pdf = document(say("receipt_title"), lang)
    pdf.add_page()
    text(pdf, say("receipt_title"), MARGIN, 18, WIDTH, 13, 26, DARK_INK, bold=True)
    moment = moment_words(receipt.created_at, lang, year=True)
    what = f"{say(f'scope_{receipt.scope}')}: {receipt.subject}"
    for line, words in enumerate((what, moment, f"{say('receipt_number')} {receipt.id}")):
        text(pdf, words, MARGIN, 36 + line * 7, WIDTH, 7, 12, MUTED)
    verdict, ink = ("re_receipt_clean", GOOD) if receipt.clean else ("re_receipt_left", BAD)
    text(pdf, say(verdict), MARGIN, 60, WIDTH, 9, 14, ink, bold=True)
    went = deletion_words.went(receipt.scope, receipt.deleted, lang)
    text(pdf, went, MARGIN, 70, WIDTH, 9, 14, DARK_INK, bold=True)
    columns = ((say("re_kind"), 0.0, "L"), (say("re_deleted"), 125.0, "R"), (say("re_left"), 150.0, "R"))
    for words, left, align in columns:
        text(
            pdf,
            words,
            MARGIN + left + 3,
            TABLE_TOP,
            30 if left else 100,
            ROW,
            11,
            MUTED,
            bold=True,
            align=align,
        )
    for place, kind in enumerate({**receipt.deleted, **receipt.left}):
        top = TABLE_TOP + (place + 1) * ROW
        pdf.set_fill_color(PALE)
        pdf.rect(MARGIN, top, WIDTH, ROW - 1, style="F")
        left_over = receipt.left.get(kind, 0)
        text(pdf, say(f"kind_{kind}"), MARGIN + 3, top, 134, ROW - 1, 12, DARK_INK)
        text(pdf, str(receipt.deleted.get(kind, 0)), MARGIN + 128, top, 30, ROW - 1, 12, DARK_INK, align="R")
        text(
            pdf,
            str(left_over),
            MARGIN + 153,
            top,
            30,
            ROW - 1,
            12,
            BAD if left_over else GOOD,
            bold=True,
            align="R",
        )
    text(pdf, say("receipt_foot"), MARGIN, PAGE_HEIGHT - MARGIN - 8, WIDTH, 6, 9, MUTED)
    return bytes(pdf.output())
