"""Sentences and names in the language of whoever looks at the page."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable

from classroom_app.content import dates, i18n
from classroom_app.errors import ClassroomError
from classroom_app.ui import viewer
from classroom_app.views.classes import LabelView


def t(key: str, **params: object) -> str:
    """Plain text in this viewer's language, for buttons and grown-ups' pages."""
    return i18n.t(key, viewer.lang(), **params)


def t_html(key: str, **params: object) -> str:
    """HTML with furigana in this viewer's language."""
    return i18n.t_html(key, viewer.lang(), **params)


def t_kanji(key: str, **params: object) -> str:
    """Text with kanji and without furigana, for grown-ups."""
    return i18n.t_kanji(key, viewer.lang(), **params)


def side_by_side(*parts: str) -> str:
    """Facts of one line, with the reader's own sign between them; empty ones are left out."""
    return t_kanji("staff_between").join(part for part in parts if part)


def ordinal(number: int) -> str:
    """A place in a row as the reader's language counts it."""
    return i18n.ordinal(number, viewer.lang())


def day_words(moment: dt.datetime) -> str:
    """The day where the app runs, such as 12月4日（金）."""
    return dates.day_words(moment, viewer.lang())


def moment_words(moment: dt.datetime, *, seconds: bool = False) -> str:
    """Day and time where the app runs, such as 12月4日（金）23:59."""
    return dates.moment_words(moment, viewer.lang(), seconds=seconds)


def strings(keys: Iterable[str]) -> dict[str, str]:
    """The texts of a widget, with furigana."""
    return {key: t_html(key) for key in keys}


def sorry(error: ClassroomError) -> str:
    """An error as one friendly sentence (HTML); never its own text."""
    key = error.key if i18n.has(error.key) else ClassroomError.key
    return t_html(key, **error.params)


def label_rows(labels: Iterable[LabelView]) -> list[dict[str, str]]:
    """Labels as `/predict` tells of them."""
    lang = viewer.lang()
    return [
        {"label_id": label.id, "key": label.key, "emoji": label.emoji, "name": label.name(lang)}
        for label in labels
    ]


def label_html(name: str) -> str:
    """A label's name with furigana; names come from people, so they are escaped."""
    return i18n.ruby(html.escape(name))


def label_plain(name: str) -> str:
    """A label's name in the reading, for buttons."""
    return i18n.plain(name)


def label_kanji(name: str) -> str:
    """A label's name with kanji and without readings, for grown-ups."""
    return i18n.kanji(name)
