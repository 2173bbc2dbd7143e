"""What is there for the day is found out, thing by thing."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from classroom_app.content import i18n
from classroom_app.data.tables import IPad, utcnow
from classroom_app.resources import App
from classroom_app.services.checklist import DAY_BYTES, ChecklistService
from classroom_app.services.health import ReadinessReport
from classroom_app.states import Verdict
from classroom_app.views.classes import EventView, GroupView
from classroom_app.views.console import CheckLine, IPadWord
from classroom_app.views.training import Expectation
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, jpeg

AT_SCHOOL = "https://192.168.3.4:8443"
WELL = {"database": True, "ml_core": True, "intake": True}


def look(
    app: App,
    event_id: str,
    *,
    address: str = AT_SCHOOL,
    found: Expectation | None = None,
    parts: dict[str, bool] | None = None,
    free: int = 2 * DAY_BYTES,
) -> dict[str, bool | None]:
    expected = found or Expectation(waiting=False, needed=0, verdict=Verdict.FITTING)
    report = ReadinessReport(parts or WELL, ready=(parts or WELL)["database"])
    service = ChecklistService(app.db, lambda _event: expected, lambda: report, lambda: free)
    lines = service.look(event_id, address)
    for line in lines:
        for lang in i18n.LANGUAGES:
            blanks = {
                "gigabytes": line.gigabytes,
                "number": line.number,
                "planned": line.planned,
                "time": "x",
            }
            assert i18n.t(f"ready_{line.key}", lang, **blanks)
            assert line.good is not False or i18n.t(f"ready_{line.key}_how", lang)
    return {line.key: line.good for line in lines}


def all_seen(app: App, event: EventView) -> None:
    """One iPad of each group, which is as many as are planned."""
    for group in event.groups:
        app.ipads.note(group.id, IPadWord(str(uuid.uuid4()), page="join"))


def test_a_class_that_has_everything(app: App, event: EventView) -> None:
    all_seen(app, event)
    found = look(app, event.id)
    assert set(found.values()) == {True}, found
    assert set(found) == {
        *("challenge", "difficulty_fitting", "app", "training", "photos", "disk", "address", "ipads")
    }


def test_only_an_ipad_heard_of_in_the_last_day_proves_the_way_in(app: App, event: EventView) -> None:
    app.access.confirm_group(event.groups[0].id)
    assert look(app, event.id)["ipad"] is False, "whoever joined may have done it weeks ago"
    all_seen(app, event)
    assert look(app, event.id)["ipads"] is True
    for hours, line in ((23, ("ipads", True)), (25, ("ipad", False))):
        with app.db.write() as session:
            session.execute(sa.update(IPad).values(beat_at=utcnow() - dt.timedelta(hours=hours)))
        assert line in look(app, event.id).items()
    other = app.classes.create("Other", 1, template="fruit")
    app.ipads.note(other.groups[0].id, IPadWord(str(uuid.uuid4())))
    assert look(app, event.id)["ipad"] is False, "another class's iPads have another card and address"


def test_what_is_missing_is_told(app: App) -> None:
    event = app.classes.create("New", 2, template="fruit")
    label = event.labels[0]
    files = [(f"{n}.jpg", jpeg(COLORS[label.key], n)) for n in range(2)]
    put_in(app.challenge, event.id, label.id, files)
    found = look(app, event.id, found=Expectation(waiting=False, needed=4))
    assert (found["challenge"], found["ipad"]) == (False, False)
    assert not [key for key in found if key.startswith("difficulty")]
    assert "difficulty_waits" not in look(app, event.id, found=Expectation(waiting=True, needed=0))


def clock_of(app: App, event: EventView, browser_off_s: int | None = None) -> CheckLine | None:
    lines = app.checklist.look(event.id, AT_SCHOOL, browser_off_s)
    return next((line for line in lines if line.key.startswith("clock")), None)


def says(app: App, group: GroupView, ahead_s: float) -> None:
    app.ipads.note(group.id, IPadWord(str(uuid.uuid4()), clock_ms=round((time.time() + ahead_s) * 1000)))


def test_the_ipad_whose_clock_is_wrong_is_named(app: App, event: EventView) -> None:
    first, second, third = event.groups
    assert clock_of(app, event) is None, "there is no other clock"
    app.ipads.note(third.id, IPadWord(str(uuid.uuid4())))  # a page of the release before
    assert clock_of(app, event) is None
    says(app, first, 100)
    says(app, second, -2)
    assert clock_of(app, event, 900) == CheckLine("clock", good=True, number=2), "the browser is the odd one"
    says(app, first, 430)
    line = clock_of(app, event)
    assert line is not None
    assert (line.key, line.good) == ("clock_ipads_off", False)
    assert [(group.id, number) for group, number, _ in line.ipads] == [(first.id, 2)]
    assert line.ipads[0][2] == pytest.approx(430, abs=3)


def test_one_against_all_others_is_the_servers_clock(app: App, event: EventView) -> None:
    for group in event.groups:
        says(app, group, -7200)
    line = clock_of(app, event, -7190)
    assert line is not None
    assert (line.key, line.good, line.ipads) == ("clock_server_off", False, ())
    assert line.off_s == pytest.approx(-7200, abs=3)


def test_without_an_ipad_the_facilitators_browser_is_compared(app: App, event: EventView) -> None:
    found = clock_of(app, event, 20)
    assert found is not None
    assert (found.key, found.good) == ("clock_browser", True)
    found = clock_of(app, event, -600)
    assert found is not None
    assert (found.key, found.good, found.off_s) == ("clock_browser_off", False, -600)
    own = app.checklist.look(event.id, "http://127.0.0.1:8501", -600)
    assert not [line for line in own if line.key.startswith("clock")], "there both are one clock"


def test_what_is_heard_where_no_ipad_can_be_is_none(app: App, event: EventView) -> None:
    app.ipads.note(event.groups[0].id, IPadWord(str(uuid.uuid4())))
    assert look(app, event.id, address="http://127.0.0.1:8501")["ipad"] is False
    assert look(app, event.id)["ipads_missing"] is False, "one of three"


def test_the_groups_that_miss_ipads_are_named(app: App, event: EventView) -> None:
    first, second, third = event.groups
    app.class_changes.set_group_ipads(event.id, first.id, 2)
    app.ipads.note(first.id, IPadWord(str(uuid.uuid4())))
    for _ in range(3):  # more than planned make up for none elsewhere
        app.ipads.note(second.id, IPadWord(str(uuid.uuid4())))
    [line] = [line for line in app.checklist.look(event.id, AT_SCHOOL) if line.key == "ipads_missing"]
    assert (line.good, line.number, line.planned) == (False, 2, 4)
    assert [(group.id, figure) for group, figure in line.groups] == [(first.id, "1 / 2"), (third.id, "0 / 1")]
    app.ipads.note(first.id, IPadWord(str(uuid.uuid4())))
    app.ipads.note(third.id, IPadWord(str(uuid.uuid4())))
    [line] = [line for line in app.checklist.look(event.id, AT_SCHOOL) if line.key == "ipads"]
    assert (line.good, line.number, line.planned, line.groups) == (True, 4, 4, ())


@pytest.mark.parametrize(
    ("what", "key", "good"),
    [
        ({"address": "http://127.0.0.1:8501"}, "address_own", False),
        ({"address": "https://localhost:8501"}, "address_own", False),
        ({"address": "http://192.168.3.4:8501"}, "address_plain", False),
        ({"free": DAY_BYTES - 1}, "disk", False),
        ({"parts": {**WELL, "ml_core": False}}, "training", False),
        ({"parts": {**WELL, "intake": False}}, "photos", False),
        ({"parts": {**WELL, "database": False}}, "app", False),
        ({"found": Expectation(waiting=True, needed=0)}, "difficulty_waits", None),
        (
            {"found": Expectation(waiting=False, needed=0, verdict=Verdict.TOO_EASY)},
            "difficulty_too_easy",
            False,
        ),
    ],
)
def test_each_thing_is_looked_at(
    app: App, event: EventView, what: dict[str, Any], key: str, good: bool | None
) -> None:
    found = look(app, event.id, **what)
    assert found[key] is good
    assert [name for name, value in found.items() if value is not True] == [key, "ipad"] or key == "ipad"


def test_where_photos_go_to_a_bucket_no_disk_counts(app: App, event: EventView) -> None:
    report = ReadinessReport(WELL, ready=True)
    service = ChecklistService(
        app.db, lambda _event: Expectation(waiting=True, needed=0), lambda: report, None
    )
    assert "disk" not in {line.key for line in service.look(event.id, AT_SCHOOL)}


def test_the_app_looks_at_itself(app: App, event: EventView) -> None:
    found = {line.key: line for line in app.checklist.look(event.id, AT_SCHOOL)}
    assert found["challenge"].good
    assert (found["disk"].gigabytes or 0) > 0
