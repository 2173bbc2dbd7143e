"""The services as one account may call them: pages and routes of grown-ups are given these and no others.

Each redraw and request asks who it is at this moment, so a log-in that has ended, a changed role and a class
that was taken away count from the next one on, in a page that is open too. A call that the table does not
name is an owner's alone.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from classroom_app.data import acting
from classroom_app.data.engine import Database
from classroom_app.data.repository import accounts
from classroom_app.errors import NotFoundError, RoleError
from classroom_app.services import rights, who_asks
from classroom_app.states import Right
from classroom_app.views.accounts import Account
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget, ReceiptView

EACH: Final = "each"  # of what is returned an account gets what is of its own classes
ONE: Final = "one"  # what is returned is there for accounts of its class that may change it

RULES: Final[Mapping[str, Mapping[str, Right | str]]] = {
    "access": {"projector_link": Right.LEAD, "rotate_projector": Right.CHANGE},
    "accounts": {
        "all": Right.OWN,
        "add": Right.OWN,
        "change": Right.OWN,
        "renew_password": Right.OWN,
        "remove": Right.OWN,
        "sessions": Right.SELF,
        "end_session": Right.SELF,
        "change_password": Right.SELF,
    },
    "audit": {"entries": Right.OWN, "people": Right.OWN, "deeds": Right.OWN},
    "awards": {"awards": Right.LOOK},
    "board": {"board": Right.LOOK, "versions": Right.LOOK},
    "challenge": {
        "counts": Right.LOOK,
        "locked": Right.LOOK,
        "alike": Right.LOOK,
        "complete": Right.LOOK,
        "picture": Right.LOOK,
        "add_zip": Right.CHANGE,
        "zip_upload": Right.CHANGE,
        "photos": Right.LOOK,
        "take_out": Right.CHANGE,
        "copy": Right.CHANGE,
    },
    "checklist": {"look": Right.LOOK},
    "class_changes": {
        "rename": Right.CHANGE,
        "rename_label": Right.CHANGE,
        "add_label": Right.CHANGE,
        "remove_label": Right.CHANGE,
        "rename_group": Right.CHANGE,
        "add_group": Right.CHANGE,
        "set_group_ipads": Right.CHANGE,
    },
    "classes": {
        "all": EACH,
        "get": Right.LOOK,
        "monitor": Right.LOOK,
        "plan": Right.LOOK,
        "create": Right.MAKE,
        "make": Right.MAKE,
        "set_phase": Right.CHANGE,
        "allow_practice_photos": Right.CHANGE,
        "set_faces": Right.CHANGE,
        "set_group_faces": Right.CHANGE,
        "renew_group_links": Right.CHANGE,
    },
    "console": {"look": Right.LOOK, "group": Right.LOOK, "runs_of": Right.LOOK},
    "contest": {
        "rules": Right.LOOK,
        "clock": Right.LOOK,
        "set_rules": Right.CHANGE,
        "start_round": Right.CHANGE,
        "pause": Right.CHANGE,
        "go_on": Right.CHANGE,
        "add_minutes": Right.CHANGE,
    },
    "deletions": {
        "pending": EACH,
        "begin": Right.CHANGE,
        "undo": Right.CHANGE,
        "finish": Right.CHANGE,
        "delete_now": Right.CHANGE,
    },
    "expectations": {"expect": Right.LOOK, "shown": Right.LOOK, "show": Right.CHANGE},
    "final": {"number": Right.LOOK, "recount": Right.LOOK},
    "hardest": {"picture": Right.LOOK},
    "help_wanted": {"look": Right.LOOK},
    "integrity": {"check": Right.OWN},
    "ipads": {"trouble": Right.LOOK},
    "jobs": {"look": Right.LOOK, "cancel": Right.CHANGE, "retry": Right.CHANGE},
    "likeness": {"seen": Right.LOOK},
    "photo_desk": {"move": Right.CHANGE},
    "photos": {"of_group": Right.LOOK, "picture": Right.LOOK},
    "privacy": {
        "count": Right.CHANGE,
        "learnt": Right.CHANGE,
        "delete": Right.CHANGE,
        "receipts": EACH,
        "receipt": ONE,
    },
    "queue": {"enqueue": Right.MAKE},  # of a run that `jobs` has given out
    "readiness": {"look": Right.KNOW},
    "results": {"tables": Right.LOOK, "sheet": Right.LOOK},
    "retention": {
        "end": Right.LOOK,
        "keep_days_max": Right.KNOW,
        "set_end": Right.CHANGE,
        "set_keep": Right.CHANGE,
    },
    "screen": {"look": Right.LOOK, "race": Right.LOOK},
    "show": {
        "now": Right.LOOK,
        "story": Right.LOOK,
        "next": Right.LEAD,
        "back": Right.LEAD,
        "replay": Right.LEAD,
        "set_automatic": Right.LEAD,
        "set_dark": Right.LEAD,
    },
    "shots": {"take": Right.CHANGE, "newest": Right.LOOK},
    "swap": {"look": Right.LOOK, "start": Right.LEAD, "turn_on": Right.LEAD, "end": Right.LEAD},
    "take_home": {"allowed": Right.LOOK, "allow": Right.CHANGE, "of_class": Right.CHANGE},
    "tier": {"away": Right.KNOW, "servers": Right.KNOW},
    "venue": {"networks": Right.LOOK, "lets_in": Right.LOOK, "set_networks": Right.CHANGE},
    "words": {
        "say": Right.CHANGE,
        "take_back": Right.CHANGE,
        "lock": Right.CHANGE,
        "unlock": Right.CHANGE,
    },
}

_LOOKS: Final = frozenset({Right.LOOK, Right.KNOW})


def rule_of(service: str, name: str) -> Right | str:
    """What a call takes: a right, EACH or ONE. What the table does not name is an owner's alone."""
    return RULES.get(service, {}).get(name, Right.OWN)


def may_call(account: Account, service: str, name: str) -> bool:
    """Does the account's role let it make this call, for a class that it sees? A page asks before it shows
    the button; the call itself is checked all the same.
    """
    rule = rule_of(service, name)
    return rule in {EACH, ONE} or rights.has(account, Right(rule))


Who = Callable[[], Account]  # raises NotAllowedError


class CheckedCalls:
    """Stands in for one service; `name` is that of its rules."""

    def __init__(self, name: str, service: object, db: Database, who: Who) -> None:
        self._name = name
        self._service = service
        self._db = db
        self._who = who

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        if callable(found):
            return functools.partial(self._call, name, found)
        if not self._who().is_owner:
            raise RoleError
        return found

    def _call(self, name: str, method: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        account = self._who()
        rule = rule_of(self._name, name)
        if rule == EACH:
            found = method(*args, **options)
            return found if account.is_owner else [item for item in found if _is_of(account, item)]
        if rule == ONE:
            found = method(*args, **options)
            if not account.is_owner and not _is_of(account, found):
                raise NotFoundError
            return found
        self._check(account, Right(rule), method, args, options)
        try:
            with acting.making_for(account.username):
                return method(*args, **options)
        finally:
            if rule not in _LOOKS:  # it may have changed what this account may do: a class was made, say
                who_asks.forget()

    def _check(
        self,
        account: Account,
        right: Right,
        method: Callable[..., Any],
        args: tuple[Any, ...],
        options: dict[str, Any],
    ) -> None:
        if right is Right.SELF and _given(method, args, options).get("username") != account.username:
            raise RoleError
        if right not in rights.OF_A_CLASS or account.is_owner:
            rights.check(account, right)
            return
        asked = set(self._classes_of(_given(method, args, options)))
        if not asked:
            raise RoleError  # of no class: nothing says that it is one of theirs
        for event_id in asked:
            rights.check(account, right, event_id)

    def _classes_of(self, given: Mapping[str, Any]) -> Iterator[str]:
        """Of all that the call names. What is not there is nobody's but an owner's."""
        target, group = given.get("target"), given.get("group")
        if isinstance(target, DeletionTarget):
            given = {**given, "event_id": target.event_id, "group_id": target.group_id}
        if isinstance(group, GroupIdentity):
            given = {**given, "group_id": group.id}
        if (event_id := given.get("event_id")) is not None:
            yield str(event_id)
        if given.get("from_id") is not None:  # a class that something is taken from
            yield str(given["from_id"])
        find_photo = accounts.class_of_photo
        if self._name == "challenge":
            find_photo = accounts.class_of_challenge_photo
        finders = {
            "group_id": accounts.class_of_group,
            "photo_id": find_photo,
            "deletion_id": accounts.class_of_deletion,
        }
        for name, find in finders.items():
            # A photo that comes with its class is looked for in that class by the service.
            if given.get(name) is None or (name == "photo_id" and event_id is not None):
                continue
            with self._db.read() as session:
                found = find(session, str(given[name]))
            # "" is no class, and nobody but an owner sees it.
            yield found if found is not None else str(event_id or "")


def _given(method: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by the names of its parameters."""
    return dict(inspect.signature(method).bind(*args, **options).arguments)


def _is_of(account: Account, item: object) -> bool:
    """A class, or what says of which class it is; what says nothing is no account's but an owner's."""
    if isinstance(item, ReceiptView):  # of a class that may be gone
        return account.may_change and account.username in item.accounts
    event_id = item.id if isinstance(item, EventView) else getattr(item, "event_id", None)
    return event_id is not None and rights.sees(account, event_id)
