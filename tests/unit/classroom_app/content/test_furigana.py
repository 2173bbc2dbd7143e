"""Names with readings, from two plain fields."""

from __future__ import annotations

import pytest

from classroom_app.content import furigana, i18n, label_emoji


@pytest.mark.parametrize(
    ("name", "reading", "expected"),
    [
        ("本", "ほん", "{本|ほん}"), ("お花", "おはな", "お{花|はな}"),
        ("消しゴム", "けしゴム", "{消|け}しゴム"),
        ("りんご", "りんご", "りんご"), ("りんご", "", "りんご"), ("本", "", "本"), ("本", " ", "本"),
        ("Cat", "キャット", "Cat"), ("{本|ほん}", "ほん", "{本|ほん}"),
        ("教室", "きょう{し}|つ", "{教室|きょうしつ}"),
        ("お", "お", "お"), ("花", "花", "{花|花}"), ("食べ物", "たべもの", "{食べ物|たべもの}"),
        ("子ども", "こども", "{子|こ}ども"), ("ああ花", "ああ", "あ{あ花|あ}"),
    ],
)  # fmt: skip
def test_kana_that_both_share_stay_outside(name: str, reading: str, expected: str) -> None:
    written = furigana.written(name, reading)
    assert written == expected
    if "{" not in name:
        assert i18n.kanji(written) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("本", "ほん"),
        ("赤", "あか"),
        ("りんご", "りんご"),
        ("ボール", "ボール"),
        ("黒板", ""),
        ("Cat", ""),
        ("", ""),
    ],
)
def test_a_reading_is_proposed_where_it_is_known(name: str, expected: str) -> None:
    assert furigana.proposed(name) == expected


def test_emoji_to_choose_from_are_different_and_each_is_one_label_long() -> None:
    assert len(set(label_emoji.CHOICE)) == len(label_emoji.CHOICE) == 60
    plain = [label_emoji.proposed(("？",), place) for place in range(10)]
    assert len(set(plain)) == 10
    assert label_emoji.proposed(("", "apple"), 3) == "🍎"
    assert all(len(emoji) <= 16 for emoji in (*label_emoji.CHOICE, *plain))
