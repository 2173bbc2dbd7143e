"""Dockerfile, .dockerignore and compose.yaml: what can be known of them without an engine."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from classroom_app.settings import Settings
from classroom_app.ui.widgets import device
from ml_core.contract.backbone import exported_file

ROOT = Path(__file__).parents[2]
Instruction = tuple[str, str]
IMAGES = ("web", "ml-cpu", "ml-gpu")
PACKAGES = [f"{image}-packages" for image in (*IMAGES, "dev")]


def stages() -> dict[str, list[Instruction]]:
    """The instructions of each stage, lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace(
        "\\\n", " "
    )
    found: dict[str, list[Instruction]] = {}
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            found[name] = [("FROM", image)]
        elif word and found:
            found[list(found)[-1]].append((word, rest.strip()))
    return found


def copied(stage: list[Instruction]) -> list[str]:
    """What a stage copies out of the checkout."""
    parts = [shlex.split(rest) for word, rest in stage if word == "COPY" and "--from=" not in rest]
    return [
        source for words in parts for source in [word for word in words if not word.startswith("--")][:-1]
    ]


def ancestors(name: str) -> list[str]:
    image = stages()[name][0][1]
    return [name, *ancestors(image)] if image in stages() else [name]


def last(stage: str, word: str) -> str:
    for name in ancestors(stage):
        if values := [rest for this, rest in stages()[name] if this == word]:
            return values[-1]
    return ""


def _matches(pattern: str, path: str) -> bool:
    expression = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(f"{expression}(/.*)?", path) is not None


def is_sent(path: str) -> bool:
    """Does .dockerignore let this file through? The last line that speaks of it decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _matches(pattern.removeprefix("!"), path):
            sent = pattern.startswith("!")
    return sent


def test_the_web_image_has_what_guesses_on_ipads_where_the_app_looks_for_it() -> None:
    folder = device.RUNTIME_FOLDER.relative_to(sys.prefix)
    assert ("COPY", f"--from=on-ipads /opt/onnxruntime-web /opt/venv/{folder}") in stages()["web"]


@pytest.mark.parametrize("stage", [*PACKAGES, "on-ipads", "ml-weights", *IMAGES])
def test_what_is_copied_is_there_and_is_sent(stage: str) -> None:
    sources = copied(stages()[stage])
    assert sources
    for source in sources:
        path = ROOT / source
        assert path.exists(), source
        file = next(item for item in path.rglob("*.py")) if path.is_dir() else path
        assert is_sent(str(file.relative_to(ROOT))), source


@pytest.mark.parametrize(
    "path",
    [
        *(".git/config", ".venv/bin/python", "var/classroom.sqlite", "var/blobs/events/a/photo.jpg"),
        *("var/certs/ca.key", "classroom_app/left.key", "tests/server.pem", "classroom_app/.env"),
        *(".streamlit/secrets.toml", "terraform/envs/production/terraform.tfvars", "screenshots/join.png"),
        *("ml_core/__pycache__/server.cpython-311.pyc", "IMG_0001.HEIC"),
    ],
)
def test_what_an_image_must_not_hold_stays_out(path: str) -> None:
    assert not is_sent(path)


def test_all_images_come_from_one_pinned_base() -> None:
    assert {ancestors(name)[-1] for name in stages()} == {"base"}
    assert stages()["base"][0] == ("FROM", "${PYTHON_IMAGE}")
    arg = re.search(r"^ARG PYTHON_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert arg
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", arg[1])


@pytest.mark.parametrize("image", [*IMAGES, "dev"])
def test_images_run_as_a_number_and_without_tools_to_build(image: str) -> None:
    assert last(image, "USER") == "10001:10001"  # a number: Kubernetes cannot see that a name is not root
    assert not {"packages", "web-packages", "ml-cpu-packages", "ml-gpu-packages"} & set(ancestors(image))
    assert any("pip uninstall" in rest for name in ancestors(image) for _, rest in stages()[name])


@pytest.mark.parametrize("image", IMAGES)
def test_the_images_have_a_health_check(image: str) -> None:
    assert last(image, "HEALTHCHECK").startswith("--interval")


def test_the_web_image_has_what_the_web_tier_takes_from_the_compute_tier() -> None:
    """A module that the web tier began to use, and the image lacks, would be found on the cluster."""
    used = set()
    for file in [*(ROOT / "classroom_app").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ml_core"):
                used.add(str(node.module))
            elif isinstance(node, ast.Import):
                used |= {alias.name for alias in node.names if alias.name.startswith("ml_core")}
    there = {source.rstrip("/") for source in copied(stages()["web"])}
    for module in used:
        path = module.replace(".", "/")
        parents = {str(parent) for parent in Path(path).parents}
        assert {path, f"{path}.py", f"{path}/__init__.py"} & there or parents & there, module


@pytest.mark.parametrize(
    ("tier", "needed"), [("web", {"streamlit", "dbos", "pg8000"}), ("ml-cpu", {"onnxruntime", "safetensors"})]
)
def test_images_without_a_gpu_bring_no_torch(tier: str, needed: set[str]) -> None:
    lock = (ROOT / f"requirements/{tier}.txt").read_text()
    names = {line.partition("==")[0] for line in lock.splitlines()}
    assert not {"torch", "torchvision"} & names
    assert needed <= names
    assert any(f"requirements/{tier}.txt" in rest for _, rest in stages()[f"{tier}-packages"])


def test_the_exported_backbone_is_in_every_image_of_the_compute_tier() -> None:
    about = exported_file()
    assert is_sent(str(about.path.relative_to(ROOT)))
    for image in ("ml-cpu", "ml-gpu"):
        assert "ml_core/" in copied(stages()[image])


@pytest.mark.parametrize("image", IMAGES)
def test_the_commands_of_the_images_are_commands_of_the_code(image: str) -> None:
    entry = yaml.safe_load(last(image, "ENTRYPOINT"))
    words = [*entry, *yaml.safe_load(last(image, "CMD"))]
    assert words[0] == "python"
    done = subprocess.run(
        [sys.executable, *words[1:], "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# -- compose ------------------------------------------------------------------------------------------


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return found


def test_only_the_app_is_published_and_only_on_loopback(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8501:8501"]}


def test_every_image_of_others_has_a_full_version(services: dict[str, Any]) -> None:
    others = [service["image"] for service in services.values() if "build" not in service]
    assert others
    assert all(re.search(r":\d+\.\d+", image) for image in others), others


def test_what_is_watched_is_there_and_lands_where_the_image_has_it(services: dict[str, Any]) -> None:
    watched = [rule for name in ("web", "ml") for rule in services[name]["develop"]["watch"]]
    assert len(watched) >= 5
    for rule in watched:
        assert (ROOT / rule["path"]).is_dir()
        assert rule.get("target", f"/app/{rule['path']}") == f"/app/{rule['path']}"


def test_the_settings_are_settings_of_the_app(services: dict[str, Any]) -> None:
    known = {f"CLASSROOM_{name.upper()}" for name in Settings.model_fields} | {"STORAGE_EMULATOR_HOST"}
    assert set(services["web"]["environment"]) <= known


def test_tables_come_before_pages(services: dict[str, Any]) -> None:
    assert services["web"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
