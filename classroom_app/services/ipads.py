"""What the iPads of a class say of themselves every few seconds: who is here, and what cannot be sent."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from classroom_app.data.engine import Database
from classroom_app.data.repository import ipads
from classroom_app.data.tables import IPad, utcnow
from classroom_app.errors import BadInputError
from classroom_app.services import clocks
from classroom_app.states import CameraTrouble
from classroom_app.views.console import GroupIPads, IPadLine, IPadWord, SendingTrouble

WRITTEN_EVERY = dt.timedelta(seconds=20)  # while nothing changes: 40 iPads make two small writes a second
SILENT_AFTER = dt.timedelta(seconds=75)  # longer than an iPad leaves between two words, however it sends them
IPADS_A_GROUP = 40  # a group has a few; more are ids that somebody made up
UNSENT_MAX = 100_000
# Over plain http no iPad has a camera page of its own, and each takes photos with its own camera app.
_NOT_OF_THE_IPAD = {None, CameraTrouble.INSECURE}
_PAGE = re.compile(r"[a-z]{0,16}")
_TOLD = tuple(field.name for field in fields(IPadWord) if field.name not in {"ipad", "clock_ms"})


class IPadService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def note(self, group_id: str, word: IPadWord) -> int | None:
        """Its number as the console has it, where the group has several iPads. Raises BadInputError where the
        word makes no sense.
        """
        sensible = 0 <= word.unsent <= UNSENT_MAX and 0 <= word.failed <= UNSENT_MAX
        if not _is_random_id(word.ipad) or not sensible or not _PAGE.fullmatch(word.page):
            raise BadInputError
        with self._db.read() as session:
            known = session.get(IPad, word.ipad)
            several = ipads.of_group(session, group_id) > 1
            off = clocks.off_s(word.clock_ms, utcnow())
            if known is not None and _says_nothing_new(known, group_id, word, off):
                return known.number if several else None
            full = known is None and ipads.of_group(session, group_id) >= IPADS_A_GROUP
        with self._db.write() as session:
            if full:
                ipads.forget_silent(session, group_id, utcnow() - SILENT_AFTER)
                if ipads.of_group(session, group_id) >= IPADS_A_GROUP:
                    return None
            number = ipads.keep(session, group_id, word, off)
            return number if ipads.of_group(session, group_id) > 1 else None

    def of_class(self, event_id: str) -> Mapping[str, GroupIPads]:
        """By group id; a group of which no iPad has spoken is not there."""
        with self._db.read() as session:
            return together(ipads.of_class(session, event_id), utcnow())

    def trouble(self, event_id: str) -> SendingTrouble:
        """The iPads of the class that cannot send now, and the photos that wait on them."""
        with self._db.read() as session:
            return trouble_of(ipads.of_class(session, event_id), utcnow())


def together(known: Iterable[IPad], now: dt.datetime) -> dict[str, GroupIPads]:
    """By group id; a group of which no iPad has spoken is not there."""
    found: dict[str, list[IPad]] = defaultdict(list)
    for ipad in known:
        found[ipad.group_id].append(ipad)
    return {group_id: _together(own, now) for group_id, own in found.items()}


def trouble_of(known: Iterable[IPad], now: dt.datetime) -> SendingTrouble:
    found = [ipad for ipad in known if ipad.cannot_send and ipad.beat_at > now - SILENT_AFTER]
    return SendingTrouble(len(found), sum(ipad.unsent for ipad in found))


def lines_of(known: Iterable[IPad], now: dt.datetime) -> tuple[IPadLine, ...]:
    """A group's iPads one by one, in the order of their numbers."""
    return tuple(
        IPadLine(
            number=ipad.number,
            silent_s=(now - ipad.beat_at).total_seconds(),
            here=ipad.beat_at > now - SILENT_AFTER,
            page=ipad.page,
            unsent=ipad.unsent,
            failed=ipad.failed,
            cannot_send=ipad.cannot_send,
            camera=ipad.camera,
            clock_off_s=ipad.clock_off_s if clocks.is_wrong(ipad.clock_off_s) else None,
        )
        for ipad in sorted(known, key=lambda ipad: (ipad.number, ipad.id))
    )


def _together(own: Sequence[IPad], now: dt.datetime) -> GroupIPads:
    here = [ipad for ipad in own if ipad.beat_at > now - SILENT_AFTER]
    return GroupIPads(
        here=len(here),
        known=len(own),
        silent_s=min((now - ipad.beat_at).total_seconds() for ipad in own),
        unsent=sum(ipad.unsent for ipad in own),  # photos on a sleeping iPad are worth a walk
        failed=sum(ipad.failed for ipad in here),
        cannot_send=sum(ipad.cannot_send for ipad in here),
        without_camera=sum(ipad.camera not in _NOT_OF_THE_IPAD for ipad in here),
        pages=tuple(sorted({ipad.page for ipad in here if ipad.page})),
    )


def _says_nothing_new(known: IPad, group_id: str, word: IPadWord, off: int | None) -> bool:
    if off is not None and (known.clock_off_s is None or abs(known.clock_off_s - off) > clocks.STEP_S):
        return False
    said = (known.group_id, *(getattr(known, name) for name in _TOLD))
    same = said == (group_id, *(getattr(word, name) for name in _TOLD))
    return same and known.number > 0 and known.beat_at > utcnow() - WRITTEN_EVERY


def _is_random_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4
    except ValueError:
        return False
