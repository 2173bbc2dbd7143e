"""What the decoder takes, what the uploaders offer and what people are told is one table."""

from __future__ import annotations

import re
from pathlib import Path

from classroom_app.content import photo_formats
from classroom_app.resources import App
from tests.pages.desk import Desk, desk

__all__ = ["desk"]

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "classroom_app/ui/widgets"


def test_the_uploader_offers_what_the_decoder_takes_and_says_so_before(desk: Desk, app: App) -> None:
    app.classes.create("Files", 2, template="fruit")
    desk.log_in().open("facilitator")
    told = "、".join(photo_formats.NAMES)
    assert told in desk.text, "for what is in a ZIP too"
    desk.at.session_state["challenge_way"] = "files"
    desk.run()
    assert told in desk.text
    [uploader] = desk.at.get("file_uploader")
    assert list(uploader.proto.type) == [f".{ending}" for ending in photo_formats.ENDINGS]
    assert uploader.proto.max_upload_size_mb == photo_formats.FILE_MEGABYTES_MAX


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
