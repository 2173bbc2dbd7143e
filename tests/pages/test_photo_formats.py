"""What the decoder takes, what the way for files offers and what people are told is one table."""

from __future__ import annotations

import re
from pathlib import Path

from classroom_app.content import photo_formats
from classroom_app.resources import App
from tests.pages.desk import Desk, desk

__all__ = ["desk"]

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "classroom_app/ui/widgets"


def test_files_are_offered_as_the_decoder_takes_them_and_this_is_said_before(desk: Desk, app: App) -> None:
    app.classes.create("Files", 2, template="fruit")
    desk.log_in().open("facilitator")
    told = "、".join(photo_formats.NAMES)
    shown = desk.shown["upload"]
    assert told in shown["kinds"]
    assert shown["endings"] == photo_formats.ENDINGS
    assert shown["megabytes"] == photo_formats.FILE_MEGABYTES_MAX
    desk.at.session_state["challenge_way"] = "zip"
    desk.run()
    shown = desk.shown["upload"]
    assert told in shown["kinds"], "for what is in a ZIP too"
    assert (shown["endings"], shown["megabytes"]) == (("zip",), app.settings.zip_megabytes_max)


def test_ipads_offer_every_photo_and_send_what_is_taken_from_browsers() -> None:
    """Their own browser opens it, whatever it is, and a JPEG is sent."""
    found = {
        path.name: re.findall(r'type="file"[^>]*accept="([^"]*)"', path.read_text())
        for path in WIDGETS.rglob("*.html")
    }
    offered = {name: kinds for name, kinds in found.items() if kinds}
    assert offered.keys() == {"camera.html", "player.html", "take_home.html", "tryout.html"}
    assert {kind for kinds in offered.values() for kind in kinds} == {"image/*"}
    sent = set()
    for path in WIDGETS.rglob("*.js"):
        sent |= set(re.findall(r"['\"]image/([a-z]+)['\"]", path.read_text()))
    assert sent == {"jpeg"}
    assert "JPEG" in photo_formats.readers(any_format=False)


def test_the_readme_names_them() -> None:
    assert ", ".join(photo_formats.NAMES) in (ROOT / "README.md").read_text()
