"""Dashboards and alerts name only figures and labels that the code has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from classroom_app.observe import metrics as web
from classroom_app.observe.state import _families
from ml_core import metrics as ml

FOLDER = Path(__file__).parents[3] / "k8s" / "components" / "monitoring"
NAME = re.compile(r"\b(?:classroom|ml_core)_[a-z_]+\b")
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def known() -> set[str]:
    """Every series that Prometheus gets from either tier."""
    modules = (web, ml)
    made = [item for part in modules for item in vars(part).values() if isinstance(item, MetricWrapperBase)]
    at_scrape = [*_families(None, {}, None), *ml.ServerState(lambda: 0, lambda: 0).describe()]
    found = [metric for item in made for metric in item.describe()] + at_scrape
    return {f"{metric.name}{suffix}" for metric in found for suffix in SUFFIXES[metric.type]}


def dashboard() -> dict[str, Any]:
    board: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
    return board


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "rules.yaml").read_text())["spec"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def asked() -> list[str]:
    shown = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return [*shown, *(rule["expr"] for rule in rules())]


def test_every_figure_that_is_asked_for_exists() -> None:
    names = {name for expression in asked() for name in NAME.findall(expression)}
    assert names - known() == set()
    assert len(names) > 20, "the expressions were read"


def test_every_figure_of_the_code_is_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in dashboard()["panels"] for target in panel["targets"])
    families = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in known()}
    assert {name for name in families if name not in shown} == set()


def test_every_alert_says_what_it_means_and_no_panel_lies_on_another() -> None:
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules())
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard()["panels"]]
    assert len(set(places)) == len(places)


def test_no_label_holds_an_id() -> None:
    """A label with a value for each group, photo or run would be a series for each."""
    allowed = {"method", "code", "route", "status", "outcome", "stage", "kind", "state", "part", "device"}
    ours = [metric for metric in REGISTRY.collect() if NAME.fullmatch(metric.name)]
    assert ours
    for metric in ours:
        for sample in metric.samples:
            assert sample.labels.keys() - {"le"} <= allowed, sample
