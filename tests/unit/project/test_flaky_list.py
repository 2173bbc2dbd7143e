"""A slow test that passes at its second try is named at the end; one that fails twice is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTS = """
from pathlib import Path
import pytest

@pytest.mark.slow
@pytest.mark.parametrize("first", [True, False])
def test_fails_once(first):
    told = Path(__file__).with_name("told")
    if first and not told.exists():
        told.touch()
        raise AssertionError

@pytest.mark.slow
def test_fails_twice():
    assert "{wanted}" == "passes"
"""


def run(folder: Path, wanted: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow: slow\n")
    (folder / "test_it.py").write_text(TESTS.replace("{wanted}", wanted))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.support.slow_tests", "--reruns", "1", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("processes", [(), ("-n", "1", "--dist", "loadgroup")], ids=["one", "xdist"])
def test_what_passes_at_its_second_try_is_listed(tmp_path: Path, processes: tuple[str, ...]) -> None:
    kept = tmp_path / "flaky"
    done = run(tmp_path, "passes", "--flaky-list", str(kept), *processes)
    assert done.returncode == 0, done.stdout
    assert "flaky: passed at a second try" in done.stdout
    assert kept.read_text().splitlines()[1:] == ["test_it.py::test_fails_once[True]"]


def test_what_fails_twice_fails_and_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "told").touch()
    done = run(tmp_path, "fails", "--flaky-list", str(tmp_path / "flaky"))
    assert done.returncode == 1, done.stdout
    assert "flaky" not in done.stdout
    assert (tmp_path / "flaky").read_text() == "No test was flaky.\n"
