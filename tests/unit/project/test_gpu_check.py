"""The check for machines with a card, which are there for minutes: nothing in it is stale."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ml_core.__main__ import app
from ml_core.bench import speed
from ml_core.errors import BackboneError
from tests.bench import gpu
from tests.bench.gpu import CARDS_TESTS, ROOT, WHOLE_LIMIT_S, Step, main, run_step, steps


def test_it_ends_within_its_minutes(tmp_path: Path) -> None:
    assert sum(step.limit_s for step in steps(tmp_path)) <= WHOLE_LIMIT_S


def test_what_it_runs_is_there(tmp_path: Path) -> None:
    for path in CARDS_TESTS:
        assert (ROOT / path).exists()
    options = CliRunner().invoke(app, ["speed", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
    for step in steps(tmp_path):
        for word in step.command:
            if "speed" in step.command and word.startswith("--"):
                assert word in options


@pytest.mark.parametrize(("code", "expected"), [(0, True), (1, False)])
def test_a_step_says_whether_it_went_well(code: int, expected: bool) -> None:
    def run(command: tuple[str, ...], **given: Any) -> subprocess.CompletedProcess[bytes]:
        assert given["timeout"] == 7
        return subprocess.CompletedProcess(command, code)

    assert run_step(Step("x", ("x",), 7), run) is expected


def test_a_step_that_hangs_has_failed_and_the_next_one_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []

    def hang(step: Step) -> bool:
        run.append(step.name)

        def hangs(*_args: Any, **_given: Any) -> Any:
            raise subprocess.TimeoutExpired("x", step.limit_s)

        return run_step(step, hangs)

    monkeypatch.setattr(gpu, "run_step", hang)
    for name in ("has_cuda", "has_torch"):
        monkeypatch.setattr(gpu, name, lambda: True)
    assert main([str(tmp_path / "out")]) == 1
    assert len(run) == len(steps(tmp_path))


def test_without_a_card_it_says_so_instead_of_measuring_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "has_cuda", lambda: False)
    monkeypatch.setattr(speed, "has_cuda", lambda: False)
    assert main([]) == 1
    with pytest.raises(BackboneError, match="no cuda:0"):
        speed.run_speed("efficientnet_lite0", "cuda")
