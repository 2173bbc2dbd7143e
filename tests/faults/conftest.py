"""Fixtures of the fault tests: a running app, and a group's iPad in a class of it.

Knows nothing of what goes wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.running import OWN, Day, Running, make_class
from tests.support.stand_ins import COLORS


@pytest.fixture
def day(running: Running) -> Iterator[Day]:
    event = make_class(running, COLORS)
    with httpx.Client(base_url=running.url, headers=OWN, timeout=30) as ipad:
        ipad.get(event["groups"][0]["join_path"])
        labels = {label["key"]: label["id"] for label in event["labels"]}
        yield Day(running, ipad, event["id"], labels)
