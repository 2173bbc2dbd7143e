"""What an AI got wrong, and why: shown to its own group, only of the practice half, only when allowed."""

from __future__ import annotations

import base64
import uuid
from unittest.mock import Mock

import pytest

from classroom_app.data.tables import ChallengePhoto, Event
from classroom_app.errors import ConflictError, NotFoundError
from classroom_app.resources import App
from classroom_app.views.classes import EventView, GroupIdentity
from tests.support.stand_ins import COLORS, StandInMl, identity, jpeg, take, train


@pytest.fixture
def confused(app: App, event: EventView, group: GroupIdentity) -> GroupIdentity:
    """A group that took the bananas for oranges, and the other way round."""
    apple, banana, orange = event.labels
    for label, color in ((apple, "apple"), (banana, "orange"), (orange, "banana")):
        for n in range(5):
            app.photos.take(group, label.id, str(uuid.uuid4()), None, jpeg(COLORS[color], n))
    train(app, group)
    return group


def test_the_surest_mistakes_come_first_and_only_of_the_practice_half(
    app: App, event: EventView, confused: GroupIdentity
) -> None:
    mistakes = app.mistakes.list(confused)
    assert {(item.label.key, item.guess.key) for item in mistakes} == {
        ("banana", "orange"),
        ("orange", "banana"),
    }
    assert len(mistakes) == 4
    assert [item.p for item in mistakes] == sorted((item.p for item in mistakes), reverse=True)
    with app.db.read() as session:
        halves = {session.get_one(ChallengePhoto, item.photo_id).half for item in mistakes}
    assert halves == {"practice"}


def test_a_mistake_has_a_picture_a_heatmap_and_the_most_similar_own_photos(
    app: App, ml: StandInMl, confused: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistake = app.mistakes.list(confused)[0]
    assert app.mistakes.picture(confused, mistake.photo_id).startswith(b"\xff\xd8")
    explain = Mock(side_effect=ml.explain)
    monkeypatch.setattr(ml, "explain", explain)
    reason = app.mistakes.reason(confused, mistake.photo_id)
    assert explain.call_args.kwargs["label"] == mistake.guess.id, "as the page shows it"
    assert len(reason.heat) == reason.rows * reason.columns
    own = {photo.id: photo.label_id for photo in app.photos.album(confused).photos}
    assert {own[photo_id] for photo_id in reason.nearest} == {mistake.guess.id}


def test_nobody_elses_mistakes_and_nothing_of_the_final_half(
    app: App, event: EventView, confused: GroupIdentity
) -> None:
    photo_id = app.mistakes.list(confused)[0].photo_id
    with pytest.raises(NotFoundError):
        app.mistakes.picture(identity(app, event, 1), photo_id)
    with app.db.read() as session:
        final = [row.id for row in session.query(ChallengePhoto).filter_by(half="final")]
    for hidden in final:
        with pytest.raises(NotFoundError):
            app.mistakes.picture(confused, hidden)
        with pytest.raises(NotFoundError):
            app.mistakes.reason(confused, hidden)


def test_a_class_can_keep_its_practice_photos_shut(
    app: App, event: EventView, confused: GroupIdentity
) -> None:
    photo_id = app.mistakes.list(confused)[0].photo_id
    app.classes.allow_practice_photos(event.id, False)
    assert not app.classes.get(event.id).show_practice
    with pytest.raises(ConflictError) as error:
        app.mistakes.picture(confused, photo_id)
    assert error.value.key == "practice_hidden"


def test_no_mistakes_before_a_run_or_when_all_is_right(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    assert app.mistakes.list(group) == ()
    take(app, group, event, 5)
    train(app, group)
    assert app.mistakes.list(group) == ()


def test_a_frozen_frame_is_explained(app: App, event: EventView, confused: GroupIdentity) -> None:
    found = app.play.explain(confused, jpeg(COLORS["apple"], 40))
    assert found.guess.scores[0][0].key == "apple"
    assert len(base64.b64encode(found.heat)) > 0
    assert len(found.heat) == found.rows * found.columns


def test_new_classes_show_them(app: App, event: EventView) -> None:
    with app.db.read() as session:
        assert session.get_one(Event, event.id).show_practice
