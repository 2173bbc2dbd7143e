"""Fixtures of the fault tests: a running app, and a group's iPad in a class of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from classroom_app.rehearsal.client import GroupClient
from tests.support.class_over_http import group_client, make_class
from tests.support.running import Running


@pytest.fixture(autouse=True)
def all_is_in_order_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each app that a test of this folder starts, without a word of the test."""
    monkeypatch.setattr(Running, "is_checked", True)


@dataclass
class GroupAtWork:
    """The one group of a collecting fruit class; labels by key."""

    app: Running
    ipad: GroupClient
    label_ids: dict[str, str]


@pytest.fixture
def at_work(running: Running) -> Iterator[GroupAtWork]:
    made = make_class(running.url)
    with group_client(running.url, made.groups[0].join_path) as ipad:
        yield GroupAtWork(running, ipad, made.label_ids)
