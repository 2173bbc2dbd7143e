"""The shipped fonts hold what the app has to show, and the theme uses them with readable colours."""

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from streamlit import config as streamlit_config

from classroom_app.content import catalog

ROOT = Path(__file__).parents[4]
FONTS = ROOT / "classroom_app" / "content" / "assets" / "fonts"
CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
THEME: dict[str, Any] = CONFIG["theme"]


def jis_level_1() -> set[int]:
    cells = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 48) for cell in range(1, 95))
    return {ord(text) for pair in cells if (text := pair.decode("euc_jp", "ignore"))}


@pytest.mark.parametrize("weight", [500, 800])
def test_a_font_has_every_character_it_promises(weight: int) -> None:
    for_browsers = (FONTS / f"mplus-rounded-1c-{weight}.woff2").read_bytes()
    assert for_browsers.startswith(b"wOF2")
    assert len(for_browsers) < 1_250_000
    # Made in one go with the woff2, which can't be opened without Brotli.
    with TTFont(FONTS / f"mplus-rounded-1c-{weight}.woff") as font:
        points = set(font.getBestCmap())
        assert font["OS/2"].fsType == 0  # may be embedded in a PDF
        assert font["OS/2"].usWeightClass == weight
    wanted = jis_level_1() | set(range(0x20, 0x7F)) | set(range(0x3041, 0x3097)) | set(range(0x30A1, 0x30F7))
    wanted |= set(range(0xFF01, 0xFF5F)) | {
        ord(char) for char in "、。「」・ー〜々〆→←↑↓①⑳★☆○●◎△□✓♪塡剝頰𠮟髙﨑"
    }
    assert not {chr(point) for point in wanted - points}


def test_the_licences_are_beside_the_files() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text("utf-8")
    assert "MIT License" in (FONTS.parent / "emoji" / "LICENSE").read_text("utf-8")


def test_every_setting_exists_in_this_streamlit() -> None:
    known = set(streamlit_config.get_config_options())
    named = {f"{section}.{name}" for section, values in CONFIG.items() for name in values}
    assert named <= known, named - known


def test_the_theme_loads_the_fonts_under_the_name_it_uses() -> None:
    for face in THEME["fontFaces"]:
        assert face["url"].startswith("/assets/fonts/")
        assert (FONTS.parent / face["url"].removeprefix("/assets/")).is_file()
        # Without the inner quotes the browser drops the rule: "1c" is no valid CSS word.
        assert face["family"] == "'M PLUS Rounded 1c'"
        assert THEME["font"].startswith(face["family"])
        assert THEME["headingFont"].startswith(face["family"])
    weights = {int(face["weight"]) for face in THEME["fontFaces"]}
    assert {THEME["baseFontWeight"], *THEME["headingFontWeights"]} == weights


def test_text_reaches_contrast_aa() -> None:
    papers = [THEME["backgroundColor"], THEME["secondaryBackgroundColor"]]
    for paper in papers:
        assert catalog.contrast(THEME["textColor"], paper) >= 7
        assert catalog.contrast(THEME["linkColor"], paper) >= 4.5
    assert THEME["textColor"] == catalog.DARK_INK
    assert catalog.contrast(THEME["primaryColor"], catalog.WHITE_INK) >= 4.5
    for name in ("red", "orange", "yellow", "green", "blue", "violet", "gray"):
        text = THEME[f"{name}TextColor"]
        for background in (THEME[f"{name}BackgroundColor"], *papers):
            assert catalog.contrast(text, background) >= 4.5, (name, background)


def test_lines_bars_and_borders_reach_contrast_3() -> None:
    paper = THEME["backgroundColor"]
    colors = [THEME["borderColor"], THEME["primaryColor"], *THEME["chartCategoricalColors"]]
    colors += [
        THEME[f"{name}Color"] for name in ("red", "orange", "yellow", "green", "blue", "violet", "gray")
    ]
    for color in colors:
        assert catalog.contrast(color, paper) >= 3, color


def test_scales_for_charts_are_complete() -> None:
    assert len(set(THEME["chartCategoricalColors"])) == len(THEME["chartCategoricalColors"]) >= 8
    assert len(THEME["chartSequentialColors"]) == len(THEME["chartDivergingColors"]) == 10
    steps = [catalog.contrast(color, "#ffffff") for color in THEME["chartSequentialColors"]]
    assert all(one < other for one, other in pairwise(steps))  # darker means more


def test_nothing_of_streamlit_shows_or_leaks() -> None:
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    server = CONFIG["server"]
    assert server["enableXsrfProtection"] is server["enableCORS"] is True
    assert server["enableAgentApi"] is server["enableStaticServing"] is False
    assert "cookieSecret" not in server
