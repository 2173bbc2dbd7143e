"""Every resource's API is switched on before the resource is made: else a first apply ends with a refusal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TERRAFORM = Path(__file__).resolve().parents[2] / "terraform"
GATE = "google_project_service.api"
# How a resource's name begins, the longest first -> what it asks. Pages: each service's "Enable the API".
APIS = {
    "google_artifact_registry": {"artifactregistry"},
    "google_billing_budget": {"billingbudgets"},
    "google_certificate_manager": {"certificatemanager"},
    "google_cloud_scheduler": {"cloudscheduler"},
    "google_compute": {"compute"},
    "google_container": {"container"},
    "google_dns": {"dns"},
    "google_logging": {"logging"},
    "google_monitoring": {"monitoring"},
    "google_project_iam_custom_role": {"iam"},
    "google_project_iam_member": {"cloudresourcemanager"},
    "google_project_service": {"serviceusage"},
    "google_secret_manager": {"secretmanager"},
    "google_service_account": {"iam"},
    "google_service_networking": {"servicenetworking"},
    "google_sql": {"sqladmin"},
    "google_storage": {"storage"},
}
# Terraform itself needs these, so the runbook switches them on before the first apply.
BY_HAND = {"cloudresourcemanager", "serviceusage"}
# What no resource shows: pods get tokens, operators come through the proxy, images are looked at.
BESIDE = {
    "iamcredentials": ("gke.tf", "workload_identity_config"),
    "iap": ("iap.tf", "iap.tunnelResourceAccessor"),
    "containerscanning": ("registry.tf", "vulnerability_scanning_config"),
}

_RESOURCE = re.compile(r'^resource "(\w+)" "(\w+)" \{(.*?)^\}', re.M | re.S)
_LOCAL = re.compile(r"^  (\w+) += (.*?)(?=^  \w+ += |^\})", re.M | re.S)


def sources() -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(TERRAFORM.glob("*.tf"))}


def enabled() -> set[str]:
    [listed] = re.findall(
        r'resource "google_project_service" "api" \{\s+for_each = toset\(\[(.*?)\]\)',
        sources()["main.tf"],
        re.S,
    )
    return set(re.findall(r'"([a-z]+)"', re.sub(r"#.*", "", listed)))


def resources() -> dict[str, str]:
    return {
        f"{kind}.{name}": body for text in sources().values() for kind, name, body in _RESOURCE.findall(text)
    }


def apis_of(kind: str) -> set[str]:
    found = [begin for begin in APIS if kind.startswith(begin)]
    assert found, f"{kind}: which API does it ask? Add it to the table"
    return APIS[max(found, key=len)]


def test_every_api_that_is_asked_is_switched_on() -> None:
    missing = {
        f"{api} for {name}"
        for name in resources()
        for api in apis_of(name.split(".")[0]) - enabled() - BY_HAND
    }
    assert missing == set()
    runbook = (TERRAFORM.parent / "docs/runbook.md").read_text()
    assert all(f"{api}.googleapis.com" in runbook for api in BY_HAND)


@pytest.mark.parametrize("api", BESIDE)
def test_what_no_resource_shows_is_switched_on_too(api: str) -> None:
    file, why = BESIDE[api]
    assert why in sources()[file], "is it still needed?"
    assert api in enabled()


def test_nothing_is_switched_on_that_nobody_asks() -> None:
    asked = {api for name in resources() for api in apis_of(name.split(".")[0])}
    assert enabled() - asked - set(BESIDE) == set()


def test_every_resource_waits_for_its_api() -> None:
    """By itself, or by something that it refers to."""
    bodies = resources()
    local = {
        name: body
        for text in sources().values()
        for part in re.findall(r"^locals \{(.*?^\})", text, re.M | re.S)
        for name, body in _LOCAL.findall(part)
    }
    waits = {name for name, body in bodies.items() if GATE in body}

    def refers(body: str, seen: set[str]) -> bool:
        if (
            any(re.search(rf"\b{re.escape(name)}\b", body) for name in waits)
            or "data.google_project.this" in body
        ):
            return True
        names = set(re.findall(r"local\.(\w+)", body)) & set(local) - seen
        return any(refers(local[name], seen | names) for name in names)

    while more := {name for name, body in bodies.items() if name not in waits and refers(body, set())}:
        waits |= more
    left = {
        name
        for name in bodies
        if name not in waits and not name.startswith(("google_project_service", "google_project_iam_member"))
    }
    assert left == set()
