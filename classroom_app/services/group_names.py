"""Names that groups are given: completed, and none that a child could take for another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from classroom_app.content import i18n
from classroom_app.content.catalog import GroupTemplate, TwoNames
from classroom_app.errors import BadInputError
from classroom_app.services.folder_names import plain_name

GROUP_NAME_LENGTH_MAX = 40  # with its furigana


def completed_names(name_ja: str, name_en: str) -> tuple[str, str]:
    """One name stands for the other language's too. Raises BadInputError `class_group_name_wrong`."""
    ja, en = name_ja.strip(), name_en.strip()
    ja, en = ja or en, en or i18n.kanji(ja)
    if not ja or max(len(ja), len(en)) > GROUP_NAME_LENGTH_MAX:
        raise BadInputError("class_group_name_wrong", length=GROUP_NAME_LENGTH_MAX)
    return ja, en


def plain_names(name_ja: str, name_en: str) -> set[str]:
    """As a reader tells them apart."""
    return {plain_name(i18n.kanji(name_ja)), plain_name(name_en)}


def names_of(groups: Iterable[TwoNames]) -> set[str]:
    return {name for group in groups for name in plain_names(group.name_ja, group.name_en)}


def checked(groups: Sequence[GroupTemplate]) -> list[GroupTemplate]:
    """The groups of a class to be made, with complete names.

    Raises BadInputError `class_group_name_wrong`, `class_group_name_taken`, `class_group_animal_twice`.
    """
    done, names, keys = list[GroupTemplate](), set[str](), set[str]()
    for group in groups:
        ja, en = completed_names(group.name_ja, group.name_en)
        if group.key in keys:
            raise BadInputError("class_group_animal_twice", name=i18n.kanji(ja))
        if names & plain_names(ja, en):
            raise BadInputError("class_group_name_taken", name=i18n.kanji(ja))
        names |= plain_names(ja, en)
        keys.add(group.key)
        done.append(replace(group, name_ja=ja, name_en=en))
    return done
