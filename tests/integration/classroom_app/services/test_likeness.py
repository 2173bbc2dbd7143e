"""What was in the challenge is not trained on, and pictures alike are in one half: through the services."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest

from classroom_app.data.repository import comparisons
from classroom_app.data.tables import ChallengePhoto, Comparison, Group, Photo, Run
from classroom_app.errors import ConflictError
from classroom_app.resources import App
from classroom_app.services.likeness import LikenessService
from classroom_app.services.seen_before import Pictures, same_as
from classroom_app.services.training.records import answers_from_json
from classroom_app.services.training.steps import ONLY_SEEN
from classroom_app.states import AdviceKind, DeletionScope, EmbedState, Half, RunState
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from classroom_app.views.photos import ChallengeUpload, TakenPhoto
from tests.support import copies
from tests.support.challenge_set import put_in
from tests.support.running import wait_for
from tests.support.stand_ins import COLORS, StandInMl, identity, jpeg, take, train

HALVES = 8  # challenge photos of a label in each half


def collecting(app: App, per_label: int) -> EventView:
    """A fruit class with so many challenge photos, which have shapes in them: a hash of noise is noise."""
    event = app.classes.create("Likeness", 3, template="fruit")
    for label in event.labels:
        first = 100 * (1 + label_place(event, label.id))
        files = [(f"{n}.jpg", copies.tinted(COLORS[label.key], first + n)) for n in range(per_label)]
        assert put_in(app.challenge, event.id, label.id, files).added == per_label
    app.classes.set_phase(event.id, "collect")
    return app.classes.get(event.id)


def label_place(event: EventView, label_id: str) -> int:
    return [label.id for label in event.labels].index(label_id)


@pytest.fixture
def event(app: App) -> EventView:
    return collecting(app, 4)


@pytest.fixture
def wide(app: App) -> EventView:
    """More challenge photos than a group needs to train."""
    return collecting(app, 2 * HALVES)


def send(app: App, group: GroupIdentity, label_id: str, photo: bytes) -> TakenPhoto:
    taken = app.photos.take(group, label_id, str(uuid.uuid4()), None, photo)
    assert taken.fresh
    return taken


def embed_all(app: App) -> None:
    """What the background thread does, once."""
    while app.embedding.embed_some(Photo) or app.embedding.embed_some(ChallengePhoto):
        pass
    app.likeness.compare_due()


def challenge_photos(app: App, event: EventView, half: Half) -> list[tuple[str, bytes]]:
    """(label id, JPEG) as the mistakes page gives those of the practice half to the children."""
    with app.db.read() as session:
        rows = [
            (row.id, row.label_id)
            for row in session.query(ChallengePhoto).filter_by(event_id=event.id, half=half)
        ]
    return [(label_id, app.challenge.picture(photo_id, "full")) for photo_id, label_id in rows]


def test_photos_of_the_final_half_are_not_trained_on_either(app: App, wide: EventView) -> None:
    group = identity(app, wide, 0)
    take(app, group, wide, 5)
    for label_id, photo in challenge_photos(app, wide, Half.FINAL)[:3]:
        send(app, group, label_id, photo)
    run_id = train(app, group)
    assert app.runs.status(group, run_id).left_out == 3


def test_photos_of_the_challenge_do_not_make_a_group_ready(app: App, wide: EventView) -> None:
    group = identity(app, wide, 0)
    for label_id, photo in challenge_photos(app, wide, Half.PRACTICE):
        send(app, group, label_id, photo)
    assert app.runs.readiness(group).ready  # nobody has looked yet
    run_id = app.runs.request(group)
    app.training.start(run_id)
    app.training.prepare(run_id)
    with pytest.raises(ConflictError) as error:
        app.training.fit(run_id)
    assert error.value.key == ONLY_SEEN
    app.training.fail(run_id, ONLY_SEEN)
    readiness = app.runs.readiness(group)
    assert (readiness.ready, sum(readiness.counts.values())) == (False, 0)
    with pytest.raises(ConflictError):
        app.runs.request(group)


def test_a_run_of_such_photos_alone_ends_with_its_sentence(app: App, wide: EventView) -> None:
    group = identity(app, wide, 0)
    for label_id, photo in challenge_photos(app, wide, Half.PRACTICE):
        send(app, group, label_id, photo)
    run_id = app.runs.request(group)
    app.queue.start()
    try:
        app.queue.enqueue(run_id)
        wait_for(lambda: app.runs.status(group, run_id).state == RunState.FAILED)
    finally:
        app.queue.stop()
    assert app.runs.status(group, run_id).error_key == ONLY_SEEN


def test_challenge_photos_added_after_the_training_photos_count_too(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    mine = copies.things(1)
    take(app, group, event, 5)
    send(app, group, event.labels[0].id, mine)
    embed_all(app)
    assert app.likeness.seen(event.id) == {}
    added = put_in(app.challenge, event.id, event.labels[0].id, [("a.jpg", copies.cropped(mine))])
    assert added.added == 1
    run_id = train(app, group)
    assert app.runs.status(group, run_id).left_out == 1
    [(number, [pair])] = app.likeness.seen(event.id).values()
    assert number == 1
    assert app.challenge.picture(pair.challenge_id, "thumb")
    assert app.photos.picture(pair.photo_id, "thumb", group=group)


def test_without_the_challenge_photo_its_copy_is_trained_on_again(app: App, event: EventView) -> None:
    group, mine = identity(app, event, 0), copies.things(1)
    take(app, group, event, 5)
    send(app, group, event.labels[0].id, mine)
    put_in(app.challenge, event.id, event.labels[0].id, [("a.jpg", mine)])
    embed_all(app)
    assert app.likeness.seen(event.id)
    app.classes.set_phase(event.id, "lobby")
    first = event.labels[0].id
    app.challenge.take_out(event.id, [x.id for x in app.challenge.photos(event.id) if x.label_id == first])
    files = [(f"{n}.jpg", jpeg(COLORS["apple"], 3000 + n)) for n in range(4)]
    put_in(app.challenge, event.id, event.labels[0].id, files)
    app.classes.set_phase(event.id, "collect")
    assert app.runs.status(group, train(app, group)).left_out == 0


def test_the_group_reads_once_why_photos_are_left_out(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    label = event.labels[0].id
    [(_, copied), (_, another), *_] = challenge_photos(app, event, Half.PRACTICE)
    assert send(app, group, label, copied).advice != AdviceKind.SEEN  # its features come after the answer
    embed_all(app)
    assert send(app, group, label, jpeg(COLORS["apple"], 1)).advice == AdviceKind.SEEN
    send(app, group, label, another)
    embed_all(app)
    assert send(app, group, label, jpeg(COLORS["apple"], 2)).advice != AdviceKind.SEEN
    take(app, group, event, 5, start=10)
    assert not app.runs.status(group, train(app, group)).tells_seen


def test_a_group_that_takes_no_photo_any_more_reads_it_with_its_result(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    send(app, group, event.labels[0].id, challenge_photos(app, event, Half.PRACTICE)[0][1])
    assert app.runs.status(group, train(app, group)).tells_seen
    assert not app.runs.status(group, train(app, group)).tells_seen


def test_a_fit_that_is_repeated_learns_from_the_same_photos(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    send(app, group, event.labels[0].id, challenge_photos(app, event, Half.PRACTICE)[0][1])
    run_id = app.runs.request(group)
    app.training.start(run_id)
    app.training.prepare(run_id)
    first = app.training.fit(run_id)
    with app.db.write() as session:  # as when the set gets new features while the process is dead
        comparisons.set_changed(session, event.id)
    second = app.training.fit(run_id)
    assert (second.model_id, second.photos, second.left_out) == (first.model_id, first.photos, 1)


def test_a_reset_leaves_nothing_of_it(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    send(app, group, event.labels[0].id, challenge_photos(app, event, Half.PRACTICE)[0][1])
    train(app, group)
    receipt = app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    assert receipt.clean
    with app.db.read() as session:
        assert session.query(Comparison).count() == 0
        assert session.get_one(Group, group.id).seen_notice is None
        assert session.query(Run).count() == 0
    assert app.likeness.seen(event.id) == {}


def test_a_comparison_that_was_on_its_way_brings_no_deleted_photo_back(
    app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 2)
    held_beside = list[Pictures]()

    def reset_meanwhile(new: Pictures, challenge_set: Pictures) -> dict[str, str]:
        app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
        held_beside.append(new)
        return same_as(new, challenge_set)

    monkeypatch.setattr("classroom_app.services.likeness.same_as", reset_meanwhile)
    embed_all(app)
    assert [len(new.ids) for new in held_beside] == [6]
    with app.db.read() as session:
        assert session.query(Comparison).count() == 0


# -- the halves -------------------------------------------------------------------------------------


def halves(app: App, event: EventView) -> dict[str, Half]:
    with app.db.read() as session:
        return {row.id: row.half for row in session.query(ChallengePhoto).filter_by(event_id=event.id)}


def add(app: App, event: EventView, *photos: bytes, label: int = 0) -> ChallengeUpload:
    files = [(f"{number}.jpg", photo) for number, photo in enumerate(photos)]
    return put_in(app.challenge, event.id, event.labels[label].id, files)


@pytest.fixture
def empty(app: App) -> EventView:
    return app.classes.create("Empty", 2, template="fruit")


def test_photos_alike_are_in_one_half_and_the_facilitator_sees_them(app: App, empty: EventView) -> None:
    first, other = copies.things(1), copies.things(2)
    upload = add(app, empty, first, copies.cropped(first), copies.compressed(first), other)
    assert (upload.added, upload.alike) == (4, 2)
    [family] = app.challenge.alike(empty.id)
    assert len(family) == 3
    assert {photo.half for photo in family} == {Half.PRACTICE}
    assert Counter(halves(app, empty).values()) == {Half.PRACTICE: 3, Half.FINAL: 1}
    # A later ZIP brings one more, under another label.
    assert add(app, empty, copies.smaller(other), label=1).alike == 1
    families = app.challenge.alike(empty.id)
    assert sorted(len(family) for family in families) == [2, 3]
    assert all(len({photo.half for photo in family}) == 1 for family in families)


def test_what_features_alone_tell_is_put_right_before_anybody_trains(
    app: App, empty: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mirrored copies: the hash of one says nothing of the other."""
    add(app, empty, *(copies.things(n) for n in range(4)))
    with app.db.read() as session:
        rows = session.query(ChallengePhoto).order_by(ChallengePhoto.created_at).all()
    ids = [row.id for row in rows]
    assert rows[0].half != rows[1].half
    monkeypatch.setattr("classroom_app.services.likeness.same_pairs", lambda _pictures: [(ids[0], ids[1])])
    assert app.challenge.alike(empty.id) == ()
    embed_all(app)
    [family] = app.challenge.alike(empty.id)
    assert [photo.photo_id for photo in family] == ids[:2]
    placed = halves(app, empty)
    assert placed[ids[0]] == placed[ids[1]] == rows[0].half
    assert Counter(placed.values()) == {Half.PRACTICE: 2, Half.FINAL: 2}
    assert app.integrity.check(lambda _seconds: None).sound


def test_what_only_the_hash_made_alike_features_tell_apart(
    app: App, empty: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = copies.things(1)
    add(app, empty, first, copies.cropped(first))
    assert len(app.challenge.alike(empty.id)) == 1
    monkeypatch.setattr("classroom_app.services.likeness.same_pairs", lambda _pictures: [])
    embed_all(app)
    assert app.challenge.alike(empty.id) == ()


def test_after_a_scored_run_every_photo_stays_in_its_half(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(app, group, event, 5)
    train(app, group)
    before = halves(app, event)
    ids = list(before)

    def all_alike(pictures: Pictures) -> list[tuple[str, str]]:
        return [(ids[0], other) for other in ids[1:] if other in pictures.ids]

    monkeypatch.setattr("classroom_app.services.likeness.same_pairs", all_alike)
    with app.db.write() as session:  # an upgrade of the compute tier makes all features anew
        session.query(ChallengePhoto).update({"embed_state": EmbedState.PENDING})
    embed_all(app)
    assert halves(app, event) == before
    result = next(iter(app.board.versions(event.id)[group.id]))
    assert result.practice_total + result.final_total == len(before)


def test_a_label_of_pictures_alike_alone_is_not_complete(app: App, empty: EventView) -> None:
    for place in range(len(empty.labels)):
        first = copies.things(10 + place)
        second = copies.cropped(first) if place == 0 else copies.things(20 + place)
        add(app, empty, first, second, label=place)
    assert not app.challenge.complete(empty.id)
    with pytest.raises(ConflictError) as error:
        app.classes.set_phase(empty.id, "collect")
    assert error.value.key == "challenge_missing"
    add(app, empty, copies.things(30))
    assert app.challenge.complete(empty.id)


def test_every_challenge_photo_is_asked_once_in_its_half(app: App, empty: EventView) -> None:
    for place in range(len(empty.labels)):
        first = copies.things(40 + place)
        add(app, empty, first, copies.cropped(first), copies.things(50 + place), label=place)
    app.classes.set_phase(empty.id, "collect")
    group = identity(app, empty, 0)
    take(app, group, empty, 5)
    run_id = train(app, group)
    with app.db.read() as session:
        result = session.get_one(Run, run_id).result
        assert result is not None
        answered = {answer.photo: answer.half for answer in answers_from_json(result.answers)}
    assert answered == halves(app, empty)


def test_the_background_goes_on_where_the_process_before_stopped(
    app: App, event: EventView, ml: StandInMl
) -> None:
    group = identity(app, event, 0)
    send(app, group, event.labels[0].id, challenge_photos(app, event, Half.PRACTICE)[0][1])
    while app.embedding.embed_some(Photo) or app.embedding.embed_some(ChallengePhoto):
        pass
    # The process that embedded them was killed before it compared: the next one was told of none.
    LikenessService(app.db).compare_due()
    assert app.likeness.seen(event.id)[group.id][0] == 1
