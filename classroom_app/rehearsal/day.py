"""The script of a class day, from the log-in to the empty receipt, in the order of a real one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager

from classroom_app.rehearsal.answers import CreatedClass, NewGroup
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.group import GroupPlayer
from classroom_app.rehearsal.patient_http import PatientHttp
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.records import DayPlan, DayRecord, Hand, Watcher
from classroom_app.rehearsal.screens import Screen, behind_s, lead_show, open_screens, place_steps

ROUND_FIRST, ROUND_SECOND, ROUND_READY = "first", "second", "ready"
READY_POLL_S = 1.0

Connect = Callable[[], PatientHttp]


async def play_day(plan: DayPlan, connect: Connect, watch: Watcher) -> DayRecord:
    """Plays the plan; each browser from `connect` has cookies of its own. Always cleans up.

    Raises RehearsalError where no class could be made; what goes wrong later is written in the record.
    """
    async with AsyncExitStack() as open_browsers:

        async def browser() -> PatientHttp:
            return await open_browsers.enter_async_context(aclosing(connect()))

        day = _Day(plan, watch, FacilitatorClient(await browser()))
        await day.open()
        async with day.deleted_at_the_end():
            await day.prepare()
            for group, hand in zip(day.made.groups, plan.hands, strict=False):
                ipads = [GroupClient(await browser()) for _ in range(plan.options.ipads_per_group)]
                day.add_group(group, ipads, hand)
            async with open_screens(day.facilitator, day.made.id) as screens:
                await day.class_time()
                await day.look_at_others(GroupClient(await browser()))
                await day.close(screens)
            await day.check("before the deletion")
        await day.check("at the end")
        return day.record


class _Day:
    made: CreatedClass

    def __init__(self, plan: DayPlan, watch: Watcher, facilitator: FacilitatorClient) -> None:
        self.record = DayRecord()
        self._plan = plan
        self._watch = watch
        self.facilitator = facilitator
        self._players: list[GroupPlayer] = []

    async def open(self) -> None:
        plan = self._plan
        with self._part("log in and create the class", 1):
            await self.facilitator.log_in(plan.options.facilitator, plan.options.password or "")
            self.made = await self.facilitator.create_class(
                plan.class_name, len(plan.hands), labels=plan.labels
            )

    async def prepare(self) -> None:
        plan, record = self._plan, self.record
        if len(self.made.groups) != len(plan.hands):
            record.failures.append(f"{len(plan.hands)} groups asked for, {len(self.made.groups)} made")
        with self._part("upload the challenge", 1):
            answer = await self.facilitator.upload_challenge(self.made.id, plan.challenge)
        record.challenge_added = answer.added
        for files in answer.rejected:
            some = ", ".join(files.names)
            record.failures.append(f"challenge photos rejected: {files.count} ({some}): {files.message}")
        if answer.added + sum(files.count for files in answer.rejected) != plan.challenge_photos:
            record.failures.append(f"challenge: {plan.challenge_photos} photos sent, {answer.added} added")
        with self._part("print the cards", 1):
            if not (await self.facilitator.cards(self.made.id)).startswith(b"%PDF"):
                record.failures.append("the group cards are not a PDF")
        await self.facilitator.move_phase(self.made.id, "collect")

    def add_group(self, group: NewGroup, ipads: list[GroupClient], hand: Hand) -> None:
        player = GroupPlayer(self._plan.options, group, ipads, hand, self.record.failures)
        self._players.append(player)
        self.record.groups.append(player.record)

    async def class_time(self) -> None:
        with self._part("join", len(self._players)) as step:
            await asyncio.gather(*(_then(player.join(), step) for player in self._players))
        first_half = self._plan.options.first_half
        for name, part in ((ROUND_FIRST, slice(first_half)), (ROUND_SECOND, slice(first_half, None))):
            total = sum(len(jpegs[part]) for hand in self._plan.hands for jpegs in hand.values())
            with self._part(f"upload, {name} half", total) as step:
                uploads = (player.upload(part, self.made.label_ids, step) for player in self._players)
                await asyncio.gather(*uploads)
            await self._train(name)
        await self._wait_until_ready()
        await self._train(ROUND_READY)
        photos = sum(len(player.record.sent) for player in self._players)
        with self._part("open the galleries", photos) as step:
            await asyncio.gather(*(player.count_photos(step) for player in self._players))

    async def look_at_others(self, stranger: GroupClient) -> None:
        """A group must not be shown another group's photo, and a stranger none at all."""
        for player, neighbour in zip(self._players, [*self._players[1:], *self._players[:1]], strict=True):
            await player.is_not_seen_by(stranger, "someone without a cookie")
            if neighbour is not player:
                await player.is_not_seen_by(neighbour.ipad, "another group")

    async def close(self, screens: Sequence[Screen]) -> None:
        record = self.record
        runs = [run.status for group in record.groups for run in group.runs]
        record.board_behind_s = behind_s(screens, runs)
        with self._part("final and reveal", 1):
            await self.facilitator.move_phase(self.made.id, "final")
            await self.facilitator.move_phase(self.made.id, "reveal")
            record.leaderboard = (await self.facilitator.leaderboard(self.made.id)).rows
        with self._part("lead the show", 1):
            ipads = {player.record.group.id: player.ipad for player in self._players}
            steps = place_steps(record.leaderboard)
            record.show = await lead_show(
                self.facilitator, self.made.id, screens, ipads, steps, record.failures.append
            )
        await self._recount()
        listed = {row.group_id: row for row in record.leaderboard}
        for played in record.groups:
            name, row = played.group.name, listed.get(played.group.id)
            if row is None:
                record.failures.append(f"{name}: not on the leaderboard")
                continue
            trained = any(run.status.state == "done" for run in played.runs)
            if trained and (row.rank is None or row.final is None):
                record.failures.append(f"{name}: trained, but without rank or final result")
            if row.practice and row.final:
                scored = row.practice.total + row.final.total
                if scored != record.challenge_added:
                    record.failures.append(
                        f"{name}: {scored} of {record.challenge_added} challenge photos scored"
                    )

    async def _recount(self) -> None:
        """The board of the reveal has to be what the answers of the AIs say."""
        with self._part("count the board again", 1):
            found = await self.facilitator.recount(self.made.id)
        record = self.record
        record.final_number = found.final_number
        for item in found.differences:
            record.failures.append(
                f"recount: {item.what} of {item.group_id or 'the class'}: {item.written} was written down, "
                f"{item.counted} counted"
            )
        shown = {
            row.group_id: (row.final_rank, row.rank, row.practice, row.final) for row in record.leaderboard
        }
        counted = {row.group_id: (row.rank, row.practice_rank, row.practice, row.final) for row in found.rows}
        if shown != counted:
            record.failures.append("the leaderboard of the reveal is not what a recount gives")
        if found.final_number != 1:
            record.failures.append(f"the reveal made final no. {found.final_number}, not the first")

    async def check(self, when: str) -> None:
        """All that the app keeps has to fit together, and nothing may lie there that belongs to nothing."""
        with self._part(f"check everything, {when}", 1):
            try:
                found = await self.facilitator.check_everything()
            except RehearsalError as exc:
                self.record.failures.append(f"the check {when} could not be made: {exc}")
                return
        for problem in found.problems:
            self.record.failures.append(f"check {when}: {problem.kind} {problem.subject}")

    @asynccontextmanager
    async def deleted_at_the_end(self) -> AsyncIterator[None]:
        """Whatever happens in between, the rehearsal's class does not stay behind."""
        try:
            yield
        except RehearsalError as exc:
            self.record.failures.append(f"the day was broken off: {exc}")
        finally:
            if not self._plan.options.keep:
                await self._delete()

    async def _train(self, name: str) -> None:
        pending = (await self.facilitator.progress(self.made.id)).features_pending
        with self._part(f"train, {name}", len(self._players)) as step:
            double_tap = name == ROUND_FIRST
            runs = (player.train(name, pending, double_tap=double_tap) for player in self._players)
            await asyncio.gather(*(_then(run, step) for run in runs))

    async def _wait_until_ready(self) -> None:
        limit_s = self._plan.options.ready_limit_s
        with self._part("wait for the features", 1):
            until = time.monotonic() + limit_s
            while pending := (await self.facilitator.progress(self.made.id)).features_pending:
                if time.monotonic() > until:
                    self.record.failures.append(
                        f"{pending} photos still without features after {limit_s:.0f} s"
                    )
                    return
                await asyncio.sleep(READY_POLL_S)

    async def _delete(self) -> None:
        failures = self.record.failures
        with self._part("delete the class", 1):
            try:
                receipt = await self.facilitator.delete_class(self.made.id)
            except RehearsalError as exc:
                failures.append(f"the class {self.made.id} could not be deleted: {exc}")
                return
        self.record.receipt = receipt
        if receipt.remains or not receipt.left:
            left = (f"{count} {name}" for name, count in receipt.remains.items())
            told = ", ".join(left) or "nothing counted"
            failures.append(f"the receipt is not empty: {told}")
        for player in self._players:
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
