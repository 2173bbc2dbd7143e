"""The page of what was done: facilitators alone, with a filter."""

from __future__ import annotations

from classroom_app.data.acting import Actor, ActorKind, acting
from classroom_app.resources import App
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.pages.desk import Desk, desk
from tests.support.stand_ins import identity, take

__all__ = ["desk"]


def test_children_never_see_it(desk: Desk, event: EventView) -> None:
    desk.join(event)
    desk.open("audit")
    assert "ログインしてください。" in desk.text
    assert not desk.at.selectbox


def test_it_says_who_did_what_and_filters(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator", event=event.id)
    app.classes.set_faces(event.id, "block")
    group = identity(app, event, 0)
    [photo, *_] = take(app, group, event, 1)
    app.photos.delete(group, photo)
    desk.open("audit")
    assert "顔のルールを変更" in desk.text
    assert "写真を削除" in desk.text
    assert event.name in desk.text
    desk.at.selectbox(key="audit_did").set_value("faces_set")
    desk.run()
    assert "写真を削除" not in desk.text
    assert "/api/audit.csv?did=faces_set" in desk.html


def test_what_is_gone_is_told_as_deleted(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_faces(event.id, "block")
    app.deletions.delete_now(DeletionTarget(DeletionScope.EVENT, event.id))
    desk.log_in().open("audit")
    assert f"削除されたもの（{event.id[:8]}）" in desk.text


def test_screens_are_told_apart_by_their_class(desk: Desk, app: App, event: EventView) -> None:
    other = app.classes.create("The other class", 1, template="fruit")
    for led in (event, other):
        with acting(Actor(ActorKind.PROJECTOR, led.id)):
            app.show.set_dark(led.id, True)
    desk.log_in().open("audit")
    who = desk.at.selectbox(key="audit_who")
    assert {f"スクリーン {event.name}", "スクリーン The other class"} <= set(who.options)
    assert f"スクリーン {event.name}" in desk.text


def test_what_a_page_does_is_the_facilitators(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("reset")
    desk.at.radio(key="reset_intent").set_value("event")
    desk.run()
    desk.tap("delete").hold("delete_undo")
    [entry] = app.audit.entries(did="deletion_begun")
    assert (entry.who, entry.kind, entry.event_id) == ("facilitator", "facilitator", event.id)


def test_what_was_done_several_times_on_end_is_one_line(desk: Desk, app: App, event: EventView) -> None:
    for dark in (True, False, True):
        app.show.set_dark(event.id, dark)
    app.classes.set_faces(event.id, "block")
    app.show.set_dark(event.id, False)
    desk.log_in().open("audit")
    assert desk.html.count("画面の明るさを変更") == 2
    assert "画面の明るさを変更 <b>×3</b>" in desk.html


def test_groups_with_one_animal_are_told_apart_by_their_class(desk: Desk, app: App, event: EventView) -> None:
    other = app.classes.create("The other class", 1, template="fruit")
    for each in (event, other):
        with acting(Actor(ActorKind.GROUP, each.groups[0].id)):
            app.show.set_dark(each.id, True)  # any deed: what counts is who
    desk.log_in().open("audit")
    who = desk.at.selectbox(key="audit_who")
    name = f"{event.groups[0].emoji} {event.groups[0].name('ja')}"
    assert {f"{name} ({event.name})", f"{name} (The other class)"} <= set(who.options)
