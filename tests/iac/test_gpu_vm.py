"""What a GPU VM runs beside the servers: its scripts against a metadata server of ours, and its options."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from ml_core.__main__ import serve

VM = Path(__file__).resolve().parents[2] / "terraform/ml"
PATIENCE_S = 20
SECRETS = {"server-key": b"key \xff\n", "ca-cert": b"certificate\n", "empty": b""}
NEVER = {"maintenance-event": ["NONE"], "preempted": ["FALSE"]}
MAINTENANCE = {**NEVER, "maintenance-event": ["NONE", "TERMINATE_ON_HOST_MAINTENANCE", "NONE"]}
MOVED_ALIVE = {**NEVER, "maintenance-event": ["NONE", "MIGRATE_ON_HOST_MAINTENANCE", "NONE"]}
TAKEN_BACK = {**NEVER, "preempted": ["FALSE", "TRUE"]}


class CloudServer(ThreadingHTTPServer):
    def __init__(self, events: dict[str, list[str]]) -> None:
        super().__init__(("127.0.0.1", 0), Cloud)
        self.events = events
        self.known: set[str] = set()
        self.told = threading.Event()


class Cloud(BaseHTTPRequestHandler):
    """Secret Manager, and the metadata server with the next value for every etag that is known."""

    server: CloudServer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.endswith("/token"):
            self._answer(json.dumps({"access_token": "ya29.secret", "expires_in": 3599}))
        elif (key := url.path.rpartition("/")[2]) in NEVER:
            number, values = int(parse_qs(url.query)["last_etag"][0]), self.server.events[key]
            if number < len(values):
                self._answer(values[number], etag=str(number + 1))
                return
            self.server.known.add(key)
            if self.server.known == set(NEVER):
                self.server.told.set()
            self.send_error(503)
        elif self.headers["Authorization"] != "Bearer ya29.secret":
            self.send_error(403)
        else:
            data = SECRETS[url.path.split("/")[5]]
            payload = {"data": base64.b64encode(data).decode(), "dataCrc32c": "1"}
            self._answer(json.dumps({"name": url.path, "payload": payload}, indent=2))

    def _answer(self, text: str, etag: str = "") -> None:
        self.send_response(200)
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def cloud(events: dict[str, list[str]] = NEVER) -> Iterator[tuple[dict[str, str], threading.Event]]:
    """The environment of a script, and what is set when it has seen all values."""
    server = CloudServer(events)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    environment = {"METADATA_URL": url, "SECRETS_URL": f"{url}/v1", "RETRY_SECONDS": "0.1", "no_proxy": "*"}
    try:
        yield {**os.environ, **environment}, server.told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetch_tls(folder: Path, *pairs: str) -> subprocess.CompletedProcess[str]:
    with cloud() as (env, _):
        command = ["bash", str(VM / "secrets.sh"), str(folder), str(os.getuid()), "project", *pairs]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )


def test_tls_files_come_whole_and_for_one_user(tmp_path: Path) -> None:
    answer = fetch_tls(tmp_path / "tls", "key.pem=server-key", "ca.pem=ca-cert")
    assert answer.returncode == 0, answer.stderr
    files = {file.name: file.read_bytes() for file in (tmp_path / "tls").iterdir()}
    assert files == {"key.pem": SECRETS["server-key"], "ca.pem": SECRETS["ca-cert"]}
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "tls").iterdir()} == {0o400}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_an_empty_secret_stops_the_start(tmp_path: Path) -> None:
    answer = fetch_tls(tmp_path / "tls", "key.pem=empty")
    assert answer.returncode != 0
    assert "empty" in answer.stderr


STOP = "stop ml-core-0.service ml-core-1.service"
START = "start --no-block ml-core-0.service ml-core-1.service"


@pytest.mark.parametrize(
    ("events", "asked"),
    [(MAINTENANCE, [STOP, START]), (TAKEN_BACK, [STOP]), (MOVED_ALIVE, []), (NEVER, [])],
)
def test_a_vm_that_is_about_to_stop_drains(
    tmp_path: Path, events: dict[str, list[str]], asked: list[str]
) -> None:
    calls = tmp_path / "calls"
    calls.touch()
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    systemctl.chmod(0o755)
    with cloud(events) as (env, told):
        env["PATH"] = f"{tmp_path}:{env['PATH']}"
        command = ["bash", str(VM / "maintenance.sh"), "ml-core-0.service", "ml-core-1.service"]
        script = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        try:
            assert told.wait(PATIENCE_S)
        finally:
            script.terminate()
            script.wait(PATIENCE_S)
    assert calls.read_text().splitlines() == asked


def test_the_unit_gives_only_options_that_the_server_has() -> None:
    unit = (VM / "server.service.tftpl").read_text()
    options = re.findall(r"--([a-z-]+)", unit[unit.index("-m ml_core serve") : unit.index("# SIGTERM")])
    known = {name.replace("_", "-") for name in serve.__annotations__} | {"no-reflection"}
    assert "tls-key" in options
    assert set(options) <= known


def test_the_server_may_share_the_cores_of_its_vm() -> None:
    """Eight servers with all cores each would have eight times as many threads as there are cores."""
    assert " --servers ${servers} " in (VM / "server.service.tftpl").read_text()


def instances(vm: str, ports: list[int]) -> list[str]:
    """The label `instance` of each server of the VM, as the collector makes it from the unit and its file."""
    unit = (VM / "metrics.service").read_text().replace("%l", vm)
    known = dict(re.findall(r"--env (\w+)=(\S+)", unit))
    targets = json.dumps([f"127.0.0.1:{port}" for port in ports])
    text = re.sub(r"(?<!\$)\$\{jsonencode\(.*\)\}", targets, (VM / "metrics.yaml.tftpl").read_text())
    text = text.replace("$${", "${")  # so far Terraform; the rest is read by the collector
    text = re.sub(r"\$\{env:(\w+)\}", lambda found: known[found[1]], text).replace("$$", "$")
    [job] = yaml.safe_load(text)["receivers"]["prometheus"]["config"]["scrape_configs"]
    found = []
    for target in job["static_configs"][0]["targets"]:
        labels = {"__address__": target, "instance": target}
        for rule in job.get("relabel_configs", []):
            match = re.fullmatch(rule["regex"], ";".join(labels[name] for name in rule["source_labels"]))
            if match is not None:
                labels[rule["target_label"]] = match.expand(rule["replacement"].replace("$", "\\"))
        found.append(labels["instance"])
    return found


def test_the_figures_of_each_server_of_each_vm_are_series_of_their_own() -> None:
    """Two that write one series are refused, or mixed up: nobody would know which GPU is full."""
    assert instances("classroom-ml-0", [9464, 9465]) == ["classroom-ml-0:9464", "classroom-ml-0:9465"]
    assert instances("classroom-ml-1", [9464]) == ["classroom-ml-1:9464"]


IMAGE = "asia-northeast1-docker.pkg.dev/p/classroom/ml@sha256:" + "ab" * 32


def programs(folder: Path, **answers: str) -> tuple[dict[str, str], Path]:
    """Stand-ins that write down what they are asked; `answers`: shell that a program runs."""
    log = folder / "log"
    log.touch()
    for name in ("docker", "systemctl", "journalctl"):
        file = folder / name
        file.write_text(f'#!/bin/bash\necho "{name} $*" >> {log}\n{answers.get(name, "")}\n')
        file.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "RETRY_SECONDS": "0.01",
        "TRIES": "5",
    }, log


def script(name: str, env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(VM / f"{name}.sh"), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def test_a_release_is_pulled_by_its_digest_and_two_are_kept(tmp_path: Path) -> None:
    images = 'if [ "$1" = images ]; then printf "%s\\n" now now before older oldest; fi'
    env, log = programs(tmp_path, docker=images)
    (tmp_path / "image").write_text(IMAGE)
    repository = IMAGE.partition("@")[0]
    answer = script("image", env, str(tmp_path / "image"), repository, "ml-core:0")
    assert answer.returncode == 0, answer.stderr
    asked = log.read_text().splitlines()
    assert asked[:2] == [f"docker pull --quiet {IMAGE}", f"docker tag {IMAGE} ml-core:0"]
    assert asked[-1] == "docker rmi --force older oldest"


@pytest.mark.parametrize(
    "image", [IMAGE.partition("@")[0] + ":latest", IMAGE.replace("/p/", "/other/"), "", IMAGE + "; id"]
)
def test_a_tag_or_another_registry_is_no_release(tmp_path: Path, image: str) -> None:
    env, log = programs(tmp_path)
    (tmp_path / "image").write_text(image)
    assert script("image", env, str(tmp_path / "image"), IMAGE.partition("@")[0], "ml-core:0").returncode != 0
    assert log.read_text() == ""


@pytest.mark.parametrize(("state", "status", "restarted"), [("healthy", 0, 2), ("unhealthy", 1, 1)])
def test_servers_are_restarted_one_after_the_other_and_waited_for(
    tmp_path: Path, state: str, status: int, restarted: int
) -> None:
    """One that does not come back stops it: the others of this VM still run the release before."""
    for number in (0, 1):
        (tmp_path / f"ml-core-{number}.service").touch()
    (tmp_path / "ml-core-metrics.service").touch()
    env, log = programs(tmp_path, docker=f"echo {state}")
    answer = script("restart", {**env, "UNITS": str(tmp_path)})
    assert answer.returncode == status, answer.stderr
    asked = [line for line in log.read_text().splitlines() if line.startswith("systemctl")]
    assert asked == [f"systemctl restart ml-core-{number}.service" for number in range(restarted)]
