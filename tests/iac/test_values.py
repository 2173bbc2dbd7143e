"""Values of Terraform that are strings to every schema and yet wrong: found here, without a cloud."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest
import torch

from tests.iac import allowed_values as allowed

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"


def variable(name: str) -> str:
    text = (TERRAFORM / "variables.tf").read_text()
    found = re.search(rf'^variable "{name}" \{{.*?^  default += "([^"]+)"', text, re.M | re.S)
    assert found, name
    return found[1]


def test_every_value_is_one_that_google_cloud_takes() -> None:
    assert allowed.found_in(TERRAFORM) == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", allowed.CHECKED)
    assert all(table.page.startswith("https://") for table in allowed.TABLES)


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("sql.tf", '"POSTGRES_18"', '"POSTGRES_99"'),
        ("sql.tf", '"ENTERPRISE"', '"ENTERPRISEX"'),
        ("envs/sandbox/main.tf", '"g2-standard-4"', '"n1-standard-5"'),
        ("envs/sandbox/main.tf", '"nvidia-l4"', '"nvidia-tesla-t5"'),
        ("variables.tf", 'cos-121-lts"', 'cos-999-lts"'),
        ("gke.tf", '"COS_CONTAINERD"', '"COS_CONTAINERDX"'),
        ("gke.tf", '"REGULAR"', '"REGULARX"'),
        ("envs/production/main.tf", '"db-custom-2-7680"', '"db-custom-3-7680"'),
        ("envs/production/main.tf", '"g2-standard-8"', '"g2-standard-96"'),
        ("envs/shared/classroom.tf", '"e2-standard-8"', '"e2-standard-7"'),
        ("envs/shared/variables.tf", '"asia-northeast1-a"', '"asia-northeast1-d"'),
        ("sql.tf", '"ZONAL"', '"ZONALX"'),
        ("variables.tf", '"R580"', '"R581"'),
    ],
)
def test_a_wrong_value_is_found(tmp_path: Path, file: str, right: str, wrong: str) -> None:
    folder = tmp_path / "terraform"
    shutil.copytree(TERRAFORM, folder, symlinks=True)
    path = folder / file
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong))
    found = allowed.found_in(folder)
    assert found, wrong
    assert all(file in sentence for sentence in found)


@pytest.mark.parametrize(
    "example", sorted(TERRAFORM.glob("envs/*/terraform.tfvars.example")), ids=lambda path: path.parent.name
)
def test_an_example_pays_for_no_gpu_at_first_and_for_none_around_the_clock(example: Path) -> None:
    given = dict(re.findall(r"^(\w+) += (.*)$", example.read_text(), re.M))
    known = set(re.findall(r'^variable "(\w+)"', (TERRAFORM / "envs/shared/variables.tf").read_text(), re.M))
    assert set(given) <= known, "a setting that nobody reads"
    assert given["ml_instances"].split(" #")[0] == "0"
    assert re.fullmatch(r'\{ start = "[^"]+", stop = "[^"]+" \}', given["ml_schedule"])
    assert "monthly_amount" in given["budget"]
    assert "ml_hard_stop" not in given, "the last hour of those that were forgotten stays as it is"


def test_the_system_of_the_vms_gets_mends_for_a_while_yet() -> None:
    """It fails thirty days before the end: the next milestone is tried in the sandbox, then written down."""
    family = variable("ml_boot_image").rpartition("/")[2]
    end = allowed.cos_end(family)
    assert dt.datetime.now(dt.UTC).date() < end - allowed.COS_WARN, (
        f"{family} ends on {end}: {allowed.COS_PAGE}"
    )
    assert allowed.cos_end("cos-121-lts") == dt.date(2027, 4, 1)


def test_the_driver_is_new_enough_for_the_cuda_of_torch() -> None:
    """Else no server starts, and each VM is made anew for ever while its GPU is paid."""
    assert torch.version.cuda is not None
    major = int(torch.version.cuda.split(".")[0])
    assert int(variable("gpu_driver").removeprefix("R")) >= allowed.DRIVER_OF_CUDA[major], allowed.DRIVER_PAGE
    locked = re.search(r"^nvidia-cuda-runtime==(\d+)\.", (ROOT / "requirements/ml-gpu.txt").read_text(), re.M)
    assert locked
    assert int(locked[1]) == major, "the image has the CUDA that is looked at here"
