"""On the facilitator page a class is made ready, renamed and made once more."""

from __future__ import annotations

import pytest

from classroom_app.resources import App
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk
from tests.pages.test_facilitator import section
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, jpeg

__all__ = ["desk"]


@pytest.fixture
def lobby(app: App) -> EventView:
    event = app.classes.create("5年2組", 2, template="fruit")
    for label in event.labels:
        put_in(
            app.challenge, event.id, label.id, [(f"{n}.jpg", jpeg(COLORS[label.key], n)) for n in range(2)]
        )
    return event


def write(desk: Desk, key: str, text: str) -> None:
    desk.at.text_input(key=key).set_value(text)


def submit(desk: Desk, text: str) -> None:
    next(button for button in desk.at.button if button.label == text).click()
    desk.run()


def test_the_class_gets_another_name(desk: Desk, app: App, lobby: EventView) -> None:
    desk.log_in().open("facilitator")
    write(desk, f"rename_{lobby.id}", "")
    submit(desk, "名前を変える")
    assert "1〜60" in desk.messages
    write(desk, f"rename_{lobby.id}", "5年3組")
    submit(desk, "名前を変える")
    assert app.classes.get(lobby.id).name == "5年3組"
    assert "保存しました" in desk.messages


def test_the_same_class_is_made_once_more_and_shown(desk: Desk, app: App, lobby: EventView) -> None:
    desk.log_in().open("facilitator")
    submit(desk, "コピーを作る")
    made = app.classes.all()[0]
    assert made.name == "5年2組 のコピー"
    assert desk.at.query_params["event"] == made.id
    assert "チャレンジ写真：6枚" in desk.messages
    assert app.challenge.complete(made.id)


def test_a_label_is_renamed_added_and_taken_out(desk: Desk, app: App, lobby: EventView) -> None:
    desk.log_in().open("facilitator")
    first = lobby.labels[0]
    write(desk, f"label_{first.id}_name", "青森")
    write(desk, f"label_{first.id}_reading", "あおもり")
    submit(desk, "保存")
    assert app.classes.get(lobby.id).labels[0].name_ja == "{青森|あおもり}"
    desk.at.selectbox(key="changed_label").set_value("")
    desk.run()
    write(desk, "label__name", "もも")
    submit(desk, "ラベルを足す")
    added = app.classes.get(lobby.id).labels[-1]
    assert added.name_ja == "もも"
    assert added.emoji
    desk.at.selectbox(key="changed_label").set_value(added.id)
    desk.run()
    submit(desk, "このラベルを外す")
    assert len(app.classes.get(lobby.id).labels) == len(lobby.labels)
    assert "ラベルを外しました" in desk.messages


def test_while_the_class_collects_labels_get_names_alone(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator")
    section(desk, 1)
    assert "このラベルを外す" not in desk.buttons
    assert "（新しいラベル）" not in desk.at.selectbox(key="changed_label").options
    submit(desk, "保存")
    assert "保存しました" in desk.messages


def test_a_group_is_renamed_and_another_one_comes(desk: Desk, app: App, lobby: EventView) -> None:
    desk.log_in().open("facilitator")
    section(desk, 2)
    desk.tap("add_group")
    groups = app.classes.get(lobby.id).groups
    assert len(groups) == 3
    assert "を足しました" in desk.messages
    desk.at.session_state["joining_group"] = groups[0].id
    desk.run()
    write(desk, f"group_{groups[0].id}_{groups[0].name_ja}_name", groups[1].name_ja)
    submit(desk, "保存")
    assert "もうあります" in desk.messages
    write(desk, f"group_{groups[0].id}_{groups[0].name_ja}_name", "青チーム")
    submit(desk, "保存")
    assert app.classes.get(lobby.id).groups[0].name_ja.startswith(("青", "{青"))


def test_the_ipads_of_a_group_are_planned_anew(desk: Desk, app: App, lobby: EventView) -> None:
    desk.log_in().open("facilitator")
    section(desk, 2)
    desk.at.session_state["joining_group"] = lobby.groups[0].id
    desk.run()
    desk.at.number_input(key=f"group_ipads_{lobby.groups[0].id}_1").set_value(2)
    desk.run()
    assert app.classes.get(lobby.id).groups[0].ipads == 1, "nothing is saved before its button is pressed"
    desk.at.number_input(key=f"group_ipads_{lobby.groups[0].id}_1").set_value(2)
    [button] = [one for one in desk.at.button if one.form_id == f"ipads_form_{lobby.groups[0].id}"]
    button.click()
    desk.run()
    assert "保存しました" in desk.messages
    assert app.classes.get(lobby.id).groups[0].ipads == 2
    assert app.audit.entries(limit=1)[0].did == "group_ipads_set"


def test_the_days_until_the_deletion_are_chosen(desk: Desk, app: App, lobby: EventView) -> None:
    desk.log_in().open("facilitator")
    section(desk, 1)
    choice = desk.at.selectbox(key="class_keep_None")
    assert choice.options == ["1日", "2日", "3日", "5日", "7日（アプリの設定）"]
    end = app.retention.end(lobby.id)
    choice.set_value(3)
    submit(desk, "日数を決める")
    assert "削除までの日数を変えました" in desk.messages
    now = app.retention.end(lobby.id)
    assert (now.keep_days, now.ends_at) == (3, end.ends_at)
    assert app.audit.entries(limit=1)[0].did == "class_keep_set"
    desk.at.selectbox(key="class_keep_3").set_value(0)
    submit(desk, "日数を決める")
    assert app.retention.end(lobby.id) == end


def test_before_the_class_the_page_says_what_is_still_to_do(desk: Desk, app: App, lobby: EventView) -> None:
    desk.log_in().open("facilitator")
    assert "準備チェック" in desk.text
    assert "iPadで確認" in desk.text
    app.classes.set_phase(lobby.id, "collect")
    desk.open("facilitator")
    section(desk, 1)
    assert "準備チェック" not in desk.text
