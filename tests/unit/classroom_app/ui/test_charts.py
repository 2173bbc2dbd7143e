"""The leaderboard's chart: rows in, a specification out that stays the same while scores change."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from classroom_app.ui import charts
from classroom_app.ui.charts import leaderboard

CONFIG = Path(__file__).parents[4] / ".streamlit" / "config.toml"
THEME: dict[str, Any] = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]


def rows(*shares: float) -> pd.DataFrame:
    lines = [
        (slot, slot + 1, "🐧", "ペンギン", share, "18/20", "#1f5fb4") for slot, share in enumerate(shares)
    ]
    return pd.DataFrame(lines, columns=list(leaderboard.LEADERBOARD_COLUMNS))


def spec(table: pd.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = leaderboard.leaderboard(table, title="Scores").to_dict()
    return found


def without_data(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in {"data", "datasets"}}


def test_a_new_score_changes_the_data_alone() -> None:
    assert without_data(spec(rows(0.5, 0.4))) == without_data(spec(rows(1.0, 0.9)))


def test_the_axis_is_fixed_from_0_to_100_per_cent() -> None:
    for table in (rows(0.1), rows(1.0)):
        for layer in spec(table)["layer"]:
            x = layer["encoding"]["x"]
            assert x["axis"]["values"] == [0, 0.25, 0.5, 0.75, 1]
            assert x["scale"]["domain"] == [leaderboard._LEFT, leaderboard._RIGHT]


@pytest.mark.parametrize(("groups", "slots"), [(1, 4), (4, 4), (30, 30)])
def test_each_group_has_a_row_and_few_groups_leave_room(groups: int, slots: int) -> None:
    found = spec(rows(*[0.5] * groups))
    assert found["layer"][0]["encoding"]["y"]["scale"]["domain"] == list(range(slots))
    [data] = found["datasets"].values()
    assert len(data) == groups


def test_two_charts_side_by_side_have_bars_of_one_thickness() -> None:
    one, other = (
        leaderboard.leaderboard(rows(*[0.5] * n), title="", rows_min=13).to_dict() for n in (13, 12)
    )
    assert without_data(one) == without_data(other)


def test_what_is_not_drawn_does_not_reach_the_browser() -> None:
    table = rows(0.5).assign(group_id="secret")
    [data] = spec(table)["datasets"].values()
    assert set(data[0]) == set(leaderboard.LEADERBOARD_COLUMNS)


def test_it_grows_with_its_place() -> None:
    found = spec(rows(0.5))
    assert found["width"] == "container"
    assert found["height"] == "container"
    sizes = [layer["mark"]["fontSize"] for layer in found["layer"] if layer["mark"]["type"] == "text"]
    assert all("width" in size["expr"] and "height" in size["expr"] for size in sizes)


def test_fonts_and_colours_are_the_themes() -> None:
    assert THEME["font"] == charts.FONT
    assert THEME["textColor"] == charts.INK
    assert THEME["grayColor"] == leaderboard.QUIET_INK
