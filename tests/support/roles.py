"""One person of each kind, all around one class: who they are is a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from classroom_app.resources import App
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.states import Role
from classroom_app.views.classes import EventView

OWNER, OWN, OTHER, INSTRUCTOR = "owner", "facilitator", "facilitator of another class", "instructor"
STRANGE, PROJECTOR, GROUP, NOBODY = "instructor of another class", "projector", "group", "no cookie"
EVERYBODY: Final = frozenset({OWNER, OWN, OTHER, INSTRUCTOR, STRANGE, PROJECTOR, GROUP, NOBODY})
GROWN_UPS: Final = frozenset({OWNER, OWN, OTHER, INSTRUCTOR, STRANGE})
LOOKS: Final = frozenset({OWNER, OWN, INSTRUCTOR})
CHANGES: Final = frozenset({OWNER, OWN})
MAKES: Final = frozenset({OWNER, OWN, OTHER})


@dataclass(frozen=True)
class Cast:
    """`cookies` by who it is."""

    event: EventView
    other: EventView
    cookies: Mapping[str, Mapping[str, str]]


def cast(app: App, event: EventView) -> Cast:
    other = app.classes.create("Other class", 2, template="fruit")
    app.logins.first_start("a-long-password")
    names = {OWN: "own", OTHER: "other", INSTRUCTOR: "teacher", STRANGE: "strange"}
    for who, name in names.items():
        role = Role.FACILITATOR if who in {OWN, OTHER} else Role.INSTRUCTOR
        app.accounts.add(name, role, [other.id if who in {OTHER, STRANGE} else event.id])
    names[OWNER] = FIRST_FACILITATOR
    cookies = {who: {"facilitator": app.logins.facilitator_cookie(name)} for who, name in names.items()}
    token = event.groups[0].join_path.removeprefix("/join/")
    cookies[GROUP] = {"group": app.access.group_cookie_by_token(token)}
    cookies[PROJECTOR] = {"projector": app.access.projector_link(event.id)}
    cookies[NOBODY] = {}
    assert cookies.keys() == EVERYBODY
    return Cast(event, other, cookies)
