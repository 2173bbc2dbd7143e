"""Which label a folder belongs to: teachers write its key, one of its names or its emoji, in many ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from classroom_app.content import i18n
from classroom_app.views.classes import LabelView

# Blanks and what stands for one in names of files; marks that only choose how an emoji is drawn, or its skin.
_NOTHING = re.compile("[\\s_\\-\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]+")
# Numbers that sort folders, and what computers add to the name of a second one.
_NUMBER_FIRST = re.compile(r"^[(\[]?\d{1,3}[)\].,:_\-\s]*")
_COPY_LAST = re.compile(r"[\s_-]*(\(\d{1,3}\)|copy|のコピー|コピー)$")
_HIRAGANA, _KATAKANA, _KANA_COUNT = 0x3041, 0x30A1, 86


def plain_name(name: str) -> str:
    """Two names with the same answer are one to a reader: full-width and capital letters do not matter, nor
    blanks, nor how a Mac takes ga apart into ka and a mark.
    """
    return _NOTHING.sub("", _folded(name))


class FolderNames:
    """All that the folders of these labels may be called."""

    def __init__(self, labels: Sequence[LabelView]) -> None:
        self._names: dict[str, str] = {}
        for label in reversed(labels):
            for name in label_names(label):
                self._names[plain_name(name)] = label.id
        self._names |= {plain_name(label.key): label.id for label in reversed(labels)}
        self._loose = _unambiguous((_hiragana(name), label_id) for name, label_id in self._names.items())
        emoji = _unambiguous((plain_name(label.emoji), label.id) for label in labels)
        self._loose = emoji | self._loose
        self._names.pop("", None)
        self._loose.pop("", None)

    def label_id(self, folders: Sequence[str]) -> str | None:
        """Of the innermost folder that is a label's; `folders` from the outermost on."""
        for folder in reversed(folders):
            found = self._label_of(folder)
            if found is not None:
                return found
        return None

    def _label_of(self, folder: str) -> str | None:
        exact = self._names.get(plain_name(folder))
        if exact is not None:
            return exact
        return next((self._loose[name] for name in _loosely(folder) if name in self._loose), None)


def label_names(label: LabelView) -> tuple[str, ...]:
    """Its names in both languages: with kanji, in kana, and as they are written with readings."""
    return label.name_en, i18n.kanji(label.name_ja), i18n.plain(label.name_ja), label.name_ja


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _loosely(folder: str) -> Iterable[str]:
    """The folder's name with less and less around it."""
    text = _folded(folder).strip()
    yield _hiragana(plain_name(text))
    text = _COPY_LAST.sub("", _NUMBER_FIRST.sub("", text))
    yield _hiragana(plain_name(text))
    yield _hiragana(plain_name("".join(char for char in text if not _is_picture(char))))
    yield plain_name("".join(char for char in text if _is_picture(char)))


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) in {"So", "Sk"}


def _hiragana(text: str) -> str:
    """Katakana as hiragana: which of them is used says nothing about the thing."""
    return "".join(
        chr(ord(char) - _KATAKANA + _HIRAGANA) if 0 <= ord(char) - _KATAKANA < _KANA_COUNT else char
        for char in text
    )


def _unambiguous(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice = set()
    for name, label_id in names:
        if found.setdefault(name, label_id) != label_id:
            twice.add(name)
    return {name: label_id for name, label_id in found.items() if name not in twice}
