"""The rendered objects of both projects: what would bite on the day, and what was promised."""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from classroom_app.data.engine import POOL_SIZE
from classroom_app.services.training.queue import QUEUE_CONNECTIONS
from classroom_app.settings import Settings
from tests.iac import kube

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl to render with")
# A cell is one more production, and may have more pods: then it stands here.
PODS = dict.fromkeys(kube.OVERLAYS, 3) | {"sandbox": 1}
MOST_PODS = dict.fromkeys(kube.OVERLAYS, 5) | {"sandbox": 2}  # what the runbook lets a person scale to
IPADS_OF_A_POD = 20
DAY_S = 24 * 60 * 60


@pytest.fixture(params=kube.OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pods(overlay: str) -> dict[str, dict[str, Any]]:
    """The pod template of everything that runs, by its name."""
    return {
        "web": kube.find(overlay, "Deployment")["spec"]["template"],
        "migrate": kube.find(overlay, "Job", "migrate")["spec"]["template"],
        "purge": kube.find(overlay, "CronJob", "purge")["spec"]["jobTemplate"]["spec"]["template"],
        "check": kube.find(overlay, "CronJob", "check")["spec"]["jobTemplate"]["spec"]["template"],
    }


def settings(overlay: str) -> dict[str, str]:
    maps = [item for item in kube.render(overlay) if item["kind"] == "ConfigMap"]
    [found] = [item for item in maps if item["metadata"]["name"].startswith("settings-")]
    data: dict[str, str] = found["data"]
    return data


# -- the door ------------------------------------------------------------------------------------------


def test_a_page_stays_open_for_a_day_on_the_pod_of_its_cookie_behind_cloud_armor(overlay: str) -> None:
    policy = kube.find(overlay, "GCPBackendPolicy")["spec"]
    assert policy["targetRef"] == {"group": "", "kind": "Service", "name": "web"}
    assert policy["default"]["timeoutSec"] == DAY_S
    assert policy["default"]["sessionAffinity"]["type"] == "GENERATED_COOKIE"  # one NAT per school
    assert policy["default"]["sessionAffinity"]["cookieTtlSec"] >= 10 * 60 * 60
    assert policy["default"]["securityPolicy"] == "classroom-armor"
    assert policy["default"]["logging"] == {"enabled": False}  # join links and addresses would be in it


def test_facilitators_host_name_has_an_allow_list_of_its_own(overlay: str) -> None:
    """An allow-list is a service's: with one service for both names the class's would open theirs."""
    host = settings(overlay)["CLASSROOM_STAFF_HOST"]
    backends = {}
    for item in kube.render(overlay):
        if item["kind"] == "HTTPRoute" and "backendRefs" in item["spec"]["rules"][0]:
            [backend] = item["spec"]["rules"][0]["backendRefs"]
            backends[tuple(item["spec"]["hostnames"])] = backend["name"]
            assert item["spec"]["parentRefs"] == [{"name": "web", "sectionName": "https"}]
    assert backends[(host,)] == "staff"
    assert sorted(backends.values()) == ["staff", "web"]
    policies = {name: kube.find(overlay, "GCPBackendPolicy", name)["spec"] for name in ("web", "staff")}
    assert policies["staff"]["targetRef"] == {"group": "", "kind": "Service", "name": "staff"}
    assert policies["staff"]["default"] == {
        **policies["web"]["default"],
        "securityPolicy": "classroom-staff-armor",
    }, "else the same: a page is open all day there too"
    services = [kube.find(overlay, "Service", name)["spec"] for name in ("web", "staff")]
    assert services[0] == services[1], "the same pods"
    checks = [kube.find(overlay, "HealthCheckPolicy", name)["spec"]["default"] for name in ("web", "staff")]
    assert checks[0] == checks[1]


def test_https_alone_with_the_managed_certificate(overlay: str) -> None:
    gateway = kube.find(overlay, "Gateway")
    assert gateway["metadata"]["annotations"]["networking.gke.io/certmap"] == "classroom-certs"
    assert gateway["spec"]["addresses"] == [{"type": "NamedAddress", "value": "classroom-ip"}]
    listeners = {item["name"]: item for item in gateway["spec"]["listeners"]}
    assert {name: item["protocol"] for name, item in listeners.items()} == {"https": "HTTPS", "http": "HTTP"}
    assert not any("tls" in item for item in listeners.values())  # GKE takes the map or this, not both
    routes = [item["spec"] for item in kube.render(overlay) if item["kind"] == "HTTPRoute"]
    plain = [route for route in routes if route["parentRefs"][0].get("sectionName") != "https"]
    assert [route["rules"] for route in plain] == [
        [
            {
                "filters": [
                    {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
                ]
            }
        ]
    ]
    assert kube.find(overlay, "GCPGatewayPolicy")["spec"]["default"]["sslPolicy"] == "classroom-tls"


def test_the_load_balancer_asks_whether_a_pod_is_ready(overlay: str) -> None:
    check = kube.find(overlay, "HealthCheckPolicy")["spec"]["default"]
    assert check["config"]["httpHealthCheck"]["requestPath"] == "/readyz"
    assert check["timeoutSec"] <= check["checkIntervalSec"]  # Compute Engine refuses anything else


def test_only_the_apps_own_port_is_behind_the_door(overlay: str) -> None:
    """Metrics have a port of their own; Streamlit's are closed in the app, and test_routes.py holds it."""
    ports = {
        port["name"]: port["containerPort"] for port in pods(overlay)["web"]["spec"]["containers"][0]["ports"]
    }
    assert ports == {"http": 8501, "metrics": 9464}
    assert [port["targetPort"] for port in kube.find(overlay, "Service")["spec"]["ports"]] == ["http"]
    opened = {
        name: (policy["ingress"][0]["from"], [port["port"] for port in policy["ingress"][0]["ports"]])
        for name in ("from-load-balancer", "from-metrics-collectors")
        if (policy := kube.find(overlay, "NetworkPolicy", name)["spec"])
    }
    blocks, door = opened["from-load-balancer"]
    assert {block["ipBlock"]["cidr"] for block in blocks} == {"35.191.0.0/16", "130.211.0.0/22"}
    assert door == ["http"]
    assert opened["from-metrics-collectors"][1] == ["metrics"]


# -- the network ---------------------------------------------------------------------------------------


def test_nothing_is_open_that_no_policy_names(overlay: str) -> None:
    policies = [item for item in kube.render(overlay) if item["kind"] == "NetworkPolicy"]
    default = kube.find(overlay, "NetworkPolicy", "deny-all")["spec"]
    assert default == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    blocks = re.findall(r"cidr: (\S+)", yaml.safe_dump(policies))
    assert all(int(block.split("/")[1]) >= 16 for block in blocks), blocks
    egress = kube.find(overlay, "NetworkPolicy", "to-services")["spec"]["egress"]
    ways = {
        block["ipBlock"]["cidr"]: rule["ports"]
        for rule in egress
        for block in rule["to"]
        if "ipBlock" in block
    }
    assert [port["port"] for port in ways["199.36.153.8/30"]] == [443]
    assert [port["port"] for port in ways["10.40.0.0/20"]] == [3307, 5432]
    assert ways["10.10.16.0/24"] == [{"protocol": "TCP", "port": 50051, "endPort": 50066}]


# -- pods ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["web", "migrate", "purge", "check"])
def test_pods_are_restricted(overlay: str, name: str) -> None:
    spec = pods(overlay)[name]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {
        "type": "RuntimeDefault"
    }  # not the cluster's default
    assert spec["automountServiceAccountToken"] is False
    [container] = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts == {"/run/secrets/classroom", "/var/lib/classroom", "/tmp"}  # noqa: S108  # paths in a container
    labels = kube.find(overlay, "Namespace", "classroom")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_probes_mean_what_they_say(overlay: str) -> None:
    [container] = pods(overlay)["web"]["spec"]["containers"]
    paths = {
        kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")
    }
    # Never restarted for a database that is away: that would end every websocket and help nobody.
    assert paths == {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}


def test_a_pod_leaves_after_its_work(overlay: str) -> None:
    spec = pods(overlay)["web"]["spec"]
    pause_s = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert (
        spec["terminationGracePeriodSeconds"] >= pause_s + 5 + 40
    )  # requests, then queue, sweeper, embedder
    assert kube.find(overlay, "Deployment")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_each_pod_is_an_executor_of_its_own(overlay: str) -> None:
    env = {item["name"]: item for item in pods(overlay)["web"]["spec"]["containers"][0]["env"]}
    source = env["CLASSROOM_EXECUTOR_ID"]["valueFrom"]["fieldRef"]["fieldPath"]
    assert source == "metadata.name"


def test_pods_are_as_many_as_the_overlay_says(overlay: str) -> None:
    """An iPad stays with the pod of its cookie: an autoscaler would add pods that relieve nobody."""
    assert not [item for item in kube.render(overlay) if item["kind"] == "HorizontalPodAutoscaler"]
    assert kube.find(overlay, "Deployment")["spec"]["replicas"] == PODS[overlay]
    assert kube.find(overlay, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_production_has_a_pod_for_every_twenty_ipads_and_one_that_may_fail() -> None:
    default = re.search(
        r'"ipads_per_address" \{.*?default +=\s+(\d+)',
        (kube.ROOT / "terraform/variables.tf").read_text(),
        re.S,
    )
    assert default
    assert PODS["production"] == -(-int(default[1]) // IPADS_OF_A_POD) + 1
    assert f"one for each {IPADS_OF_A_POD} iPads" in (kube.ROOT / "docs/runbook.md").read_text()


def test_a_quiet_connection_outlives_the_load_balancers(overlay: str) -> None:
    """Who closes first loses a request: Google's front ends keep theirs for 600 s."""
    assert int(settings(overlay)["CLASSROOM_KEEP_ALIVE_SECONDS"]) > 600


def test_the_queues_driver_checks_the_databases_certificate(overlay: str) -> None:
    url = settings(overlay)["CLASSROOM_QUEUE_DATABASE_URL"]
    folder = settings(overlay)["CLASSROOM_SECRETS_DIR"]
    # Not verify-full: the name in the certificate is the instance's, and this is its address.
    assert url.partition("?")[2] == f"sslmode=verify-ca&sslrootcert={folder}/sql-ca.pem"


def test_the_database_takes_the_connections_of_every_pod(overlay: str) -> None:
    pods_max = max(PODS[overlay], MOST_PODS[overlay])
    surge = kube.find(overlay, "Deployment")["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    of_a_pod = POOL_SIZE // 4 + POOL_SIZE // 4 + QUEUE_CONNECTIONS
    assert of_a_pod == 30  # what sql_connections_max says of it
    module, env = (
        (kube.ROOT / "terraform" / path).read_text() for path in ("variables.tf", f"envs/{overlay}/main.tf")
    )
    default = re.search(r'"sql_connections_max" \{.*?default +=\s+(\d+)', module, re.S)
    given = re.search(r"^ +sql_connections_max += (\d+)", env, re.M) or default
    assert given
    assert (pods_max + surge) * of_a_pod <= int(given[1])


# -- secrets and settings ------------------------------------------------------------------------------


def test_secrets_come_as_files_and_in_no_other_way(overlay: str) -> None:
    assert not any(item["kind"] == "Secret" for item in kube.render(overlay))
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert {"secret_key", "first_password"} <= secret
    given = {name.removeprefix("CLASSROOM_").lower() for name in settings(overlay)}
    for pod in pods(overlay).values():
        [container] = pod["spec"]["containers"]
        given |= {item["name"].removeprefix("CLASSROOM_").lower() for item in container["env"]}
        assert all("secretRef" not in source for source in container["envFrom"])
        [volume] = [volume for volume in pod["spec"]["volumes"] if volume["name"] == "secrets"]
        assert volume["csi"]["driver"] == "secrets-store-gke.csi.k8s.io"
        assert volume["csi"]["volumeAttributes"] == {"secretProviderClass": "web"}
    assert not secret & given
    assert not re.search(r"://[^/@]*:[^/@]*@", str(settings(overlay)))  # no password in an address


def test_every_secret_is_of_this_project_and_lands_where_it_is_read(overlay: str) -> None:
    found = yaml.safe_load(kube.find(overlay, "SecretProviderClass")["spec"]["parameters"]["secrets"])
    names = {}
    for item in found:
        match = re.fullmatch(
            r"projects/([a-z0-9-]+)/secrets/classroom-([a-z-]+)/versions/latest", item["resourceName"]
        )
        assert match, item
        assert match[1] == kube.project(kube.render(overlay))
        names[match[2]] = item["path"]
    assert names == {
        "secret-key": "classroom_secret_key",
        "first-password": "classroom_first_password",
        "database-password": "classroom_cloud_sql_password",
        "ml-client-key": "ml-client.key",
        "ml-client-cert": "ml-client.pem",
        "ml-ca-cert": "ml-ca.pem",
        "sql-ca": "sql-ca.pem",
    }
    folder = settings(overlay)["CLASSROOM_SECRETS_DIR"]
    for setting, secret in (("CA", "ml-ca-cert"), ("CERT", "ml-client-cert"), ("KEY", "ml-client-key")):
        assert settings(overlay)[f"CLASSROOM_ML_TLS_{setting}"] == f"{folder}/{names[secret]}"


def test_an_overlay_speaks_of_its_own_project_alone(overlay: str) -> None:
    """Whichever project that is: a real installation has another one than the examples."""
    assert kube.disagreements(kube.render(overlay)) == []


OUTPUTS = {
    "project": "acme-class-sbx",
    "region": "europe-west4",
    "url": "https://class.acme.org",
    "staff_host": "staff.class.acme.org",
    "address": "203.0.113.9",
    "sql_address": "10.40.0.7",
    "ml_targets": "dns:///ml.classroom.internal:50051,dns:///ml.classroom.internal:50052",
}


def fill(folder: Path, outputs: dict[str, str]) -> int:
    """The status of `k8s/fill.sh` in a copy of ours, where Terraform has these outputs."""
    shutil.copytree(kube.ROOT / "k8s", folder / "k8s")
    stub = folder / "terraform"
    cases = "\n".join(f'{name}) echo "{value}";;' for name, value in outputs.items())
    stub.write_text(f'#!/bin/bash\ncase "${{@: -1}}" in\n{cases}\n*) exit 1;;\nesac\n')
    stub.chmod(0o755)
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(["bash", "k8s/fill.sh", "sandbox"], cwd=folder, env=env, check=False).returncode


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The sandbox's overlay as `k8s/fill.sh` leaves it for a project in another region."""
    assert fill(tmp_path, OUTPUTS) == 0
    return tmp_path / "k8s/overlays/sandbox"


@pytest.mark.parametrize("missing", OUTPUTS)
def test_an_output_that_terraform_does_not_have_fills_in_nothing(tmp_path: Path, missing: str) -> None:
    """An empty host would be one that no browser asks for, or facilitators' log-in at the class's."""
    assert fill(tmp_path, {name: value for name, value in OUTPUTS.items() if name != missing}) != 0
    for path in ("settings/settings.env", "kustomization.yaml"):
        ours = kube.ROOT / "k8s/overlays/sandbox" / path
        assert (tmp_path / "k8s/overlays/sandbox" / path).read_text() == ours.read_text()


def test_a_real_project_is_filled_in_everywhere(filled: Path) -> None:
    items = kube.render_folder(filled)
    assert kube.disagreements(items) == []
    assert kube.project(items) == "acme-class-sbx"
    text = yaml.safe_dump_all(items)
    for said in (
        "//class.acme.org",
        "staff.class.acme.org",
        "10.40.0.7/queue",
        "203.0.113.9",
        ":50052",
        "europe-west4-docker.pkg.dev",
    ):
        assert said in text
    for example in ("our-classroom", "example.org", "192.0.2.", "asia-northeast1"):
        assert example not in text
    assert not list(filled.rglob("*.old"))


@pytest.mark.parametrize(
    ("file", "right", "wrong", "told"),
    [
        ("kustomization.yaml", "pkg.dev/acme-class-sbx", "pkg.dev/acme-class", "image"),
        ("kustomization.yaml", "web@acme-class-sbx", "web@acme-class", "account"),
        ("kustomization.yaml", "newName: europe-west4", "newName: asia-northeast1", "region"),
        ("settings/settings.env", "gs://acme-class-sbx", "gs://acme-class", "bucket"),
        ("settings/settings.env", "acme-class-sbx:europe", "acme-class:europe", "project"),
        ("settings/settings.env", "_STAFF_HOST=staff.class.acme.org", "_STAFF_HOST=", "no host"),
    ],
)
def test_a_place_that_was_forgotten_is_found(
    filled: Path, file: str, right: str, wrong: str, told: str
) -> None:
    text = (filled / file).read_text()
    assert right in text
    (filled / file).write_text(text.replace(right, wrong))
    assert any(told in sentence for sentence in kube.disagreements(kube.render_folder(filled)))


def test_what_the_migration_needs_is_applied_before_the_pods(overlay: str) -> None:
    before = [
        item["kind"]
        for item in kube.render(overlay)
        if item["metadata"].get("labels", {}).get("classroom/when") == "before"
    ]
    assert sorted(before) == [
        *("ConfigMap", "Job", "NetworkPolicy", "NetworkPolicy", "SecretProviderClass", "ServiceAccount")
    ]


# -- kinds that GKE adds -------------------------------------------------------------------------------


def test_kinds_that_gke_adds_have_only_fields_it_knows(overlay: str) -> None:
    added = [item for item in kube.render(overlay) if kube.is_added_by_gke(item)]
    assert {(item["apiVersion"], item["kind"]) for item in added} == set(kube.SPECS)
    for item in added:
        kube.check_added(item)


@pytest.mark.parametrize(
    ("version", "kind"),
    [("monitoring.googleapis.com/v1", "Rules"), ("networking.gke.io/v1", "GCPTrafficPolicy")],
)
def test_a_kind_that_nobody_described_is_found(version: str, kind: str) -> None:
    item = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": {}}
    assert kube.is_added_by_gke(item)
    with pytest.raises(jsonschema.ValidationError, match="SPECS"):
        kube.check_added(item)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("GCPBackendPolicy", "default.timeoutSeconds", 5),
        ("GCPBackendPolicy", "default.sessionAffinity.type", "COOKIE"),
        ("GCPBackendPolicy", "default.connectionDraining.drainingTimeoutSec", 7200),
        ("Gateway", "gatewayClass", "x"),
        ("SecretProviderClass", "provider", "gcp"),
    ],
)
def test_a_mistake_in_them_is_found(kind: str, path: str, value: object) -> None:
    item = copy.deepcopy(kube.find("production", kind))
    inner = item["spec"]
    *way, last = path.split(".")
    for part in way:
        inner = inner[part]
    inner[last] = value
    with pytest.raises(jsonschema.ValidationError):
        kube.check_added(item)


# -- deploy.sh ---------------------------------------------------------------------------------------------

FAKE = """#!/bin/bash
if [ "$1" = kustomize ]; then {real} "$@" | sed 's/192[.]0[.]2[.][0-9]*/{address}/'; exit; fi
echo "$*" >> {log}
case "$*" in *" wait "*) exit {wait_rc};; esac
"""


def deploy(folder: Path, *, migrated: bool, address: str = "203.0.113.9") -> tuple[int, list[str]]:
    """Run deploy.sh with a kubectl that only writes down what it is asked."""
    fake, log = folder / "kubectl", folder / "log"
    fake.write_text(
        FAKE.format(real=shutil.which("kubectl"), log=log, address=address, wait_rc=0 if migrated else 1)
    )
    fake.chmod(0o700)
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "k8s/deploy.sh", "production"], cwd=kube.ROOT, env=env, capture_output=True, check=False
    )
    return done.returncode, log.read_text().splitlines() if log.exists() else []


def test_pods_come_after_the_tables(tmp_path: Path) -> None:
    status, asked = deploy(tmp_path, migrated=True)
    assert status == 0
    order = [
        "namespace.yaml",
        "delete job migrate",
        "--selector classroom/when=before",
        "job/migrate",
        "apply",
    ]
    assert all(part in line for part, line in zip(order, asked, strict=False)), asked
    assert "rollout status deployment/web" in asked[-1]


def test_nothing_is_applied_with_the_address_of_the_example(tmp_path: Path) -> None:
    assert deploy(tmp_path, migrated=True, address="192.0.2.20") == (2, [])


def test_no_pod_is_touched_when_the_tables_did_not_come(tmp_path: Path) -> None:
    status, asked = deploy(tmp_path, migrated=False)
    assert status == 1
    assert "logs job/migrate" in asked[-1]
    assert not any("rollout" in line for line in asked)
