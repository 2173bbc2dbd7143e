"""No page shows an instructor a button that refuses: every one that is there is pressed, in every phase."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from classroom_app.data.tables import utcnow
from classroom_app.errors import RoleError
from classroom_app.resources import App
from classroom_app.services.allowed_calls import RULES
from classroom_app.states import Phase, StaffWord
from classroom_app.ui.page_table import FOLDER, PAGES, Audience
from classroom_app.views.classes import EventView, StaffSentence
from tests.pages.desk import Desk, desk
from tests.support.roles import INSTRUCTOR, OWN, OWNER, Cast, cast
from tests.support.stand_ins import identity, take, train

__all__ = ["desk"]
STAFF_PAGES = [page.name for page in PAGES if page.audience is Audience.FACILITATOR]
# The door to these is shut for them, which another test holds.
SHUT = {"audit", "reset"}


class Noting:
    """Stands before one service that somebody may call, and notes what it refuses by a role."""

    def __init__(self, name: str, service: object, found: list[str]) -> None:
        self._name = name
        self._service = service
        self._found = found

    def __getattr__(self, name: str) -> Any:
        with self._noted(name):
            method = getattr(self._service, name)

        def call(*given: Any, **options: Any) -> Any:
            with self._noted(name):
                return method(*given, **options)

        return call if callable(method) else method

    @contextlib.contextmanager
    def _noted(self, name: str) -> Iterator[None]:
        try:
            yield
        except RoleError:
            self._found.append(f"{self._name}.{name}")
            raise


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that the services refused by a role."""
    found: list[str] = []
    as_account = App.as_account

    def noting(self: App, cookie: str | None) -> App | None:
        theirs = as_account(self, cookie)
        if theirs is None:
            return None
        parts = {
            field.name: Noting(field.name, getattr(theirs, field.name), found)
            for field in dataclasses.fields(theirs)
            if field.name not in {"settings", "account"}
        }
        return dataclasses.replace(theirs, **parts)  # type: ignore[arg-type]  # stand-ins

    monkeypatch.setattr(App, "as_account", noting)
    return found


def test_a_call_that_a_role_may_not_make_is_noted(
    app: App, people: Cast, refused: list[str], event: EventView
) -> None:
    theirs = app.as_account(people.cookies[INSTRUCTOR]["facilitator"])
    assert theirs is not None
    with pytest.raises(RoleError):
        theirs.retention.set_end(event.id, utcnow())
    assert refused == ["retention.set_end"]


@pytest.fixture
def people(app: App, event: EventView) -> Cast:
    return cast(app, event)


def busy_class(app: App, event: EventView, phase: Phase) -> None:
    """A class in which there would be something to press everywhere."""
    groups = [identity(app, event, index) for index in range(3)]
    for group in groups:
        take(app, group, event, 5)
    train(app, groups[0])
    app.training.fail(app.runs.request(groups[0]), "run_failed")
    app.words.say(event.id, StaffSentence(StaffWord.FRONT))
    app.words.lock(event.id, groups[1].id, StaffSentence(StaffWord.WAIT))
    app.runs.request(groups[2])
    if phase in {Phase.REVEAL, Phase.CLOSED}:
        for run in app.console.runs_of(event.id, groups[2].id):
            app.training.fail(run.id, "run_failed")
    for step in list(Phase)[2 : list(Phase).index(phase) + 1]:
        app.classes.set_phase(event.id, step)


def press(desk: Desk, kind: str, key: str) -> None:
    if kind == "button":
        desk.at.button(key=key).click()
    else:
        box = desk.at.toggle(key=key) if kind == "toggle" else desk.at.checkbox(key=key)
        box.set_value(not box.value)
    desk.run()


def to_press(desk: Desk) -> list[tuple[str, str]]:
    """Everything on the page that somebody can press or switch, by kind and key; what is typed or chosen is
    sent by a button.
    """
    at = desk.at
    kinds = (("button", at.button), ("toggle", at.toggle), ("checkbox", at.checkbox))
    return [(kind, str(one.key)) for kind, found in kinds for one in found if not one.disabled]


@pytest.mark.parametrize("phase", list(Phase)[1:], ids=str)
@pytest.mark.parametrize("page", sorted(set(STAFF_PAGES) - SHUT))
def test_an_instructor_finds_no_button_that_refuses(
    desk: Desk, app: App, people: Cast, refused: list[str], page: str, phase: Phase
) -> None:
    busy_class(app, people.event, phase)
    pressed: set[tuple[str, str]] = set()
    for group in people.event.groups[:3] if page == "group" else people.event.groups[:1]:

        def opened(group_id: str = group.id) -> Desk:
            desk.cookies = {"facilitator": app.logins.facilitator_cookie("teacher")}  # one may end its own
            return desk.open(page, event=people.event.id, group=group_id)

        opened()
        assert "way-back" not in desk.html
        if page == "group":
            assert desk.shown["photo_picker"]["acts"] is False
        for kind, key in to_press(desk):
            press(opened(), kind, key)
            assert refused == [], key
            pressed.add((kind, key))
    assert refused == []
    if page in {"group", "jobs"}:
        assert len(pressed) == 2, "the language, and to leave"


def test_who_may_change_a_class_finds_them_all(desk: Desk, app: App, people: Cast) -> None:
    """The other side of it: nothing is hidden from those who may."""
    busy_class(app, people.event, Phase.COLLECT)
    for who in (OWNER, OWN):
        desk.cookies = dict(people.cookies[who])
        first, second, third = people.event.groups[:3]
        [run, _] = app.console.runs_of(people.event.id, first.id)
        desk.open("group", event=people.event.id, group=first.id)
        assert desk.shown["photo_picker"]["acts"] is True
        assert {"send_say", "take_back", "send_lock", "renew_group", f"retry_{run.id}"} <= set(desk.buttons)
        desk.open("group", event=people.event.id, group=second.id)
        assert "unlock" in desk.buttons
        [waiting] = app.console.runs_of(people.event.id, third.id)
        desk.open("jobs", event=people.event.id)
        assert {f"retry_{run.id}", f"cancel_{waiting.id}"} <= set(desk.buttons)


def test_an_instructor_reads_what_the_group_was_told(desk: Desk, app: App, people: Cast) -> None:
    busy_class(app, people.event, Phase.COLLECT)
    desk.cookies = dict(people.cookies[INSTRUCTOR])
    desk.open("group", event=people.event.id, group=people.event.groups[1].id)
    assert "前に あつまろう！（まだ読まれていません）" in desk.text
    assert "待ってもらっています" in desk.text


def test_pages_ask_by_the_table_of_the_services(app: App, people: Cast) -> None:
    for who, role_may in ((OWNER, True), (INSTRUCTOR, False)):
        theirs = app.as_account(people.cookies[who]["facilitator"])
        assert theirs is not None
        assert theirs.lets("words", "say") is role_may
        assert theirs.lets("retention", "purge") is role_may, "what has no rule is an owner's alone"
        assert theirs.lets("show", "next")
        assert theirs.lets("classes", "all")
    assert app.lets("retention", "purge"), "the app itself may do all"


def test_a_page_asks_for_calls_that_there_are() -> None:
    """A misspelt one would hide its button from all but owners."""
    parts = FOLDER.parent / "classroom_app/ui/facilitator"
    asked = set()
    for path in (*sorted(FOLDER.glob("*.py")), *sorted(parts.glob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "lets"
            ):
                service, name = (ast.literal_eval(one) for one in node.args)
                asked.add((service, name))
    assert len(asked) >= 8
    assert {pair for pair in asked if pair[1] not in RULES.get(pair[0], {})} == set()
