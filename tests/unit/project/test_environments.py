"""What the environments share stands once, in terraform/envs/shared; all have links to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ENVIRONMENTS = Path(__file__).parents[3] / "terraform/envs"
SHARED = ENVIRONMENTS / "shared"
NAMES = sorted(path.parent.name for path in ENVIRONMENTS.glob("*/main.tf"))


def test_sandbox_and_production_are_there() -> None:
    assert {"sandbox", "production"} <= set(NAMES)


def test_no_two_environments_share_a_state() -> None:
    states = {}
    for name in NAMES:
        [states[name]] = re.findall(r'prefix = "([^"]+)"', (ENVIRONMENTS / name / "main.tf").read_text())
    assert states == {name: f"classroom/{name}" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_an_environment_has_its_own_sizes_and_links_to_the_rest(name: str) -> None:
    shared = {path.relative_to(SHARED) for path in SHARED.rglob("*.*") if path.is_file()}
    assert len(shared) > 4, "the shared files were found"
    own = {path.relative_to(ENVIRONMENTS / name) for path in _code(ENVIRONMENTS / name)}
    assert own - shared == {Path("main.tf"), Path(f"tests/{name}.tftest.hcl")}
    for part in shared:
        assert (ENVIRONMENTS / name / part).resolve() == (SHARED / part).resolve(), f"{part} is no link"


def _code(folder: Path) -> list[Path]:
    return [*folder.glob("*.tf"), *folder.glob("tests/*.hcl")]
