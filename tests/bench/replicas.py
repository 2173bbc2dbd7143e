"""What another web replica is worth: a class on 1, 2 and 4 of them, behind a proxy with cookie affinity.

Real processes on this machine: Postgres over TLS, a bucket's emulator, the compute tier, the web replicas. On
few cores they take each other's time: the figures say how much less each of them has to do, and on a machine
with a core for each how much sooner pages come.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from classroom_app.rehearsal.load import NO_LIMIT, rehearse_load
from classroom_app.rehearsal.load_options import LoadOptions, LoadPace, numbers_of
from classroom_app.rehearsal.load_records import Action
from classroom_app.rehearsal.processes import look
from tests.support.affinity_proxy import affinity_proxy
from tests.support.cloud import CloudHere, cloud_here
from tests.support.postgres import Postgres
from tests.support.running import PASSWORD

REST_S = 20.0
SHOWN = (Action.UPDATE, Action.SWITCH, Action.SAVED, Action.SCORE, Action.GUESS)


@dataclass(frozen=True)
class ReplicaFigures:
    """Of so many web replicas. Milliseconds; `cores`: of one replica on average; transactions a second of all
    replicas together, while nobody is there and in the class."""

    replicas: int
    ipads: int
    p95_ms: dict[str, float | None]
    failures: int
    cores: float
    connections: int
    tables_at_rest: float
    queue_at_rest: float
    tables_in_class: float
    queue_in_class: float
    shares: tuple[int, ...]  # connections of browsers that each replica got


class Transactions:
    """Of the tables' and the queue's database, as Postgres counts them."""

    def __init__(self, cloud: CloudHere) -> None:
        self._cloud = cloud
        self._began = time.monotonic()
        self._before = self._counted()

    def per_second(self) -> tuple[float, float]:
        """Since this was made. Postgres tells what a connection did about a second late."""
        seconds, now = time.monotonic() - self._began, self._counted()
        return tuple((b - a) / seconds for a, b in zip(self._before, now, strict=True))  # type: ignore[return-value]  # of two

    def _counted(self) -> list[int]:
        names = (self._cloud.tables, self._cloud.queue)
        # A look is a transaction too, and ends with a rollback: it must change nothing.
        rows = self._cloud.ask(
            "postgres", "SELECT datname, xact_commit + xact_rollback FROM pg_stat_database"
        )
        found = {str(name): int(str(count)) for name, count in rows}
        return [found[name] for name in names]


def measure(
    replicas: int, ipads: int, minutes: float, pace: LoadPace, ml: int, console: Console
) -> ReplicaFigures:
    with _postgres() as postgres, tempfile.TemporaryDirectory(prefix="classroom-replicas-") as folder:
        more = {"MAX_PHOTOS_PER_GROUP": NO_LIMIT}
        with cloud_here(postgres, Path(folder), web=replicas, ml=ml, settings=more) as cloud:
            return _figures(cloud, ipads, minutes, pace, console)


def _figures(
    cloud: CloudHere, ipads: int, minutes: float, pace: LoadPace, console: Console
) -> ReplicaFigures:
    resting = Transactions(cloud)
    time.sleep(REST_S)
    at_rest = resting.per_second()
    with affinity_proxy([web.port for web in cloud.web]) as (url, proxy):
        pids = [web.running.pid for web in cloud.web if web.running is not None]
        began, before = time.monotonic(), [_cpu_s(pid) for pid in pids]
        counted = Transactions(cloud)
        options = LoadOptions(
            ipads=(ipads,),
            minutes=minutes,
            url=url,
            password=PASSWORD,
            rhythm=pace.rhythm(server_guesses=False),
            whole_rounds=pace is LoadPace.HURRY,  # a lesson's round is longer than a measurement
        )
        report = rehearse_load(options, console)
        seconds = time.monotonic() - began
        used = [now - then for now, then in zip(map(_cpu_s, pids), before, strict=True)]
        in_class = counted.per_second()
    names = ", ".join(f"'{name}'" for name in (cloud.tables, cloud.queue))
    [(connections,)] = cloud.ask(
        "postgres", f"SELECT count(*) FROM pg_stat_activity WHERE datname IN ({names})"
    )
    p95 = {action.value: step.figures_of(action).p95_ms for step in report.steps for action in SHOWN}
    return ReplicaFigures(
        replicas=len(cloud.web),
        ipads=ipads,
        p95_ms=p95,
        failures=len(report.failures),
        cores=round(sum(used) / seconds / len(pids), 2),
        connections=int(str(connections)),
        tables_at_rest=round(at_rest[0], 2),
        queue_at_rest=round(at_rest[1], 2),
        tables_in_class=round(in_class[0], 1),
        queue_in_class=round(in_class[1], 1),
        shares=tuple(proxy.seen),
    )


def _cpu_s(pid: int) -> float:
    return sum(process.cpu_s for process in look(pid))


@contextmanager
def _postgres() -> Iterator[Postgres]:
    server = Postgres(tls=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def show(found: Sequence[ReplicaFigures], console: Console) -> None:
    table = Table(title="p95 in ms by web replicas", title_justify="left", box=None, padding=(0, 1, 0, 0))
    names = ("Replicas", *SHOWN, "Failures", "Cores each", "Connections", "Tx/s at rest", "Tx/s in class")
    for name in names:
        table.add_column(name, justify="right")
    for one in found:
        times = (one.p95_ms.get(action) for action in SHOWN)
        table.add_row(
            str(one.replicas),
            *("-" if took is None else f"{took:.0f}" for took in times),
            str(one.failures),
            f"{one.cores:.2f}",
            str(one.connections),
            f"{one.tables_at_rest:.1f} + {one.queue_at_rest:.1f}",
            f"{one.tables_in_class:.0f} + {one.queue_in_class:.0f}",
        )
    console.print(table)
    console.print("Transactions: of the tables + of the queue, all replicas together.", highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", default="1,2,4", help="one after another")
    parser.add_argument("--ipads", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=2.0, help="of each")
    parser.add_argument("--pace", choices=list(LoadPace), default=LoadPace.HURRY, type=LoadPace)
    parser.add_argument("--ml", type=int, default=1, help="processes of the compute tier")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended then too
    console = Console()
    found = [
        measure(number, asked.ipads, asked.minutes, asked.pace, asked.ml, console)
        for number in numbers_of(asked.replicas)
    ]
    show(found, console)
    if asked.json is not None:
        asked.json.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n", encoding="utf-8")
    return 0 if all(one.failures == 0 for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
