"""A class in any order of what people and processes do: after each step everything must fit together.

Hypothesis makes up the orders and shortens one that breaks a promise. A small model beside the services says
what each answer has to be; the check of everything (`services/integrity.py`) says whether rows and files fit.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.configuration
import pytest
import sqlalchemy
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from classroom_app.data.files import Files
from classroom_app.data.repository import finals
from classroom_app.data.tables import ChallengePhoto, Photo, utcnow
from classroom_app.errors import ConflictError, NotFoundError, StaleEpochError
from classroom_app.resources import App, make_blobs
from classroom_app.services.forgetting import Forgetting
from classroom_app.services.integrity import IntegrityService
from classroom_app.services.model_store import ModelStore
from classroom_app.services.privacy import PrivacyService
from classroom_app.services.streams import Streams
from classroom_app.services.training.records import FittedModel
from classroom_app.states import PHOTOS_TO_TRAIN, DeletionScope, Phase
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from classroom_app.views.photos import TakenPhoto
from tests.conftest import ON_POSTGRES
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, identity, jpeg

GROUPS = 2
LABELS = 3
EXAMPLES, STEPS = 6, 25  # about 10 s of a processor
UNDO = dt.timedelta(minutes=10)
ids = itertools.count(1)


def new_photo_id() -> str:
    return str(uuid.UUID(int=next(ids), version=4))


@dataclass
class ModelPhoto:
    """Where a photo should be: `hidden` after a child's delete, until undo or the sweep."""

    group: int
    label: int
    color: bytes
    hidden: bool = False


@dataclass
class ModelRun:
    group: int
    epoch: int
    step: int = 0
    fitted: FittedModel | None = None


@dataclass
class Model:
    """What the services should know."""

    phase: Phase = Phase.COLLECT
    photos: dict[str, ModelPhoto] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)  # the last deleted at the end
    gone: set[str] = field(default_factory=set)
    runs: dict[str, ModelRun] = field(default_factory=dict)  # on their way
    done: dict[int, dict[str, set[str]]] = field(  # what each version learnt from, by its run
        default_factory=lambda: {group: {} for group in range(GROUPS)}
    )
    final: dict[int, tuple[int, int]] | None = None  # photos and versions by group, as they were then
    counted: dict[int, str | None] = field(default_factory=dict)  # the run that counts in it
    finals: int = 0  # written down so far

    def standing(self) -> dict[int, tuple[int, int]]:
        return {group: (len(self.seen(group)), len(done)) for group, done in self.done.items()}

    def seen(self, group: int) -> dict[str, int]:
        """Label by id of what a group's children see."""
        own = {name: photo for name, photo in self.photos.items() if photo.group == group}
        return {name: photo.label for name, photo in own.items() if not photo.hidden}

    def can_train(self, group: int) -> bool:
        labels = list(self.seen(group).values())
        return sum(labels.count(label) >= PHOTOS_TO_TRAIN for label in range(LABELS)) >= 2

    def learnt_from(self, names: set[str]) -> set[str]:
        return {run_id for done in self.done.values() for run_id, learnt in done.items() if learnt & names}

    def unlearn(self, run_ids: set[str]) -> None:
        for group, done in self.done.items():
            self.done[group] = {run_id: learnt for run_id, learnt in done.items() if run_id not in run_ids}
            if self.final is not None and self.counted.get(group) in run_ids:
                self.final[group] = (0, 0)

    def forget(self, names: set[str]) -> None:
        for name in names:
            self.photos.pop(name, None)
        self.gone |= names
        self.hidden = [name for name in self.hidden if name not in names]


class Queue:
    """Of a process that works on runs."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def workflows(self) -> set[str]:
        return set(self.ids)

    def is_executor(self) -> bool:
        return True

    def forget(self, run_ids: Iterable[str]) -> int:
        self.ids.difference_update(run_ids)
        return 0


class ClassInAnyOrder(RuleBasedStateMachine):
    """One class of one app; `app` is set by the test."""

    app: App

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.queue = Queue()
        files = Files(make_blobs(self.app.settings))
        models, streams, incoming = ModelStore(files), Streams(), self.app.incoming
        app, queue = self.app, self.queue
        forgetting = Forgetting(app.db, models, streams, app.ml, app.intake, "local", queue)
        self.privacy = PrivacyService(app.db, files, UNDO, queue, forgetting, incoming)
        self.integrity = IntegrityService(app.db, files, queue)
        self.event: EventView

    @initialize()
    def make_the_class(self) -> None:
        event = self.app.classes.create("Any order", GROUPS, template="fruit")
        for label in event.labels:
            pictures = [(f"{n}.jpg", jpeg(COLORS[label.key], 1000 + n)) for n in range(2)]
            assert put_in(self.app.challenge, event.id, label.id, pictures).added == 2
        self.app.classes.set_phase(event.id, Phase.COLLECT)
        self.event = self.app.classes.get(event.id)

    def me(self, group: int) -> GroupIdentity:
        """As a request would find it; of a closed class there is none, so iPads are out then."""
        return identity(self.app, self.event, group)

    def is_open(self) -> bool:
        return self.model.phase != Phase.CLOSED

    # -- children ------------------------------------------------------------------------------

    @precondition(is_open)
    @rule(group=st.integers(0, GROUPS - 1), label=st.integers(0, LABELS - 1), seed=st.integers(0, 3))
    def send(self, group: int, label: int, seed: int) -> None:
        self._send(self.me(group), group, label, new_photo_id(), seed)

    @precondition(is_open)
    @rule(group=st.integers(0, GROUPS - 1))
    def send_enough(self, group: int) -> None:
        for label in (0, 1):
            for seed in range(PHOTOS_TO_TRAIN):
                self._send(self.me(group), group, label, new_photo_id(), seed)

    @precondition(is_open)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        known = sorted(self.model.photos)
        if not known:
            return
        name = data.draw(st.sampled_from(known))
        photo = self.model.photos[name]
        me = self.me(photo.group)
        assert not self.app.photos.take(me, self.event.labels[photo.label].id, name, None, photo.color)

    @precondition(is_open)
    @rule(data=st.data())
    def send_what_was_deleted(self, data: st.DataObject) -> None:
        if not self.model.gone:
            return
        name = data.draw(st.sampled_from(sorted(self.model.gone)))
        with pytest.raises(ConflictError):
            self._take(self.me(0), 0, name)

    def _take(self, me: GroupIdentity, label: int, name: str) -> TakenPhoto:
        picture = jpeg(COLORS[self.event.labels[label].key])
        return self.app.photos.take(me, self.event.labels[label].id, name, None, picture)

    def _send(self, me: GroupIdentity, group: int, label: int, name: str, seed: int) -> None:
        picture = jpeg(COLORS[self.event.labels[label].key], seed)
        if self.model.phase != Phase.COLLECT:
            with pytest.raises(ConflictError):
                self.app.photos.take(me, self.event.labels[label].id, name, None, picture)
            return
        assert self.app.photos.take(me, self.event.labels[label].id, name, None, picture)
        self.model.photos[name] = ModelPhoto(group, label, picture)

    @precondition(is_open)
    @rule(data=st.data(), label=st.integers(0, LABELS - 1))
    def move(self, data: st.DataObject, label: int) -> None:
        name = self._any_photo(data)
        if name is None:
            return
        photo = self.model.photos[name]
        with self._refused_unless_seen(photo):
            self.app.photos.move(self.me(photo.group), name, self.event.labels[label].id)
            photo.label = label

    @precondition(is_open)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = self._any_photo(data)
        if name is None:
            return
        photo = self.model.photos[name]
        with self._refused_unless_seen(photo):
            self.app.photos.delete(self.me(photo.group), name)
            photo.hidden = True
            self.model.hidden.append(name)

    @precondition(is_open)
    @rule(group=st.integers(0, GROUPS - 1))
    def undo(self, group: int) -> None:
        last = [name for name in self.model.hidden if self.model.photos[name].group == group][-1:]
        if self.model.phase != Phase.COLLECT:
            with pytest.raises(ConflictError):
                self.app.photos.undo_delete(self.me(group))
            return
        assert self.app.photos.undo_delete(self.me(group)) == bool(last)
        for name in last:
            self.model.photos[name].hidden = False
            self.model.hidden.remove(name)

    def _any_photo(self, data: st.DataObject) -> str | None:
        return data.draw(st.sampled_from(sorted(self.model.photos))) if self.model.photos else None

    @contextlib.contextmanager
    def _refused_unless_seen(self, photo: ModelPhoto) -> Iterator[None]:
        if self.model.phase == Phase.COLLECT and not photo.hidden:
            yield
            return
        before = photo.label, photo.hidden, list(self.model.hidden)
        with pytest.raises((ConflictError, NotFoundError)):
            yield
        assert before == (photo.label, photo.hidden, self.model.hidden)

    @precondition(is_open)
    @rule(group=st.integers(0, GROUPS - 1))
    def tap_train(self, group: int) -> None:
        active = [run_id for run_id, run in self.model.runs.items() if run.group == group]
        me = self.me(group)
        if active:
            assert self.app.runs.request(me) == active[0]
        elif self.model.phase != Phase.COLLECT or not self.model.can_train(group):
            with pytest.raises(ConflictError):
                self.app.runs.request(me)
        else:
            run_id = self.app.runs.request(me)
            self.queue.ids.add(run_id)
            self.model.runs[run_id] = ModelRun(group, me.epoch)

    # -- processes -----------------------------------------------------------------------------

    @precondition(lambda self: self.model.runs)
    @rule(data=st.data(), steps=st.integers(1, 4))
    def work_on_a_run(self, data: st.DataObject, steps: int) -> None:
        """Some steps of the workflow; the same one again where the last one was not known to be done."""
        run_id = data.draw(st.sampled_from(sorted(self.model.runs)))
        run = self.model.runs[run_id]
        for _ in range(steps):
            if run_id in self.model.runs:
                self._step(run_id, run)

    def _step(self, run_id: str, run: ModelRun) -> None:
        training = self.app.training
        try:
            if run.step == 0:
                assert training.start(run_id)
            elif run.step == 1:
                training.prepare(run_id)
            elif run.step == 2:
                run.fitted = training.fit(run_id)
            else:
                assert run.fitted is not None
                training.finish(run_id, run.fitted)
        except ZeroDivisionError:  # the stand-in, when all photos went since the tap: nothing can be learnt
            training.fail(run_id, "run_failed")
            del self.model.runs[run_id]
            return
        run.step += 1
        if run.step == 4:
            del self.model.runs[run_id]
            assert run.fitted is not None
            if set(run.fitted.photo_ids) <= set(self.model.photos):  # else it was cancelled
                self.model.done[run.group][run_id] = set(run.fitted.photo_ids)

    @rule()
    def embed(self) -> None:
        self.app.embedding.embed_some(Photo)
        self.app.embedding.embed_some(ChallengePhoto)

    @rule()
    def sweep(self) -> None:
        assert self.privacy.sweep() == 0  # nothing is due, and nothing lies about

    @rule()
    def time_for_undo_passes(self) -> None:
        past = utcnow() - UNDO - dt.timedelta(seconds=1)
        with self.app.db.write() as session:
            for photo in session.query(Photo).where(Photo.deleted_at.is_not(None)):
                photo.deleted_at = past
        hidden = set(self.model.hidden)
        assert self.privacy.sweep() == len(hidden)
        self.model.forget(hidden)

    # -- facilitators --------------------------------------------------------------------------

    @rule(phase=st.sampled_from([Phase.COLLECT, Phase.COLLECT, Phase.COLLECT, *Phase]))
    def set_phase(self, phase: Phase) -> None:
        model, move = self.model, self.app.classes.set_phase
        if phase == Phase.COLLECT and model.final is not None:
            with pytest.raises(ConflictError, match="final_is_made"):
                move(self.event.id, phase)
            move(self.event.id, phase, reopen=True)
            model.final = None
        elif phase == Phase.REVEAL and model.final is None and model.runs:
            with pytest.raises(ConflictError, match="runs_finishing"):
                move(self.event.id, phase)
            return
        else:
            move(self.event.id, phase)
        ends = phase == Phase.REVEAL or (phase == Phase.CLOSED and any(model.done.values()))
        if ends and model.final is None:
            model.final, model.finals = model.standing(), model.finals + 1
            model.counted = self._counted()
        model.phase = phase

    def _counted(self) -> dict[int, str | None]:
        order = [group.id for group in self.event.groups]
        with self.app.db.read() as session:
            written = finals.current(session, self.event.id)
            assert written is not None
            return {order.index(entry.group_id): entry.run_id for entry in written.entries}

    @rule(data=st.data(), keep=st.booleans())
    def delete_for_good(self, data: st.DataObject, keep: bool) -> None:
        name = self._any_photo(data)
        if name is None:
            return
        photo = self.model.photos[name]
        group = self.event.groups[photo.group].id
        learnt = self.model.learnt_from({name})
        target = DeletionTarget(DeletionScope.PHOTO, self.event.id, group, photo_id=name, keep_models=keep)
        deleted = self.privacy.delete(target).deleted
        assert (deleted["photos"], deleted["files"]) == (1, 2 + (0 if keep else len(learnt)))
        self.model.forget({name})
        if not keep:
            self.model.unlearn(learnt)

    @rule(label=st.integers(0, LABELS - 1), group=st.sampled_from([None, *range(GROUPS)]))
    def delete_a_label(self, label: int, group: int | None) -> None:
        target = DeletionTarget(
            DeletionScope.LABEL,
            self.event.id,
            None if group is None else self.event.groups[group].id,
            self.event.labels[label].id,
        )
        gone = {
            name
            for name, photo in self.model.photos.items()
            if photo.label == label and group in {None, photo.group}
        }
        learnt = self.model.learnt_from(gone)
        receipt = self.privacy.delete(target)
        assert receipt.clean
        files = 2 * len(gone) + len(learnt)
        assert (receipt.deleted["photos"], receipt.deleted["files"]) == (len(gone), files)
        self.model.forget(gone)
        self.model.unlearn(learnt)

    @rule(group=st.integers(0, GROUPS - 1))
    def reset(self, group: int) -> None:
        target = DeletionTarget(DeletionScope.GROUP_RESET, self.event.id, self.event.groups[group].id)
        old = self.me(group) if self.is_open() else None
        late = {run_id: run for run_id, run in self.model.runs.items() if run.group == group}
        assert self.privacy.delete(target).clean
        self.model.forget({name for name, photo in self.model.photos.items() if photo.group == group})
        self.model.done[group] = {}
        if self.model.final is not None:
            self.model.final[group] = (0, 0)
        for run_id, run in late.items():  # its process does not know yet
            del self.model.runs[run_id]
            assert not self.app.training.start(run_id)
            with pytest.raises(StaleEpochError):
                self.app.training.fit(run_id)
            if run.fitted is not None:
                with pytest.raises(StaleEpochError):
                    self.app.training.finish(run_id, run.fitted)

        if old is not None and self.model.phase == Phase.COLLECT:  # an upload that was on its way
            with pytest.raises(StaleEpochError):
                self._take(old, 0, new_photo_id())
            with pytest.raises(StaleEpochError):
                self.app.runs.request(old)

    # -- what must hold after each step --------------------------------------------------------

    @invariant()
    def everything_fits_together(self) -> None:
        assert self.integrity.check(lambda _seconds: None).problems == ()

    @invariant()
    def groups_see_what_they_should(self) -> None:
        if not hasattr(self, "event") or not self.is_open():
            return
        for group in range(GROUPS):
            me = self.me(group)
            album = self.app.photos.album(me)
            labels = {label.id: number for number, label in enumerate(album.labels)}
            assert {photo.id: labels[photo.label_id] for photo in album.photos} == self.model.seen(group)
            assert len(self.app.runs.history(me)) == len(self.model.done[group])
        board = self.app.board.board(self.event.id)
        assert board.final_number == (0 if self.model.final is None else self.model.finals)
        rows = {row.group_id: row for row in board.rows}
        for group, expected in (self.model.final or self.model.standing()).items():
            row = rows[self.event.groups[group].id]
            assert (row.photos, row.runs) == expected

    def teardown(self) -> None:
        if not hasattr(self, "event"):
            return
        assert self.privacy.delete(DeletionTarget(DeletionScope.EVENT, self.event.id)).clean
        assert list(make_blobs(self.app.settings).keys("")) == []
        assert self.queue.ids == set()
        assert self.integrity.check(lambda _seconds: None).sound


@pytest.fixture
def without_waiting_for_the_disk(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """No power is cut here, and thousands of files and commits would wait for the disk most of the time."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    if not ON_POSTGRES:
        app.db.engine.dispose()
        sqlalchemy.event.listen(
            app.db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
        )


@pytest.mark.usefixtures("without_waiting_for_the_disk")
def test_a_class_in_any_order_keeps_every_promise(app: App, tmp_path: Path) -> None:
    hypothesis.configuration.set_hypothesis_home_dir(tmp_path / "hypothesis")

    class Machine(ClassInAnyOrder):
        """Of this test's app."""

    Machine.app = app
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
