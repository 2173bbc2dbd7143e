"""The look is in one place: style sheets take their values from common/tokens.css; its contrasts are true."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom_app.content import catalog
from classroom_app.content.catalog import contrast
from classroom_app.ui import page_table

ROOT = Path(__file__).parents[4]
WIDGETS = ROOT / "classroom_app" / "ui" / "widgets"
TOKENS = WIDGETS / "common" / "tokens.css"
SHEETS = sorted(path for path in WIDGETS.rglob("*.css") if path != TOKENS)
# Pages that stand alone: nothing of ours is loaded yet, or it is another server.
ALONE = (
    ROOT / "classroom_app/web/index_page_files/first_words.css",
    ROOT / "classroom_app/onsite/certificate_page_files/page.css",
)
# What a certificate page draws of an iPad's own settings, and the shadow of its buttons.
IOS = frozenset({"#efeff4", "#3c3f4a", "#0a58b5", "#8d370a", "#ead9c3", "#fff0e2", "#e8b98a"})
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?)\(")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
SIZE = re.compile(r"font-size: ([^;}]+)")
DRAWN = re.compile(r"url\('data:[^']*'\)")  # a drawing in a sheet, in plain white

# A picture of an emoji beside text is a part of its size; 0 has no words.
RELATIVE = re.compile(r"0|[\d.]+em")
OF_SCREEN = re.compile(
    r"calc\((?:[\d.]+|var\(--[ab]\)) \* var\(--u\)\)"
)  # pictures of the projector's scenes
BY_TOKEN = re.compile(r"(?:min\()?var\(--(?:t|c|p|pic)-[a-z]+\)(?:, \d+dvh\))?")

# Beside the range of 120 to 800 ms: what goes round a few times while one waits, and the few great moments.
AMBIENT = {"bob", "breathe", "tap-then-hold", "dim", "nudge", "pj-breathe", "pj-roll", "tick"}
ROUNDS_MAX = {"pj-roll": 22, "tick": 11}  # a drum roll, the last ten seconds
GREAT = {"fall": 4.0, "pj-fall": 4.0, "pj-grow": 1.6, "pj-up": 0.9, "late": 1.5}


def sheet(path: Path) -> str:
    return DRAWN.sub("", COMMENT.sub("", path.read_text(encoding="utf-8")))


def colours() -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})\b", TOKENS.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_sheet_has_a_mark_that_streamlit_takes_for_html(path: Path) -> None:
    """`st.html` throws a style away, without a word, in which something begins with `<`."""
    assert "<" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_sheet_has_a_colour_or_a_size_of_text_of_its_own(path: Path) -> None:
    text = sheet(path)
    assert COLOUR.findall(text) == []
    own = [size.removesuffix(" !important") for size in SIZE.findall(text)]
    allowed = OF_SCREEN if path.parent.name == "projector" else RELATIVE
    assert [
        size
        for size in own
        if not BY_TOKEN.fullmatch(size) and not allowed.fullmatch(size) and not RELATIVE.fullmatch(size)
    ] == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_name_in_a_sheet_is_a_token_or_set_by_the_widget(path: Path) -> None:
    scripts = "".join(file.read_text("utf-8") for kind in ("js", "py") for file in WIDGETS.rglob(f"*.{kind}"))
    known = set(re.findall(r"(--[\w-]+):", TOKENS.read_text("utf-8") + "".join(map(sheet, SHEETS)) + scripts))
    known |= set(re.findall(r"\"(--[\w-]+)\"", scripts))
    used = set(re.findall(r"var\((--[\w-]+)", sheet(path)))
    assert {name for name in used - known if not name.startswith("--st-")} == set()


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.name)
def test_a_page_that_stands_alone_has_the_same_colours(path: Path) -> None:
    known = set(colours().values()) | IOS
    own = {c.lower() for c in re.findall(r"#[0-9a-fA-F]{3,6}\b", sheet(path)) if not c.startswith("#first")}
    full = {"#" + "".join(2 * c for c in one[1:]) if len(one) == 4 else one for one in own}
    assert {one for one in full if re.fullmatch("#[0-9a-f]{6}", one)} - known == set()


def test_streamlits_theme_has_the_same_colours() -> None:
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]
    token = colours()
    named = {
        "primaryColor": "action", "backgroundColor": "paper", "secondaryBackgroundColor": "warm",
        "textColor": "ink", "borderColor": "edge", "linkColor": "info", "redTextColor": "danger",
        "redBackgroundColor": "danger-soft", "yellowColor": "warn", "yellowBackgroundColor": "warn-soft",
        "yellowTextColor": "warn-ink", "greenColor": "good", "greenBackgroundColor": "good-soft",
        "greenTextColor": "good-ink", "blueColor": "info", "blueBackgroundColor": "info-soft",
        "blueTextColor": "info-ink", "grayBackgroundColor": "ground", "grayTextColor": "soft-ink",
    }  # fmt: skip
    assert {key: theme[key] for key in named} == {key: token[name] for key, name in named.items()}
    assert token["ink"] == catalog.DARK_INK
    assert token["paper"] == catalog.PAPER


def notes() -> Iterator[tuple[str, str, float]]:
    """Every contrast that stands beside a token: (its name, the other one's, the number)."""
    for line in TOKENS.read_text("utf-8").splitlines():
        names = re.findall(r"--([\w-]+): #", line)
        for found in re.findall(r"\[([^\]]+)\]", line):
            for pair in re.findall(r"([a-z-]+) ([\d.]+(?:, [\d.]+)*)(?:,|$)", found):
                other, numbers = pair
                for name, number in zip(names, numbers.split(", "), strict=False):
                    yield name, other, float(number)


def test_the_contrasts_beside_the_colours_are_true() -> None:
    token = {**colours(), "white": "#ffffff"}
    told = list(notes())
    assert len(told) > 20
    wrong = [
        f"{name} on {other}: {contrast(token[name], token[other]):.1f}, not {number}"
        for name, other, number in told
        if abs(contrast(token[name], token[other]) - number) > 0.06
    ]
    assert wrong == []


def test_text_can_be_read_and_edges_be_seen() -> None:
    token = colours()
    texts = {
        "ink": ("paper", "card", "warm", "tint", "ground", "warn-soft"),
        "ink ": ("gold", "silver", "bronze", "good-light"),
        "soft-ink": ("paper", "card", "ground", "tint"),
        "on-action": ("action", "good", "danger", "ink", "danger-deep"),
        "action-ink": ("tint", "warm", "paper"),
        "good-ink": ("good-soft", "paper"), "warn-ink": ("warn-soft",), "info-ink": ("info-soft",),
        "danger": ("paper", "card", "danger-soft", "held"),
        "stage-ink": ("stage", "stage-card", "stage-soft"),
        **{f"stage-{name}": ("stage", "stage-card") for name in ("quiet", "strong", "up", "down", "link")},
    }  # fmt: skip
    pale = [
        (a, b) for a, grounds in texts.items() for b in grounds if contrast(token[a.strip()], token[b]) < 4.5
    ]
    faint = [
        (name, ground)
        for name in ("edge", "good", "warn", "danger", "action", "info")
        for ground in ("paper", "card", "ground")
        if contrast(token[name], token[ground]) < 3
    ]
    assert (pale, faint) == ([], [])


def test_the_deep_tone_of_every_group_is_seen_and_of_its_hue() -> None:
    token = colours()
    for group in catalog.GROUP_TEMPLATES:
        assert contrast(group.deep, token["paper"]) >= 3
        assert contrast(group.deep, token["card"]) >= 3
        if contrast(group.color, token["paper"]) >= 3.05:
            assert group.deep == group.color
        light, dark = (
            sorted(range(3), key=lambda n: c[1 + 2 * n : 3 + 2 * n]) for c in (group.color, group.deep)
        )
        assert light == dark


def seconds(text: str) -> float:
    return float(text.removesuffix("ms")) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))


@pytest.mark.parametrize("path", [*SHEETS, TOKENS], ids=lambda path: path.name)
def test_movement_is_short_and_ends(path: Path) -> None:
    text = sheet(path)
    assert "infinite" not in text
    moves = dict(re.findall(r"(--m-\w+): ([\d.]+m?s)", TOKENS.read_text("utf-8")))
    wrong = []
    for name, told in re.findall(r"\b(animation|transition): ([^;}]+)", text):
        for one in re.split(
            r",(?![^()]*\))", re.sub(r"var\((--m-\w+)\)", lambda found: moves[found[1]], told)
        ):
            times = re.findall(r"(?<![\w.-])([\d.]+m?s)\b", re.sub(r"calc\(.*\)", "", one))
            if not times:
                continue
            word, lasts = one.split()[0], seconds(times[0])
            rounds = max(
                [int(n) for n in re.findall(r"(?<![\w.])(\d+)(?![\w.%])", re.sub(r"\(.*\)", "", one))] or [1]
            )
            if word in AMBIENT and name == "animation":
                ok = rounds <= ROUNDS_MAX.get(word, 3)
            else:
                ok = 0.12 <= lasts <= GREAT.get(word, 0.8) and rounds <= 2
            wrong += [] if ok else [f"{name}: {one.strip()}"]
    assert wrong == []


@pytest.mark.parametrize("path", [WIDGETS / "children_frame.css", WIDGETS / "common/look.css",
                                  WIDGETS / "projector/frame.css", WIDGETS / "projector/stage.css"],
                         ids=lambda path: path.name)  # fmt: skip
def test_who_wants_calm_gets_it(path: Path) -> None:
    assert re.search(
        r"@media \(prefers-reduced-motion: reduce\) \{[^@]*animation: none !important", sheet(path)
    )


def test_the_style_guide_is_no_page_of_the_app_and_not_in_its_image() -> None:
    assert "styleguide" not in {page.name for page in page_table.PAGES}
    stages = re.split(r"^FROM .* AS (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.M)
    copied = {
        name: re.findall(r"^COPY (.+)$", text, re.M)
        for name, text in zip(stages[1::2], stages[2::2], strict=True)
        if "dev" not in name
    }
    assert any(copied.values())
    assert not [line for lines in copied.values() for line in lines if "tests" in line or " . " in line]


def test_deleting_has_a_form_of_its_own() -> None:
    """What deletes is never drawn as the next thing."""
    pages = [*WIDGETS.rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    told = "".join(path.read_text("utf-8") for path in pages)
    buttons = re.findall(r"button\((?:[^()]|\([^()]*\))*\)", told)
    deleting = [one for one in buttons if re.search(r"_(remove|clear|delete)\w*_yes|danger_", one)]
    assert len(deleting) >= 2
    assert [
        one
        for one in deleting
        if "primary" in one or ('key="danger_' not in one and 'key=f"danger_' not in one)
    ] == []
