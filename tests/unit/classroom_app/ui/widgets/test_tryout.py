"""The camera in the lobby has no way to the network: what it takes cannot leave the iPad."""

from __future__ import annotations

import re

import pytest

from classroom_app.ui.widgets.assets import script

WAYS_OUT = re.compile(
    r"\b(?:fetch|XMLHttpRequest|sendBeacon|WebSocket|EventSource|indexedDB|toBlob|toDataURL)\b"
)


def test_its_script_cannot_send_or_keep_a_picture() -> None:
    assert WAYS_OUT.findall(re.sub(r"//.*", "", _used(script("tryout/tryout.js")))) == []


@pytest.mark.parametrize("entry", ["camera/camera.js", "player/player.js"])
def test_the_cameras_of_the_race_can(entry: str) -> None:
    assert WAYS_OUT.findall(script(entry))


def _used(text: str) -> str:
    """Without `jpegOf`, which comes along with the file of pixels and is not called."""
    assert text.count("jpegOf") == 1
    return re.sub(r"^async function jpegOf.*?^}\n", "", text, flags=re.DOTALL | re.MULTILINE)
