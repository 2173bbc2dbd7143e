"""Answers for parents: open to everybody, in both languages, with a class's facts from its card."""

from __future__ import annotations

import pytest

from classroom_app.content import dates
from classroom_app.resources import App
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk

__all__ = ["desk"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", ("何が保存されますか", "FileVault", "BitLocker", "LUKS", "暗号化されていません", "3日")),
        ("en", ("What is kept?", "FileVault", "BitLocker", "LUKS", "not encrypted", "three days")),
    ],
)
def test_everybody_can_read_it(desk: Desk, lang: str, words: tuple[str, ...]) -> None:
    desk.cookies["lang"] = lang
    desk.open("privacy")
    assert [word for word in words if word not in desk.text] == []


def test_it_has_the_facts_of_the_class_that_the_card_names(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_faces(event.id, "block")
    end = app.retention.end(event.id)
    assert end.goes_at is not None
    desk.open("privacy", **{"class": event.id})
    assert event.name in desk.text
    assert dates.day_words(end.goes_at, "ja") in desk.text
    assert "顔が見つかった写真は保存されません" in desk.text


def test_the_day_of_deletion_is_that_of_the_class(desk: Desk, app: App, event: EventView) -> None:
    before = app.retention.end(event.id).goes_at
    app.retention.set_keep(event.id, 2)
    end = app.retention.end(event.id)
    assert before is not None
    assert end.goes_at is not None
    desk.open("privacy", **{"class": event.id})
    assert dates.day_words(end.goes_at, "ja") in desk.text
    assert dates.day_words(before, "ja") not in desk.text


def test_it_says_that_groups_may_be_stricter_where_one_is(desk: Desk, app: App, event: EventView) -> None:
    told = "写ってはいけないお子さんがいるグループでは"
    desk.open("privacy", **{"class": event.id})
    assert told not in desk.text
    app.classes.set_group_faces(event.id, event.groups[0].id, "block")
    desk.open("privacy", **{"class": event.id})
    assert told in desk.text


def test_an_ipad_of_a_group_sees_its_own_class(desk: Desk, event: EventView) -> None:
    desk.join(event)
    desk.open("privacy")
    assert event.name in desk.text


def test_of_a_class_that_is_not_there_it_says_nothing(desk: Desk, event: EventView) -> None:
    desk.open("privacy", **{"class": "no-such-class"})
    assert "何が保存されますか" in desk.text
    assert event.name not in desk.text
    desk.open("privacy")
    assert event.name not in desk.text, "without a card nobody learns which classes there are"


def test_the_way_in_leads_there(desk: Desk, event: EventView) -> None:
    desk.open("join")
    assert 'href="/privacy"' in desk.html


@pytest.mark.parametrize(
    ("blobs", "emulator", "told"),
    [
        ("gs://photos", "", {"Google Cloud", "AES-256"}),
        ("gs://photos", "http://gcs:4443", {"BitLocker", "Docker"}),
        ("", "", {"BitLocker"}),
        ("", "http://gcs:4443", {"BitLocker"}),
    ],
)
def test_it_says_truly_where_photos_are_and_how_they_are_encrypted(
    desk: Desk, app: App, monkeypatch: pytest.MonkeyPatch, blobs: str, emulator: str, told: set[str]
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator)
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update={"blobs": blobs}))
    desk.open("privacy")
    words = ("Google Cloud", "AES-256", "BitLocker", "Docker")
    assert {word for word in words if word in desk.text} == told
