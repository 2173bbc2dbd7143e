"""Texts in Japanese and English: `t(key, lang)`; furigana written as {漢字|かんじ}."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path

LANGUAGES = ("ja", "en")
FOR_ADULTS = "__adult"  # ends the key of a sentence that adults read in place of children's
_RUBY = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
_BLANK = re.compile(r"\{([a-z_]+)\}")


@cache
def sentences(lang: str) -> dict[str, str]:
    """All of one of `LANGUAGES` by their keys, as they are written: with readings, blanks not filled in."""
    path = Path(__file__).with_name("locales") / f"{lang}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def has(key: str) -> bool:
    """Is there a sentence for this key?"""
    return key in sentences(LANGUAGES[0])


def blanks(key: str) -> tuple[str, ...]:
    """The names of what has to be filled in."""
    return tuple(dict.fromkeys(_BLANK.findall(sentences(LANGUAGES[0])[key])))


def _fill(key: str, lang: str, params: dict[str, object]) -> str:
    text = sentences(lang if lang in LANGUAGES else LANGUAGES[0])[key]
    return _BLANK.sub(lambda match: str(params[match[1]]), text)


def t(key: str, lang: str, **params: object) -> str:
    """The sentence as plain text in the reading (kana), for buttons and other places without ruby.

    Raises KeyError for an unknown key or a missing parameter: a test holds that neither happens.
    """
    return plain(_fill(key, lang, params))


def t_html(key: str, lang: str, **params: object) -> str:
    """The sentence as HTML with `<ruby>`; parameters are escaped."""
    escaped: dict[str, object] = {name: html.escape(str(value)) for name, value in params.items()}
    text = sentences(lang if lang in LANGUAGES else LANGUAGES[0])[key]
    return ruby(_BLANK.sub(lambda match: str(escaped[match[1]]), html.escape(text, quote=False)))


def t_kanji(key: str, lang: str, **params: object) -> str:
    """The sentence with kanji and no readings, for grown-ups: their own where children read another one."""
    own = f"{key}{FOR_ADULTS}"
    return _RUBY.sub(r"\1", _fill(own if has(own) else key, lang, params))


def ordinal(number: int, lang: str) -> str:
    """A place in a row as the language counts it: 1st in English, the number alone before 位."""
    if lang != "en":
        return str(number)
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def ruby(text: str) -> str:
    """`{写真|しゃしん}` becomes `<ruby>写真<rt>しゃしん</rt></ruby>`; the rest stays (escape it before)."""
    return _RUBY.sub(r"<ruby>\1<rt>\2</rt></ruby>", text)


def plain(text: str) -> str:
    """`{写真|しゃしん}` becomes `しゃしん`."""
    return _RUBY.sub(r"\2", text)


def kanji(text: str) -> str:
    """`{写真|しゃしん}` becomes `写真`."""
    return _RUBY.sub(r"\1", text)
