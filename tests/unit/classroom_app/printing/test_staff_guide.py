"""The facilitators' guide: two pages, nothing over the edge, and the words of the screens as they are now."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from classroom_app.content import catalog, i18n
from classroom_app.printing import drawing, small_screens, staff_guide
from classroom_app.printing.flow import Paragraph, unframed
from tests.unit.classroom_app.printing.test_group_cards import pages, text_of

ROOT = Path(__file__).parents[4]
GUIDE = sorted(
    key
    for key in json.loads((ROOT / "classroom_app/content/locales/ja.json").read_text(encoding="utf-8"))
    if key.startswith("guide_")
)
NAMED = sorted({name for key in GUIDE for name in i18n.blanks(key)} - {"number"})
BOTH = pytest.mark.parametrize("lang", i18n.LANGUAGES)


@BOTH
def test_it_has_two_pages_and_nothing_comes_near_the_edge(lang: str) -> None:
    made = staff_guide.GuidePages(lang)
    assert pages(bytes(made.pdf.output())) == 2
    assert max(made.ends) <= staff_guide.BOTTOM


@BOTH
def test_every_word_of_a_screen_is_in_it_as_the_screen_says_it_now(lang: str) -> None:
    said = re.sub(r"\s", "", text_of(staff_guide.staff_guide_pdf(lang)))
    missing = [key for key in NAMED if re.sub(r"\s", "", i18n.t_kanji(key, lang)) not in said]
    assert len(NAMED) > 40
    assert missing == []


@BOTH
def test_every_sentence_of_the_guide_is_in_it_whole(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fonts have all its characters, and no line was cut to fit."""
    printed = dict[str, str]()
    real = i18n.t_kanji

    def noted(key: str, lang: str, **blanks: object) -> str:
        printed[key] = real(key, lang, **blanks)
        return printed[key]

    monkeypatch.setattr(i18n, "t_kanji", noted)
    staff_guide.GuidePages(lang).pdf.output()
    assert set(GUIDE) - printed.keys() == {"guide_link"}
    words = {key: unframed(text) for key, text in printed.items()}
    assert {key for key, text in words.items() if drawing.printable(text) != text} == set()
    assert "…" not in text_of(staff_guide.staff_guide_pdf(lang))


@BOTH
def test_none_of_its_pictures_is_missing(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where we have no drawing of an emoji, nothing is drawn."""
    drawn = set[str]()

    def noted(_pdf: object, emoji: str, *_where: float) -> None:
        drawn.add(emoji)

    for module in (staff_guide, small_screens):
        monkeypatch.setattr(module, "drawing", noted)
    staff_guide.GuidePages(lang).pdf.output()
    assert len(drawn) > 10
    assert {
        emoji for emoji in drawn if not (drawing.ASSETS / "emoji" / catalog.emoji_file(emoji)).is_file()
    } == set()


def test_what_it_names_is_on_a_page() -> None:
    """A button that goes, goes from the guide too: by its key, or by the beginning that is filled in."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("pages", "classroom_app/ui")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )

    def is_said(key: str) -> bool:
        parts = key.split("_")
        beginnings = ["_".join(parts[:number]) + "_{" for number in range(1, len(parts))]
        return re.search(f"[\"']{key}[\"']", code) is not None or any(
            f"f{quote}{beginning}" in code for beginning in beginnings for quote in "\"'"
        )

    assert [key for key in NAMED if not is_said(key)] == []


def test_another_word_on_a_button_is_another_word_in_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {**i18n.sentences("en"), "fa_create": "Off we go"}
    monkeypatch.setattr(i18n, "sentences", lambda lang: texts)
    assert "Off we go" in text_of(bytes(staff_guide.GuidePages("en").pdf.output()))


def test_no_line_begins_with_a_full_stop_and_none_is_too_wide() -> None:
    pdf = drawing.document("", "ja")
    pdf.add_page()
    words = "あいうえおかきくけこ。" * 12 + "「さしすせそ」、" * 9
    for width in range(20, 60, 3):
        lines = Paragraph(pdf, words, width, 9).lines
        for line in lines:
            assert line[0].words not in set("。、」")
            assert line[-1].words != "「"
            assert sum(piece.width for piece in line) <= width + 0.01
    pdf.output()  # closes the fonts
