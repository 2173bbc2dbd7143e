"""The catalogue keeps its promises: keys, furigana, readable colours, a drawing for every emoji."""

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from classroom_app.content import catalog

EMOJI_FOLDER = Path(catalog.__file__).parent / "assets" / "emoji"
KANJI = re.compile(r"[\u4e00-\u9fff]")
RUBY = re.compile(r"\{([^{}|]+)\|([\u3041-\u3096\u30fc]+)\}")


GROUPS_AND_PICTURES: tuple[catalog.GroupTemplate | catalog.Picture, ...] = (
    *catalog.GROUP_TEMPLATES,
    *catalog.PICTURES,
)


def japanese_texts() -> list[str]:
    texts = [item.name_ja for item in GROUPS_AND_PICTURES]
    for template in catalog.CLASS_TEMPLATES:
        texts += [label.name_ja for label in template.labels]
    return texts


def oklab(color: str) -> tuple[float, float, float]:
    """A space in which distances look equal to the eye (0.02 is just noticeable)."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def test_there_is_enough_to_choose_from() -> None:
    assert len(catalog.CLASS_TEMPLATES) >= 6
    assert len(catalog.GROUP_TEMPLATES) >= 16
    assert len(catalog.PICTURES) == 9
    assert all(len(template.labels) >= 2 for template in catalog.CLASS_TEMPLATES)


def test_keys_are_unique_and_fit_into_folder_names_and_urls() -> None:
    families = [
        [item.key for item in catalog.CLASS_TEMPLATES],
        [item.key for item in catalog.GROUP_TEMPLATES],
        [item.key for item in catalog.PICTURES],
        *([label.key for label in template.labels] for template in catalog.CLASS_TEMPLATES),
    ]
    for keys in families:
        assert len(keys) == len(set(keys))
        assert all(re.fullmatch(r"[a-z][a-z_]*", key) for key in keys)


@pytest.mark.parametrize("text", japanese_texts())
def test_every_kanji_has_furigana(text: str) -> None:
    assert not KANJI.search(RUBY.sub("", text))
    assert "{" not in RUBY.sub("", text)


@pytest.mark.parametrize("template", catalog.CLASS_TEMPLATES, ids=lambda template: template.key)
def test_what_a_facilitator_chooses_from_is_plain_japanese(template: catalog.ClassTemplate) -> None:
    """Without readings, and without the blanks between words that children's sentences have."""
    for text in (template.name_ja, template.hint_ja):
        assert not RUBY.search(text)
        assert " " not in text


def test_groups_and_pictures_are_named_in_kana() -> None:
    for item in GROUPS_AND_PICTURES:
        assert re.fullmatch(r"[\u3041-\u3096\u30a1-\u30fc]+", item.name_ja)


def test_every_group_color_is_readable_and_far_from_the_others() -> None:
    for group in catalog.GROUP_TEMPLATES:
        assert catalog.contrast(group.ink, group.color) >= 4.5
    for one, other in combinations(catalog.GROUP_TEMPLATES, 2):
        distance = sum((a - b) ** 2 for a, b in zip(oklab(one.color), oklab(other.color), strict=True)) ** 0.5
        assert distance > 0.1, (one.key, other.key)


def test_no_emoji_is_used_twice_and_no_picture_looks_like_a_group() -> None:
    emoji = [item.emoji for item in GROUPS_AND_PICTURES]
    assert len(emoji) == len(set(emoji))


def test_every_emoji_has_a_small_drawing_that_draws_only_itself() -> None:
    names = {catalog.emoji_file(emoji) for emoji in catalog.all_emoji()}
    assert {file.name for file in EMOJI_FOLDER.glob("*.svg")} == names
    for name in names:
        text = (EMOJI_FOLDER / name).read_text("utf-8")
        assert len(text) < 5_000
        assert "href" not in text
        assert ElementTree.fromstring(text).attrib["viewBox"] == "0 0 32 32"  # noqa: S314 (our own file)


def test_groups_for_a_class() -> None:
    assert catalog.groups_for(0) == ()
    assert catalog.groups_for(6) == catalog.GROUP_TEMPLATES[:6]
    many = catalog.groups_for(45)
    assert len({group.key for group in many}) == len({group.name_ja for group in many}) == 45
    assert (many[20].name_ja, many[20].name_en, many[40].key) == ("ペンギン2", "Penguins 2", "penguin-3")


def test_look_ups() -> None:
    fruit = catalog.class_template("fruit")
    assert fruit is not None
    assert [label.key for label in fruit.labels] == ["apple", "banana", "orange"]
    assert catalog.class_template("nothing") is None
    key = catalog.picture("key")
    assert key is not None
    assert key.emoji == "🔑"
    assert catalog.picture("nothing") is None


def test_contrast_is_that_of_wcag() -> None:
    assert catalog.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert catalog.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert catalog.ink_on("#ffff00") == catalog.DARK_INK
    assert catalog.ink_on("#000080") == catalog.WHITE_INK
