"""One iPad under load: a page held open that follows its group, bursts of photos, trainings, live guesses."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress

from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.load_options import Rhythm
from classroom_app.rehearsal.load_records import Action, LoadRecord
from classroom_app.rehearsal.page_session import PageSession
from classroom_app.rehearsal.problems import RefusedError, RehearsalError, UnexpectedAnswerError

SENDERS = 3  # photos that one iPad has on their way at once
FULL = "photos_full"


class LoadIpad:
    """Plays rounds until it is told to stop; what goes wrong is written down, and it goes on."""

    def __init__(
        self,
        client: GroupClient,
        session: PageSession,
        pictures: Mapping[str, Sequence[bytes]],
        record: LoadRecord,
        rhythm: Rhythm,
        *,
        group: str,
        run_limit_s: float,
        seed: int,
    ) -> None:
        """`pictures`: by label id."""
        self._client = client
        self._session = session
        self._pictures = pictures
        self._record = record
        self._rhythm = rhythm
        self._group = group
        self._run_limit_s = run_limit_s
        self._chance = random.Random(seed)  # a repeatable play, not a secret
        self._labels = list(pictures)
        self._page = "collect"
        self._mark = ""
        self._one_run = asyncio.Lock()  # a browser has one run of its page under way
        self._took_s = 0.0  # the page, the last time that it ran again
        self._senders = asyncio.Semaphore(SENDERS)
        self.saved = 0

    async def open(self) -> None:
        """The page as it comes up after joining."""
        with self._record.timed(Action.SWITCH):
            await self._session.show(self._page)

    async def play(self, stop: asyncio.Event, *, whole_rounds: bool = False) -> None:
        """Rounds, the first at a moment of its own; a round that began is ended with `whole_rounds`."""
        done = asyncio.Event()
        beating = asyncio.create_task(self._beat(done))
        following = asyncio.create_task(self._follow(done))
        await _rest(stop, self._chance.uniform(0, self._rhythm.rest_s))
        while not stop.is_set():
            await self._round(asyncio.Event() if whole_rounds else stop)
        done.set()
        await asyncio.gather(following, beating)

    async def look_on(self, stop: asyncio.Event) -> None:
        """While the show is told: the page of results, which follows its group as ever."""
        await self._switch("results")
        await asyncio.gather(self._follow(stop), self._beat(stop))

    async def _round(self, stop: asyncio.Event) -> None:
        await self._collect(stop)
        for page, stay in (("train", self._train), ("play", self._guess), ("results", self._look_on)):
            if not stop.is_set():
                await self._switch(page)
                await stay(stop)
        if not stop.is_set():
            await self._switch("collect")

    # -- the page ------------------------------------------------------------------------------

    async def _switch(self, page: str) -> None:
        self._page, self._mark = page, ""
        with self._record.timed(Action.SWITCH):
            async with self._one_run:
                self._record.reruns += 1
                await self._session.show(page)

    async def _update(self) -> None:
        self._mark = ""
        try:
            async with self._one_run:
                self._record.update(await self._session.show())
        except RehearsalError as exc:
            self._record.errors[f"{Action.UPDATE}: {exc}"] += 1

    async def _follow(self, stop: asyncio.Event) -> None:
        """As the page's script does: ask, and have the page run when something changed."""
        unchanged = 0
        while not await _rest(stop, self._rhythm.pause_s(self._rhythm.look_every_s, unchanged, self._took_s)):
            unchanged, self._took_s = unchanged + 1, self._took_s / 2
            if await self._has_news(self._page):
                unchanged = 0
                asked = time.monotonic()
                await self._update()
                self._took_s = time.monotonic() - asked

    async def _beat(self, stop: asyncio.Event) -> None:
        """As the page's other script does."""
        name = str(uuid.uuid4())
        while not await _rest(stop, self._rhythm.beat_every_s * self._chance.uniform(0.9, 1.1)):
            with self._record.timed(Action.BEAT):
                await self._client.say_here(name, unsent=0)

    async def _has_news(self, page: str) -> bool:
        before = self._mark
        with self._record.timed(Action.LOOK):
            found = await self._client.look(page, before)
            if page != self._page or before != self._mark:
                return False  # the page went on meanwhile
            self._mark = found or before
            return bool(found and before)
        return False

    # -- photos --------------------------------------------------------------------------------

    async def _collect(self, stop: asyncio.Event) -> None:
        for _ in range(self._rhythm.bursts):
            if stop.is_set() or self._group in self._record.full:
                return
            label = self._labels.pop(0)
            self._labels.append(label)
            async with asyncio.TaskGroup() as sending:
                for _ in range(self._rhythm.burst):
                    # Never twice the same photo: its last bytes are its own.
                    picture = self._chance.choice(self._pictures[label]) + uuid.uuid4().bytes
                    sending.create_task(self._send(label, picture))
                    await asyncio.sleep(self._rhythm.shot_every_s)
            await asyncio.sleep(self._rhythm.settle_s)
            await self._update()
            await _rest(stop, self._rhythm.rest_s)

    async def _send(self, label: str, picture: bytes) -> None:
        taken_at_ms = time.time_ns() // 1_000_000
        with self._record.timed(Action.SAVED):  # from the shot, and so with its wait for those before it
            async with self._senders:
                try:
                    await self._client.send_photo(label, picture, taken_at_ms=taken_at_ms)
                except RefusedError as exc:
                    if exc.key != FULL:
                        raise
                    self._record.full.add(self._group)
                    return
            self.saved += 1

    # -- trainings, guesses, results -------------------------------------------------------------

    async def _train(self, stop: asyncio.Event) -> None:
        with self._record.timed(Action.SCORE):
            await self._score()
        await self._update()
        await _rest(stop, self._rhythm.settle_s)

    async def _score(self) -> None:
        try:
            run = await self._client.start_run()
        except RefusedError as exc:
            raise UnexpectedAnswerError(f"no training: {exc.key}") from exc
        until = time.monotonic() + self._run_limit_s
        mark, unchanged = "", 0
        while not run.ended:
            if time.monotonic() > until:
                raise UnexpectedAnswerError(f"run {run.id} is still {run.state}: {self._run_limit_s:.0f} s")
            await asyncio.sleep(self._rhythm.pause_s(self._rhythm.run_every_s, unchanged, 0.0))
            unchanged += 1
            if found := await self._client.look("run", mark):
                mark, unchanged = found, 0
                run = await self._client.run(run.id)
        if run.state != "done":
            raise UnexpectedAnswerError(f"a training ended as {run.state}")
        self._record.finished[run.id] = run  # the iPads of a group share it

    async def _guess(self, stop: asyncio.Event) -> None:
        if not self._rhythm.server_guesses:
            await _rest(stop, self._rhythm.play_s)
            return
        until = time.monotonic() + self._rhythm.play_s
        while time.monotonic() < until and not stop.is_set():
            label = self._chance.choice(self._labels)
            with self._record.timed(Action.GUESS):
                await self._client.guess(self._chance.choice(self._pictures[label]))
            await asyncio.sleep(self._rhythm.frame_every_s)

    async def _look_on(self, stop: asyncio.Event) -> None:
        await _rest(stop, self._rhythm.results_s)


async def _rest(stop: asyncio.Event, seconds: float) -> bool:
    """So long, or until the end; True when it is the end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()
