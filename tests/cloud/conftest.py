"""The cloud on one machine for a test, and iPads before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.patient_http import Patience
from tests.support.class_over_http import group_client, make_class
from tests.support.cloud import CloudHere, LoadBalancer, TierProcess, cloud_here
from tests.support.postgres import Postgres

# A request to a process that hangs is given up as an iPad gives it up.
PATIENCE = Patience(tries=600, first_wait_s=0.1, longest_wait_s=0.5, timeout_s=30)


@pytest.fixture
def cloud(encrypted_postgres: Postgres, tmp_path: Path) -> Iterator[CloudHere]:
    with cloud_here(encrypted_postgres, tmp_path) as made:
        yield made


@pytest.fixture
def up(cloud: CloudHere) -> list[TierProcess]:
    """The web processes that the load balancer knows; a test takes out those that die."""
    return list(cloud.web)


@pytest.fixture
def made(cloud: CloudHere) -> CreatedClass:
    return make_class(cloud.web[0].url, groups=2)


@pytest.fixture
def ipads(made: CreatedClass, up: list[TierProcess]) -> Iterator[list[GroupClient]]:
    """One of each group."""
    with ExitStack() as opened:
        yield [
            opened.enter_context(
                group_client(up[0].url, group.join_path, patience=PATIENCE, transport=LoadBalancer(up))
            )
            for group in made.groups
        ]
