"""Classes: made from a template, moved through their phases, watched."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence

from classroom_app.content import catalog
from classroom_app.content.catalog import GroupTemplate
from classroom_app.data import acting
from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import accounts, challenge, classes, contest, ipads, photos, runs, shows
from classroom_app.data.tables import Event, Group, Label, utcnow
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.services import final, venue
from classroom_app.services.class_terms import ClassTerms
from classroom_app.services.contest_rules import check_rules
from classroom_app.services.face_rule import face_rule
from classroom_app.services.group_lines import group_lines, group_view
from classroom_app.services.group_names import checked
from classroom_app.services.new_labels import completed
from classroom_app.services.ranking import rules_of
from classroom_app.services.round_clock import RoundState
from classroom_app.states import IPADS_MAX, SWAP_PHASES, FaceRule, Half, Phase
from classroom_app.views.classes import ClassPlan, EventView, LabelView, NewLabel
from classroom_app.views.console import GroupStatus

NAME_LENGTH_MAX = 60


class ClassService:
    def __init__(self, db: Database, max_groups: int, terms: ClassTerms) -> None:
        self._db = db
        self._max_groups = max_groups
        self._terms = terms

    @action("class_made")
    def create(
        self,
        name: str,
        groups: int | Sequence[GroupTemplate],
        *,
        template: str | None = None,
        labels: Sequence[NewLabel] = (),
        faces: str = FaceRule.WARN,
        ipads: Mapping[str, int] | None = None,
    ) -> EventView:
        """Make a class with its labels and groups, or the first so many animals as its groups. `ipads`: how
        many a group gets, by its key; one where nothing is said.

        Raises BadInputError saying what is wrong.
        """
        if isinstance(groups, int):
            self._check_groups(groups)
            groups = catalog.groups_for(groups)
        chosen = _template_labels(template) if template else labels
        plan = ClassPlan(name, tuple(chosen), tuple(groups), face_rule(faces), group_ipads=ipads or {})
        return self.make(plan)

    @action("class_made")
    def make(self, plan: ClassPlan) -> EventView:
        """Raises BadInputError saying what is wrong with the plan."""
        name, rules = class_name(plan.name), plan.rules
        self._check_groups(len(plan.groups))
        check_rules(rules)
        keep_days = self._terms.checked(plan.keep_days)
        ipads_of = {group.key: checked_ipads(plan.group_ipads.get(group.key, 1)) for group in plan.groups}
        labels, animals = completed(plan.labels), checked(plan.groups)
        networks = venue.parsed(" ".join(plan.networks))
        with self._db.write() as session:
            event = Event(
                name=name,
                faces=plan.faces,
                show_practice=plan.show_practice,
                show_baselines=plan.show_baselines,
                take_home=plan.take_home,
                networks=venue.stored(networks),
                counted=rules.counted,
                trainings_max=rules.trainings_max,
                freeze_minutes=rules.freeze_minutes,
                tie_break=rules.tie_break,
                ends_at=utcnow() + self._terms.lasts,
                keep_days=keep_days,
            )
            event.labels = [new_label(label, position) for position, label in enumerate(labels)]
            codes = different_codes(len(animals))
            event.groups = [
                new_group(animal, position, code, plan.group_faces.get(animal.key), ipads_of[animal.key])
                for position, (animal, code) in enumerate(zip(animals, codes, strict=True))
            ]
            session.add(event)
            session.flush()
            acting.about(event.id)
            if (maker := acting.maker()) is not None:
                accounts.give_class(session, maker, event.id)
            return _event_view(event)

    def plan(self, event_id: str) -> ClassPlan:
        """What the class is made of now; making it gives the same class without what happened in it."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            return ClassPlan(
                name=event.name,
                labels=tuple(NewLabel(x.key, x.emoji, x.name_ja, x.name_en) for x in event.labels),
                groups=tuple(
                    GroupTemplate(x.key, x.emoji, x.color, x.name_ja, x.name_en) for x in event.groups
                ),
                faces=event.faces,
                group_faces={x.key: x.faces for x in event.groups if x.faces is not None},
                group_ipads={x.key: x.ipads for x in event.groups if x.ipads != 1},
                show_practice=event.show_practice,
                show_baselines=event.show_baselines,
                take_home=event.take_home,
                keep_days=self._terms.keep_days(event),
                networks=venue.listed(event.networks),
                rules=rules_of(event),
            )

    def _check_groups(self, number: int) -> None:
        if not 1 <= number <= self._max_groups:
            raise BadInputError("class_groups_wrong", number=self._max_groups)

    def get(self, event_id: str) -> EventView:
        with self._db.read() as session:
            return _event_view(classes.event(session, event_id))

    def all(self) -> list[EventView]:
        """Newest first."""
        with self._db.read() as session:
            return [_event_view(event) for event in classes.events(session)]

    @action("phase_set")
    def set_phase(self, event_id: str, phase: str, *, reopen: bool = False) -> None:
        """Collecting needs a challenge set with both halves of every label: nothing else is fair.

        The reveal writes the final down. To collect once more after it takes `reopen`: the next reveal then
        makes another final, marked as such. Raises ConflictError (`class_has_ended`,
        `challenge_missing`, `final_is_made`, `runs_finishing`).
        """
        try:
            wanted = Phase(phase)
        except ValueError as exc:
            raise BadInputError from exc
        with self._db.write() as session:
            # With its groups: no training ends, and no photo comes, while it is decided what counts.
            event = challenge.lock(session, event_id)
            if wanted != Phase.CLOSED and RoundState(contest.clock_of(event), utcnow()).class_has_ended:
                raise ConflictError("class_has_ended")
            if wanted not in {Phase.LOBBY, Phase.CLOSED}:
                counts = challenge.counts(session, event_id)
                missing = [
                    label
                    for label in event.labels
                    if not (counts.get((label.id, Half.PRACTICE)) and counts.get((label.id, Half.FINAL)))
                ]
                if missing:
                    names = ", ".join(f"{label.emoji} {label.key}" for label in missing)
                    raise ConflictError("challenge_missing", labels=names)
            final.enter(session, event, wanted, reopen=reopen)
            if wanted == Phase.REVEAL and event.phase not in {Phase.REVEAL, Phase.CLOSED}:
                shows.rewind(session, event_id, utcnow())  # a new reveal is told from its beginning
            if wanted not in SWAP_PHASES:
                event.swap_turn = None
            if wanted in {Phase.REVEAL, Phase.CLOSED} and wanted != event.phase:
                for group in event.groups:  # what was said before the show is about nothing any more
                    group.said_word = group.said_text = group.said_at = group.said_read_at = None
            event.phase = wanted

    @action("practice_photos_set")
    def allow_practice_photos(self, event_id: str, allowed: bool) -> None:
        """Whether groups see the practice photos that their AI got wrong."""
        with self._db.write() as session:
            classes.event(session, event_id).show_practice = allowed

    @action("faces_set")
    def set_faces(self, event_id: str, faces: str) -> None:
        """What happens to photos with a face from now on: allow, warn or block."""
        with self._db.write() as session:
            classes.event(session, event_id).faces = face_rule(faces)

    @action("group_faces_set")
    def set_group_faces(self, event_id: str, group_id: str, faces: str | None) -> None:
        """The group's own rule, for a child who must not be in pictures; None: the class's. Where the class's
        is stricter, that holds. Raises StaleEpochError, and NotFoundError for a group of another class.
        """
        rule = None if faces is None else face_rule(faces)
        with self._db.write() as session:
            group = classes.lock_group(session, group_id)
            if group.event_id != event_id:
                raise NotFoundError("error_group_not_found")
            group.faces = rule

    @action("card_renewed")
    def renew_group_links(self, event_id: str, group_id: str) -> None:
        """New QR code and picture code; every iPad of the group has to join again."""
        with self._db.write() as session:
            group = classes.lock_group(session, group_id)
            if group.event_id != event_id:
                raise BadInputError("error_group_not_found")
            group.join_token = secrets.token_urlsafe(16)
            group.picture_code = list(different_codes(1)[0])
            group.token_version += 1
            ipads.forget_done(session, group_id)  # they are out; whoever joins again says so

    def monitor(self, event_id: str) -> list[GroupStatus]:
        """Every group as it is now."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            ids = [group.id for group in event.groups]
            counts, all_runs = photos.counts(session, ids), runs.of_groups(session, ids)
            return group_lines(session, event, utcnow(), counts, all_runs)


def _template_labels(key: str) -> Sequence[NewLabel]:
    template = catalog.class_template(key)
    if template is None:
        raise BadInputError("class_template_unknown")
    return [NewLabel(label.key, label.emoji, label.name_ja, label.name_en) for label in template.labels]


def class_name(name: str) -> str:
    """As it is kept. Raises BadInputError `class_name_wrong`."""
    name = name.strip()
    if not name or len(name) > NAME_LENGTH_MAX:
        raise BadInputError("class_name_wrong", length=NAME_LENGTH_MAX)
    return name


def different_codes(count: int, taken: Iterable[tuple[str, ...]] = ()) -> list[tuple[str, ...]]:
    """So many picture codes that no other group of the class has."""
    known, codes = set(taken), list[tuple[str, ...]]()
    while len(codes) < count:
        code = tuple(secrets.choice(catalog.PICTURES).key for _ in range(catalog.PICTURE_CODE_LENGTH))
        if code not in known:
            known.add(code)
            codes.append(code)
    return codes


def new_label(label: NewLabel, position: int) -> Label:
    return Label(
        key=label.key,
        position=position,
        emoji=label.emoji,
        name_ja=label.name_ja,
        name_en=label.name_en,
    )


def new_group(
    animal: GroupTemplate,
    position: int,
    picture_code: tuple[str, ...],
    faces: FaceRule | None = None,
    ipads: int = 1,
) -> Group:
    return Group(
        key=animal.key,
        position=position,
        emoji=animal.emoji,
        color=animal.color,
        name_ja=animal.name_ja,
        name_en=animal.name_en,
        join_token=secrets.token_urlsafe(16),
        picture_code=list(picture_code),
        faces=faces,
        ipads=ipads,
    )


def checked_ipads(number: int) -> int:
    """Raises BadInputError `class_group_ipads_wrong`."""
    if not 1 <= number <= IPADS_MAX:
        raise BadInputError("class_group_ipads_wrong", number=IPADS_MAX)
    return number


def label_view(label: Label) -> LabelView:
    return LabelView(label.id, label.key, label.emoji, label.name_ja, label.name_en)


def _event_view(event: Event) -> EventView:
    return EventView(
        id=event.id,
        name=event.name,
        phase=event.phase,
        show_practice=event.show_practice,
        faces=event.faces,
        labels=tuple(label_view(label) for label in event.labels),
        groups=tuple(group_view(group) for group in event.groups),
    )
