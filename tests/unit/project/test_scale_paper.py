"""The sums of docs/scale.md are made by tests/bench/scale.py, from figures that the code itself has."""

from __future__ import annotations

import dataclasses
import re

import pytest

from classroom_app.data import postgres
from classroom_app.services.training import queue
from ml_core.config import DEFAULT_BACKBONE
from ml_core.vision.features import Embedder
from tests.bench import scale
from tests.bench.scale import FEATURE_LENGTH, FIGURES, PAPER, STEPS, connections_a_pod, need, with_tables


def test_the_tables_of_the_paper_are_those_of_the_script() -> None:
    paper = PAPER.read_text(encoding="utf-8")
    assert paper == with_tables(paper), "run python -m tests.bench.scale"


def test_a_changed_figure_is_a_stale_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIGURES, "photos", dataclasses.replace(FIGURES["photos"], value=1_500))
    paper = PAPER.read_text(encoding="utf-8")
    assert paper != with_tables(paper)


def test_figures_that_the_code_has_are_the_codes() -> None:
    assert Embedder(DEFAULT_BACKBONE, "cpu").length == FEATURE_LENGTH
    assert connections_a_pod() == 2 * postgres.POOL_SIZE + queue.QUEUE_CONNECTIONS
    assert need(1).queue_at_rest == need(1).queue_in_class * queue.POLL_S / queue.REST_POLL_S


def test_more_classes_need_more_of_all_and_cost_no_more_each() -> None:
    found = [need(classes) for classes in STEPS]
    for field in dataclasses.fields(scale.Need):
        numbers = [getattr(one, field.name) for one in found]
        assert numbers == sorted(numbers, reverse=field.name == "euros_a_class_day"), field.name


def test_one_class_is_what_the_overlay_of_production_has() -> None:
    """Three pods for 40 iPads (tests/iac/test_kube.py), two L4s where one may fail."""
    one = need(1)
    assert (one.cells, one.pods, one.cards, one.connections) == (1, 3, 2, 3 * connections_a_pod())


def test_every_price_says_where_it_comes_from_and_when_or_that_it_was_remembered() -> None:
    looked_up = r"<https://\S+>, looked up on \d+ \w+ 20\d\d$"
    remembered = r"^remembered in \w+ 20\d\d; the list: <https://\S+>$"
    for name, price in scale.PRICES.items():
        assert re.search(looked_up, price.basis) or re.search(remembered, price.basis), name
