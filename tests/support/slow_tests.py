"""A pytest plugin for slow tests: those that share an app share a process; figures and flaky ones are listed.

Figures are what tests counted: what was thrown at the app, what was lost. Flaky is what failed at first and
passed at its second try; with `--flaky-list FILE` the list is kept too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

FIGURE = "figure"  # the name of a test's property, which travels with its report from process to process
Figures = Callable[[str], None]

# Apps that several files share; a harness is there in no time. Where one process would take too long,
# each of several starts the same app.
SHARED: Mapping[str, str] = {
    **dict.fromkeys(("test_pages_of_children.py", "test_lobby.py"), "prepared_class"),
    **dict.fromkeys(("test_on_device.py", "test_webkit.py"), "prepared_class_on_devices"),
    **dict.fromkeys(("test_console.py", "test_day.py", "test_follow.py", "test_label.py"), "shared_app"),
    "test_staff_log_in.py": "shared_app",
}
# What takes minutes, the longest first: begun last it would keep one core busy and leave the other idle.
LONG = (
    "prepared_class",
    "test_pages_of_adults.py",
    "test_kill_points.py",
    "test_cloud_faults.py",
    "test_kill_rounds.py",
    "test_camera.py",
    "prepared_class_on_devices",
    "shared_app",
    "test_hostile_network.py",
    "test_kill.py",
    "test_postgres_away.py",
    "test_cloud_day.py",
    "test_full_disk.py",
    "test_nothing_goes_out.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--flaky-list", type=Path, help="a file for the names of flaky tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)  # what is not slow stays where it is


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """For `--dist loadscope`: whole apps are the scopes."""
    return _ByApp(config, log) if config.getvalue("dist") == "loadscope" else None


class _ByApp(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Tests that share an app, or a file, run in one process, one after the other.

    xdist's own groups are names at the end of a test's id, which pytest 9 makes anew: they have no effect.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _group(Path(nodeid.partition("::")[0]).name)


def _group(file: str) -> str:
    return SHARED.get(file, file)


def _place(item: pytest.Item) -> int:
    group = _group(item.path.name)
    return LONG.index(group) if item.get_closest_marker("slow") and group in LONG else len(LONG)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Takes a line that people should read: at once with `-s`, and in any case at the end of all tests."""
    told = request.node.user_properties
    told[:] = [kept for kept in told if kept[0] != FIGURE]  # those of a first try were told with it

    def tell(line: str) -> None:
        print(line)
        told.append((FIGURE, line))

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if lines := list(_figures(terminalreporter)):
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(lines))
    flaky = _flaky(terminalreporter)
    if flaky:
        terminalreporter.section("flaky: passed at a second try")
        terminalreporter.write_line("\n".join(flaky))
    if path := config.getoption("--flaky-list"):
        lines = ["Flaky, passed at a second try:", *flaky] if flaky else ["No test was flaky."]
        path.write_text("\n".join(lines) + "\n")


def _figures(reporter: pytest.TerminalReporter) -> Iterator[str]:
    """The lines of each try of each test, below its name."""
    for outcome, reports in reporter.stats.items():
        for report in reports:
            if getattr(report, "when", None) == "call":
                told = [str(value) for name, value in report.user_properties if name == FIGURE]
                if told:
                    yield f"{report.nodeid} ({outcome or report.outcome}):"
                    yield from (f"  {line}" for line in told)


def _flaky(reporter: pytest.TerminalReporter) -> list[str]:
    """The names of tests that were tried again and passed, with the first line of what failed at first."""
    tried_again = {report.nodeid: _why(report) for report in reporter.stats.get("rerun", [])}
    failed = {report.nodeid for kind in ("failed", "error") for report in reporter.stats.get(kind, [])}
    return [f"{name}: {tried_again[name]}" for name in sorted(tried_again.keys() - failed)]


def _why(report: pytest.TestReport) -> str:
    """Place and first line of the error."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return str(report.longrepr).strip().rpartition("\n")[2]
    return f"{Path(crash.path).name}:{crash.lineno}: {crash.message.strip().partition(chr(10))[0]}"
