"""A pytest plugin for slow tests: those that share an app stay in one process; flaky ones are listed.

Flaky is what failed at first and passed at its second try; with `--flaky-list FILE` the list is kept too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

SHARED = (
    "prepared_class",
    "harness",
)  # these take longer to start than most tests that use them


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--flaky-list", type=Path, help="a file for the names of flaky tests")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow"):
            used = getattr(item, "fixturenames", ())
            group = next((name for name in SHARED if name in used), str(item.path))
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    flaky = _flaky(terminalreporter)
    if flaky:
        terminalreporter.section("flaky: passed at a second try")
        terminalreporter.write_line("\n".join(flaky))
    if path := config.getoption("--flaky-list"):
        lines = ["Flaky, passed at a second try:", *flaky] if flaky else ["No test was flaky."]
        path.write_text("\n".join(lines) + "\n")


def _flaky(reporter: pytest.TerminalReporter) -> list[str]:
    """The names of tests that were tried again and passed, without the group that xdist adds to them."""
    tried_again = {report.nodeid for report in reporter.stats.get("rerun", [])}
    failed = {report.nodeid for kind in ("failed", "error") for report in reporter.stats.get(kind, [])}
    return sorted(name.partition("@")[0] for name in tried_again - failed)
