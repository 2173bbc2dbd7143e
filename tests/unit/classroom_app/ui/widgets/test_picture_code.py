"""What the pad of secret pictures shows. Knows no browser."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from classroom_app.content import catalog
from classroom_app.ui import viewer


def pad() -> None:
    """A page with nothing else on it."""
    from classroom_app.content import catalog
    from classroom_app.ui.widgets import picture_code

    strings = dict.fromkeys(picture_code.STRINGS, "")
    picture_code.picture_code(
        pictures=catalog.PICTURES, length=4, strings=strings, key="pad", color="#000000"
    )


def test_the_pictures_are_drawn_as_on_the_groups_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """An iPad's own rocket is another picture than the card's."""
    monkeypatch.setattr(viewer, "lang", lambda: "ja")
    at = AppTest.from_function(pad).run()
    assert not at.exception
    [component] = at.get("bidi_component")
    shown = {item["key"]: item for item in json.loads(component.proto.json)["pictures"]}
    assert shown["rocket"] == {"key": "rocket", "drawing": "/assets/emoji/1f680.svg", "name": "ロケット"}
    assert [item["drawing"] for item in shown.values()] == [
        catalog.drawing_address(picture.emoji) for picture in catalog.PICTURES
    ]
