"""What the Makefile calls is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from classroom_app.__main__ import cli
from ml_core.__main__ import app

MAKEFILE = Path(__file__).parents[3] / "Makefile"


@pytest.mark.parametrize(("module", "commands"), [("classroom_app", cli), ("ml_core", app)])
def test_every_command_of_the_makefile_exists(module: str, commands: typer.Typer) -> None:
    called = set(re.findall(rf"-m {module} ([a-z-]+)", MAKEFILE.read_text(encoding="utf-8")))
    assert called
    assert called <= set(typer.main.get_command(commands).commands)  # type: ignore[attr-defined]  # a Typer app with commands is a group


def test_photos_can_be_drawn_from_the_command_line(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["draw", str(tmp_path), "--train", "1", "--test", "1"]).exit_code == 0
    assert {path.parent.parent.name for path in tmp_path.rglob("*.jpg")} == {"train", "test"}
