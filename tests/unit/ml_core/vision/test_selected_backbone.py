"""One variable selects the backbone, and every place that names one names the table's."""

from __future__ import annotations

import re
from pathlib import Path

from classroom_app.onsite import launcher
from classroom_app.settings import Settings
from ml_core.config import DEFAULT_BACKBONE, ServerConfig
from ml_core.vision.backbones import BACKBONES

ROOT = Path(__file__).parents[4]


def test_the_default_is_the_same_everywhere() -> None:
    said = re.findall(r"^ARG BACKBONE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    files = [path for path in (ROOT / "terraform").rglob("variables.tf") if not path.is_symlink()]
    for path in files:
        said += re.findall(r'variable "ml_backbone" \{[^}]*?default\s*= "(\w+)"', path.read_text())
    assert len(said) == 1 + len(files) == 3
    assert {*said, Settings().ml_backbone, ServerConfig().backbone} == {DEFAULT_BACKBONE}


def test_terraform_takes_the_names_of_the_table() -> None:
    text = (ROOT / "terraform/variables.tf").read_text()
    taken = re.search(r"contains\((\[[^]]*\]), var\.ml_backbone\)", text)
    assert taken
    assert re.findall(r'"(\w+)"', taken[1]) == list(BACKBONES)


def test_one_machine_starts_its_server_with_the_backbone_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, tls="off", ml_backbone="convnext_tiny")
    children = launcher._children(settings, ["127.0.0.1"], "http://127.0.0.1:8501")
    command = next(child.command for child in children if child.name == "ml_core")
    assert command[command.index("--backbone") + 1] == "convnext_tiny"
