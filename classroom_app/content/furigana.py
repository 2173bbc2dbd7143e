"""Readings of Japanese names: put together from two plain fields, and proposed where they are known."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from classroom_app.content import catalog, i18n

_KANJI = re.compile("[々〆\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_OF_KANA = re.compile("[ぁ-ゖァ-ヺーゝゞ]")
_MARKS = re.compile(r"[{}|]")


def has_kanji(name: str) -> bool:
    return _KANJI.search(name) is not None


def written(name: str, reading: str) -> str:
    """The name with its reading, `{花|はな}`; kana that both begin or end with stay outside: `お{花|はな}`.

    A name without kanji needs no reading, and one that is written so already has it.
    """
    reading = _MARKS.sub("", unicodedata.normalize("NFKC", reading)).strip()
    if _MARKS.search(name):
        return name
    if not reading or not has_kanji(name):
        return name
    start, end = _shared(name, reading), 0
    while (
        end < min(len(name), len(reading)) - start - 1
        and name[-1 - end] == reading[-1 - end]
        and _OF_KANA.match(name[-1 - end])
    ):
        end += 1
    middle = slice(start, -end or None)
    return f"{name[:start]}{{{name[middle]}|{reading[middle]}}}{name[len(name) - end :]}"


def _shared(name: str, reading: str) -> int:
    """How many kana both begin with; each has to have something left."""
    start = 0
    while (
        start < min(len(name), len(reading)) - 1
        and name[start] == reading[start]
        and _OF_KANA.match(name[start])
    ):
        start += 1
    return start


def proposed(name: str) -> str:
    """A reading: of names that the catalogue has; kana are their own. Else nothing."""
    name = unicodedata.normalize("NFKC", name).strip()
    if name in _readings():
        return _readings()[name]
    return "" if has_kanji(name) or not _OF_KANA.search(name) else name


@cache
def _readings() -> dict[str, str]:
    labels = [label for template in catalog.CLASS_TEMPLATES for label in template.labels]
    return {i18n.kanji(label.name_ja): i18n.plain(label.name_ja) for label in labels}
