"""What sandbox and production share stands once, in terraform/envs/shared; both have links to it."""

from __future__ import annotations

from pathlib import Path

import pytest

ENVIRONMENTS = Path(__file__).parents[3] / "terraform/envs"
SHARED = ENVIRONMENTS / "shared"


@pytest.mark.parametrize("name", ["sandbox", "production"])
def test_an_environment_has_its_own_sizes_and_links_to_the_rest(name: str) -> None:
    shared = {path.relative_to(SHARED) for path in SHARED.rglob("*.*") if path.is_file()}
    assert len(shared) > 4, "the shared files were found"
    own = {path.relative_to(ENVIRONMENTS / name) for path in _code(ENVIRONMENTS / name)}
    assert own - shared == {Path("main.tf"), Path(f"tests/{name}.tftest.hcl")}
    for part in shared:
        assert (ENVIRONMENTS / name / part).resolve() == (SHARED / part).resolve(), f"{part} is no link"


def _code(folder: Path) -> list[Path]:
    return [*folder.glob("*.tf"), *folder.glob("tests/*.hcl")]
