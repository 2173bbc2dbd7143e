"""Days in words, by the clock of the place where the app runs; nobody writes a date any other way."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom_app.content import dates

ROOT = Path(__file__).parents[4]
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(autouse=True)
def at_home() -> Iterator[None]:
    yield
    dates.live_in("")


def moment(year: int, month: int, day: int, hour: int = 14, minute: int = 59) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, 7, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("lang", "day", "whole"),
    [
        ("ja", "2020年12月4日（金）", "2020年12月4日（金）23:59"),
        ("en", "Friday 4 December 2020", "Friday 4 December 2020, 23:59"),
    ],
)
def test_a_day_of_another_year_and_its_time(lang: str, day: str, whole: str) -> None:
    dates.live_in("Asia/Tokyo")
    friday = moment(2020, 12, 4)
    assert dates.day_words(friday, lang) == day
    assert dates.moment_words(friday, lang) == whole
    assert dates.moment_words(friday, lang, seconds=True).endswith("23:59:07")


def test_the_year_that_we_are_in_is_not_said_unless_a_paper_wants_it() -> None:
    dates.live_in("UTC")
    summer = moment(NOW.year, 7, 1, 8, 5)
    assert str(NOW.year) not in dates.moment_words(summer, "ja")
    assert dates.moment_words(summer, "ja").startswith("7月1日（")
    assert dates.moment_words(summer, "en").endswith("1 July, 08:05")
    assert dates.day_words(summer, "ja", year=True).startswith(f"{NOW.year}年7月1日（")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_each_weekday_and_month_has_its_name(lang: str) -> None:
    dates.live_in("UTC")
    week = [dates.day_words(moment(2020, 6, day), lang) for day in range(1, 8)]  # from a Monday
    year = [dates.day_words(moment(2020, month, 1), lang) for month in range(1, 13)]
    assert len({re.sub(r"\d", "", day) for day in week}) == 7
    assert len(set(year)) == 12
    assert [week[0], week[6]] == (
        ["2020年6月1日（月）", "2020年6月7日（日）"]
        if lang == "ja"
        else ["Monday 1 June 2020", "Sunday 7 June 2020"]
    )


def test_a_day_ends_and_begins_where_the_app_runs() -> None:
    late = moment(2020, 12, 4, 15, 30)
    dates.live_in("Asia/Tokyo")
    assert "12月5日（土）00:30" in dates.moment_words(late, "ja")
    assert dates.last_minute(dt.date(2020, 12, 4)) == moment(2020, 12, 4).replace(second=0)
    dates.live_in("America/New_York")
    assert "12月4日（金）10:30" in dates.moment_words(late, "ja")


def test_without_a_setting_it_is_the_clock_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert dates.moment_words(moment(2020, 12, 4), "ja").endswith("23:59")
        assert dates.last_minute(dt.date(2020, 12, 4)) == moment(2020, 12, 4).replace(second=0)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_no_page_and_no_paper_writes_a_date_by_itself() -> None:
    own = re.compile(r"%Y-%m-%d|%d\.%m|%H:%M|ZoneInfo|context\.timezone")
    found = [
        str(path.relative_to(ROOT))
        for folder in ("pages", "classroom_app/ui", "classroom_app/printing")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if own.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
