"""The class setting for photos with a face on the facilitator page: at creation and later."""

from __future__ import annotations

from classroom_app.resources import App
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk

__all__ = ["desk"]


def choice(desk: Desk, start: str) -> object:
    [found] = [item for item in desk.at.button_group if item.key and item.key.startswith(start)]
    return found


def test_a_new_class_gets_the_rule_chosen_in_its_form(desk: Desk, app: App) -> None:
    desk.log_in().open("facilitator")
    desk.at.text_input(key="class_name").set_value("Careful")
    choice(desk, "class_faces").set_value("block")  # type: ignore[attr-defined]  # a choice of the page has it
    desk.tap("class_create")
    [event] = app.classes.all()
    assert event.faces == "block"


def test_the_rule_can_be_changed_later(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator", event=event.id)
    desk.at.session_state["section"] = [tab.label for tab in desk.at.tabs][1]
    desk.run()
    choice(desk, f"faces_{event.id}").set_value("block")  # type: ignore[attr-defined]  # a choice of the page has it
    desk.run()
    assert app.classes.get(event.id).faces == "block"


def test_a_group_with_a_child_who_must_not_be_in_pictures_is_set_and_seen(
    desk: Desk, app: App, event: EventView
) -> None:
    group = event.groups[0]
    desk.log_in().open("group", event=event.id, group=group.id)
    [choice] = [box for box in desk.at.selectbox if box.key and box.key.startswith("group_faces")]
    assert choice.options == ["クラスと同じ（知らせて保存）", "🙈 保存しない"]
    choice.set_value(choice.options[1])
    desk.run()
    assert [one.faces for one in app.classes.get(event.id).groups if one.faces] == ["block"]
    assert "顔は保存しない" in desk.text
    desk.open("facilitator", event=event.id)
    assert desk.text.count("顔は保存しない") == 1, "on the tile of that group alone"
