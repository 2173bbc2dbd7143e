"""Who acts at this moment and what is being done, so that each transaction can write it down.

Whoever lets somebody in (routes, the guard of the pages, the command line) says who it is with `acting` or
`act_as`; a service's method says what it does with `action`. `Database.write` writes both into its own
transaction: what was done and what the audit says of it are there together, or neither is.
"""

from __future__ import annotations

import functools
import inspect
import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

UNNAMED = "other"  # a change by a grown-up that no method has a word for
IPV4_NETWORK, IPV6_NETWORK = 24, 48  # bits that are kept of an address: the place, not the device


class ActorKind(StrEnum):
    FACILITATOR = "facilitator"
    GROUP = "group"
    PROJECTOR = "projector"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """`who`: a user name or an id; `origin`: a network."""

    kind: ActorKind
    who: str
    origin: str = ""


@dataclass
class Deed:
    """What is being done, and of which class and group; `noted`: it is written down once."""

    did: str
    event_id: str | None = None
    group_id: str | None = None
    noted: bool = False


SYSTEM = Actor(ActorKind.SYSTEM, "schedule")
_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)
_deed: ContextVar[Deed | None] = ContextVar("deed", default=None)
_maker: ContextVar[str | None] = ContextVar("maker", default=None)
_keeps_books: ContextVar[bool] = ContextVar("keeps_books", default=False)


def network_of(address: str | None) -> str:
    """Where an address is, without saying whose it is; empty for none."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    bits = IPV4_NETWORK if found.version == 4 else IPV6_NETWORK
    return str(ipaddress.ip_network((found, bits), strict=False))


def act_as(actor: Actor | None) -> None:
    """From now on in this thread or task, until somebody else does."""
    _actor.set(actor)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """For as long as the block lasts."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def making_for(username: str) -> Iterator[None]:
    """A class that is made in the block is this account's."""
    token = _maker.set(username)
    try:
        yield
    finally:
        _maker.reset(token)


@contextmanager
def bookkeeping() -> Iterator[None]:
    """What is written in the block is nobody's deed, and stands for none: a try that is counted, a time that
    is noted. What was to be done may still be refused.
    """
    token = _keeps_books.set(True)
    try:
        yield
    finally:
        _keeps_books.reset(token)


def maker() -> str | None:
    """The account that a class is made for; None at the command line."""
    return _maker.get()


def action(did: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A method of a service that changes something on somebody's behalf: `did` is its word in the audit.

    Class and group are found in its arguments (`event_id`, `group_id`, `group`, `target`). A method that
    calls another one does one thing: the outer one's.
    """

    def named(method: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(method)

        @functools.wraps(method)
        def done(*args: P.args, **kwargs: P.kwargs) -> R:
            if _deed.get() is not None:
                return method(*args, **kwargs)
            given = signature.bind(*args, **kwargs).arguments
            token = _deed.set(_about(did, given))
            try:
                return method(*args, **kwargs)
            finally:
                _deed.reset(token)

        vars(done)["audited_as"] = did
        return done

    return named


def _about(did: str, given: dict[str, object]) -> Deed:
    deed = Deed(did)
    for owner in (given.get("target"), given.get("group")):
        deed.event_id = deed.event_id or getattr(owner, "event_id", None)
    deed.group_id = getattr(given.get("target"), "group_id", None) or getattr(given.get("group"), "id", None)
    event_id, group_id = given.get("event_id"), given.get("group_id")
    if isinstance(event_id, str):
        deed.event_id = event_id
    if isinstance(group_id, str):
        deed.group_id = group_id
    return deed


def about(event_id: str | None, group_id: str | None = None) -> None:
    """For what the arguments did not say: a class that was just made, whose deletion is undone."""
    deed = _deed.get()
    if deed is not None:
        deed.event_id, deed.group_id = event_id, group_id or deed.group_id


def to_note() -> tuple[Actor, Deed] | None:
    """What this transaction has to write down: the actions of all, and whatever else a grown-up changes.

    None for what nobody asked for, for bookkeeping, and for the many small things of an iPad without a word.
    """
    if _keeps_books.get():
        return None
    actor, deed = _actor.get(), _deed.get()
    if deed is None:
        return (actor, Deed(UNNAMED)) if actor is not None and actor.kind == ActorKind.FACILITATOR else None
    return None if deed.noted else (actor or SYSTEM, deed)
