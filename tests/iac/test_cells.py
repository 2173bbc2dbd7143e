"""A cell: one more installation like production, in a project of its own, made by one command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.iac import allowed_values, cloud_stub, kube, runbook
from tests.iac.runbook import ROOT

NAME, PROJECT, HOST = "tokyo-2", "acme-tokyo-2", "tokyo-2.class.acme.org"
needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="there is no kubectl to render with"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """With what a person of production has beside the code, which is nobody else's."""
    for part in ("terraform", "k8s"):
        left_out = shutil.ignore_patterns(".terraform", "*.tfvars")
        shutil.copytree(ROOT / part, tmp_path / part, symlinks=True, ignore=left_out)
    own = tmp_path / "terraform/envs/production"
    (own / "terraform.tfvars").write_text('project = "our-classroom"')
    (own / ".tfvars-version").write_text("7 hash")
    (own / ".terraform").mkdir()
    return tmp_path


def cell(folder: Path, name: str = NAME) -> subprocess.CompletedProcess[str]:
    command = ["bash", "terraform/cell.sh", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_cell_is_like_production_and_has_a_state_of_its_own(checkout: Path) -> None:
    done = cell(checkout)
    assert done.returncode == 0, done.stderr
    envs = checkout / "terraform/envs"
    ours, production = envs / NAME, envs / "production"
    made = {str(path.relative_to(ours)) for path in ours.rglob("*") if not path.is_dir()}
    there = {str(path.relative_to(production)) for path in production.rglob("*") if not path.is_dir()}
    there -= {"terraform.tfvars", ".tfvars-version", "tests/production.tftest.hcl"}
    assert made == {*there, f"tests/{NAME}.tftest.hcl"}
    for name in made:
        assert (ours / name).is_symlink() == (production / name).is_symlink()
        assert (ours / name).exists(), "a link that leads nowhere"
    text = (ours / "main.tf").read_text()
    assert f'prefix = "classroom/{NAME}"' in text
    assert f'env = "{NAME}"' in text
    assert (
        text.replace(f'"classroom/{NAME}"', '"classroom/production"').replace(f'"{NAME}"', '"production"')
        == (production / "main.tf").read_text()
    )
    assert allowed_values.found_in(checkout / "terraform") == []


@pytest.mark.parametrize("name", ["production", "shared", "Tokyo", "-x", "a/b", "x"])
def test_a_name_that_is_taken_or_none_changes_nothing(checkout: Path, name: str) -> None:
    before = sorted(checkout.rglob("*"))
    assert cell(checkout, name).returncode != 0
    assert sorted(checkout.rglob("*")) == before


@needs_kubectl
def test_the_runbook_leads_a_cell_from_nothing_to_a_release(checkout: Path) -> None:
    """Its sections 1 to 3 with its own ENV, PROJECT and HOST: whatever else had to be changed would be a name
    that is written down somewhere."""
    assert cell(checkout).returncode == 0
    environment = cloud_stub.install(checkout)
    cloud = cloud_stub.Cloud(checkout / "state.json")
    cloud.state |= {"project": PROJECT, "host": HOST}
    cloud.save()
    lines = ["set -euo pipefail"]
    for block in runbook.blocks():
        if not block.where and block.section in {"1", "2", "3"}:
            lines += [f"export CLOUD_SECTION={block.section}", block.text]
    script = "\n".join(lines)
    given = {"ENV": NAME, "PROJECT": PROJECT, "HOST": HOST, "BILLING": "0A1B2C-0A1B2C-0A1B2C", "TAG": "1.2.3"}
    for name, value in given.items():
        script, changed = re.subn(rf"(export .*\b{name})=\S+", rf"\1={value}", script, count=1)
        assert changed, name
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=checkout,
        env={**os.environ, **environment, "CLOUD_TRUSTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    cloud = cloud_stub.Cloud(checkout / "state.json")
    assert done.returncode == 0, done.stderr[-2000:]
    assert cloud.state["refused"] == []
    assert cloud.state["vms"] == 1
    items = kube.render_folder(checkout / "k8s/overlays" / NAME)
    assert kube.disagreements(items) == []
    assert kube.project(items) == PROJECT
    assert cloud.state["web"] == (
        f"asia-northeast1-docker.pkg.dev/{PROJECT}/classroom/web@{cloud_stub.DIGEST}"
    )
    for other in ("sandbox", "production"):
        ours = ROOT / "k8s/overlays" / other / "settings/settings.env"
        assert (checkout / "k8s/overlays" / other / "settings/settings.env").read_text() == ours.read_text()
