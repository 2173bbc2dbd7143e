"""Dashboards and alerts name only figures that the code has; the runbook has a line for each alert."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from prometheus_client.core import Metric
from prometheus_client.metrics import MetricWrapperBase

from classroom_app.compute import call_observer as calls
from classroom_app.services import metrics as web
from classroom_app.web.gauges import _families
from ml_core.serve import metrics as ml

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "k8s/components/monitoring/dashboard.json"
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
    return [*_families(None, {}, None), *ml.ServerState(lambda: 0, lambda: 0).describe()]


def known() -> set[str]:
    """Every series that Prometheus gets from either tier."""
    found = [metric for item in made() for metric in item.describe()] + at_scrape()
    return {f"{metric.name}{suffix}" for metric in found for suffix in SUFFIXES[metric.type]}


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def shown() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel.get("targets", [])]


def in_the_cloud() -> list[str]:
    """What monitoring.tf asks of the app: alerts and charts, each a string on one line."""
    return [line for line in MONITORING.read_text().splitlines() if NAME.search(line)]


def test_every_figure_that_is_asked_for_exists() -> None:
    for asked, least in ((shown(), 20), (in_the_cloud(), 7)):
        names = {name for expression in asked for name in NAME.findall(expression)}
        assert names - known() == set()
        assert len(names) >= least, "the expressions were read"


def test_every_figure_of_the_code_is_on_the_dashboard() -> None:
    families = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in known()}
    assert {name for name in families if name not in " ".join(shown())} == set()


def test_no_panel_lies_on_another_and_the_compute_tiers_stand_apart() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]
    assert len(set(places)) == len(places)
    [row] = [panel["gridPos"]["y"] for panel in panels() if panel["type"] == "row"]
    for panel in panels():
        below = panel["gridPos"]["y"] > row
        assert all(("ml_core_" in target["expr"]) == below for target in panel.get("targets", []))


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
