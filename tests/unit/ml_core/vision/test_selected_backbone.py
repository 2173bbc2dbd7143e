"""One variable selects the backbone, and every place that names one names the table's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from classroom_app.onsite import launcher
from classroom_app.settings import Settings
from ml_core.config import DEFAULT_BACKBONE, ServerConfig
from ml_core.vision.backbones import BACKBONES

ROOT = Path(__file__).parents[4]


def ml_command(settings: Settings) -> Sequence[str]:
    children = launcher.children_of(settings, ["127.0.0.1"], "http://127.0.0.1:8501")
    return next(child.command for child in children if child.name == "ml_core")


def test_the_default_is_the_same_everywhere() -> None:
    said = re.findall(r"^ARG BACKBONE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [*said, ServerConfig().backbone] == [DEFAULT_BACKBONE] * 2


def test_where_nothing_is_said_the_image_or_the_variable_decides(tmp_path: Path) -> None:
    """A default of the launcher's or of terraform's would override what an image was built with."""
    for path in (ROOT / "terraform").rglob("variables.tf"):
        assert re.findall(r'variable "ml_backbone" \{[^}]*?default\s*= (\S+)', path.read_text()) == ["null"]
    assert "--backbone" not in ml_command(Settings(data_dir=tmp_path, tls="off"))


def test_terraform_takes_the_names_of_the_table() -> None:
    text = (ROOT / "terraform/variables.tf").read_text()
    taken = re.search(r"contains\((\[[^]]*\]), coalesce\(var\.ml_backbone", text)
    assert taken
    assert re.findall(r'"(\w+)"', taken[1]) == list(BACKBONES)


def test_one_machine_starts_its_server_with_the_backbone_of_the_settings(tmp_path: Path) -> None:
    command = ml_command(Settings(data_dir=tmp_path, tls="off", ml_backbone="convnext_tiny"))
    assert command[command.index("--backbone") + 1] == "convnext_tiny"
