"""A rehearsal under load: many iPads at once for some minutes, each with a page held open."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import os
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from rich.console import Console

from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.drawn_photos import make_drawn_photos
from classroom_app.rehearsal.launch import OwnApp, log_tail, own_app
from classroom_app.rehearsal.load_ipad import LoadIpad
from classroom_app.rehearsal.load_options import LoadOptions
from classroom_app.rehearsal.load_records import LoadRecord
from classroom_app.rehearsal.load_report import (
    AppFigures,
    LoadReport,
    StepFigures,
    action_figures,
    make_load_report,
    print_load_report,
)
from classroom_app.rehearsal.page_session import PageSession
from classroom_app.rehearsal.patient_http import Patience, PatientHttp, Tally, connect
from classroom_app.rehearsal.problems import RehearsalError, UnreachableError
from classroom_app.rehearsal.processes import database_bytes, look
from classroom_app.rehearsal.records import DayPlan, ShowRecord
from classroom_app.rehearsal.rehearse import ask_ready, make_plan, verification
from classroom_app.rehearsal.report import ShowFigures, board_figures, show_figures
from classroom_app.rehearsal.screens import (
    SCREENS,
    Screen,
    behind_s,
    lead_show,
    open_screens,
    place_steps,
)
from classroom_app.rehearsal.terminal import ProgressWatcher

# The patience of the iPads' own queue of photos.
PATIENCE = Patience(tries=100, first_wait_s=0.5, longest_wait_s=5.0, timeout_s=30.0)
SETTLE_S = 2.0  # pages have opened, and what that took is over
NO_LIMIT = str(10**9)


@dataclass(frozen=True)
class _Place:
    """The app that is rehearsed."""

    url: str
    password: str
    verify: ssl.SSLContext | bool
    own: OwnApp | None

    def figures(self) -> AppFigures:
        if self.own is None:
            return AppFigures()
        return AppFigures(look(self.own.pid), database_bytes(self.own.data_dir))


def rehearse_load(options: LoadOptions, console: Console) -> LoadReport:
    """All steps one after another and the report; raises RehearsalError where none could begin."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines would carry the join tokens
    options.check()
    failures: list[str] = []
    steps: list[StepFigures] = []
    with contextlib.ExitStack() as until_the_end:
        plan = _planned(options, console, until_the_end)
        own = None
        if options.url is None:
            own = until_the_end.enter_context(
                own_app(
                    start_limit_s=options.start_limit_s,
                    keep=options.keep,
                    # Some minutes of this are more photos than a group takes in a day.
                    settings={"MAX_PHOTOS_PER_GROUP": NO_LIMIT},
                )
            )
        place = _Place(
            own.url if own else str(options.url),
            own.password if own else str(options.password),
            verification(options.ca),
            own,
        )
        ask_ready(place.url, place.verify)
        for ipads in options.ipads:
            try:
                steps.append(asyncio.run(_Step(options, plan, place, ipads).run()))
            except RehearsalError as exc:
                failures.append(f"{ipads} iPads: broken off: {exc}")
                break
            console.print(f"{ipads} iPads: done, load {os.getloadavg()[0]:.1f}", highlight=False)
        if own and (failures or any(step.errors for step in steps)):
            console.print(log_tail(own.log), highlight=False, markup=False, soft_wrap=True)
    report = make_load_report(
        steps,
        address=place.url,
        own_app=own is not None,
        seed=options.seed,
        minutes=options.minutes,
        rhythm=options.rhythm,
        failures=failures,
    )
    print_load_report(report, console)
    if options.json_out is not None:
        report.write(options.json_out)
    return report


def _planned(options: LoadOptions, console: Console, until_the_end: contextlib.ExitStack) -> DayPlan:
    """The class and the photos of one group, which all groups take."""
    photos = options.photos
    if photos is None:
        photos = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="classroom-drawn-")))
        make_drawn_photos(photos, seed=options.seed)
    with ProgressWatcher(console) as watch:
        return make_plan(options.as_day(photos), watch)


class _Step:
    """So many iPads, in a class of their own."""

    def __init__(self, options: LoadOptions, plan: DayPlan, place: _Place, ipads: int) -> None:
        self._options = options
        self._plan = plan
        self._place = place
        self._ipads = ipads
        self._record = LoadRecord()
        self._tally = Tally()
        self._pages: list[PageSession] = []

    async def run(self) -> StepFigures:
        async with AsyncExitStack() as opened:
            facilitator = FacilitatorClient(await self._browser(opened))
            await facilitator.log_in(self._options.facilitator, self._place.password)
            made = await opened.enter_async_context(self._class(facilitator))
            groups = [made.groups[number % len(made.groups)] for number in range(self._ipads)]
            clients = [GroupClient(await self._browser(opened)) for _ in groups]
            for client, group in zip(clients, groups, strict=True):
                await client.join(group.join_path)
            adults = await self._facilitators_page(opened, facilitator)
            walls = [await self._projector(opened, made) for _ in range(SCREENS)]
            screens = await opened.enter_async_context(open_screens(facilitator, made.id, walls))
            ipads = [
                await self._ipad(opened, client, group.id, made, number)
                for number, (client, group) in enumerate(zip(clients, groups, strict=True))
            ]
            await asyncio.gather(*(ipad.open() for ipad in ipads))
            await asyncio.sleep(SETTLE_S)
            measured = await self._measured(ipads, [adults], clients[: len(made.groups)])
            await asyncio.sleep(SETTLE_S)  # the last board is drawn
            behind = board_figures(behind_s(screens, list(self._record.finished.values())))
            one_a_group = {group.id: client for client, group in zip(clients, made.groups, strict=False)}
            show = await self._show(facilitator, made, screens, ipads, one_a_group)
            return replace(measured, board=behind, show=show, errors=dict(self._record.errors))

    async def _show(
        self,
        facilitator: FacilitatorClient,
        made: CreatedClass,
        screens: Sequence[Screen],
        ipads: Sequence[LoadIpad],
        one_a_group: Mapping[str, GroupClient],
    ) -> ShowFigures:
        """The reveal, led to its end while all iPads look on."""
        errors, record, over = self._record.errors, ShowRecord(), asyncio.Event()

        def fail(sentence: str) -> None:
            errors[f"show: {sentence}"] += 1

        looking: list[asyncio.Task[None]] = []
        try:
            await facilitator.move_phase(made.id, "final")
            await facilitator.move_phase(made.id, "reveal")
            looking = [asyncio.create_task(ipad.look_on(over)) for ipad in ipads]
            steps = place_steps((await facilitator.leaderboard(made.id)).rows)
            record = await lead_show(facilitator, made.id, screens, one_a_group, steps, fail)
        except RehearsalError as exc:
            fail(str(exc))
        over.set()
        await asyncio.gather(*looking)
        return show_figures(record, {group.id: group.name for group in made.groups})

    async def _measured(
        self, ipads: Sequence[LoadIpad], adults: Sequence[PageSession], one_a_group: Sequence[GroupClient]
    ) -> StepFigures:
        record, tally = self._record, self._tally
        for page in adults:
            page.updates_s.clear()
        before, began = self._place.figures(), time.monotonic()
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(60 * self._options.minutes, stop.set)
        await asyncio.gather(*(ipad.play(stop, whole_rounds=self._options.whole_rounds) for ipad in ipads))
        seconds, after = time.monotonic() - began, self._place.figures()
        for page in adults:
            for update in page.updates_s:
                record.update(update)
        counted = 0
        for client in one_a_group:
            counted += sum((await client.overview()).photos_by_key.values())
        return StepFigures(
            ipads=len(ipads),
            groups=len(one_a_group),
            seconds=round(seconds, 1),
            actions=action_figures(record),
            errors=dict(record.errors),
            photos_saved=sum(ipad.saved for ipad in ipads),
            photos_counted=counted,
            groups_full=len(record.full),
            reruns_per_second=round(record.reruns / seconds, 2),
            socket_bytes=sum(page.bytes_in for page in self._pages),
            requests=tally.requests,
            retries=tally.retries,
            server_errors=sum(count for status, count in tally.statuses.items() if status >= 500),
            before=before,
            after=after,
            cores=round((after.cpu_s - before.cpu_s) / seconds, 2) if self._place.own else None,
            load=round(os.getloadavg()[0], 1),
            board=board_figures(()),
            show=show_figures(ShowRecord(), {}),
        )

    # -- what has to be there -------------------------------------------------------------------

    async def _browser(self, opened: AsyncExitStack) -> PatientHttp:
        http = connect(self._place.url, verify=self._place.verify, tally=self._tally, patience=PATIENCE)
        return await opened.enter_async_context(aclosing(http))

    @asynccontextmanager
    async def _class(self, facilitator: FacilitatorClient) -> AsyncIterator[CreatedClass]:
        """Collecting, and gone at the end."""
        groups = -(-self._ipads // self._options.ipads_per_group)
        name = f"Load {self._ipads} {dt.datetime.now().astimezone():%H:%M}"
        made = await facilitator.create_class(name, groups, labels=self._plan.labels)
        try:
            await facilitator.upload_challenge(made.id, self._plan.challenge)
            await facilitator.move_phase(made.id, "collect")
            yield made
        finally:
            if not self._options.keep:
                try:
                    await facilitator.delete_class(made.id)
                except RehearsalError as exc:
                    self._record.errors[f"the class could not be deleted: {exc}"] += 1

    async def _facilitators_page(self, opened: AsyncExitStack, facilitator: FacilitatorClient) -> PageSession:
        """It runs by timers of its own."""
        page = await self._page(opened, "facilitator", facilitator.http)
        await page.show()
        return page

    async def _projector(self, opened: AsyncExitStack, made: CreatedClass) -> PageSession:
        """It runs when its screen has news."""
        projector = await self._browser(opened)
        await projector.ask("GET", httpx.URL(made.projector_path).path)
        if "projector" not in projector.cookies():
            raise UnreachableError("The projector's link set no cookie `projector`.")
        page = await self._page(opened, "projector", projector)
        await page.show()
        return page

    async def _ipad(
        self, opened: AsyncExitStack, client: GroupClient, group: str, made: CreatedClass, number: int
    ) -> LoadIpad:
        hand = self._plan.hands[0]
        return LoadIpad(
            client,
            await self._page(opened, "collect", client.http),
            {made.label_ids[key]: pictures for key, pictures in hand.items()},
            self._record,
            self._options.rhythm,
            group=group,
            run_limit_s=self._options.run_limit_s,
            seed=self._options.seed + number,
        )

    async def _page(self, opened: AsyncExitStack, page: str, http: PatientHttp) -> PageSession:
        session = PageSession(self._place.url, page, http.cookies(), self._place.verify)
        self._pages.append(session)
        return await opened.enter_async_context(session)
