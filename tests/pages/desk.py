"""A facilitator's computer for page tests: an iPad that logs in, and remembers where it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import pytest

from classroom_app import resources
from classroom_app.resources import App
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.ui import guard
from classroom_app.ui.widgets import navigate, reset, staff_frame
from tests.pages.ipad import IPad

PASSWORD = "a-long-password"


class Desk(IPad):
    """`journeys` holds where the browser was sent, and what it was to POST before."""

    def __init__(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(app, monkeypatch)
        for module in (guard, navigate, staff_frame):
            monkeypatch.setattr(module, "navigate", lambda **journey: self.journeys.append(journey))
        monkeypatch.setattr(reset, "hold_button", self._hold_button)
        self.held = ""
        app.logins.first_start(PASSWORD)

    def _hold_button(self, *, key: str, **_given: object) -> bool:
        self.holdable.append(key)
        return key == self.held

    def run(self) -> Self:
        self.holdable: list[str] = []  # keys of the buttons on the page that are to be held
        super().run()
        return self

    def hold(self, key: str) -> Self:
        """Hold a button until it is full."""
        self.held = key
        self.at.run()
        self.held = ""
        return self.run()

    def log_in(self) -> Self:
        self.cookies["facilitator"] = self.app.logins.facilitator_cookie(FIRST_FACILITATOR)
        return self

    def project(self, event_id: str) -> Self:
        """Open the projector page as its signed link does."""
        self.cookies["projector"] = self.app.access.projector_link(event_id)
        self.open("projector")
        return self

    def place(self, key: str) -> int:
        """Where on the page the container or widget of this key stands, from above; ValueError: nowhere."""
        found: list[str] = []

        def walk(block: Any) -> None:
            for child in block.children.values():
                name = getattr(child.proto, "id", "")
                found.extend(name.split("-", 2)[2:] if name.startswith("$$ID") else [])
                if hasattr(child, "children"):
                    walk(child)

        walk(self.at.main)
        return found.index(key)

    @property
    def messages(self) -> str:
        """Boxes that say that something went well or did not."""
        boxes = [*self.at.success, *self.at.error, *self.at.warning, *self.at.info]
        return " ".join(str(box.value) for box in boxes)


@pytest.fixture
def desk(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    resources.set_app(app)
    yield Desk(app, monkeypatch)
    resources.set_app(None)
