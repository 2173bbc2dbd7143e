"""A group opened by a facilitator: words, lock, photos, trainings, iPads, card; and what its children see."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest

from classroom_app.content import i18n
from classroom_app.data import tables
from classroom_app.data.tables import utcnow
from classroom_app.resources import App
from classroom_app.services.health import ReadinessReport
from classroom_app.services.tier import TierService
from classroom_app.states import CameraTrouble, Need, StaffWord
from classroom_app.ui.widgets import photo_picker
from classroom_app.ui.widgets.photo_picker import PickerAction, action_of
from classroom_app.views.classes import EventView, StaffSentence
from classroom_app.views.console import IPadWord
from classroom_app.views.contest import GroupReveal
from classroom_app.views.jobs import ServerNow
from tests.pages.desk import Desk, desk
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import StandInMl, identity, take, train

__all__ = ["desk", "ipad"]


def opened(desk: Desk, event: EventView, index: int = 0) -> Desk:
    desk.log_in().open("group", event=event.id, group=event.groups[index].id)
    return desk


@pytest.mark.parametrize("page", ["group", "jobs"])
def test_nothing_without_a_facilitators_cookie(desk: Desk, app: App, event: EventView, page: str) -> None:
    take(app, identity(app, event, 0), event, 1)
    for cookie in (None, "group"):
        desk.cookies.clear()
        if cookie:
            desk.join(event)
        desk.open(page, event=event.id, group=event.groups[0].id)
        assert "ログインしてください。" in desk.text
        assert desk.buttons == []
        assert "photo_picker" not in desk.shown


def test_a_group_that_is_not_of_the_class_is_not_there(desk: Desk, app: App, event: EventView) -> None:
    other = app.classes.create("Other", 1, template="fruit")
    desk.log_in().open("group", event=other.id, group=event.groups[0].id)
    assert "このグループはありません" in desk.messages
    desk.open("group")
    assert "このグループはありません" in desk.messages


def test_it_is_said_read_and_taken_back(desk: Desk, app: App, event: EventView) -> None:
    opened(desk, event)
    desk.at.selectbox(key="word_say").set_value(StaffWord.FRONT)
    desk.tap("send_say")
    group = identity(app, event, 0)
    assert group.said is not None
    assert group.said.sentence == StaffSentence(StaffWord.FRONT)
    assert "前に あつまろう！（まだ読まれていません）" in desk.text
    app.words.note_read(group, group.said.at)
    desk.run()
    assert "（読まれました）" in desk.text
    desk.tap("take_back")
    assert identity(app, event, 0).said is None
    desk.at.selectbox(key="word_say").set_value(StaffWord.OWN)
    desk.run()
    desk.tap("send_say")
    assert "1〜60文字で" in desk.messages, "nothing was typed"
    desk.at.text_input(key="text_say").set_value("{机|つくえ}を みよう")
    desk.tap("send_say")
    assert "机を みよう（まだ" in desk.text


def test_a_group_waits_and_goes_on(desk: Desk, app: App, event: EventView) -> None:
    opened(desk, event)
    desk.at.selectbox(key="word_lock").set_value(StaffWord.PHOTOS)
    desk.tap("send_lock")
    assert identity(app, event, 0).waits == StaffSentence(StaffWord.PHOTOS)
    assert "待ってもらっています" in desk.text
    desk.tap("unlock")
    assert identity(app, event, 0).waits is None


def test_of_many_photos_that_are_to_go_some_are_shown_and_the_rest_is_a_number(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_picker, "GOING_SHOWN", 2)
    ids = take(app, identity(app, event, 0), event, 2)
    opened(desk, event).tell(photo_picker=PickerAction("delete", tuple(ids[:5])))
    shown = re.findall(r'<img src="/photos/([^/]+)/thumb" alt="([^"]+)"', desk.html)
    assert [photo_id for photo_id, _ in shown] == ids[:2]
    assert all(re.fullmatch(f"{event.labels[0].name_ja} \\d+:\\d\\d", words) for _, words in shown)
    assert "ほか3枚" in desk.html


def test_photos_are_deleted_moved_and_brought_back(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    ids = take(app, group, event, 2)
    opened(desk, event)
    assert {photo.id for photo in desk.shown["photo_picker"]["photos"]} == set(ids)
    desk.tell(photo_picker=PickerAction("delete", (ids[0], ids[1])))
    assert len(desk.shown["photo_picker"]["photos"]) == 6, "first it says what will go"
    assert re.search(r"写真 ?2", desk.text)
    for photo_id in ids[:2]:
        assert f"/photos/{photo_id}/thumb" in desk.html, "which two"
    desk.tap("delete_no")
    assert "delete_no" not in desk.buttons
    desk.tell(photo_picker=PickerAction("delete", (ids[0], ids[1]))).hold("delete_undo")
    assert "2枚を消しました。10分以内なら戻せます。" in desk.messages
    assert len(desk.shown["photo_picker"]["photos"]) == 4
    [pending] = app.deletions.pending(event.id)
    desk.tap(f"undo_{pending.id}")
    assert len(desk.shown["photo_picker"]["photos"]) == 6
    desk.tell(photo_picker=PickerAction("move", tuple(ids), event.labels[1].id))
    assert app.photos.album(group).counts == {event.labels[1].id: 6}
    desk.tell(photo_picker=PickerAction("move", tuple(ids), "no label"))
    assert "3枚" not in desk.messages
    assert app.photos.album(group).counts == {event.labels[1].id: 6}


def test_a_photo_that_goes_at_once_leaves_a_receipt_and_takes_what_learnt_from_it(
    desk: Desk, app: App, event: EventView
) -> None:
    group = identity(app, event, 0)
    ids = take(app, group, event, 5)
    train(app, group)
    opened(desk, event)
    desk.tell(photo_picker=PickerAction("delete", (ids[0],)))
    assert "この写真から学んだAIが 1 個あります。" in desk.text
    desk.hold("delete_now")
    assert "残りは 0" in desk.messages
    assert app.runs.history(group) == []
    [receipt] = app.privacy.receipts()
    assert receipt.deleted["results"] == receipt.deleted["photos"] == 1


def test_the_ais_stay_where_somebody_wants_that(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    ids = take(app, group, event, 5)
    train(app, group)
    opened(desk, event)
    desk.tell(photo_picker=PickerAction("delete", (ids[0],)))
    [too] = [box for box in desk.at.checkbox if box.label == "このAIもいっしょに削除する（おすすめ）"]
    assert too.value
    too.uncheck()
    desk.run()
    desk.hold("delete_undo")
    assert len(app.runs.history(group)) == 1
    assert "削除された写真1枚からも学習" in desk.text


def test_what_a_browser_says_is_read_with_care() -> None:
    assert action_of(None) is None
    assert action_of({"kind": "format"}) is None
    assert action_of({"kind": "delete", "photo_ids": "abc"}) == PickerAction("delete", ())
    told = {"kind": "move", "photo_ids": [1, "a"], "label_id": 2}
    assert action_of(told) == PickerAction("move", ("1", "a"), "2")


def test_its_trainings_are_stopped_and_tried_again(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    run_id = app.runs.request(group)
    opened(desk, event)
    assert "1号" in desk.text
    desk.tap(f"cancel_{run_id}")
    assert "止めました" in desk.messages
    assert "ファシリテーターが止めました" in desk.text
    desk.tap(f"retry_{run_id}")
    assert "もう一度始めました" in desk.messages
    [again] = desk.enqueued
    assert app.runs.status(group, again).active
    assert f"retry_{run_id}" not in desk.buttons


def test_its_ipads_are_listed_one_by_one(desk: Desk, app: App, event: EventView) -> None:
    opened(desk, event)
    assert "まだどのiPadからも連絡がありません" in desk.text
    app.ipads.note(
        event.groups[0].id, IPadWord(str(uuid.uuid4()), 4, page="play", failed=1, camera=CameraTrouble.BUSY)
    )
    desk.run()
    for words in ("ためす", "カメラが他のアプリで使用中", "1枚受け付けず"):
        assert words in desk.text
    assert "同じ番号" not in desk.text, "one alone shows none"
    app.ipads.note(event.groups[0].id, IPadWord(str(uuid.uuid4())))
    desk.run()
    assert "📱 2" in desk.text
    assert "同じ番号" in desk.text


def test_an_ipad_with_a_wrong_clock_says_so(desk: Desk, app: App, event: EventView) -> None:
    for ahead_s, words in (
        (-420, "時計が7分遅れ"),
        (3 * 3600, "時計が3時間進み"),
        (-3e8, "日遅れ"),
        (60, ""),
    ):
        word = IPadWord(str(uuid.uuid4()), clock_ms=round((utcnow().timestamp() + ahead_s) * 1000))
        app.ipads.note(event.groups[0].id, word)
        opened(desk, event)
        assert words in desk.text
    assert desk.text.count("時計が") == 3


def test_a_group_in_need_says_what_to_do(desk: Desk, app: App, event: EventView) -> None:
    assert all(i18n.has(f"cs_do_{need}") for need in Need)
    group = event.groups[0]
    opened(desk, event)
    assert "未入室：iPadで下のQRコードを読むか" in desk.text
    app.access.confirm_group(group.id)
    app.ipads.note(group.id, IPadWord(str(uuid.uuid4()), camera=CameraTrouble.DENIED))
    desk.run()
    assert "未入室" not in desk.text
    assert "直し方はiPadの画面に出ています" in desk.text


def test_how_long_ago_is_said_by_one_rule(desk: Desk, app: App, event: EventView) -> None:
    """Of whatever is silent in whole minutes, on the group's page as on the tiles of the class."""
    app.ipads.note(event.groups[0].id, IPadWord(name := str(uuid.uuid4())))
    for silent_s, words in ((10, "いま"), (80, "1分前"), (110, "1分前"), (130, "2分前"), (7300, "2時間前")):
        with app.db.write() as session:
            session.get_one(tables.IPad, name).beat_at = utcnow() - dt.timedelta(seconds=silent_s)
        opened(desk, event)
        assert words in desk.text
        assert "秒前" not in desk.text


def test_its_card_is_printed_alone_and_made_anew(desk: Desk, app: App, event: EventView) -> None:
    opened(desk, event)
    links = [link.proto.url for link in desk.at.get("link_button")]
    assert links == [f"/cards/{event.id}/{event.groups[0].id}.pdf"]
    desk.tap("renew_group")
    assert app.classes.get(event.id).groups[0].join_path != event.groups[0].join_path
    assert "QRコードとひみつの絵" in desk.messages


def test_the_classes_trainings_have_a_page(desk: Desk, app: App, event: EventView) -> None:
    groups = [identity(app, event, index) for index in range(3)]
    for group in groups:
        take(app, group, event, 5)
    train(app, groups[0])
    failed = app.runs.request(groups[1])
    app.training.fail(failed, "run_waited_too_long")
    waiting = app.runs.request(groups[2])
    desk.log_in().open("jobs", event=event.id)
    why = "AIのコンピューターが応答しませんでした"
    for words in ("順番待ち 1件", "学習中 0件", "ペンギン", "6 / 6", why):
        assert words in desk.text
    assert [key for key in desk.buttons if key.startswith(("cancel_", "retry_"))] == [
        f"cancel_{waiting}",
        f"retry_{failed}",
    ]
    assert desk.text.index(why) < desk.text.index("6 / 6"), "what wants somebody comes first"
    app.training.fail(waiting, "run_failed")  # meanwhile
    desk.tap(f"cancel_{waiting}")
    assert f"cancel_{waiting}" not in desk.buttons, "it has ended: the page says how"
    assert "学習の途中でエラーが起きました" in desk.text
    told = re.search(r"アプリを始めた人に時刻（\d\d:\d\d）を伝えてください", desk.text)
    assert told, "a facilitator has no log"
    desk.tap(f"retry_{failed}")
    assert len(desk.enqueued) == 1


def test_children_read_it_and_press_ok_once(ipad: IPad, app: App, event: EventView) -> None:
    ipad.join(event)
    app.words.say(event.id, StaffSentence(StaffWord.OWN, "<b>{机|つくえ}</b>を みよう"))
    for page in ("collect", "train", "play", "results", "mistakes"):
        ipad.open(page)
        assert "&lt;b&gt;" in ipad.html, page
        assert "said_ok" in ipad.buttons, page
    ipad.tap("said_ok")
    assert "said_ok" not in ipad.buttons
    said = identity(app, event, 0).said
    assert said is not None
    assert said.read
    other = identity(app, event, 1).said
    assert other is not None
    assert not other.read
    ipad.open("collect")
    assert "said_ok" not in ipad.buttons
    app.words.say(event.id, StaffSentence(StaffWord.LOOK_UP))
    ipad.run()
    assert "said_ok" in ipad.buttons, "what is said next is new"


def test_a_word_from_before_the_show_goes_with_it(ipad: IPad, app: App, event: EventView) -> None:
    ipad.join(event)
    app.classes.set_phase(event.id, "final")
    app.words.say(event.id, StaffSentence(StaffWord.OWN, "つくえを みよう"))
    ipad.open("results")
    assert "said_ok" in ipad.buttons
    app.classes.set_phase(event.id, "reveal")
    ipad.run()
    assert "said_ok" not in ipad.buttons


def test_who_was_called_to_the_front_sees_the_result_alone(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    ipad.join(event)
    app.classes.set_phase(event.id, "final")
    app.classes.set_phase(event.id, "reveal")
    shown = GroupReveal()
    monkeypatch.setattr(app.reveal, "look", lambda _group: shown)
    app.words.say(event.id, StaffSentence(StaffWord.FRONT))
    ipad.open("results")
    assert "said_ok" in ipad.buttons
    shown = GroupReveal(board=app.board.board(event.id, final=True))
    ipad.run()
    assert "said_ok" not in ipad.buttons
    app.words.say(event.id, StaffSentence(StaffWord.COMING))
    ipad.run()
    assert "said_ok" in ipad.buttons, "what is about something else is said"


def test_in_the_lobby_too(ipad: IPad, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "lobby")
    group = ipad.join(event)
    app.words.say(event.id, StaffSentence(StaffWord.FRONT))
    ipad.open("join", here=group.key)
    ipad.tap("said_ok")
    said = identity(app, event, 0).said
    assert said is not None
    assert said.read
    app.words.lock(event.id, group.id, StaffSentence(StaffWord.WAIT))
    ipad.run()
    assert "ちょっと まってね" in ipad.text
    assert "big_camera" not in ipad.buttons


def test_a_group_that_waits_sees_why_and_nothing_to_press(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    app.words.lock(event.id, group.id, StaffSentence(StaffWord.PHOTOS))
    for page in ("collect", "train", "play", "results", "mistakes"):
        ipad.open(page)
        assert "大人が 写真を 見ているよ" in ipad.text, page
        assert "とった 写真は ちゃんと のこっているよ" in ipad.text, page
        assert [key for key in ipad.buttons if key.startswith(("big_", "small_"))] == [], page
    app.words.unlock(event.id, group.id)
    ipad.open("train")
    assert "大人が 写真を 見ているよ" not in ipad.text


def test_children_whose_training_was_stopped_may_train_again(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    app.jobs.cancel(event.id, app.runs.request(group))
    ipad.open("train")
    assert "AIの 学習は とまったよ" in ipad.text
    ipad.tap("big_train")
    assert len(ipad.enqueued) == 1


def test_the_console_says_in_plain_words_what_is_away_and_what_to_do(
    desk: Desk, app: App, event: EventView, ml: StandInMl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.tier, "servers", lambda: (ServerNow("a:1", "NVIDIA L4"), ServerNow("b:1", "")))
    monkeypatch.setattr(app.queue, "is_alive", lambda: True, raising=False)
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    desk.log_in().open("facilitator", event=event.id)
    assert "いま学習を始めると、約" in desk.text
    assert "✓ AIの計算" in desk.text
    assert "計算：NVIDIA L4・応答なし" in desk.text
    assert "AIのサーバー1台が応答しません" in desk.messages
    assert "写真の保存先が応答しません" not in desk.messages
    ml.away = True
    parts = {"database": True, "migrations": True, "blobs": False, "ml_core": False}
    found = ReadinessReport(parts, ready=False)
    monkeypatch.setattr(app.readiness, "look", lambda: found)
    desk.run()
    assert "学習は自動的に待ちます" not in desk.messages, "one late answer moves nothing"
    desk.run()
    assert "✗ AIの計算" in desk.text
    assert "いま学習を始めると、約" not in desk.text, "nobody knows how long it takes now"
    assert "学習は自動的に待ちます" in desk.messages
    assert "写真の保存先が応答しません" in desk.messages
    assert "✓ データベース" in desk.text


def test_a_full_disk_is_named_in_place_of_all_that_needs_room(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {"database": False, "migrations": True, "blobs": False, "ml_core": True, "disk": False}
    monkeypatch.setattr(app.readiness, "look", lambda: ReadinessReport(parts, ready=False))
    desk.log_in().open("facilitator", event=event.id)
    desk.run()
    assert "ディスクがいっぱいです" in desk.messages
    assert "写真の保存先が応答しません" not in desk.messages
    assert "データベースが応答しません" not in desk.messages
    assert "✗ ディスク" in desk.text


def test_the_trainings_say_what_is_away_and_promise_no_time(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    desk.log_in().open("jobs", event=event.id)
    assert "いま学習を始めると、約" in desk.text
    parts = {"database": True, "migrations": True, "blobs": True, "ml_core": False}
    found = ReadinessReport(parts, ready=True)
    monkeypatch.setattr(app.readiness, "look", lambda: found)
    desk.run().run()
    assert "いま学習を始めると、約" not in desk.text
    assert "学習は自動的に待ちます" in desk.messages


def test_a_training_whose_computer_is_away_is_told_as_waiting(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    app.training.start(app.runs.request(group))
    assert "AIのコンピューターを待っています" not in opened(desk, event).text
    monkeypatch.setattr(TierService, "away", lambda _: True)
    assert "AIのコンピューターを待っています" in opened(desk, event).text
    assert event.name in desk.text
    desk.open("jobs", event=event.id)
    assert "AIのコンピューターを待っています" in desk.text
    assert f"{event.name}（あつめる・学習）" in desk.at.selectbox[0].options


def test_a_word_to_everybody_goes_from_the_classes_page(desk: Desk, app: App, event: EventView) -> None:
    desk.log_in().open("facilitator", event=event.id)
    desk.at.selectbox(key="word_all").set_value(StaffWord.LOOK_UP)
    desk.tap("send_all")
    assert "全グループに送りました：手を とめて、前を 見よう。" in desk.messages
    for index in range(3):
        said = identity(app, event, index).said
        assert said is not None
        assert said.sentence.word == StaffWord.LOOK_UP


def test_a_tile_leads_to_its_group_and_says_that_it_waits(desk: Desk, app: App, event: EventView) -> None:
    app.words.lock(event.id, event.groups[1].id, StaffSentence(StaffWord.WAIT))
    desk.log_in().open("facilitator", event=event.id)
    for group in event.groups:
        assert f'href="/group?event={event.id}&amp;group={group.id}"' in desk.html
    assert desk.text.count("🔒 待機中") == 1
