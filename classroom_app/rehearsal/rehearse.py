"""Puts a rehearsal together: photos, an app (of our own or at an address), the day, the report."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
from rich.console import Console

from classroom_app.rehearsal import photos as pictures
from classroom_app.rehearsal.answers import ClassLabel
from classroom_app.rehearsal.day import play_day
from classroom_app.rehearsal.launch import OwnApp, log_tail, own_app
from classroom_app.rehearsal.options import RehearsalOptions
from classroom_app.rehearsal.patient_http import Tally, connect, uses_proxy
from classroom_app.rehearsal.problems import OptionsError, UnreachableError
from classroom_app.rehearsal.records import DayPlan, Watcher
from classroom_app.rehearsal.report import RehearsalReport, make_report
from classroom_app.rehearsal.terminal import ProgressWatcher, print_report

SPARE_EMOJI = ("🔴", "🔵", "🟢", "🟡", "🟣", "🟠", "🟤", "⚫")
EMOJI = {
    "apple": "🍎", "banana": "🍌", "orange": "🍊", "rock": "✊", "paper": "✋", "scissors": "✌️",
    "pencil": "✏️", "cup": "☕", "star": "⭐",
}  # fmt: skip
SHRINK_THREADS = 2
READY_TIMEOUT_S = 15.0


def rehearse(options: RehearsalOptions, console: Console) -> RehearsalReport:
    """Plays a whole class day and reports; raises RehearsalError where no day could begin."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines would carry the join tokens
    options.check()
    parts_s: dict[str, float] = {}
    with ProgressWatcher(console) as watch, contextlib.ExitStack() as until_the_end:
        with _timed("prepare the photos", parts_s):
            plan = make_plan(options, watch)
        own = None
        if options.url is None:
            watch.begin("start the app", 1)
            with _timed("start the app", parts_s):
                own = until_the_end.enter_context(
                    own_app(start_limit_s=options.start_limit_s, keep=options.keep)
                )
            watch.end("start the app")
            plan = replace(plan, options=replace(options, url=own.url, password=own.password))
        url, verify = str(plan.options.url), verification(options.ca)
        ask_ready(url, verify)
        tally = Tally()
        well = False
        try:
            record = asyncio.run(play_day(plan, lambda: connect(url, verify=verify, tally=tally), watch))
            well = not record.failures
        finally:
            if own and not well:  # the log goes with the folder of our own app
                console.print(log_tail(own.log), highlight=False, markup=False, soft_wrap=True)
        until_the_end.close()
        if own and own.left_behind:
            record.failures.append("the app did not end by itself after SIGTERM: it was killed")
    report = make_report(plan, record, tally, own_app=own is not None, parts_s=parts_s)
    print_report(report, console)
    if options.json_out is not None:
        report.write(options.json_out)
    if own and options.keep:
        console.print(_how_to_go_on(own), highlight=False, soft_wrap=True)
    return report


def make_plan(options: RehearsalOptions, watch: Watcher) -> DayPlan:
    """Everything from the folder of photos that the day needs."""
    folder = pictures.read_folder(options.photos, hold_out=options.hold_out, seed=options.seed)
    deal = pictures.deal(
        folder.train, groups=options.groups, per_label=options.photos_per_label, seed=options.seed
    )
    keys = pictures.label_keys(folder.labels)
    wanted = sorted({path for hand in deal.hands for paths in hand.values() for path in paths})
    part = "prepare the photos"
    watch.begin(part, len(wanted))
    shrunk: dict[Path, bytes] = {}
    with ThreadPoolExecutor(SHRINK_THREADS) as pool:
        for path, jpeg in zip(wanted, pool.map(pictures.shrink, wanted), strict=True):
            shrunk[path] = jpeg
            watch.step(part)
    challenge = pictures.challenge_zip(folder.test, keys)
    watch.end(part)
    return DayPlan(
        options=options,
        class_name=f"Rehearsal {dt.datetime.now().astimezone():%Y-%m-%d %H:%M}",
        labels=tuple(_label(keys[label], label, number) for number, label in enumerate(folder.labels)),
        hands=tuple(
            {keys[label]: tuple(shrunk[path] for path in paths) for label, paths in hand.items()}
            for hand in deal.hands
        ),
        challenge=challenge,
        challenge_photos=sum(len(paths) for paths in folder.test.values()),
        notes=tuple(
            f"Too few photos of {label} for all groups: {count} were given to a second group."
            for label, count in deal.reused.items()
        ),
    )


def _label(key: str, name: str, number: int) -> ClassLabel:
    emoji = EMOJI.get(key, SPARE_EMOJI[number % len(SPARE_EMOJI)])
    return ClassLabel(key=key, emoji=emoji, name_ja=name, name_en=name)


def verification(ca: Path | None) -> ssl.SSLContext | bool:
    if ca is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError as exc:
        raise OptionsError(f"--ca {ca} is not a certificate in PEM form: {exc}") from exc


def ask_ready(url: str, verify: ssl.SSLContext | bool) -> None:
    """One question without retries, so that a wrong address or certificate is said at once."""
    try:
        with httpx.Client(verify=verify, trust_env=uses_proxy(url), timeout=READY_TIMEOUT_S) as client:
            response = client.get(httpx.URL(url).join("/readyz"))
            response.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        hint = " Give the class's own CA with --ca." if "CERTIFICATE" in str(exc).upper() else ""
        raise UnreachableError(f"No app is ready at {url}: {exc}.{hint}") from exc


def _how_to_go_on(own: OwnApp) -> str:
    return (
        f"Kept: {own.data_dir}. To look at it: python -m classroom_app run --data {own.data_dir}; "
        f"the facilitator's password there: {own.password}"
    )


@contextlib.contextmanager
def _timed(part: str, parts_s: dict[str, float]) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        parts_s[part] = time.monotonic() - began
