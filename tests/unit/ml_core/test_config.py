"""How the servers of one machine share its cores."""

from __future__ import annotations

import pytest

from ml_core import __main__ as command_line
from ml_core import config
from ml_core.contract import memory
from ml_core.serve import server


@pytest.mark.parametrize(
    ("cores", "servers", "expected"), [(96, 8, 12), (8, 1, 8), (24, 2, 12), (7, 2, 3), (2, 8, 1)]
)
def test_cores_are_shared(monkeypatch: pytest.MonkeyPatch, cores: int, servers: int, expected: int) -> None:
    monkeypatch.setattr(config, "usable_cores", lambda: cores)
    assert config.cores_of_one(servers) == expected


@pytest.mark.parametrize(("options", "threads"), [((8, 0), 12), ((1, 0), 96), ((8, 3), 3)])
def test_a_server_takes_its_share_unless_it_is_told_a_number(
    monkeypatch: pytest.MonkeyPatch, options: tuple[int, int], threads: int
) -> None:
    monkeypatch.setattr(config, "usable_cores", lambda: 96)
    started: list[config.ServerConfig] = []
    monkeypatch.setattr(server, "serve_until_signal", lambda settings, *_: started.append(settings))
    overwritten: list[bool] = []
    monkeypatch.setattr(memory, "overwrite_freed", lambda: overwritten.append(True))
    servers, asked = options
    command_line.serve(servers=servers, threads=asked)
    assert started[0].threads == threads
    assert overwritten
