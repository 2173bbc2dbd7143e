"""What so many classes at once need, from what one was measured to need: the tables of docs/scale.md.

`python -m tests.bench.scale` writes them anew; a test holds that the paper and this agree.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

from classroom_app.data import postgres
from classroom_app.services.training import queue
from ml_core.config import DEFAULT_VIEWS

PAPER = Path(__file__).parents[2] / "docs" / "scale.md"
BEGIN, END = "<!-- begin: {} -->", "<!-- end: {} -->"
STEPS = (1, 10, 100, 1_000, 10_000)
FEATURE_LENGTH = 1_904  # of the default backbone


@dataclass(frozen=True)
class Figure:
    """`basis`: where it comes from; an assumption says so."""

    value: float
    unit: str
    what: str
    basis: str


_MEASURED, _ASSUMED, _REMEMBERED = "measured: {}", "assumed: {}", "remembered in November 2026{}"
_LOOKED_UP = "{}, looked up on 27 November 2026"
FIGURES = {
    "ipads": Figure(40, "", "iPads of a class", _ASSUMED.format("ten groups of four")),
    "photos": Figure(1_000, "", "photos of a class", _ASSUMED.format("of each group 20 of 5 labels")),
    "runs": Figure(50, "", "trainings of a class", _ASSUMED.format("five of each group")),
    "minutes": Figure(30, "min", "in which the photos are taken", _ASSUMED.format("a round")),
    "peak": Figure(10, "x", "the busiest moment over the mean", _ASSUMED.format("bursts")),
    "frames": Figure(
        12,
        "/s",
        "live frames that the server is asked for",
        _ASSUMED.format("one iPad in ten has no AI of its own, three a second"),
    ),
    "ipads_a_pod": Figure(
        20,
        "",
        "iPads of a web pod with half a core",
        _MEASURED.format("0.06 s of processor a run of a page (`make bench-ui`)"),
    ),
    "photo_kb": Figure(60, "kB", "a photo in the bucket", _MEASURED.format("as an iPad shrinks it")),
    "model_kb": Figure(1_100, "kB", "a model", _MEASURED.format("format 3, ten labels")),
    "photo_cpu_ms": Figure(
        85,
        "ms",
        "processor of a photo or a frame in the compute tier, without a GPU",
        _MEASURED.format("`python -m ml_core speed`"),
    ),
    "card": Figure(
        500,
        "/s",
        "photos or frames of one L4",
        "**not measured**: the lower end of an estimate; `make gpu-check` will say",
    ),
    "queue_class": Figure(
        40,
        "/s",
        "transactions of a pod's queue that is asked ten times a second",
        _MEASURED.format("80 a second of two pods"),
    ),
    "tables_class": Figure(
        60,
        "/s",
        "transactions of a class, tables",
        _ASSUMED.format("one and a half of each iPad; `make bench-replicas` counts them"),
    ),
    "tx_a_core": Figure(1_500, "/s", "small transactions of a core of Cloud SQL", _ASSUMED.format("few")),
}

# Dollars an hour in us-central1. Lists of Google are made by scripts in a browser; the catalogue is made of
# its interface.
_LIST = "; the list: <https://cloud.google.com/{}>"
_CATALOGUE = (
    "SkyPilot's catalogue of Google's prices, "
    "<https://github.com/skypilot-org/skypilot-catalog/blob/006059e0/catalogs/v8/gcp/vms.csv>, "
    "looked up on 28 November 2026"
)
_SQL = "May 2026, as quoted on <https://www.usage.ai/blogs/gcp/cloud-sql/pricing/>"
PRICES = {
    "node": Figure(0.134, "$/h", "e2-standard-4, six pods", _CATALOGUE),
    "card_vm": Figure(0.294, "$/h", "g2-standard-8 without its L4", _CATALOGUE),
    "card": Figure(0.56, "$/h", "an L4", _REMEMBERED.format(_LIST.format("compute/gpus-pricing"))),
    "sql_core": Figure(0.0413, "$/h", "a core of Cloud SQL (Enterprise)", _LOOKED_UP.format(_SQL)),
    "sql_gb": Figure(0.007, "$/h", "a GB of its memory, four a core", _LOOKED_UP.format(_SQL)),
    "cluster": Figure(
        0.10,
        "$/h",
        "GKE's fee for a cluster",
        _LOOKED_UP.format("<https://cloud.google.com/kubernetes-engine/pricing>"),
    ),
    "door": Figure(
        0.025,
        "$/h",
        "load balancer, up to five forwarding rules",
        "<https://cloud.google.com/load-balancing/pricing>, looked up on 28 November 2026",
    ),
    "armor": Figure(
        0.03,
        "$/h",
        "Cloud Armor: two policies with six rules each",
        _REMEMBERED.format(_LIST.format("armor/pricing")),
    ),
}
EURO_A_DOLLAR = 0.90  # assumed
CLASS_HOURS, DAY_HOURS = 8, 24
PODS_A_NODE = 6
CELL_CLASSES = 100  # what one project, one database and one domain carry


@dataclass(frozen=True)
class Need:
    """Of so many classes at once; a day's euros are of one class."""

    classes: int
    cells: int
    ipads: int
    pods: int
    connections: int  # without a pooler
    queue_at_rest: float
    queue_in_class: float
    tables_in_class: float
    photos_per_second: float  # and frames, at the busiest moment
    cpu_cores: int  # of a compute tier without GPUs
    cards: int
    gigabytes: float  # kept until the classes are deleted
    sql_cores: int
    euros_a_class_day: float


def value(name: str) -> float:
    return FIGURES[name].value


def connections_a_pod() -> int:
    return 2 * postgres.POOL_SIZE + queue.QUEUE_CONNECTIONS


def need(classes: int) -> Need:
    cells = math.ceil(classes / CELL_CLASSES)
    ipads = int(classes * value("ipads"))
    pods = math.ceil(ipads / value("ipads_a_pod")) + cells  # in each cell one may fail
    mean = value("photos") / (60 * value("minutes"))
    work = classes * (mean * value("peak") + value("frames"))
    cards = math.ceil(work / value("card")) + cells  # the same
    kilobytes = value("photos") * (value("photo_kb") + DEFAULT_VIEWS * FEATURE_LENGTH * 2 / 1_000)
    kilobytes += value("runs") * value("model_kb")
    polls = queue.POLL_S / queue.poll_s(pods // cells)  # of one queue a cell: its pods share them
    in_queue = pods * value("queue_class") * polls
    in_tables = classes * value("tables_class")
    sql_cores = max(2 * cells, 2 * math.ceil((in_queue + in_tables) / value("tx_a_core") / 2))
    hours = {
        "node": math.ceil(pods / PODS_A_NODE) * DAY_HOURS,
        "card_vm": cards * CLASS_HOURS,
        "card": cards * CLASS_HOURS,
        "sql_core": sql_cores * DAY_HOURS,
        "sql_gb": 4 * sql_cores * DAY_HOURS,
        "cluster": cells * DAY_HOURS,
        "door": cells * DAY_HOURS,
        "armor": cells * DAY_HOURS,
    }
    dollars = sum(PRICES[name].value * number for name, number in hours.items())
    return Need(
        classes=classes,
        cells=cells,
        ipads=ipads,
        pods=pods,
        connections=pods * connections_a_pod(),
        queue_at_rest=pods * value("queue_class") * queue.POLL_S / queue.REST_POLL_S,
        queue_in_class=in_queue,
        tables_in_class=in_tables,
        photos_per_second=work,
        cpu_cores=math.ceil(work * value("photo_cpu_ms") / 1_000),
        cards=cards,
        gigabytes=classes * kilobytes / 1_000_000,
        sql_cores=sql_cores,
        euros_a_class_day=dollars * EURO_A_DOLLAR / classes,
    )


def needs_table() -> str:
    found = [need(classes) for classes in STEPS]
    rows: tuple[tuple[str, list[float], int], ...] = (
        ("cells", [one.cells for one in found], 0),
        ("iPads", [one.ipads for one in found], 0),
        ("web pods", [one.pods for one in found], 0),
        ("connections without a pooler", [one.connections for one in found], 0),
        ("transactions a second of the queue, at rest", [one.queue_at_rest for one in found], 0),
        ("the same in class", [one.queue_in_class for one in found], 0),
        ("transactions a second of the tables", [one.tables_in_class for one in found], 0),
        ("photos and frames a second, at most", [one.photos_per_second for one in found], 0),
        ("cores of a compute tier without GPUs", [one.cpu_cores for one in found], 0),
        ("or L4s, one a cell to spare", [one.cards for one in found], 0),
        ("GB kept", [one.gigabytes for one in found], 1),
        ("cores of Cloud SQL", [one.sql_cores for one in found], 0),
        ("**euros a class-day**", [one.euros_a_class_day for one in found], 1),
    )
    lines = [
        "| classes at once | " + " | ".join(f"{classes:,}" for classes in STEPS) + " |",
        "|---|" + "---:|" * len(STEPS),
    ]
    lines += [
        f"| {words} | " + " | ".join(f"{number:,.{digits}f}" for number in numbers) + " |"
        for words, numbers, digits in rows
    ]
    return "\n".join(lines)


def figures_table(figures: dict[str, Figure]) -> str:
    lines = ["| figure | | basis |", "|---|---:|---|"]
    for one in figures.values():
        number = f"{one.value:,g}{'' if one.unit.startswith('/') or not one.unit else ' '}{one.unit}"
        lines.append(f"| {one.what} | {number} | {one.basis} |")
    return "\n".join(lines)


def blocks() -> dict[str, str]:
    return {"figures": figures_table(FIGURES), "needs": needs_table(), "prices": figures_table(PRICES)}


def with_tables(paper: str) -> str:
    """The paper with its tables made anew. Raises ValueError where a mark is missing."""
    for name, table in blocks().items():
        begin, end = BEGIN.format(name), END.format(name)
        before, found, rest = paper.partition(begin)
        _, found_too, after = rest.partition(end)
        if not (found and found_too):
            raise ValueError(f"docs/scale.md has no place for {name}")
        paper = f"{before}{begin}\n{table}\n{end}{after}"
    return paper


def main() -> int:
    PAPER.write_text(with_tables(PAPER.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
