"""The contest's routes: rules and clock, the recount, results to take away with nothing of a child."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pyarrow.parquet as pq
import pytest

from classroom_app.data.tables import Photo
from classroom_app.resources import App
from classroom_app.services.results_export import TABLES
from classroom_app.views.classes import EventView
from tests.integration.classroom_app.web.test_routes import Browser, browser, facilitator, ipad
from tests.support.stand_ins import identity, take, train

__all__ = ["browser", "facilitator", "ipad"]

RULES = {"counted": "last", "trainings_max": 4, "freeze_minutes": 5, "tie_break": True}


@pytest.fixture
def trained(app: App, event: EventView) -> EventView:
    for place in range(2):
        group = identity(app, event, place)
        take(app, group, event, 5 + place, start=20 * place)
        train(app, group)
    return event


def test_rules_are_read_and_set(facilitator: Browser, event: EventView) -> None:
    address = f"/api/events/{event.id}/contest"
    usual = facilitator("GET", address).json()
    assert usual == {
        "rules": {"counted": "best", "trainings_max": None, "freeze_minutes": 3, "tie_break": False},
        "clock": {"left_s": None, "paused": False, "frozen": False},
        "awards": [],
    }
    assert facilitator.post(address, json=RULES).status_code == 204
    assert facilitator("GET", address).json()["rules"] == RULES
    for wrong in (
        {**RULES, "counted": "luckiest"},
        {**RULES, "trainings_max": "many"},
        {**RULES, "trainings_max": 0},
        {**RULES, "tie_break": 1},
        {key: value for key, value in RULES.items() if key != "freeze_minutes"},
    ):
        assert facilitator.post(address, json=wrong).status_code == 422, wrong
    assert facilitator("GET", "/api/events/x/contest").status_code == 404


def test_the_clock_is_started_paused_and_given_more_time(facilitator: Browser, event: EventView) -> None:
    def move(action: str, minutes: object = None) -> int:
        told = {"action": action, "minutes": minutes}
        return facilitator.post(f"/api/events/{event.id}/round", json=told).status_code

    def clock() -> dict[str, object]:
        found: dict[str, object] = facilitator("GET", f"/api/events/{event.id}/contest").json()["clock"]
        return found

    assert move("start", 10) == 204
    assert clock()["left_s"] == pytest.approx(600, abs=10)
    assert move("pause") == move("add", 5) == 204
    assert clock() == {"left_s": pytest.approx(900, abs=10), "paused": True, "frozen": False}
    assert move("go_on") == move("start") == 204
    assert clock()["left_s"] is None
    assert [move("start", "ten"), move("start", True), move("start", -1), move("jump")] == [422] * 4
    assert move("add", 5) == 409


def test_after_the_reveal_collecting_again_has_to_be_asked_for(
    facilitator: Browser, trained: EventView
) -> None:
    def move(**told: object) -> tuple[int, str]:
        answer = facilitator.post(f"/api/events/{trained.id}/phase", json=told)
        return answer.status_code, answer.json()["error"] if answer.content else ""

    assert move(phase="reveal") == (204, "")
    assert move(phase="collect") == (409, "final_is_made")
    assert move(phase="collect", reopen="yes") == (409, "final_is_made")
    assert move(phase="collect", reopen=True) == (204, "")
    assert move(phase="reveal") == (204, "")
    assert facilitator("GET", f"/api/events/{trained.id}/leaderboard").json()["final_number"] == 2


def test_the_recount_is_the_leaderboard(facilitator: Browser, trained: EventView) -> None:
    facilitator.post(f"/api/events/{trained.id}/phase", json={"phase": "reveal"})
    found = facilitator("GET", f"/api/events/{trained.id}/recount").json()
    board = facilitator("GET", f"/api/events/{trained.id}/leaderboard").json()["rows"]
    assert (found["same"], found["differences"], found["final_number"]) == (True, [], 1)
    assert {(row["group_id"], row["rank"], row["final_correct"]) for row in found["rows"]} == {
        (row["group_id"], row["final_rank"], row["final_correct"]) for row in board
    }


def archive(facilitator: Browser, event: EventView) -> dict[str, bytes]:
    answer = facilitator("GET", f"/api/events/{event.id}/results.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        return {name: files.read(name) for name in files.namelist()}


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))


def test_every_table_is_there_twice_and_says_the_same(
    facilitator: Browser, app: App, trained: EventView
) -> None:
    app.swap.start(trained.id)
    app.swap.fool(identity(app, trained, 0), trained.labels[0].id, trained.labels[1].id)
    facilitator.post(f"/api/events/{trained.id}/phase", json={"phase": "reveal"})
    found = archive(facilitator, trained)
    names = {f"{table.name}.{kind}" for table in TABLES for kind in ("csv", "parquet")}
    assert found.keys() == names | {"README.txt", "dictionary.csv"}
    for table in TABLES:
        rows = rows_of(found[f"{table.name}.csv"])
        typed = pq.read_table(io.BytesIO(found[f"{table.name}.parquet"]))
        assert typed.num_rows == len(rows)
        assert rows or table.name == "awards", "an empty table shows nothing"
        assert typed.column_names == [column.name for column in table.columns]
        for written, plain in zip(typed.to_pylist(), rows, strict=True):
            assert {key for key, value in written.items() if value is None} == {
                key for key, value in plain.items() if value == ""
            }
            numbers = {key: str(value) for key, value in written.items() if type(value) is int}
            assert numbers.items() <= plain.items()
    dictionary = {(row["table"], row["column"]) for row in rows_of(found["dictionary.csv"])}
    assert dictionary == {(table.name, column.name) for table in TABLES for column in table.columns}


def test_what_is_in_the_tables(facilitator: Browser, app: App, trained: EventView) -> None:
    before = archive(facilitator, trained)
    assert rows_of(before["class.csv"])[0]["final_number"] == "0"
    facilitator.post(f"/api/events/{trained.id}/phase", json={"phase": "reveal"})
    found = archive(facilitator, trained)
    scores = rows_of(found["scores.csv"])
    assert [row["final_rank"] for row in scores] == ["1", "1", ""]
    assert [row["photos"] for row in scores] == ["15", "18", "0"]
    runs = rows_of(found["runs.csv"])
    assert [(row["state"], row["counts"], row["photos"]) for row in runs] == [
        ("done", "yes", "15"),
        ("done", "yes", "18"),
    ]
    photos = rows_of(found["photos.csv"])
    assert len(photos) == 3 * len(trained.labels)
    assert {row["photos"] for row in photos} == {"5", "6", "0"}
    assert {row["award"] for row in rows_of(found["awards.csv"])} <= {
        "improved", "data", "detective", "balance", "brave", "trickster",
    }  # fmt: skip
    with app.db.read() as session:
        ids = [photo_id for (photo_id,) in session.query(Photo.id)]
    everything = b"".join(found.values())
    assert not [photo_id for photo_id in ids if photo_id.encode() in everything]


def test_the_result_sheet_is_one_page(facilitator: Browser, trained: EventView) -> None:
    facilitator.post(f"/api/events/{trained.id}/phase", json={"phase": "reveal"})
    answer = facilitator("GET", f"/api/events/{trained.id}/certificates.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    answer = facilitator("GET", f"/api/events/{trained.id}/results.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert answer.content.count(b"/Type /Page\n") + answer.content.count(b"/Type /Page ") == 1


def test_a_photo_that_comes_late_says_when_it_was_taken(ipad: Browser, app: App, event: EventView) -> None:
    """The two stamps of its post reach the round's clock."""
    seen: list[tuple[object, object]] = []
    take_photo = app.photos.take

    def note(*given: Any, **more: Any) -> object:
        seen.append((given[3], more["sent_at_ms"]))
        return take_photo(*given, **more)

    app.photos.take = note  # type: ignore[method-assign,assignment]  # to look at what is handed on
    for query, stamps in (
        ("taken_at=1000&sent_at=5000", (1000, 5000)),
        ("taken_at=1000", (1000, None)),
        ("taken_at=-1&sent_at=1e9", (None, None)),
    ):
        ipad.post(f"/photos?label={event.labels[0].id}&{query}", content=b"x", headers={"X-Photo-Id": "x"})
        assert seen.pop() == stamps
