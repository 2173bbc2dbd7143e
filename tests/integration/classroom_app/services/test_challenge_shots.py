"""Challenge photos by a facilitator's camera: the checks of all others, sent again, taken back."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import httpx
import pytest

from classroom_app.data.tables import ChallengePhoto
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.resources import App, set_app
from classroom_app.states import Half, Phase
from classroom_app.views.classes import EventView, GroupIdentity
from tests.integration.classroom_app.web.test_routes import OWN as OWN_HEADER
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.roles import CHANGES, EVERYBODY, cast
from tests.support.stand_ins import COLORS, jpeg, take, train


def new_class(app: App) -> EventView:
    return app.classes.create("Shots", 2, template="fruit")


def label_of(event: EventView, key: str = "apple") -> str:
    return next(label.id for label in event.labels if label.key == key)


def shot(app: App, event: EventView, number: int, key: str = "apple") -> str:
    photo_id = str(uuid.uuid4())
    assert app.shots.take(event.id, label_of(event, key), photo_id, jpeg(COLORS[key], number)).fresh
    return photo_id


def stored(app: App, event: EventView) -> set[str]:
    folder = app.settings.data_dir / "blobs" / "events" / event.id / "challenge"
    return {path.name for path in folder.iterdir()}


def test_shots_are_shared_out_between_the_halves_as_every_challenge_photo(app: App) -> None:
    event = new_class(app)
    for number in range(4):
        shot(app, event, number)
    counts = app.challenge.counts(event.id)
    assert [counts[label_of(event), half] for half in Half] == [2, 2]


def test_a_shot_that_is_sent_again_is_there_once(app: App) -> None:
    event, photo_id = new_class(app), str(uuid.uuid4())
    data = jpeg(COLORS["apple"], 1)
    fresh = [app.shots.take(event.id, label_of(event), photo_id, data).fresh for _ in range(3)]
    assert fresh == [True, False, False]
    assert sum(app.challenge.counts(event.id).values()) == 1


def test_a_shot_that_comes_twice_at_once_keeps_its_files(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are past the first look before either is stored."""
    event, photo_id, data = new_class(app), str(uuid.uuid4()), jpeg(COLORS["apple"], 1)
    both, real = threading.Barrier(2, timeout=30), app.challenge.add_one

    def together(*given: Any) -> bool:
        both.wait()
        return real(*given)

    monkeypatch.setattr(app.challenge, "add_one", together)
    found = list[bool]()
    threads = [
        threading.Thread(
            target=lambda: found.append(app.shots.take(event.id, label_of(event), photo_id, data).fresh)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, True]
    assert app.challenge.picture(photo_id, "full").startswith(b"\xff\xd8")
    assert len(stored(app, event)) == 2, "the photo and its small picture, and nothing of the other post"


def test_the_same_picture_under_another_id_is_refused(app: App) -> None:
    event = new_class(app)
    shot(app, event, 1)
    with pytest.raises(BadInputError) as error:
        shot(app, event, 1)
    assert error.value.key == "challenge_photo_twice"
    assert len(stored(app, event)) == 2


def test_the_last_one_is_taken_back_with_its_files_and_does_not_come_again(app: App) -> None:
    event = new_class(app)
    shot(app, event, 1)
    last, data = str(uuid.uuid4()), jpeg(COLORS["apple"], 2)
    app.shots.take(event.id, label_of(event), last, data)
    assert app.shots.newest(event.id, label_of(event)) == last
    app.challenge.take_out(event.id, [last])
    assert sum(app.challenge.counts(event.id).values()) == 1
    assert len(stored(app, event)) == 2
    with pytest.raises(ConflictError) as error:  # a late retry of the browser
        app.shots.take(event.id, label_of(event), last, data)
    assert error.value.key == "photo_was_deleted"
    assert app.shots.newest(event.id, label_of(event)) != last


def test_nothing_is_taken_back_once_it_could_change_a_score(app: App) -> None:
    event = new_class(app)
    for key in ("apple", "banana", "orange"):
        for number in range(2):
            shot(app, event, number, key)
    photo_id = app.shots.newest(event.id, label_of(event))
    assert photo_id is not None
    app.classes.set_phase(event.id, Phase.COLLECT)
    with pytest.raises(ConflictError) as error:
        app.challenge.take_out(event.id, [photo_id])
    assert error.value.key == "challenge_not_in_lobby"


def test_a_set_that_was_scored_is_closed_to_cameras_too(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    train(app, group)
    with pytest.raises(ConflictError) as error:
        shot(app, event, 99)
    assert error.value.key == "challenge_locked"


def test_photo_and_label_have_to_be_of_the_class(app: App) -> None:
    event, other = new_class(app), app.classes.create("Other", 2, template="fruit")
    photo_id = shot(app, other, 1)
    with pytest.raises(NotFoundError):
        app.challenge.take_out(event.id, [photo_id])
    with pytest.raises(BadInputError):
        app.shots.take(event.id, label_of(event), photo_id, jpeg(COLORS["apple"], 2))
    with pytest.raises(BadInputError) as error:
        app.shots.take(event.id, label_of(other), str(uuid.uuid4()), jpeg(COLORS["apple"], 3))
    assert error.value.key == "error_label_not_found"
    assert sum(app.challenge.counts(other.id).values()) == 1


def test_a_shot_over_its_route_by_everybody(app: App) -> None:
    event = new_class(app)
    people = cast(app, event)
    set_app(app)
    try:
        for number, who in enumerate(sorted(EVERYBODY)):
            browser, photo_id = Browser(app), str(uuid.uuid4())
            browser.cookies = httpx.Cookies(dict(people.cookies[who]))
            answer = browser(
                "POST",
                f"/api/events/{event.id}/challenge/photos?label={label_of(event)}",
                content=jpeg(COLORS["apple"], number),
                headers={**OWN_HEADER, "X-Photo-Id": photo_id},
            )
            with app.db.read() as session:
                is_kept = session.get(ChallengePhoto, photo_id) is not None
            assert (answer.status_code == 201, is_kept) == (who in CHANGES,) * 2, who
            if who in CHANGES:
                assert answer.json() == {"id": photo_id, "status": "saved", "alike": False}
    finally:
        set_app(None)
