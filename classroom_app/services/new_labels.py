"""A class's own labels: completed where a teacher need not say everything, and refused with what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from classroom_app.content import i18n
from classroom_app.errors import BadInputError
from classroom_app.services.folder_names import plain_name
from classroom_app.states import LABEL_KEY_LENGTH_MAX, LABELS_MAX, LABELS_TO_TRAIN
from classroom_app.views.classes import NewLabel

NAME_LENGTH_MAX = 80  # with its furigana
EMOJI_LENGTH_MAX = 16  # some are made of many characters
_NOT_IN_KEYS = re.compile(r"[^\w]+")


def completed(labels: Sequence[NewLabel]) -> list[NewLabel]:
    """One name is enough: it stands for the other language's too, and a key is made of it.

    Raises BadInputError that says which label is wrong, and how.
    """
    if len(labels) < LABELS_TO_TRAIN:
        raise BadInputError("class_labels_few", low=LABELS_TO_TRAIN)
    if len(labels) > LABELS_MAX:
        raise BadInputError("class_labels_many", high=LABELS_MAX)
    done = [_completed(label, number) for number, label in enumerate(labels, 1)]
    for names in ([i18n.kanji(label.name_ja) for label in done], [label.name_en for label in done]):
        if (twice := _twice(names)) is not None:
            raise BadInputError("class_labels_same_name", name=twice)
    if (twice := _twice([label.key for label in done])) is not None:
        raise BadInputError("class_labels_same_key", name=twice)
    return done


def _completed(label: NewLabel, number: int) -> NewLabel:
    ja, en = label.name_ja.strip(), label.name_en.strip()
    key, emoji = label.key.strip(), label.emoji.strip()
    if not ja and not en:
        raise BadInputError("class_label_no_name", number=number)
    ja, en = ja or en, en or i18n.kanji(ja)
    name = i18n.kanji(ja)[:NAME_LENGTH_MAX]
    if max(len(ja), len(en)) > NAME_LENGTH_MAX:
        raise BadInputError("class_label_name_long", name=name[:20], length=NAME_LENGTH_MAX)
    if len(key) > LABEL_KEY_LENGTH_MAX:
        raise BadInputError("class_label_key_long", name=name, length=LABEL_KEY_LENGTH_MAX)
    if not emoji or len(emoji) > EMOJI_LENGTH_MAX:
        raise BadInputError("class_label_emoji", name=name)
    made = _NOT_IN_KEYS.sub("-", en.casefold()).strip("-")[:LABEL_KEY_LENGTH_MAX]
    return replace(label, key=key or made or f"label-{number}", emoji=emoji, name_ja=ja, name_en=en)


def _twice(names: Sequence[str]) -> str | None:
    """One that was there before. Full-width letters, capitals and blanks make no other name: children could
    not tell them apart.
    """
    taken: set[str] = set()
    for name in names:
        plain = plain_name(name) or name
        if plain in taken:
            return name
        taken.add(plain)
    return None
