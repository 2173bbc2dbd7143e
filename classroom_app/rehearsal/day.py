"""The script of a class day, from the log-in to the empty receipt, in the order of a real one.

Knows nothing of printing, figures or how the app was started; it sees only HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from classroom_app.rehearsal.answers import NewEvent
from classroom_app.rehearsal.browser import Browser
from classroom_app.rehearsal.client import Facilitator, IPad
from classroom_app.rehearsal.group import GroupPlayer
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.records import DayRecord, Plan, Watcher

ROUND_FIRST, ROUND_SECOND, ROUND_READY = "first", "second", "ready"
READY_POLL_S = 1.0

Connect = Callable[[], Browser]


async def play_day(plan: Plan, connect: Connect, watch: Watcher) -> DayRecord:
    """Plays the plan; each browser from `connect` has cookies of its own. Always cleans up."""
    day = _Day(plan, connect, watch)
    async with AsyncExitStack() as open_browsers:
        await day.play(open_browsers)
    return day.record


class _Day:
    def __init__(self, plan: Plan, connect: Connect, watch: Watcher) -> None:
        self.record = DayRecord()
        self._plan = plan
        self._connect = connect
        self._watch = watch

    async def play(self, browsers: AsyncExitStack) -> None:
        plan, record = self._plan, self.record
        facilitator = Facilitator(await browsers.enter_async_context(self._connect()))
        with self._part("log in and create the class", 1):
            await facilitator.log_in(plan.facilitator, plan.password)
            event = await facilitator.create_event(plan.event_name, plan.labels, len(plan.hands))
        async with self._deleted_at_the_end(facilitator, event) as players:
            await self._prepare(facilitator, event)
            for group in event.groups:
                ipads = [
                    IPad(await browsers.enter_async_context(self._connect()))
                    for _ in range(plan.ipads_per_group)
                ]
                players.append(GroupPlayer(plan, group, ipads, record.failures))
            record.groups = [player.record for player in players]
            await self._class_time(facilitator, event, players)
            await self._closing(facilitator, event)

    async def _prepare(self, facilitator: Facilitator, event: NewEvent) -> None:
        plan, record = self._plan, self.record
        if len(event.groups) != len(plan.hands):
            record.failures.append(f"{len(plan.hands)} groups asked for, {len(event.groups)} made")
        with self._part("upload the challenge", 1):
            answer = await facilitator.upload_challenge(event.id, plan.challenge)
        record.challenge_added = answer.added
        record.failures += [f"challenge photo rejected: {line}" for line in answer.rejected]
        if answer.added + len(answer.rejected) != plan.challenge_photos:
            record.failures.append(f"challenge: {plan.challenge_photos} photos sent, {answer.added} added")
        with self._part("print the cards", 1):
            if not (await facilitator.cards(event.id)).startswith(b"%PDF"):
                record.failures.append("the group cards are not a PDF")
        await facilitator.set_phase(event.id, "collect")

    async def _class_time(
        self, facilitator: Facilitator, event: NewEvent, players: list[GroupPlayer]
    ) -> None:
        plan = self._plan
        with self._part("join", len(players)) as step:
            await asyncio.gather(*(_then(player.join(), step) for player in players))
        for name, first, last in (
            (ROUND_FIRST, 0, plan.first_half),
            (ROUND_SECOND, plan.first_half, None),
        ):
            hands = [{key: jpegs[first:last] for key, jpegs in hand.items()} for hand in plan.hands]
            total = sum(len(jpegs) for hand in hands for jpegs in hand.values())
            with self._part(f"upload, {name} half", total) as step:
                await asyncio.gather(
                    *(
                        player.upload(hand, event.label_ids, step)
                        for player, hand in zip(players, hands, strict=False)
                    )
                )
            await self._train(facilitator, event, players, name)
        await self._wait_until_ready(facilitator, event)
        await self._train(facilitator, event, players, ROUND_READY)
        with self._part("open the galleries", sum(len(player.record.sent) for player in players)) as step:
            await asyncio.gather(*(player.count_photos(step) for player in players))
        await self._look_at_others(players)

    async def _train(
        self, facilitator: Facilitator, event: NewEvent, players: list[GroupPlayer], name: str
    ) -> None:
        pending = (await facilitator.monitor(event.id)).features_pending
        with self._part(f"train, {name}", len(players)) as step:
            await asyncio.gather(
                *(
                    _then(player.train(name, pending, double_tap=name == ROUND_FIRST), step)
                    for player in players
                )
            )

    async def _wait_until_ready(self, facilitator: Facilitator, event: NewEvent) -> None:
        with self._part("wait for the features", 1):
            until = time.monotonic() + self._plan.ready_limit_s
            while pending := (await facilitator.monitor(event.id)).features_pending:
                if time.monotonic() > until:
                    self.record.failures.append(
                        f"{pending} photos still without features after {self._plan.ready_limit_s:.0f} s"
                    )
                    return
                await asyncio.sleep(READY_POLL_S)
        if pending is None:
            self.record.notes.append("The app does not say how many features are pending.")

    async def _look_at_others(self, players: list[GroupPlayer]) -> None:
        """A group must not be shown another group's photo, and a stranger none at all."""
        async with self._connect() as browser:
            stranger = IPad(browser)
            for player, neighbour in zip(players, [*players[1:], *players[:1]], strict=True):
                await player.is_not_seen_by(stranger, "someone without a cookie")
                if neighbour is not player:
                    await player.is_not_seen_by(neighbour.ipad, "another group")

    async def _closing(self, facilitator: Facilitator, event: NewEvent) -> None:
        record = self.record
        with self._part("final and reveal", 1):
            await facilitator.set_phase(event.id, "final")
            await facilitator.set_phase(event.id, "reveal")
            record.leaderboard = await facilitator.leaderboard(event.id)
        listed = {row.group_id: row for row in record.leaderboard}
        for played in record.groups:
            row = listed.get(played.group.id)
            if row is None:
                record.failures.append(f"{played.group.name}: not on the leaderboard")
                continue
            if any(run.state == "done" for run in played.runs) and (row.rank is None or row.final is None):
                record.failures.append(f"{played.group.name}: trained, but without rank or final result")
            if row.practice and row.final:
                scored = row.practice.total + row.final.total
                if scored != record.challenge_added:
                    record.failures.append(
                        f"{played.group.name}: {scored} of {record.challenge_added} challenge photos scored"
                    )

    @asynccontextmanager
    async def _deleted_at_the_end(
        self, facilitator: Facilitator, event: NewEvent
    ) -> AsyncIterator[list[GroupPlayer]]:
        """Whatever happens in between, the rehearsal's class does not stay behind."""
        players: list[GroupPlayer] = []
        try:
            yield players
        except RehearsalError as exc:
            self.record.failures.append(f"the day was broken off: {exc}")
        finally:
            if not self._plan.keep:
                await self._delete(facilitator, event, players)

    async def _delete(self, facilitator: Facilitator, event: NewEvent, players: list[GroupPlayer]) -> None:
        failures = self.record.failures
        with self._part("delete the class", 1):
            try:
                receipt = await facilitator.delete_event(event.id)
            except RehearsalError as exc:
                failures.append(f"the class {event.id} could not be deleted: {exc}")
                return
        self.record.receipt = receipt
        left = {name: count for name, count in receipt.left.items() if count}
        if left or not receipt.left:
            told = ", ".join(f"{count} {name}" for name, count in left.items()) or "nothing counted"
            failures.append(f"the receipt is not empty: {told}")
        for player in players:
            await player.sees_nothing_any_more()

    @contextmanager
    def _part(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        began = time.monotonic()
        self._watch.begin(name, total)
        try:
            yield lambda: self._watch.step(name)
        finally:
            self._watch.end(name)
            self.record.parts_s[name] = time.monotonic() - began


async def _then(work: Awaitable[None], step: Callable[[], None]) -> None:
    await work
    step()
