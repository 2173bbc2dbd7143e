"""Renders the overlays with kubectl, and checks what Kubernetes' own schemas do not know.

`python -m tests.iac.kube FOLDER` writes every object to
FOLDER/OVERLAY/core or, for kinds that GKE adds, FOLDER/OVERLAY/gke.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).parents[2]
OVERLAYS = tuple(sorted(path.name for path in (ROOT / "k8s/overlays").iterdir() if path.is_dir()))
Object = dict[str, Any]


@cache
def render(overlay: str) -> tuple[Object, ...]:
    return render_folder(ROOT / "k8s" / "overlays" / overlay)


def render_folder(folder: Path) -> tuple[Object, ...]:
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return tuple(yaml.safe_load_all(done.stdout))


def find(overlay: str, kind: str, name: str = "web") -> Object:
    [found] = [item for item in render(overlay) if (item["kind"], item["metadata"]["name"]) == (kind, name)]
    return found


# -- one project, said in several places ---------------------------------------------------------------


def project(items: tuple[Object, ...]) -> str:
    """Of the database, whose name begins with it."""
    return _settings(items)["CLASSROOM_CLOUD_SQL_INSTANCE"].split(":")[0]


def _settings(items: tuple[Object, ...]) -> dict[str, str]:
    [found] = [
        item
        for item in items
        if item["kind"] == "ConfigMap" and item["metadata"]["name"].startswith("settings-")
    ]
    data: dict[str, str] = found["data"]
    return data


def disagreements(items: tuple[Object, ...]) -> list[str]:
    """A sentence for each place that speaks of another project, region or host than the rest."""
    data, ours = _settings(items), project(items)
    region = data["CLASSROOM_CLOUD_SQL_INSTANCE"].split(":")[1]
    host = data["CLASSROOM_PUBLIC_URL"].removeprefix("https://")
    [account] = [item for item in items if item["kind"] == "ServiceAccount"]
    staff = data["CLASSROOM_STAFF_HOST"]
    routes = {
        item["metadata"]["name"]: item["spec"]["hostnames"] for item in items if item["kind"] == "HTTPRoute"
    }
    text = yaml.safe_dump_all(items)
    images = set(re.findall(r"image: (\S+)", text))
    checks = {
        "the bucket is another project's": data["CLASSROOM_BLOBS"] == f"gs://{ours}-classroom-photos",
        "the account is another project's": account["metadata"]["annotations"][
            "iam.gke.io/gcp-service-account"
        ]
        == f"classroom-web@{ours}.iam.gserviceaccount.com",
        "the routes have another host": routes
        == {"web": [host], "staff": [staff], "to-https": [host, staff]},
        "facilitators' door has the class's host": staff != host,
        "facilitators' door has no host": bool(staff),
        "tables and pods are of two images": len(images) == 1,
        "the image is another project's": all(f"/{ours}/classroom/web" in image for image in images),
        "the image is in another region": all(
            image.startswith(f"{region}-docker.pkg.dev/") for image in images
        ),
        "the image has no tag that stays": not any(image.endswith((":latest", "/web")) for image in images),
        "the secrets are another project's": set(re.findall(r"projects/([^/]+)/secrets/", text)) == {ours},
        "a blank is left": "PROJECT" not in text and ".invalid" not in text,
    }
    return [sentence for sentence, holds in checks.items() if not holds]


# -- kinds that GKE adds: the fields that are used here, with the limits of their definitions ----------


def _object(required: tuple[str, ...] = (), **fields: Any) -> Object:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": fields}


def _list(item: Any) -> Object:
    return {"type": "array", "minItems": 1, "items": item}


def _whole(low: int, high: int) -> Object:
    return {"type": "integer", "minimum": low, "maximum": high}


TEXT = {"type": "string", "minLength": 1}
FLAG = {"type": "boolean"}
_HOST = {"type": "string", "pattern": r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$"}
_TARGET = _object(("group", "kind", "name"), group={"type": "string"}, kind=TEXT, name=TEXT)
_LISTENER = _object(
    ("name", "port", "protocol"),
    name=TEXT,
    port=_whole(1, 65535),
    protocol={"enum": ["HTTP", "HTTPS"]},
    allowedRoutes=_object(namespaces=_object((), **{"from": {"enum": ["Same", "All", "Selector"]}})),
)
_REDIRECT = _object(scheme={"enum": ["http", "https"]}, statusCode={"enum": [301, 302, 303, 307, 308]})
_RULE = _object(
    backendRefs=_list(_object(("name", "port"), name=TEXT, port=_whole(1, 65535))),
    filters=_list(_object(("type",), type={"enum": ["RequestRedirect"]}, requestRedirect=_REDIRECT)),
)
_BACKEND = _object(
    timeoutSec=_whole(1, 2_147_483_647),
    sessionAffinity=_object(
        type={"enum": ["CLIENT_IP", "GENERATED_COOKIE", "HEADER_FIELD", "HTTP_COOKIE", "NONE"]},
        cookieTtlSec=_whole(0, 1_209_600),
    ),
    securityPolicy=TEXT,
    connectionDraining=_object(drainingTimeoutSec=_whole(0, 3600)),
    logging=_object(enabled=FLAG, sampleRate=_whole(0, 1_000_000)),
)
_HTTP_CHECK = _object(
    portSpecification={"enum": ["USE_FIXED_PORT", "USE_NAMED_PORT", "USE_SERVING_PORT"]},
    port=_whole(1, 65535),
    requestPath={"type": "string", "pattern": "^/"},
)
_HEALTH = _object(
    checkIntervalSec=_whole(1, 300),
    timeoutSec=_whole(1, 300),
    healthyThreshold=_whole(1, 10),
    unhealthyThreshold=_whole(1, 10),
    config=_object(("type", "httpHealthCheck"), type={"const": "HTTP"}, httpHealthCheck=_HTTP_CHECK),
)
SPECS: dict[tuple[str, str], Object] = {
    ("gateway.networking.k8s.io/v1", "Gateway"): _object(
        ("gatewayClassName", "listeners"),
        gatewayClassName=TEXT,
        addresses=_list(_object(("type", "value"), type={"enum": ["NamedAddress", "IPAddress"]}, value=TEXT)),
        listeners=_list(_LISTENER),
    ),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): _object(
        ("parentRefs", "rules"),
        parentRefs=_list(_object(("name",), name=TEXT, sectionName=TEXT)),
        hostnames=_list(_HOST),
        rules=_list(_RULE),
    ),
    ("networking.gke.io/v1", "GCPGatewayPolicy"): _object(
        ("targetRef",), default=_object(sslPolicy=TEXT), targetRef=_TARGET
    ),
    ("networking.gke.io/v1", "GCPBackendPolicy"): _object(
        ("targetRef",), default=_BACKEND, targetRef=_TARGET
    ),
    ("networking.gke.io/v1", "HealthCheckPolicy"): _object(
        ("targetRef",), default=_HEALTH, targetRef=_TARGET
    ),
    ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass"): _object(
        ("provider", "parameters"), provider={"const": "gke"}, parameters=_object(("secrets",), secrets=TEXT)
    ),
    ("monitoring.googleapis.com/v1", "PodMonitoring"): _object(
        ("selector", "endpoints"),
        selector=_object(matchLabels={"type": "object"}),
        endpoints=_list(
            _object(
                ("port", "interval"), port=TEXT, path=TEXT, interval={"type": "string", "pattern": "^\\d+s$"}
            )
        ),
    ),
}


# Kubernetes' own, which kubernetes-validate has schemas for. Everything else has to be in SPECS.
BUILT_IN = {"v1", "apps/v1", "autoscaling/v2", "batch/v1", "networking.k8s.io/v1", "policy/v1"}


def is_added_by_gke(item: Object) -> bool:
    return item["apiVersion"] not in BUILT_IN


def check_added(item: Object) -> None:
    """Raises jsonschema.ValidationError for an unknown kind or field, a wrong type or value."""
    if (item["apiVersion"], item["kind"]) not in SPECS:
        raise jsonschema.ValidationError(f"{item['apiVersion']} {item['kind']} is not in SPECS")
    top = _object(
        ("apiVersion", "kind", "metadata", "spec"),
        apiVersion=TEXT,
        kind=TEXT,
        metadata={"type": "object"},
        spec=SPECS[item["apiVersion"], item["kind"]],
    )
    jsonschema.validate(item, top)


def write(folder: Path) -> None:
    for overlay in OVERLAYS:
        for item in render(overlay):
            part = folder / overlay / ("gke" if is_added_by_gke(item) else "core")
            part.mkdir(parents=True, exist_ok=True)
            name = f"{item['kind']}-{item['metadata']['name']}".lower()
            (part / f"{name}.yaml").write_text(yaml.safe_dump(item, allow_unicode=True))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
