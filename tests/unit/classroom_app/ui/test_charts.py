"""The projector's charts: rows in, a specification out that stays the same while scores change."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from classroom_app.content import i18n
from classroom_app.ui import charts
from classroom_app.ui.charts import leaderboard, mixups

CONFIG = Path(__file__).parents[4] / ".streamlit" / "config.toml"
THEME: dict[str, Any] = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]
U_PX = 19.2  # a hundredth of a screen of 1920


def rows(*shares: float) -> pd.DataFrame:
    lines = [
        {
            "key": f"group-{slot}", "slot": slot, "rank": str(slot + 1), "picture": "/assets/emoji/1f427.svg",
            "name": "ペンギン", "photos": "12", "share": share, "latest": share,
            "earlier": "0.25,0.5", "score": "18/20", "state": "", "none": "", "color": "#1f5fb4",
        }
        for slot, share in enumerate(shares)
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=list(leaderboard.LEADERBOARD_COLUMNS))


def spec(table: pd.DataFrame, **given: Any) -> dict[str, Any]:
    return leaderboard.leaderboard(table, title="Scores", **given)


def without_data(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in {"data", "datasets"}}


def test_a_new_score_changes_the_data_alone() -> None:
    assert without_data(spec(rows(0.5, 0.4))) == without_data(spec(rows(1.0, 0.9)))


def test_every_mark_has_its_group_as_a_key_so_that_it_moves_instead_of_being_drawn_anew() -> None:
    for layer in spec(rows(0.5))["layer"]:
        of_a_version = "dot" in str(layer["encoding"]["x"].get("field"))
        key = "dot_key" if of_a_version else "key"
        assert layer["encoding"]["key"] == {"field": key, "type": "nominal"}


def test_a_bar_means_the_same_all_day_long() -> None:
    one, other = (spec(table)["layer"][1]["encoding"]["x"]["scale"] for table in (rows(0.1), rows(1.0)))
    assert one == other
    assert one["domain"][0] < 0
    assert one["domain"][1] > 1


@pytest.mark.parametrize("groups", [1, 4, 12])
def test_each_group_has_a_row_and_few_groups_get_larger_ones(groups: int) -> None:
    found = spec(rows(*[0.5] * groups))
    assert found["layer"][0]["encoding"]["y"]["scale"]["domain"] == list(range(groups))
    [data] = found["datasets"].values()
    assert len(data) == groups


@pytest.mark.parametrize(("size", "columns"), [(1, 1), (3, 1), (8, 1), (12, 1), (13, 2), (15, 2)])
def test_text_is_read_from_the_back_row_and_fits_into_its_row(size: int, columns: int) -> None:
    place = leaderboard.layout(size, columns)
    assert place.text_u * U_PX >= 46
    assert place.text_u <= leaderboard.HEIGHT_U / size
    assert place.left < place.rank < place.animal < place.name < place.photos < 0
    assert place.right > 1
    bar = place.width_u / (place.right - place.left)
    assert bar >= 8, "there is a bar left to look at"


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize(("size", "columns"), [(1, 1), (3, 1), (8, 1), (12, 1), (13, 2), (15, 2)])
def test_why_a_bar_is_empty_fits_into_it(size: int, columns: int, lang: str) -> None:
    place = leaderboard.layout(size, columns)
    bar_em = place.width_u / (place.right - place.left) / place.text_u
    room_em = (
        bar_em if columns == 1 else place.right * bar_em
    )  # over the place of the score, which there is not
    for key in ("pj_no_ai_yet", "pj_not_here", "pj_away", "pj_no_photos", "pj_only_photos"):
        text = i18n.plain(i18n.t(key, lang))
        assert sum(1 if ord(sign) > 0x3000 else 0.3 if sign == " " else 0.6 for sign in text) < room_em, text


def test_text_grows_where_there_are_few() -> None:
    sizes = [leaderboard.layout(size, 1).text_u for size in (1, 3, 6, 12)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.5 * sizes[-1]


def test_two_charts_side_by_side_have_bars_of_one_thickness() -> None:
    one, other = (spec(rows(*[0.5] * n), rows_min=13, columns=2) for n in (13, 12))
    assert without_data(one) == without_data(other)


def test_what_is_not_drawn_does_not_reach_the_browser() -> None:
    table = rows(0.5).assign(group_id="secret")
    [data] = spec(table)["datasets"].values()
    assert set(data.columns) == set(leaderboard.LEADERBOARD_COLUMNS)


def test_it_grows_with_its_place() -> None:
    found = spec(rows(0.5))
    assert found["width"] == "container"
    assert found["height"] == "container"
    sizes = [layer["mark"]["fontSize"] for layer in found["layer"] if layer["mark"]["type"] == "text"]
    assert sizes
    assert all("width" in size["expr"] and "height" in size["expr"] for size in sizes)


def test_on_a_dark_screen_words_are_light() -> None:
    for dark, ink in ((False, charts.INK), (True, "#ffffff")):
        colors = {
            layer["mark"].get("color")
            for layer in spec(rows(0.5), dark=dark)["layer"]
            if layer["mark"]["type"] == "text"
        }
        assert ink in colors


def pairs(*counts: int) -> pd.DataFrame:
    names = [(truth, guess) for truth in ("🍎", "🍌") for guess in ("🍎", "🍌")]
    lines = [(*pair, count) for pair, count in zip(names, counts, strict=True)]
    return pd.DataFrame(lines, columns=list(mixups.MIXUP_COLUMNS))


def test_the_heat_is_in_what_was_wrong_and_right_answers_are_told_apart() -> None:
    found = mixups.heat_map(pairs(9, 3, 0, 7), ["🍎", "🍌"], "What was taken for what?").to_dict()
    color = found["layer"][0]["encoding"]["color"]
    assert color["scale"]["domain"] == [0, 3], "the many right answers do not pale what was wrong"
    assert color["condition"] == {"test": "datum.right", "value": mixups.RIGHT}
    x, y = (found["layer"][0]["encoding"][name] for name in "xy")
    assert (x["axis"]["title"], y["axis"]["title"], x["sort"]) == (None, None, ["🍎", "🍌"])
    assert found["description"] == "What was taken for what?"


def test_fonts_and_colours_are_the_themes() -> None:
    assert THEME["font"] == charts.FONT
    assert THEME["textColor"] == charts.INK
    assert THEME["grayColor"] == leaderboard.QUIET_INK
    assert THEME["greenBackgroundColor"] == mixups.RIGHT
    assert set(mixups.WRONG) <= set(THEME["chartSequentialColors"])


def test_what_streamlit_does_to_a_chart_is_not_seen_in_the_next() -> None:
    first = spec(rows(0.5))
    expected = len(first["layer"])
    first["layer"].clear()
    first["config"].clear()
    assert len(spec(rows(0.5))["layer"]) == expected
    assert spec(rows(0.5))["config"]
