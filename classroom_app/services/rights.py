"""What an account may do, by its role and its classes: the one place that says yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from classroom_app.errors import NotFoundError, RoleError
from classroom_app.states import Right, Role
from classroom_app.views.accounts import Account

ALLOWED: Final[Mapping[Role, frozenset[Right]]] = {
    Role.OWNER: frozenset(Right),
    Role.FACILITATOR: frozenset(Right) - {Right.OWN},
    Role.INSTRUCTOR: frozenset({Right.LOOK, Right.LEAD, Right.KNOW, Right.SELF}),
}
OF_A_CLASS: Final = frozenset({Right.LOOK, Right.LEAD, Right.CHANGE})


def sees(account: Account, event_id: str) -> bool:
    return account.is_owner or event_id in account.event_ids


def has(account: Account, right: Right) -> bool:
    """By its role; of which classes, `sees` says."""
    return right in ALLOWED[account.role]


def check(account: Account, right: Right, event_id: str | None = None) -> None:
    """Raises RoleError; NotFoundError for a class that this account does not see, as if there were none."""
    if event_id is not None and not sees(account, event_id):
        raise NotFoundError("error_class_not_found")
    if not has(account, right):
        raise RoleError
