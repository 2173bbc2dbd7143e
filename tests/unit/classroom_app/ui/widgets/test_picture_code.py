"""What the pad of secret pictures shows. Knows no browser."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from classroom_app.content import catalog
from classroom_app.ui import viewer
from classroom_app.ui.widgets import picture_code


def test_the_pictures_are_drawn_as_on_the_groups_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """An iPad's own rocket is another picture than the card's."""
    given: dict[str, Any] = {}

    def mount(**widget: Any) -> SimpleNamespace:
        given.update(widget)
        return SimpleNamespace(code=None)

    monkeypatch.setattr(picture_code, "_mount", mount)
    monkeypatch.setattr(viewer, "lang", lambda: "ja")
    strings = dict.fromkeys(picture_code.STRINGS, "")
    picture_code.picture_code(
        pictures=catalog.PICTURES, length=4, strings=strings, key="pad", color="#000000"
    )
    shown = {item["key"]: item for item in given["data"]["pictures"]}
    assert shown["rocket"] == {"key": "rocket", "drawing": "/assets/emoji/1f680.svg", "name": "ロケット"}
    assert [item["drawing"] for item in shown.values()] == [
        catalog.drawing_address(picture.emoji) for picture in catalog.PICTURES
    ]
