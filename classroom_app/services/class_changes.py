"""A class's names, labels and groups, changed after it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from classroom_app.content import catalog, i18n
from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import challenge, classes, comparisons
from classroom_app.data.tables import Event, Label
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.services.classes import checked_ipads, class_name, different_codes, new_group, new_label
from classroom_app.services.group_lines import group_view
from classroom_app.services.group_names import completed_names, names_of, plain_names
from classroom_app.services.new_labels import completed
from classroom_app.states import LABELS_TO_TRAIN, Phase
from classroom_app.views.classes import GroupView, NewLabel


class ClassChangeService:
    def __init__(self, db: Database, max_groups: int) -> None:
        self._db = db
        self._max_groups = max_groups

    @action("class_renamed")
    def rename(self, event_id: str, name: str) -> None:
        """Raises BadInputError `class_name_wrong`."""
        name = class_name(name)
        with self._db.write() as session:
            classes.event(session, event_id).name = name

    # -- labels --------------------------------------------------------------------------------

    @action("label_renamed")
    def rename_label(self, event_id: str, label_id: str, wanted: NewLabel) -> None:
        """Its names and its sign, at any time; its key stays, for ZIPs and files were made with it.

        Raises BadInputError as a new class does, NotFoundError.
        """
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            label = _label(event, label_id)
            wanted = replace(wanted, key=label.key)
            rest = [wanted if other is label else _as_new(other) for other in event.labels]
            done = completed(rest)[event.labels.index(label)]
            label.emoji, label.name_ja, label.name_en = done.emoji, done.name_ja, done.name_en

    @action("label_added")
    def add_label(self, event_id: str, wanted: NewLabel) -> None:
        """One more at the end, before the class collects: then every group has all of them to learn.

        Raises BadInputError as a new class does, ConflictError `class_labels_fixed`.
        """
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            _before_collecting(event)
            done = completed([*map(_as_new, event.labels), wanted])[-1]
            event.labels.append(new_label(done, 1 + max(label.position for label in event.labels)))
            comparisons.set_changed(session, event_id)

    @action("label_removed")
    def remove_label(self, event_id: str, label_id: str) -> None:
        """Before the class collects, and while no photo is of it.

        Raises ConflictError `class_labels_fixed`, `class_label_has_photos`, BadInputError
        `class_labels_few`, NotFoundError.
        """
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            _before_collecting(event)
            label = _label(event, label_id)
            if classes.has_photos(session, label_id):
                raise ConflictError("class_label_has_photos")
            if len(event.labels) <= LABELS_TO_TRAIN:
                raise BadInputError("class_labels_few", low=LABELS_TO_TRAIN)
            event.labels.remove(label)
            comparisons.set_changed(session, event_id)

    # -- groups --------------------------------------------------------------------------------

    @action("group_renamed")
    def rename_group(self, event_id: str, group_id: str, name_ja: str, name_en: str) -> None:
        """One name stands for both languages; the animal and its colour stay, for the card shows them.

        Raises BadInputError `class_group_name_wrong`, `class_group_name_taken`, NotFoundError.
        """
        ja, en = completed_names(name_ja, name_en)
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            group = next((group for group in event.groups if group.id == group_id), None)
            if group is None:
                raise NotFoundError("error_group_not_found")
            others = [group_view(other) for other in event.groups if other is not group]
            if plain_names(ja, en) & names_of(others):
                raise BadInputError("class_group_name_taken", name=i18n.kanji(ja))
            group.name_ja, group.name_en = ja, en

    @action("group_ipads_set")
    def set_group_ipads(self, event_id: str, group_id: str, number: int) -> None:
        """How many iPads the group is to get, 1 to 6; what is not there is told, nothing is refused for it.

        Raises BadInputError `class_group_ipads_wrong`, StaleEpochError for a group that is gone,
        NotFoundError for one of another class.
        """
        checked_ipads(number)
        with self._db.write() as session:
            group = classes.lock_group(session, group_id)
            if group.event_id != event_id:
                raise NotFoundError("error_group_not_found")
            group.ipads = number

    @action("group_added")
    def add_group(self, event_id: str) -> GroupView:
        """The next animal, at any time of the day. Raises ConflictError `class_groups_full`."""
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            if len(event.groups) >= self._max_groups:
                raise ConflictError("class_groups_full", number=self._max_groups)
            taken = [tuple(group.picture_code) for group in event.groups]
            group = new_group(
                _next_animal([group_view(group) for group in event.groups]),
                1 + max((group.position for group in event.groups), default=-1),
                different_codes(1, taken)[0],
            )
            event.groups.append(group)
            session.flush()
            return group_view(group)


def _label(event: Event, label_id: str) -> Label:
    label = next((label for label in event.labels if label.id == label_id), None)
    if label is None:
        raise NotFoundError("error_label_not_found")
    return label


def _as_new(label: Label) -> NewLabel:
    return NewLabel(label.key, label.emoji, label.name_ja, label.name_en)


def _before_collecting(event: Event) -> None:
    if event.phase != Phase.LOBBY:
        raise ConflictError("class_labels_fixed")


def _next_animal(groups: Sequence[GroupView]) -> catalog.GroupTemplate:
    """The first animal that no group is, and whose name none has taken."""
    keys, names = {group.key for group in groups}, names_of(groups)
    animals = (catalog.groups_for(number)[-1] for number in count(1))
    return next(
        animal
        for animal in animals
        if animal.key not in keys and not plain_names(animal.name_ja, animal.name_en) & names
    )
