"""Dashboards and alerts name only figures that the code has; the runbook has a line for each alert."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from prometheus_client.core import Metric
from prometheus_client.metrics import MetricWrapperBase

from classroom_app.compute import call_observer as calls
from classroom_app.services import metrics as web
from classroom_app.services.health import ReadinessProbe
from classroom_app.views.deletion import Backlog
from classroom_app.web.gauges import AppState
from ml_core.serve import metrics as ml

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "terraform/monitoring.tf"
NAME = re.compile(r"\b(?:classroom|ml_core)_[a-z_]+\b")
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def made() -> list[MetricWrapperBase]:
    """Counters and histograms of both tiers."""
    return [
        item
        for part in (web, calls, ml)
        for item in vars(part).values()
        if isinstance(item, MetricWrapperBase)
    ]


def at_scrape() -> list[Metric]:
    """Figures that are asked for when Prometheus comes."""
    web_now = AppState(lambda: Backlog({}, 0.0, {}), ReadinessProbe({}, {}), lambda: None)
    return [*web_now.describe(), *ml.ServerState(lambda: 0, lambda: 0).describe()]


def known() -> set[str]:
    """Every series that Prometheus gets from either tier."""
    found = [metric for item in made() for metric in item.describe()] + at_scrape()
    return {f"{metric.name}{suffix}" for metric in found for suffix in SUFFIXES[metric.type]}


def in_the_cloud() -> list[str]:
    """What monitoring.tf asks of the app: alerts and charts, each a string on one line."""
    return [line for line in MONITORING.read_text().splitlines() if NAME.search(line)]


def test_every_figure_that_is_asked_for_exists() -> None:
    names = {name for line in in_the_cloud() for name in NAME.findall(line)}
    assert names - known() == set()
    assert len(names) > 20, "the expressions were read"


def test_every_figure_of_the_code_is_on_the_dashboard() -> None:
    """One that nobody looks at is paid for nothing, or missed on the day."""
    families = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in known()}
    charts = MONITORING.read_text().partition("charts = [")[2]
    seldom = {"classroom_ml_call_seconds"}  # shown by its count alone
    assert {name for name in families - seldom if name not in charts} == set()


def test_the_runbook_has_a_line_for_each_alert_and_for_no_other() -> None:
    text = MONITORING.read_text()
    titles = re.findall(r'^ +title += "(.+)"$', text, re.M)
    titles += re.findall(r'^  display_name += "\$\{var.name\}: ([A-Z].+)"$', text, re.M)
    assert len(titles) > 8, "the alerts were read"
    table = (ROOT / "docs/runbook.md").read_text().partition("| alert |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|-][^|]*) \|", table, re.M)
    assert sorted(rows) == sorted(titles)


def test_no_label_holds_an_id() -> None:
    """A label with a value for each group, photo or run would be a series for each."""
    allowed = {
        "method",
        "code",
        "route",
        "status",
        "outcome",
        "stage",
        "kind",
        "state",
        "part",
        "device",
        "cause",
    }
    measured: list[Any] = [*made(), *at_scrape()]
    labels = [set(metric._labelnames) for metric in measured]
    assert set().union(*labels) == allowed
    assert len(labels) > 15, "the figures were read"
