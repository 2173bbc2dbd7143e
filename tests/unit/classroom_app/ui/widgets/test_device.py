"""What the AI on the iPad can do with a picture: nothing but look at it."""

from __future__ import annotations

import re

from classroom_app.ui.widgets.assets import script
from tests.unit.classroom_app.ui.widgets.test_tryout import WAYS_OUT


def test_the_worker_asks_for_files_and_has_no_other_way_to_the_network() -> None:
    text = re.sub(r"//.*", "", script("device/worker.js"))
    assert WAYS_OUT.findall(text) == ["fetch"]
    (asked,) = re.findall(r"\bfetch\((.*)\);", text)
    assert re.fullmatch(r'url, \{ credentials: "same-origin", redirect: "error", cache, signal \}', asked), (
        "no body and no method: a picture cannot go with it"
    )
    assert "importScripts" not in text


def test_the_address_that_is_asked_never_comes_from_a_picture() -> None:
    """`fetched` is called with the files that the server has offered, and with nothing else."""
    text = re.sub(r"//.*", "", script("device/worker.js"))
    called = set(re.findall(r"(?<!function )\bfetched\(([^()]*)\)", text))
    assert called == {"{ url, sha256 }", "files.wasm, heard", "files.graph, heard"}
