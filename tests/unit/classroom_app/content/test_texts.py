"""The locale files: same keys, same blanks, readings for every kanji a child sees, no unknown key."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from classroom_app import errors
from classroom_app.content import i18n

ROOT = Path(__file__).parents[4]
TEXTS = {
    lang: json.loads((ROOT / f"classroom_app/content/locales/{lang}.json").read_text(encoding="utf-8"))
    for lang in i18n.LANGUAGES
}
BLANK = re.compile(r"\{([a-z_]+)\}")
LITERAL_KEY = re.compile(r"""\b(?:t|t_html|t_kanji)\(\s*(?:f?)["']([a-z0-9_]+)["']""")


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    assert TEXTS["ja"].keys() == TEXTS["en"].keys()
    for key, text in TEXTS["ja"].items():
        assert set(BLANK.findall(text)) == set(BLANK.findall(TEXTS["en"][key])), key


def test_every_key_that_the_code_names_exists() -> None:
    named = set()
    for folder in ("classroom_app", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            named |= {
                match[1]
                for match in LITERAL_KEY.finditer(path.read_text(encoding="utf-8"))
                if not match[1].endswith("_")
            }
    assert named - TEXTS["ja"].keys() == set()


def test_every_error_has_its_sentence() -> None:
    def tree(kind: type[errors.ClassroomError]) -> set[str]:
        return {kind.key}.union(*(tree(child) for child in kind.__subclasses__()))

    raised = set()
    for path in (ROOT / "classroom_app").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        raised |= set(re.findall(r'Error\(\s*"([a-z_]+)"', text))
    unspoken = {"model_unknown"}
    assert (tree(errors.ClassroomError) | raised) - TEXTS["ja"].keys() - unspoken == set()


def test_english_texts_hold_no_japanese() -> None:
    japanese = [key for key, text in TEXTS["en"].items() if re.search(r"[ぁ-んァ-ヶ一-龯]", text)]
    assert set(japanese) <= {"language_other", "staff_language"}  # each language is named in its own words


# One word for one thing (docs/architecture.md, "The words"): what is said for it, and what is not any more.
OTHER_WORDS = {
    "ja": {
        "{number}号": ("代目", "バージョン"),
        "ひみつの絵": ("あんごう", "暗号", "絵あわせ", "絵コード"),
        "ファシリテーター": ("スタッフ", "管理ページ", "管理者"),
        "ラベル": ("しゅるいが",),
        "本番": ("決勝用", "後半の問題"),
    },
    "en": {
        "No. {number}": ("v{number}",),
        "secret pictures": ("picture code", "picture password"),
        "facilitator": ("staff", "admin"),
        "times": ("×",),
        "places": ("ranks", "rank by rank"),
        "heard from": ("heard of",),
    },
}


def test_one_thing_has_one_word() -> None:
    cards = (ROOT / "classroom_app/printing/group_cards.py").read_text(encoding="utf-8")
    printed = " ".join(re.findall(r'="([^"]+)"', cards))
    found = []
    for lang, words in OTHER_WORDS.items():
        # Encryption, 暗号化, is another thing than a code that children tap.
        said = {key: i18n.kanji(text).replace("暗号化", "") for key, text in TEXTS[lang].items()}
        said |= {"cards": printed}
        for wanted, others in words.items():
            found += [
                f"{lang} {key}: {other}, say {wanted}"
                for key, text in said.items()
                for other in others
                if other.casefold() in text.casefold()
            ]
    assert found == []


def test_questions_in_english_are_questions() -> None:
    assert [key for key, text in TEXTS["en"].items() if re.match(r"You (are|have) .*\?$", text)] == []


def test_the_phase_before_the_reveal_is_not_called_as_the_half_that_it_reveals() -> None:
    phase = {key: text for key, text in TEXTS["en"].items() if re.fullmatch(r"phase_(to_|back_)?final", key)}
    assert len(phase) == 3
    assert [key for key, text in phase.items() if "final" in text.casefold()] == []


def test_a_place_is_counted_as_the_language_does() -> None:
    places = (1, 2, 3, 4, 11, 12, 13, 21, 112)
    in_english = ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]
    assert [i18n.ordinal(number, "en") for number in places] == in_english
    assert i18n.ordinal(1, "ja") == "1"


def test_ruby_plain_and_kanji() -> None:
    text = "{写真|しゃしん}を とる"
    assert i18n.ruby(text) == "<ruby>写真<rt>しゃしん</rt></ruby>を とる"
    assert i18n.plain(text) == "しゃしんを とる"
    assert i18n.kanji(text) == "写真を とる"


def test_parameters_are_escaped_in_html_and_unknown_languages_read_japanese() -> None:
    key = "error_throttled"
    assert "<b>" not in i18n.t_html(key, "ja", seconds="<b>1</b>")
    assert i18n.t(key, "fr", seconds=3) == i18n.t(key, "ja", seconds=3)
    with pytest.raises(KeyError):
        i18n.t(key, "ja")
