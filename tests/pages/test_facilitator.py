"""The facilitator page: a class is made, filled, led through its phases and watched."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest

from classroom_app.data.tables import ChallengePhoto, Group, Run, utcnow
from classroom_app.errors import ClassroomError, PhotoUnreadError
from classroom_app.resources import App
from classroom_app.states import CameraTrouble, Leader, Phase
from classroom_app.ui import viewer
from classroom_app.ui.widgets import staff_frame
from classroom_app.ui.widgets.photo_picker import PickerAction
from classroom_app.ui.widgets.take_home import page_file
from classroom_app.ui.widgets.upload import UploadTold
from classroom_app.views.classes import EventView, RoundClock
from classroom_app.views.console import CheckLine, IPadWord
from classroom_app.views.photos import ChallengeUpload
from tests.pages.desk import Desk, desk
from tests.support import copies
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, identity, jpeg, take, train

__all__ = ["desk"]


def section(desk: Desk, number: int) -> Desk:
    """Open a tab: 0 live, 1 set-up, 2 joining."""
    tabs = [tab.label for tab in desk.at.tabs]
    desk.at.session_state["section"] = tabs[number]
    desk.run()
    return desk


def other_phase(desk: Desk, phase: str) -> Desk:
    """Choose it in the menu beside the button that leads to the next one."""
    desk.at.menu_button(key="phase_others").click(Phase(phase))
    return desk.run()


def filled(desk: Desk) -> list[str]:
    """Keys of the buttons that stand out, enabled or not."""
    return [str(button.key) for button in desk.at.button if button.proto.type == "primary"]


def asked(desk: Desk) -> list[str]:
    """The addresses of the pictures beside the question whether they go."""
    shown = desk.html.partition("staff-going")[2].partition("</div>")[0]
    return re.findall(r'src="([^"]+)"', shown)


def test_nothing_without_the_cookie(desk: Desk) -> None:
    desk.open("facilitator")
    assert "ログインしてください。" in desk.text
    assert desk.buttons == []


def test_the_first_class_is_made_from_a_template(desk: Desk, app: App) -> None:
    desk.log_in().open("facilitator")
    desk.tap("choose_rps")
    desk.at.text_input(key="class_name").set_value("5年2組")
    desk.at.number_input(key="class_groups").set_value(7)
    desk.run()
    assert "ユニコーン" in desk.text  # the seventh animal of the preview
    desk.tap("class_create")
    [event] = app.classes.all()
    assert (event.name, len(event.groups)) == ("5年2組", 7)
    assert [label.key for label in event.labels] == ["rock", "scissors", "paper"]
    assert "クラスを作りました" in desk.messages
    assert desk.at.query_params["event"] == event.id


def test_each_group_gets_its_animal_and_its_ipads(desk: Desk, app: App) -> None:
    desk.log_in().open("facilitator")
    desk.at.text_input(key="class_name").set_value("5年2組")
    desk.at.number_input(key="class_groups").set_value(3)
    desk.at.number_input(key="class_ipads").set_value(2)
    desk.run()
    desk.at.selectbox(key="group_animal_1").set_value("fox")
    desk.at.number_input(key="group_ipads_2_2").set_value(1)
    desk.run()
    for words in ("きつね iPad 2台", "ペンギン iPad 2台"):
        assert words in desk.text
    assert "かえる iPad" not in desk.text, "one goes without saying"
    desk.at.selectbox(key="group_animal_2").set_value("fox")
    desk.run()
    assert "「きつね」を2つのグループが選んでいます" in desk.messages
    desk.tap("class_create")
    assert app.classes.all() == []
    desk.at.selectbox(key="group_animal_2").set_value("frog")
    desk.run()
    assert "2つのグループ" not in desk.messages
    desk.tap("class_create")
    [event] = app.classes.all()
    assert [(group.key, group.ipads) for group in event.groups] == [("penguin", 2), ("fox", 2), ("frog", 1)]
    assert event.groups[1].color == "#c2500a", "the colour is the animal's"


def test_more_groups_than_animals_have_all_of_them_to_choose_from(desk: Desk, app: App) -> None:
    desk.log_in().open("facilitator")
    desk.at.text_input(key="class_name").set_value("学年")
    desk.at.number_input(key="class_groups").set_value(21)
    desk.run()
    assert len(desk.at.selectbox(key="group_animal_20").options) == 21
    desk.tap("class_create")
    [event] = app.classes.all()
    assert event.groups[20].key == "penguin-2"


def test_a_class_without_a_name_is_not_made(desk: Desk, app: App) -> None:
    desk.log_in().open("facilitator")
    desk.tap("class_create")
    assert "名前を1〜60" in desk.messages
    assert app.classes.all() == []


def test_what_became_of_files_is_said_and_the_counts_follow(desk: Desk, app: App) -> None:
    event = app.classes.create("Test", 2, template="fruit")
    desk.log_in().open("facilitator")
    assert "チャレンジ写真を入れてください" in desk.messages
    assert tuple(desk.shown["upload"]["labels"]) == event.labels, "by label: a teacher has photos, and no ZIP"
    assert desk.place("challenge_way") < desk.place("venue_save"), "before the class's rules"
    desk.at.session_state["challenge_way"] = "zip"
    desk.run()
    shown = desk.shown["upload"]
    assert shown["url"] == f"/api/events/{event.id}/challenge"
    assert "りんご、バナナ、みかん" in shown["title"], "folders are named like this"
    assert not shown["labels"]
    sent = {
        label.id: put_in(
            app.challenge,
            event.id,
            label.id,
            [(f"{number}.jpg", jpeg(COLORS[label.key], number)) for number in range(2)],
        ).added
        for label in event.labels
    }
    report = ChallengeUpload(added_to=sent, alike=1)
    report.reject("day/apple/notes.txt", "challenge_folder_unknown")
    desk.tell(upload=UploadTold("one", report))
    assert "6枚を追加しました：🍎 りんご 2" in desk.messages
    assert "そのうち1枚は" in desk.messages
    assert "チャレンジ写真を入れてください" not in desk.messages
    assert "day/apple/notes.txt" in desk.text
    assert "どのラベルとも" in desk.text
    assert desk.shown["upload"]["heard"] == "one"
    assert not desk.shown["upload"]["first"], "the class may go on"


def test_files_of_one_label_have_its_choice(desk: Desk, app: App) -> None:
    event = app.classes.create("Test", 2, template="fruit")
    desk.log_in().open("facilitator")
    desk.at.session_state["challenge_way"] = "files"
    desk.run()
    assert tuple(desk.shown["upload"]["labels"]) == event.labels
    desk.at.session_state["challenge_way"] = "zip"
    desk.run()
    assert not desk.shown["upload"]["labels"]


def test_challenge_photos_are_looked_at_and_taken_out_in_the_lobby(
    desk: Desk, app: App, event: EventView
) -> None:
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 1)
    assert "challenge_photos" not in desk.at.session_state  # it collects
    app.classes.set_phase(event.id, "lobby")
    section(desk, 1)
    assert "photo_picker" not in desk.shown, "nobody looks, so nothing is read"
    desk.at.session_state["challenge_photos"] = True
    desk.run()
    shown = desk.shown["photo_picker"]
    assert shown["folder"] == "challenge"
    mine = [photo.id for photo in shown["photos"] if photo.label_id == event.labels[1].id]
    assert shown["strings"]["cs_photos_delete"] == "チャレンジから外す", "it is where the photos are ticked"
    assert "danger_take_out" not in desk.buttons, "none was chosen"
    desk.tell(photo_picker=PickerAction("delete", tuple(mine[:3])))
    assert "この3枚を外します。元に戻せません。" in desk.text
    assert asked(desk) == [f"/challenge/{photo_id}/thumb" for photo_id in mine[:3]]
    desk.tap("take_out_no")
    assert "danger_take_out" not in desk.buttons
    assert len(app.challenge.photos(event.id)) == 12
    desk.tell(photo_picker=PickerAction("delete", tuple(mine[:3])))
    desk.tap("danger_take_out")
    assert "3枚を外しました" in desk.messages
    left = [photo.id for photo in app.challenge.photos(event.id) if photo.label_id == event.labels[1].id]
    assert left == [mine[3]]
    rest = tuple(photo.id for photo in app.challenge.photos(event.id))
    desk.tell(photo_picker=PickerAction("delete", rest))
    desk.tap("danger_take_out")
    assert "9枚を外しました" in desk.messages, "also where none is left"


def test_that_no_challenge_photo_may_go_any_more_is_said(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "lobby")
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 1)
    desk.at.session_state["challenge_photos"] = True
    desk.run()
    photos = app.challenge.photos(event.id)
    desk.tell(photo_picker=PickerAction("delete", (photos[0].id, "gone")))
    assert "この1枚を外します" in desk.text
    app.classes.set_phase(event.id, "collect")  # another facilitator was quicker
    desk.tap("danger_take_out")
    assert len(app.challenge.photos(event.id)) == len(photos)


def test_collecting_has_to_wait_for_challenge_photos(desk: Desk, app: App) -> None:
    event = app.classes.create("Test", 2, template="fruit")
    desk.log_in().open("facilitator")
    desk.tap("go_collect")
    assert "チャレンジ写真が足りません" in desk.messages
    assert app.classes.get(event.id).phase == "lobby"


def test_each_end_asks_first(desk: Desk, app: App, event: EventView) -> None:
    app.contest.start_round(event.id, 20)
    desk.log_in().open("facilitator")
    desk.tap("go_final")
    assert app.classes.get(event.id).phase == "collect", "the children would have to stop in the middle"
    desk.tap("phase_yes")
    assert app.classes.get(event.id).phase == "final"
    desk.tap("go_reveal")
    assert app.classes.get(event.id).phase == "final"
    desk.tap("phase_no")
    assert "phase_yes" not in desk.buttons
    desk.tap("go_reveal")
    desk.tap("phase_yes")
    assert app.classes.get(event.id).phase == "reveal"
    desk.tap("go_closed")
    desk.tap("phase_yes")
    assert app.classes.get(event.id).phase == "closed"


def test_a_round_that_is_over_is_closed_without_a_question(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.contest, "clock", lambda _event_id: RoundClock(0.0, paused=False, frozen=True))
    desk.log_in().open("facilitator")
    desk.tap("go_final")
    assert app.classes.get(event.id).phase == "final"


def test_the_one_button_names_the_next_phase_and_the_menu_has_the_others(
    desk: Desk, app: App, event: EventView
) -> None:
    desk.log_in().open("facilitator")
    assert [key for key in desk.buttons if key.startswith("go_")] == ["go_final"]
    assert desk.at.button(key="go_final").label == "しめきりへ進む →"
    [menu] = desk.at.menu_button
    assert menu.options == ["🚪 ロビーへ戻す", "🏆 結果発表へ進む →", "👋 クラスを終了する →"]
    assert filled(desk) == ["go_final"]


def test_the_end_says_what_is_left_to_do(desk: Desk, app: App, event: EventView) -> None:
    take(app, identity(app, event, 0), event, 5)
    train(app, identity(app, event, 0))
    desk.log_in().open("facilitator")
    for phase in ("final", "reveal", "closed"):
        assert "データの削除" not in desk.messages
        app.classes.set_phase(event.id, phase)
        desk.run()
    assert "結果シートと賞状は、いまも印刷できます" in desk.messages
    assert "「データの削除」" in desk.messages


def test_the_way_back_asks_too(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator")
    other_phase(desk, "lobby")
    assert app.classes.get(event.id).phase == "collect"
    assert "始まりを待つ画面" in desk.text, "what the iPads show then"
    assert "入室のQRコード" in desk.text, "and the screen"
    desk.tap("phase_yes")
    assert app.classes.get(event.id).phase == "lobby"
    assert "phase_yes" not in desk.buttons


def test_the_question_stays_until_it_is_answered(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "final")
    desk.log_in().open("facilitator")
    desk.tap("go_reveal")
    assert "phase_yes" in desk.buttons
    desk.run()  # the whole page runs again, as when another facilitator has done something
    assert "phase_yes" in desk.buttons
    app.classes.set_phase(event.id, "reveal")  # another facilitator was there first
    desk.run()
    assert "phase_yes" not in desk.buttons


def test_groups_that_would_stay_stuck_are_named_before_an_end(desk: Desk, app: App, event: EventView) -> None:
    penguins, lions, _ = event.groups
    app.ipads.note(penguins.id, IPadWord(str(uuid.uuid4()), 4, cannot_send=True))
    app.ipads.note(lions.id, IPadWord(str(uuid.uuid4()), 2))
    app.contest.start_round(event.id, 20)
    desk.log_in().open("facilitator")
    desk.tap("go_final")
    told = desk.html.partition("staff-help-first")[2].partition("</ul>")[0]
    assert "ペンギン" in told
    assert "1台が送れない" in told
    assert "ライオン" in told
    assert "未送信2枚" in told
    assert told.count("<li>") == 2, "a group that lacks nothing, or has not come, holds nobody up"
    desk.tap("phase_no")
    app.classes.set_phase(event.id, "final")
    app.classes.set_phase(event.id, "reveal")
    desk.run().tap("go_closed")
    assert "staff-help-first" not in desk.html, "nothing more can come of it"


def test_who_is_training_is_said_before_the_reveal(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    desk.log_in().open("facilitator")
    other_phase(desk, "reveal")
    assert "学習中です" not in desk.messages
    app.runs.request(group)
    desk.run()
    assert "いま1グループが学習中です" in desk.messages


def test_in_the_reveal_the_show_comes_first_and_then_the_end(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "reveal")
    desk.log_in().open("facilitator")
    assert filled(desk) == ["show_next"]
    for step in range(app.screen.look(event.id).show.steps - 1):
        app.show.next(event.id, step, Leader.PROJECTOR)
    desk.run()
    assert filled(desk) == ["go_closed"]


def test_in_the_lobby_the_challenge_photos_come_first(desk: Desk, app: App) -> None:
    app.classes.create("Test", 2, template="fruit")
    desk.log_in().open("facilitator")
    assert filled(desk) == []
    assert desk.shown["upload"]["first"]


def test_with_its_challenge_photos_the_class_may_go_on(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "lobby")
    desk.log_in().open("facilitator")
    section(desk, 1)
    assert filled(desk) == ["go_collect"]
    assert not desk.shown["upload"]["first"]


def test_live_tells_of_photos_set_aside_only_when_there_are_some(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.log_in().open("facilitator")
    assert "開けなかった写真" not in desk.text

    def unread(*_args: object, **_options: object) -> None:
        raise PhotoUnreadError

    monkeypatch.setattr(app.intake, "clean", unread)
    photo_id, group = str(uuid.uuid4()), identity(app, event, 0)
    for _ in range(3):
        with pytest.raises(ClassroomError):
            app.photos.take(group, event.labels[0].id, photo_id, None, b"x")
    desk.run()
    assert desk.text.count("開けなかった写真") == 2, "once for the class, once over the groups' column"


def test_live_shows_groups_and_keeps_the_final_half_behind_the_curtain(
    desk: Desk, app: App, event: EventView
) -> None:
    group = identity(app, event, 1)
    take(app, group, event, 5)
    train(app, group)
    desk.log_in().open("facilitator")
    assert "ライオン" in desk.text
    assert "1号" in desk.text
    assert "6 / 6" in desk.text
    assert "1位" not in desk.text
    desk.at.toggle(key="curtain").set_value(True)
    desk.run()
    assert "1位" in desk.text


def test_ipads_that_cannot_send_are_told_while_there_are_some(desk: Desk, app: App, event: EventView) -> None:
    name = str(uuid.uuid4())
    desk.log_in().open("facilitator")
    assert "写真を送れません" not in desk.messages
    app.ipads.note(event.groups[0].id, IPadWord(name, 3, cannot_send=True))
    desk.run()
    assert "1台のiPadが写真を送れません" in desk.messages
    assert "3枚" in desk.messages
    app.ipads.note(event.groups[0].id, IPadWord(name, 0, cannot_send=False))
    desk.run()
    assert "写真を送れません" not in desk.messages


def test_the_challenge_set_is_locked_once_a_group_has_trained(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    desk.log_in().open("facilitator")
    section(desk, 1)
    assert "もう変えられません" in desk.messages
    assert "upload" not in desk.shown


def test_a_groups_way_in_is_shown_on_demand_and_renewed(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator")
    section(desk, 2)
    group = event.groups[0]
    assert not desk.at.code or group.join_path not in desk.at.code[-1].value
    desk.at.button_group(key="joining_group").set_value(group.id)
    desk.run()
    assert desk.at.code[-1].value.endswith(group.join_path)
    assert staff_frame.code(group.code_pictures) in desk.html
    desk.tap("renew_group")
    assert app.classes.get(event.id).groups[0].join_path != group.join_path
    assert "QRコードとひみつの絵" in desk.messages


def test_renewing_the_projector_link_ends_the_old_one(desk: Desk, app: App, event: EventView) -> None:
    old = app.access.projector_link(event.id)
    desk.log_in().open("facilitator")
    desk.tap("renew_projector")
    assert app.access.projector_event(old) is None


@pytest.mark.parametrize(("key", "post"), [("log_out", "/session/leave?who=facilitator")])
def test_log_out_goes_over_the_route(desk: Desk, event: EventView, key: str, post: str) -> None:
    desk.log_in().open("facilitator")
    desk.tap(key)
    assert desk.journeys[-1] == {"url": "/login", "post_url": post, "body": {}, "key": "go_out"}


def test_the_page_speaks_english(desk: Desk, event: EventView) -> None:
    desk.cookies["lang"] = "en"
    desk.log_in().open("facilitator")
    assert "The course of the day" in desk.text
    assert 'href="/guide.pdf" target="_blank"' in desk.html
    assert "Penguins" in desk.text


def switch_break(desk: Desk, is_on: str) -> None:
    switch = desk.at.toggle(key=f"round_pause_{is_on}")
    assert str(switch.value) == is_on
    switch.set_value(not switch.value)
    desk.run()


def test_a_break_without_a_time_box_is_the_same_switch(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator", event=event.id)
    switch_break(desk, "False")
    assert app.contest.clock(event.id).paused
    assert desk.at.button(key="round_start").disabled
    app.contest.go_on(event.id)  # another facilitator
    desk.run()
    switch_break(desk, "False")
    assert app.contest.clock(event.id).paused


def test_the_rounds_clock_is_there_while_the_class_collects(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator", event=event.id)
    desk.at.selectbox(key="round_minutes").set_value(10)
    desk.tap("round_start")
    assert 590 < (app.contest.clock(event.id).left_s or 0) <= 600
    assert "round_start" not in desk.buttons
    switch_break(desk, "False")
    assert app.contest.clock(event.id).paused
    assert "休憩中" in desk.text
    assert "撮影も学習も止まっています" in desk.text
    assert desk.at.button(key="round_add").disabled
    switch_break(desk, "True")  # one tap at the same place
    assert not app.contest.clock(event.id).paused
    assert "撮影も学習も止まっています" not in desk.text
    desk.tap("round_add")
    assert 890 < (app.contest.clock(event.id).left_s or 0) <= 900
    desk.tap("round_stop")
    assert app.contest.clock(event.id).left_s is None
    app.classes.set_phase(event.id, "final")
    desk.run()
    assert not [button for button in desk.buttons if button.startswith("round_")]


def test_rules_are_changed_on_the_set_up_tab(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 1)
    boxes = {box.label: box for box in desk.at.selectbox}
    boxes["1ラウンドの学習回数"].set_value(5)
    boxes["成績になるAI"].set_value("last")
    desk.tap("save_rules")
    assert "ルールを保存しました" in desk.messages
    rules = app.contest.rules(event.id)
    assert (rules.trainings_max, rules.counted, rules.freeze_minutes) == (5, "last", 3)


def test_collecting_once_more_after_the_reveal_asks_first_and_is_marked(
    desk: Desk, app: App, event: EventView
) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    app.classes.set_phase(event.id, "reveal")
    desk.log_in().open("facilitator", event=event.id)
    assert f"/api/events/{event.id}/results.zip" in [link.proto.url for link in desk.at.get("link_button")]
    other_phase(desk, "collect")
    assert app.classes.get(event.id).phase == "reveal"
    assert "「第2回の決勝」と記録され" in desk.text
    desk.tap("phase_yes")
    assert app.classes.get(event.id).phase == "collect"
    for button in ("go_final", "phase_yes", "go_reveal", "phase_yes"):
        desk.tap(button)
    assert "第2回の決勝" in desk.messages


def test_the_forecast_and_pictures_alike_are_shown_where_the_photos_are_added(desk: Desk, app: App) -> None:
    event = app.classes.create("Test", 2, template="fruit")
    for place, label in enumerate(event.labels):
        files = [(f"{n}.jpg", jpeg(COLORS[label.key], 4000 + n)) for n in range(10)]
        twin = copies.things(place)
        put_in(app.challenge, event.id, label.id, [*files, ("a.jpg", twin), ("b.jpg", copies.cropped(twin))])
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 1)
    assert "計算しています" in desk.text
    while app.embedding.embed_some(ChallengePhoto):
        pass
    app.likeness.compare_due()
    app.expectations.renew()
    desk.run()
    assert "5枚ずつで学習" in desk.text
    assert "10枚ずつで学習" in desk.text
    assert "でたらめに答える" in desk.text
    assert "👯 そっくりな写真：3組" in [expander.label for expander in desk.at.expander]
    [family, *_] = app.challenge.alike(event.id)
    assert all(f"/challenge/{photo.photo_id}/thumb" in desk.html for photo in family)
    assert not app.expectations.shown(event.id)
    [switch] = [toggle for toggle in desk.at.toggle if "コイン投げ" in toggle.label]
    switch.set_value(True)
    desk.run()
    assert app.expectations.shown(event.id)


def test_a_groups_photos_of_the_challenge_are_shown_beside_it(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 1)
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 0)
    assert not [expander for expander in desk.at.expander if "チャレンジ写真と同じ" in expander.label]
    app.photos.take(group, event.labels[0].id, str(uuid.uuid4()), None, jpeg(COLORS["apple"], 1000))
    take(app, group, event, 5)
    train(app, group)
    desk.run()
    [told] = [expander for expander in desk.at.expander if "チャレンジ写真と同じ" in expander.label]
    assert "1枚" in told.label
    [(_, [pair])] = app.likeness.seen(event.id).values()
    assert f"/photos/{pair.photo_id}/thumb" in desk.html
    assert f"/challenge/{pair.challenge_id}/thumb" in desk.html


def test_a_facilitator_leads_the_show_and_sees_what_is_on_and_what_comes(
    desk: Desk, app: App, event: EventView
) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    for other in event.groups[1:]:
        app.access.confirm_group(other.id)
    desk.log_in().open("facilitator")
    assert "show_next" not in desk.buttons
    app.classes.set_phase(event.id, "reveal")
    desk.run()
    assert "いまスクリーンに出ているもの (1 / 7)🥁 ドラムロール" in " ".join(desk.text.split())
    assert "AIなし：かえる" in desk.text
    desk.tap("show_next")
    assert app.show.now(event.id).step == 1
    assert "(2 / 7)" in desk.text
    app.show.next(event.id, 1, Leader.PROJECTOR)  # meanwhile somebody pressed a key on the projector
    desk.tap("show_next")
    assert app.show.now(event.id).step == 2, "what was seen counts: no step is skipped"
    desk.tap("show_back")
    assert app.show.now(event.id).step == 1
    assert "スクリーンが最初の場面に戻ります。" in [text.value for text in desk.at.markdown], (
        "it is asked first"
    )
    desk.tap("show_replay")
    assert app.show.now(event.id).step == 0


def test_the_show_goes_on_by_itself_where_that_is_chosen(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "reveal")
    desk.log_in().open("facilitator")
    desk.at.button_group(key="show_pace_None").set_value(7.0).run()
    assert app.show.now(event.id).automatic
    desk.at.button_group(key="show_pace_7.0").set_value(0.0).run()
    assert not app.show.now(event.id).automatic


def test_screens_are_dark_where_that_is_chosen(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator")
    desk.at.toggle(key="dark_screens_False").set_value(True)
    desk.run()
    assert app.screen.look(event.id).dark
    desk.at.toggle(key="dark_screens_True").set_value(False)
    desk.run()
    assert not app.screen.look(event.id).dark


def test_live_shows_who_needs_help_first_and_what_each_groups_ipads_say(
    desk: Desk, app: App, event: EventView
) -> None:
    for index in range(3):
        app.access.confirm_group(event.groups[index].id)
    app.ipads.note(event.groups[0].id, IPadWord(str(uuid.uuid4())))
    for camera in (CameraTrouble.DENIED, None):
        app.ipads.note(event.groups[2].id, IPadWord(str(uuid.uuid4()), 2, camera=camera))
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 0)
    assert "1台でカメラが使えない" in desk.text
    assert "📱 2台（予定は1台）" in desk.text, "a lost one, or one that is not of this group"
    assert desk.text.count("予定は") == 1
    for index in (0, 2):
        app.class_changes.set_group_ipads(event.id, event.groups[index].id, 2)
    desk.run()
    assert "📱 1台（予定は2台）" in desk.text
    assert "📱 2台" in desk.text
    assert desk.text.count("予定は") == 1
    assert "未送信4枚" in desk.text
    assert desk.text.index("かえる") < desk.text.index("ペンギン"), "who needs help stands first"


def test_a_group_that_is_not_there_is_not_there_now(desk: Desk, app: App, event: EventView) -> None:
    app.access.confirm_group(event.groups[1].id)
    for group in event.groups[:2]:
        app.ipads.note(group.id, IPadWord(str(uuid.uuid4())))
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 0)
    tiles = re.findall(r'<a class="staff-tile .*?</a>', desk.html, re.DOTALL)
    [absent] = [tile for tile in tiles if event.groups[0].name("ja") in tile]
    [here] = [tile for tile in tiles if event.groups[1].name("ja") in tile]
    assert "未入室" in absent
    assert "いま" not in absent
    assert "連絡 いま" in here
    assert "staff-tile-good" in here
    app.classes.set_phase(event.id, "final")  # where nobody is missed any more
    desk.run()
    tiles = re.findall(r'<a class="staff-tile .*?</a>', desk.html, re.DOTALL)
    [absent] = [tile for tile in tiles if event.groups[0].name("ja") in tile]
    assert "未入室" in absent
    assert "いま" not in absent


def test_a_group_of_which_nothing_is_heard_is_not_marked_as_well(
    desk: Desk, app: App, event: EventView
) -> None:
    app.access.confirm_group(event.groups[1].id)
    with app.db.write() as session:
        session.get_one(Group, event.groups[1].id).seen_at = utcnow() - dt.timedelta(minutes=6)
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 0)
    [tile] = [
        tile
        for tile in re.findall(r'<a class="staff-tile .*?</a>', desk.html, re.DOTALL)
        if event.groups[1].name("ja") in tile
    ]
    assert "連絡 6分前" in tile
    assert "staff-tile-good" not in tile


def test_the_swap_round_is_begun_where_the_groups_are_watched(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator", event=event.id)
    for tab, there in ((0, True), (1, False), (2, False)):
        section(desk, tab)
        assert ("swap_start" in desk.buttons) is there


def test_what_became_of_files_stays_until_others_are_sent_and_is_said_once(
    desk: Desk, app: App, event: EventView
) -> None:
    app.classes.set_phase(event.id, "lobby")
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 1)
    report = ChallengeUpload()
    report.reject("notes.jpg", "photo_not_image")
    desk.tell(upload=UploadTold("one", report))
    for _ in range(2):  # it stays while nothing else is done
        assert "追加できた写真はありません" in desk.messages
        assert "写真として読めません" in desk.text
        assert desk.place("challenge_way") < desk.place("upload_report")
        desk.run()
    desk.tell(upload=UploadTold())  # others are on their way
    assert "upload_report" not in desk.keys
    desk.tell(upload=UploadTold("one", report))  # the browser did not know that it was heard
    assert "upload_report" not in desk.keys
    desk.tell(upload=UploadTold("two", report))
    assert "upload_report" in desk.keys


def test_a_step_that_is_refused_says_so_beside_the_steps(desk: Desk, app: App) -> None:
    event = app.classes.create("Test", 2, template="fruit")
    desk.log_in().open("facilitator", event=event.id)
    desk.tap("go_collect")
    assert desk.place("phases") < desk.place("notice_phases") < desk.place("challenge_way")


@pytest.mark.parametrize(
    ("url", "warned"),
    [("http://127.0.0.1:8501", True), ("http://localhost:8501", True), ("https://192.0.2.7", False)],
)
def test_an_address_that_no_ipad_can_open_is_said_beside_the_cards(
    desk: Desk, event: EventView, monkeypatch: pytest.MonkeyPatch, url: str, warned: bool
) -> None:
    monkeypatch.setattr(viewer, "base_url", lambda: url)
    desk.log_in().open("facilitator", event=event.id)
    assert ("HOST=0.0.0.0" in desk.messages) is warned
    desk.project(event.id)
    assert desk.at.get("html"), "the screen is usable all the same"


def test_in_the_lobby_the_address_is_said_once_whatever_is_open(
    desk: Desk, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "base_url", lambda: "http://127.0.0.1:8501")
    lobby = app.classes.create("Lobby", 2, template="fruit")
    desk.log_in()
    for tab in range(3):
        desk.open("facilitator", event=lobby.id)
        section(desk, tab)
        assert ("準備チェック" in desk.text) is (tab == 1)
        assert (desk.messages + desk.text).count("HOST=0.0.0.0") == 1


GOES_ON = "このまま進むこともできますが、子どもたちが来る前に済ませてください。"


@pytest.mark.parametrize(
    ("left", "may"), [({"ipad"}, True), ({"ipad", "difficulty_too_easy"}, True), ({"ipad", "app"}, False)]
)
def test_what_is_still_to_do_says_whether_the_class_can_begin_without(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch, left: set[str], may: bool
) -> None:
    lines = tuple(CheckLine(key, good=key not in left) for key in ("app", "ipad", "difficulty_too_easy"))
    monkeypatch.setattr(app.checklist, "look", lambda *_: lines)
    app.classes.set_phase(event.id, "lobby")
    desk.log_in().open("facilitator", event=event.id)
    section(desk, 1)
    assert f"あと{len(left)}つ。" in desk.text
    assert (GOES_ON in desk.text) is may


def test_without_challenge_photos_nobody_is_told_to_go_on(desk: Desk, app: App) -> None:
    app.classes.create("Test", 2, template="fruit")
    desk.log_in().open("facilitator")
    assert re.search(r"あと\dつ。", desk.text)
    assert GOES_ON not in desk.text


def test_taking_ais_home_is_switched_on_with_what_leaves_the_building(
    desk: Desk, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_file, "is_possible", lambda: True)
    event = app.classes.create("Test", 2, template="fruit")
    desk.log_in().open("facilitator")
    assert "写真は入りません" not in desk.text
    desk.at.toggle(key=f"take_home_{event.id}_False").set_value(True)
    desk.run()
    assert app.take_home.allowed(event.id)
    assert "写真は入りません" in desk.text
    assert "take-home.zip" not in str(desk.at), "there are no results yet"
    desk.at.toggle(key=f"take_home_{event.id}_True").set_value(False)
    desk.run()
    assert not app.take_home.allowed(event.id)
    app.take_home.allow(event.id, True)
    monkeypatch.setattr(page_file, "is_possible", lambda: False)
    desk.run()
    assert "onnxruntime-web" in desk.messages


def test_a_tile_tells_the_newest_ai_and_the_best_one_where_they_differ(
    desk: Desk, app: App, event: EventView
) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    first, second = train(app, group), train(app, group)
    for run_id, right in ((first, 47), (second, 47)):
        _score(app, run_id, right)
    desk.log_in().open("facilitator", event=event.id)
    assert "2号 47 / 48" in desk.text
    assert "いちばん" not in desk.text
    _score(app, second, 41)
    desk.run()
    assert "2号 41 / 48" in desk.text
    assert "いちばん 47 / 48" in desk.text


def _score(app: App, run_id: str, right: int) -> None:
    with app.db.write() as session:
        result = session.get_one(Run, run_id).result
        assert result is not None
        result.practice_correct, result.practice_total = right, 48
