"""Is everything there for the class's day? Found out by itself, the evening before as in the morning."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from classroom_app.data.engine import Database
from classroom_app.data.repository import challenge, classes, ipads
from classroom_app.data.tables import utcnow
from classroom_app.network import is_loopback
from classroom_app.services import clocks
from classroom_app.services.group_lines import group_view
from classroom_app.services.health import ReadinessReport
from classroom_app.states import ClockTrouble, Half, Verdict
from classroom_app.views.console import CheckLine
from classroom_app.views.training import Expectation

HEARD_WITHIN = dt.timedelta(days=1)  # the evening before, or this morning
HERE_WITHIN = dt.timedelta(minutes=2)
DAY_BYTES = 2 * 1024**3  # a full class's photos, models and database take less than half of it


class ChecklistService:
    """`free_bytes`: of the disk that photos go to; None where they go to a bucket."""

    def __init__(
        self,
        db: Database,
        expect: Callable[[str], Expectation],
        parts: Callable[[], ReadinessReport],
        free_bytes: Callable[[], int] | None,
    ) -> None:
        self._db = db
        self._expect = expect
        self._parts = parts
        self._free_bytes = free_bytes

    def look(self, event_id: str, address: str, browser_off_s: int | None = None) -> tuple[CheckLine, ...]:
        """`address`: at which iPads are to find the app, as cards say it. `browser_off_s`: how far the clock
        of the browser that looks is ahead of the server's; none: it has not said. Raises NotFoundError.
        """
        challenge_set = self._challenge(event_id)
        hard = self._difficulty(event_id) if challenge_set.good else None  # before, there is nothing to judge
        lines = [challenge_set, hard, *self._machine(), _address(address)]
        lines.append(self._ipads(event_id, address))
        # At the server's own address both clocks are one, which proves nothing.
        lines.append(self._clock(event_id, None if is_loopback(address) else browser_off_s))
        return tuple(line for line in lines if line is not None)

    def _challenge(self, event_id: str) -> CheckLine:
        with self._db.read() as session:
            labels = classes.event(session, event_id).labels
            counts = challenge.counts(session, event_id)
            complete = all(counts.get((label.id, half)) for label in labels for half in Half)
        return CheckLine("challenge", good=complete)

    def _difficulty(self, event_id: str) -> CheckLine | None:
        found = self._expect(event_id)
        if found.waiting:
            return CheckLine("difficulty_waits", good=None)
        if found.verdict is None:
            return None  # there are too few photos to say it, which another line says
        return CheckLine(f"difficulty_{found.verdict}", good=found.verdict == Verdict.FITTING)

    def _machine(self) -> list[CheckLine]:
        report = self._parts()
        lines = [CheckLine("app", good=report.ready)]
        lines += [
            CheckLine(key, good=report.parts[part])
            for key, part in (("training", "ml_core"), ("photos", "intake"))
            if part in report.parts
        ]
        if self._free_bytes is not None:
            free = self._free_bytes()
            lines.append(CheckLine("disk", good=free >= DAY_BYTES, gigabytes=round(free / 1024**3, 1)))
        return lines

    def _ipads(self, event_id: str, address: str) -> CheckLine:
        """An iPad that says how it fares came through the class's Wi-Fi and the certificate, and has a page,
        which comes over the live connection (WebSocket) alone. A join does not prove that, and one of last
        week proves nothing for this network.

        Of each group as many are counted as it is to get: one too many here makes up for none there.

        From which machine it speaks is not known: of iPads no address is kept. So the line's own words ask
        for an iPad in place of a page of this computer; at this computer's own address it can be no other.
        """
        with self._db.read() as session:
            groups = [group_view(group) for group in classes.event(session, event_id).groups]
            lately = utcnow() - HEARD_WITHIN
            heard = Counter(
                ipad.group_id for ipad in ipads.of_class(session, event_id) if ipad.beat_at > lately
            )
        if is_loopback(address) or not heard:
            return CheckLine("ipad", good=False)
        seen = {group.id: min(heard[group.id], group.ipads) for group in groups}
        missing = tuple(
            (group, f"{seen[group.id]} / {group.ipads}") for group in groups if seen[group.id] < group.ipads
        )
        planned = sum(group.ipads for group in groups)
        key, number = "ipads_missing" if missing else "ipads", sum(seen.values())
        return CheckLine(key, good=not missing, number=number, planned=planned, groups=missing)

    def _clock(self, event_id: str, browser_off_s: int | None) -> CheckLine | None:
        """Clocks are compared, so that they agree is all that this proves: all of them may be wrong alike.
        Time zones are not looked at. Nothing is said where no other clock is known. iPads that sleep do not
        count: what they said was held beside the clock that the server had then.
        """
        with self._db.read() as session:
            groups = {group.id: group_view(group) for group in classes.event(session, event_id).groups}
            now_here = utcnow() - HERE_WITHIN
            heard = [
                (groups[ipad.group_id], ipad.number, ipad.clock_off_s)
                for ipad in ipads.of_class(session, event_id)
                if ipad.beat_at > now_here and ipad.clock_off_s is not None
            ]
        if not heard and browser_off_s is None:
            return None
        offs = [off for _, _, off in heard]
        trouble = clocks.trouble(offs, browser_off_s)
        if trouble is None:
            return CheckLine("clock" if heard else "clock_browser", good=True, number=len(heard))
        wrong = sorted(
            (one for one in heard if clocks.is_wrong(one[2])), key=lambda one: (one[0].name_en, one[1])
        )
        return CheckLine(
            f"clock_{trouble}_off",
            good=False,
            off_s=(offs or [browser_off_s or 0])[0],
            ipads=tuple(wrong) if trouble is ClockTrouble.IPADS else (),
        )


def _address(address: str) -> CheckLine:
    if is_loopback(address):
        return CheckLine("address_own", good=False)
    if urlsplit(address).scheme != "https":
        return CheckLine("address_plain", good=False)  # Safari gives no page a camera without
    return CheckLine("address", good=True)
