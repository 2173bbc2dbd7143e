"""An iPad for page tests: Streamlit's AppTest on the real entry script, with a jar of cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from classroom_app import resources
from classroom_app.resources import App
from classroom_app.ui import viewer
from classroom_app.ui.widgets import collect, gallery, join, mistakes, photo_picker, upload
from classroom_app.views.classes import EventView, GroupIdentity
from tests.support.stand_ins import group_cookie

ROOT = Path(__file__).parents[2]
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_TAGS = re.compile(r"<rt>[^<]*</rt>|<[^>]+>")


class IPad:
    """Opens pages and taps; `taps` says what the widgets with a picture of their own tell the page."""

    def __init__(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.cookies: dict[str, str] = {}
        self.taps: dict[str, object] = {}
        self.journeys: list[dict[str, Any]] = []
        self.enqueued: list[str] = []
        self.shown: dict[str, dict[str, Any]] = {}  # what each widget was given last
        self.at = AppTest.from_file(str(ROOT / "classroom_app" / "main.py"), default_timeout=30)
        monkeypatch.setattr(viewer, "cookies", lambda: self.cookies)
        monkeypatch.setattr(collect, "tiles", self.widget("labels"))
        monkeypatch.setattr(collect, "next_tile", self.widget("next_label"))
        monkeypatch.setattr(join, "tiles", self.widget("groups"))
        monkeypatch.setattr(join, "picture_code", self.widget("code"))
        monkeypatch.setattr(join, "navigate", lambda **journey: self.journeys.append(journey))
        monkeypatch.setattr(gallery, "gallery", self.widget("gallery"))
        monkeypatch.setattr(photo_picker, "photo_picker", self.widget("photo_picker"))
        monkeypatch.setattr(mistakes, "mistakes", self.widget("mistakes"))
        monkeypatch.setattr(upload, "upload", self.widget("upload"))
        monkeypatch.setattr(app, "queue", SimpleNamespace(enqueue=self.enqueued.append))

    def widget(self, name: str) -> object:
        """A browser's widget: what it was given is kept, a tap on it is told once."""

        def told(*args: object, **given: object) -> object:
            self.shown[name] = {"args": args, **given}
            return self.taps.pop(name, None)

        return told

    def join(self, event: EventView, index: int = 0) -> GroupIdentity:
        self.cookies["group"] = group_cookie(self.app, event, index)
        found = self.app.access.group(self.cookies["group"])
        assert found is not None
        return found

    def open(self, page: str = "", **query: str) -> Self:
        self.at.query_params.clear()
        for name, value in query.items():
            self.at.query_params[name] = value
        if page:
            self.at.switch_page(str(ROOT / "pages" / f"{page}.py"))
        return self.run()

    def run(self) -> Self:
        self.at.run()
        assert not self.at.exception, self.at.exception[0].value
        return self

    def tick(self) -> Self:
        """What looks again by itself does: the page's fragments run, and nothing around them."""
        ids = list(self.at._fragment_storage._fragments)
        assert ids, "nothing on this page looks again"
        ask = LocalScriptRunner.request_rerun

        def of_fragments(runner: LocalScriptRunner, given: RerunData) -> bool:
            runner._requests = ScriptRequests()  # else the whole page, which each runner begins with, is run
            return ask(runner, replace(given, fragment_id_queue=ids))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LocalScriptRunner, "request_rerun", of_fragments)
            return self.run()

    def tap(self, key: str) -> Self:
        self.at.button(key=key).click()
        return self.run()

    def tell(self, **taps: object) -> Self:
        self.taps = dict(taps)
        return self.run()

    @property
    def text(self) -> str:
        """All that st.html shows, without furigana."""
        return _TAGS.sub("", self.html)

    @property
    def html(self) -> str:
        """The same with its tags, without style sheets."""
        return " ".join(_STYLE.sub("", item.proto.body) for item in self.at.get("html"))

    @property
    def buttons(self) -> list[str]:
        return [str(button.key) for button in self.at.button]

    @property
    def keys(self) -> list[str]:
        """The keys of containers and widgets on the page, in order."""
        found: list[str] = []
        blocks: list[Any] = [self.at.main]
        while blocks:
            block = blocks.pop(0)
            for child in block.children.values():
                name = getattr(child.proto, "id", "")
                found += [name.split("-", 2)[2]] if name.startswith("$$ID") else []
                blocks += [child] if hasattr(child, "children") else []
        return found

    @property
    def step(self) -> str:
        """The page on which the path of steps says we are."""
        steps = ("collect", "train", "play", "results")
        return next((steps[int(key[4])] for key in self.keys if re.match(r"step\d_here", key)), "")


@pytest.fixture
def ipad(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[IPad]:
    resources.set_app(app)
    yield IPad(app, monkeypatch)
    resources.set_app(None)
