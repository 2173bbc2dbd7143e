"""A slow test that passes at its second try is named, one that fails twice fails; its figures are told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
TESTS = """
from pathlib import Path
import pytest

pytestmark = pytest.mark.slow

@pytest.mark.parametrize("first", [True, False])
def test_fails_once(first, figures):
    told = Path(__file__).with_name("told")
    if first and not told.exists():
        told.touch()
        figures("one was lost")
        raise AssertionError("too early\\nand more")
    figures("none was lost")

def test_fails_twice():
    raise AssertionError
"""


def test_what_passes_at_its_second_try_is_listed_and_what_tests_counted_is_told(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow: slow\n")
    (tmp_path / "test_it.py").write_text(TESTS)
    # No plugins but these: each of two processes would load all of them.
    plugins = [
        part for name in ("xdist", "rerunfailures", "tests.support.slow_tests") for part in ("-p", name)
    ]
    options = [*plugins, "--reruns", "1", "--flaky-list", "flaky"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-n", "1", "--dist", "loadscope"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "flaky: passed at a second try" in done.stdout
    assert "1 failed, 2 passed, 2 rerun" in done.stdout
    assert (tmp_path / "flaky").read_text().splitlines()[1:] == [
        "test_it.py::test_fails_once[True]: test_it.py:13: AssertionError: too early"
    ]
    lines = done.stdout.splitlines()
    told = {line: lines[at + 1] for at, line in enumerate(lines) if re.match(r"test_it.*\):$", line)}
    assert told == {
        "test_it.py::test_fails_once[True] (rerun):": "  one was lost",
        "test_it.py::test_fails_once[True] (passed):": "  none was lost",
        "test_it.py::test_fails_once[False] (passed):": "  none was lost",
    }
