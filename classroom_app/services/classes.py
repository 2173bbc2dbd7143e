"""Classes: made from a template, moved through their phases, watched."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from classroom_app.content import catalog
from classroom_app.data import acting
from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import challenge, classes, contest, embedding, photos, runs, shows, unread
from classroom_app.data.tables import Event, Group, Label, utcnow
from classroom_app.errors import BadInputError, ConflictError
from classroom_app.services import final
from classroom_app.services.coach import face_rule
from classroom_app.services.new_labels import completed
from classroom_app.services.round_clock import RoundState
from classroom_app.states import ACTIVE_STATES, FaceRule, Half, Phase, RunState
from classroom_app.views import EventView, GroupStatus, GroupView, LabelView, NewLabel

NAME_LENGTH_MAX = 60


class ClassService:
    def __init__(self, db: Database, max_groups: int, lasts: dt.timedelta) -> None:
        """`lasts`: from the making of a class to its end, unless somebody sets another."""
        self._db = db
        self._max_groups = max_groups
        self._lasts = lasts

    @action("class_made")
    def create(
        self,
        name: str,
        group_count: int,
        *,
        template: str | None = None,
        labels: Sequence[NewLabel] = (),
        faces: str = FaceRule.WARN,
    ) -> EventView:
        """Make a class with its labels and groups; raises BadInputError saying what is wrong."""
        name = name.strip()
        if not name or len(name) > NAME_LENGTH_MAX:
            raise BadInputError("class_name_wrong", length=NAME_LENGTH_MAX)
        if not 1 <= group_count <= self._max_groups:
            raise BadInputError("class_groups_wrong", number=self._max_groups)
        chosen = _template_labels(template) if template else completed(labels)
        with self._db.write() as session:
            event = Event(name=name, faces=face_rule(faces), ends_at=utcnow() + self._lasts)
            event.labels = [
                Label(
                    key=label.key,
                    position=position,
                    emoji=label.emoji,
                    name_ja=label.name_ja,
                    name_en=label.name_en,
                )
                for position, label in enumerate(chosen)
            ]
            codes = _different_codes(group_count)
            event.groups = [
                Group(
                    key=group.key,
                    position=position,
                    emoji=group.emoji,
                    color=group.color,
                    name_ja=group.name_ja,
                    name_en=group.name_en,
                    join_token=secrets.token_urlsafe(16),
                    picture_code=list(codes[position]),
                )
                for position, group in enumerate(catalog.groups_for(group_count))
            ]
            session.add(event)
            session.flush()
            acting.about(event.id)
            return _event_view(event)

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

    @action("card_renewed")
    def renew_group_links(self, event_id: str, group_id: str) -> None:
        """New QR code and picture code; every iPad of the group has to join again."""
        with self._db.write() as session:
            group = classes.lock_group(session, group_id)
            if group.event_id != event_id:
                raise BadInputError("error_group_not_found")
            group.join_token = secrets.token_urlsafe(16)
            group.picture_code = list(_different_codes(1)[0])
            group.token_version += 1

    def monitor(self, event_id: str) -> list[GroupStatus]:
        """Every group as it is now."""
        now = utcnow()
        with self._db.read() as session:
            event = classes.event(session, event_id)
            ids = [group.id for group in event.groups]
            photo_counts = photos.counts(session, ids)
            pending = embedding.pending_counts(session, ids)
            set_aside = unread.set_aside_counts(session, ids)
            all_runs = runs.of_groups(session, ids)
            lines = []
            for group in event.groups:
                own = [run for run in all_runs if run.group_id == group.id]
                active = [run.state for run in own if run.state in ACTIVE_STATES]
                seen = (now - group.seen_at).total_seconds() if group.seen_at else None
                lines.append(
                    GroupStatus(
                        group=_group_view(group),
                        seen_seconds_ago=seen,
                        photos=photo_counts[group.id],
                        features_pending=pending.get(group.id, 0),
                        runs=sum(run.state == RunState.DONE for run in own),
                        active_state=active[0] if active else None,
                        last_error_key=own[-1].error_key if own else None,
                        set_aside=set_aside.get(group.id, 0),
                    )
                )
            return lines


def _template_labels(key: str) -> Sequence[NewLabel]:
    template = catalog.class_template(key)
    if template is None:
        raise BadInputError("class_template_unknown")
    return [NewLabel(label.key, label.emoji, label.name_ja, label.name_en) for label in template.labels]


def _different_codes(count: int) -> list[tuple[str, ...]]:
    codes: list[tuple[str, ...]] = []
    while len(codes) < count:
        code = tuple(secrets.choice(catalog.PICTURES).key for _ in range(catalog.PICTURE_CODE_LENGTH))
        if code not in codes:
            codes.append(code)
    return codes


def label_view(label: Label) -> LabelView:
    return LabelView(label.id, label.key, label.emoji, label.name_ja, label.name_en)


def _group_view(group: Group) -> GroupView:
    return GroupView(
        id=group.id,
        key=group.key,
        emoji=group.emoji,
        color=group.color,
        name_ja=group.name_ja,
        name_en=group.name_en,
        join_path=f"/join/{group.join_token}",
        picture_code=tuple(group.picture_code),
        joined=group.joined_at is not None,
    )


def _event_view(event: Event) -> EventView:
    return EventView(
        id=event.id,
        name=event.name,
        phase=event.phase,
        show_practice=event.show_practice,
        faces=event.faces,
        labels=tuple(label_view(label) for label in event.labels),
        groups=tuple(_group_view(group) for group in event.groups),
    )
