"""Why a cookie opens nothing any more, and what the group may still see."""

from __future__ import annotations

import pytest

from classroom_app.content import i18n
from classroom_app.resources import App
from classroom_app.services.signing import Signer
from classroom_app.states import DeletionScope, Ending, Phase
from classroom_app.views.classes import EventView
from classroom_app.views.contest import Farewell
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import group_cookie, identity, take, train


def test_a_closed_class_says_good_bye_with_animal_and_place(app: App, event: EventView) -> None:
    cookies = [group_cookie(app, event, index) for index in range(2)]
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    app.classes.set_phase(event.id, Phase.FINAL)
    app.classes.set_phase(event.id, Phase.REVEAL)
    app.classes.set_phase(event.id, Phase.CLOSED)
    first, second = (app.ending.look(cookie) for cookie in cookies)
    assert (first.why, second.why) == (Ending.OVER, Ending.OVER)
    assert first.animal is not None
    assert (first.animal.emoji, first.animal.color) == (group.emoji, group.color)
    assert first.own is not None
    assert first.own.rank == 1
    assert second.own is not None
    assert second.own.rank is None, "without an AI"


def test_a_class_closed_before_any_final_tells_no_place(app: App, event: EventView) -> None:
    cookie = group_cookie(app, event, 0)
    app.classes.set_phase(event.id, Phase.CLOSED)
    shown = app.ending.look(cookie)
    assert (shown.why, shown.own) == (Ending.OVER, None)


def test_after_the_deletion_the_cookie_alone_still_knows_the_animal(app: App, event: EventView) -> None:
    cookie = group_cookie(app, event, 1)
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    shown = app.ending.look(cookie)
    assert shown.why == Ending.DELETED
    assert shown.animal is not None
    assert shown.animal.name_en == "Lions"


def test_a_group_taken_out_of_a_class_that_goes_on_is_another_thing(app: App, event: EventView) -> None:
    cookie = group_cookie(app, event, 1)
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP, event.id, group_id=event.groups[1].id))
    assert app.ending.why(cookie) == Ending.REMOVED
    app.classes.set_phase(event.id, Phase.CLOSED)
    assert app.ending.why(cookie) == Ending.DELETED


def test_a_renewed_card_and_a_lost_cookie(app: App, event: EventView) -> None:
    cookie, left = group_cookie(app, event, 0), group_cookie(app, event, 1)
    app.classes.renew_group_links(event.id, event.groups[0].id)
    assert app.ending.why(cookie) == Ending.RENEWED
    app.access.leave_group(left)
    for lost in (left, None, "", "made up"):
        assert app.ending.why(lost) == Ending.LOST
        assert app.ending.look(lost).why == Ending.LOST


def test_a_cookie_of_the_release_before_ends_without_an_animal(app: App, event: EventView) -> None:
    old = Signer("k" * 40).sign("group", {"g": event.groups[0].id, "v": 1})
    app.classes.set_phase(event.id, Phase.CLOSED)
    assert app.ending.look(old) == Farewell(Ending.OVER)
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    assert app.ending.look(old) == Farewell(Ending.DELETED)


def test_only_an_end_for_good_lets_an_ipad_forget_its_photos(app: App, event: EventView) -> None:
    renewed, removed, over = (group_cookie(app, event, index) for index in range(3))
    app.classes.renew_group_links(event.id, event.groups[0].id)
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP, event.id, group_id=event.groups[1].id))
    assert app.ending.is_for_good(removed)
    for cookie in (renewed, over, None, "made up"):
        assert not app.ending.is_for_good(cookie)
    app.classes.set_phase(event.id, Phase.CLOSED)
    assert app.ending.is_for_good(over, event.groups[2].id)
    assert not app.ending.is_for_good(over, event.groups[0].id), "another group's photo"


@pytest.mark.parametrize("why", Ending)
def test_each_end_has_a_sentence_for_the_page_that_asks(app: App, why: Ending) -> None:
    app.ending.why = lambda cookie: why  # type: ignore[method-assign]  # any of them
    key = app.ending.error(None).key
    assert key == ("error_not_allowed" if why == Ending.LOST else f"ended_{why}")
    assert i18n.t(key, "ja")
