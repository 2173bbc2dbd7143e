"""A small cloud that remembers, behind programs of the names that the runbook calls.

`python -m tests.iac.cloud_stub PROGRAM ARGUMENTS…` does what PROGRAM would, as far as order matters: a secret
that was never made takes no value, a project without an API answers nothing, a GPU VM without an image is an
error. What a program's own parser can say is asked of it (kubectl, terraform, docker, curl, our own command
lines), and gcloud's commands are held beside the table. State is the file that CLOUD_STATE names.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.iac import gcloud_table

ROOT = Path(__file__).resolve().parents[2]
DIGEST = "sha256:" + "ab" * 32
ADDRESS, SQL = "203.0.113.9", "10.40.0.3"


class RefusedError(Exception):
    """What the real program would answer."""


class Cloud:
    """The state of everything, as one JSON file between two calls."""

    def __init__(self, path: Path) -> None:
        self._path = path
        empty: dict[str, Any] = {
            "calls": [],
            "refused": [],
            "apis": [],
            "secrets": {},
            "pushed": {},
            "buckets": [],
            "done": [],
            "vms": 0,
            "revision": 0,
            "running": [],
        }
        self.state: dict[str, Any] = json.loads(path.read_text()) if path.exists() else empty

    def save(self) -> None:
        self._path.write_text(json.dumps(self.state))

    def note(self, step: str) -> None:
        self.state["done"].append(step)

    def need(self, step: str) -> None:
        if step not in self.state["done"]:
            raise RefusedError(f"before this comes: {step}")

    def add(self, secret: str, value: str) -> int:
        if secret not in self.state["secrets"]:
            raise RefusedError(f"NOT_FOUND: secret {secret}")
        self.state["secrets"][secret].append(value)
        return len(self.state["secrets"][secret])

    def versions(self, secret: str) -> list[str]:
        if secret not in self.state["secrets"]:
            raise RefusedError(f"NOT_FOUND: secret {secret}")
        found: list[str] = self.state["secrets"][secret]
        return found

    def has(self, secret: str) -> bool:
        return bool(self.state["secrets"].get(secret))


# -- gcloud -------------------------------------------------------------------------------------------------


def gcloud(cloud: Cloud, arguments: list[str]) -> str:
    command, words, options = gcloud_table.parse(arguments)
    name = " ".join(command.words)
    if command.words[0] not in {"auth", "config"}:
        cloud.need("auth login")
    if command.api and command.api not in cloud.state["apis"]:
        raise RefusedError(f"API [{command.api}.googleapis.com] not enabled: {name}")
    if name.startswith("secrets"):
        return _secrets(cloud, name, words, options)
    handler = _GCLOUD.get(name)
    answer = handler(cloud, words, options) if handler else ""
    cloud.note(name)
    return answer


def _secrets(cloud: Cloud, name: str, words: list[str], options: dict[str, str]) -> str:
    if os.environ.get("CLOUD_SECRETS_ARE_AWAY"):
        raise RefusedError("UNAVAILABLE: Secret Manager")
    secrets = cloud.state["secrets"]
    if name == "secrets create":
        secrets[words[0]] = []
    elif name == "secrets delete":
        cloud.versions(words[0])
        del secrets[words[0]]
    elif name == "secrets list":
        wanted = re.search(r"name~/(.+)\$$", options.get("--filter", ""))
        return "\n".join(one for one in secrets if wanted is None or one == wanted[1])
    elif name == "secrets versions add":
        source = options["--data-file"]
        value = sys.stdin.read() if source == "-" else Path(source).read_text()
        if not value:
            raise RefusedError(f"an empty value for {words[0]}")
        return f"projects/1/secrets/{words[0]}/versions/{cloud.add(words[0], value)}"
    elif name == "secrets versions list":
        numbers = range(len(cloud.versions(words[0])), 0, -1)
        return "\n".join(str(number) for number in list(numbers)[: int(options.get("--limit", "100"))])
    else:
        found = cloud.versions(options["--secret"])
        number = len(found) if words[0] == "latest" else int(words[0])
        if not 0 < number <= len(found):
            raise RefusedError(f"NOT_FOUND: version {words[0]} of {options['--secret']}")
        return found[number - 1]
    return ""


def _link(cloud: Cloud, _words: list[str], options: dict[str, str]) -> str:
    cloud.need("projects create")
    assert re.fullmatch(r"[0-9A-F]{6}(-[0-9A-F]{6}){2}", options["--billing-account"])
    return ""


def _enable(cloud: Cloud, words: list[str], _options: dict[str, str]) -> str:
    cloud.need("billing projects link")
    cloud.state["apis"] += [word.removesuffix(".googleapis.com") for word in words]
    return ""


def _bucket(cloud: Cloud, words: list[str], _options: dict[str, str]) -> str:
    cloud.state["buckets"] += words
    return ""


def _remove(cloud: Cloud, words: list[str], _options: dict[str, str]) -> str:
    cloud.state["buckets"] = [bucket for bucket in cloud.state["buckets"] if bucket not in words]
    return ""


def _image(cloud: Cloud, words: list[str], _options: dict[str, str]) -> str:
    if words[0] not in cloud.state["pushed"]:
        raise RefusedError(f"NOT_FOUND: image {words[0]}")
    return str(cloud.state["pushed"][words[0]])


def _vms(cloud: Cloud, _words: list[str], _options: dict[str, str]) -> str:
    cloud.need("terraform apply")
    return "\n".join(f"classroom-ml-{number}" for number in range(cloud.state["vms"]))


def _ssh(cloud: Cloud, words: list[str], options: dict[str, str]) -> str:
    if words[0] not in _vms(cloud, [], {}).split():
        raise RefusedError(f"NOT_FOUND: instance {words[0]}")
    if "--command" in options:
        [script] = re.findall(r"/etc/ml-core/(\w+)", options["--command"])
        if not (ROOT / f"terraform/ml/{script}.sh").exists():
            raise RefusedError(f"no such script on the VM: {script}")
        image = cloud.versions("classroom-ml-image")[-1] if cloud.has("classroom-ml-image") else ""
        if image and image == os.environ.get("CLOUD_SICK_IMAGE"):
            raise RefusedError("ml-core-0 is unhealthy")
        cloud.state["running"].append(image)
    return ""


def _credentials(cloud: Cloud, _words: list[str], _options: dict[str, str]) -> str:
    cloud.need("terraform apply")
    return ""


def _quotas(_cloud: Cloud, _words: list[str], _options: dict[str, str]) -> str:
    return "CPUS,24\nGPUS_ALL_REGIONS,0\nNVIDIA_L4_GPUS,1"


_GCLOUD: dict[str, Callable[[Cloud, list[str], dict[str, str]], str]] = {
    "billing projects link": _link,
    "services enable": _enable,
    "storage buckets create": _bucket,
    "storage rm": _remove,
    "compute project-info describe": _quotas,
    "compute regions describe": _quotas,
    "compute instance-groups managed list-instances": _vms,
    "compute ssh": _ssh,
    "container clusters get-credentials": _credentials,
    "artifacts docker images describe": _image,
}


# -- the other programs -------------------------------------------------------------------------------------


def trusted() -> bool:
    """The programs' own parsers were asked once in this session: they are not asked the same again."""
    return bool(os.environ.get("CLOUD_TRUSTS"))


def ask(*command: str) -> None:
    """The program's own parser: with --help nothing is done, and an unknown option is an error still."""
    if trusted():
        return
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RefusedError((done.stderr or done.stdout).splitlines()[0])


def real(program: str) -> str | None:
    """The program itself, past the stand-ins that come first in PATH."""
    ours = os.environ.get("CLOUD_BIN")
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if folder != ours]
    return shutil.which(program, path=os.pathsep.join(folders))


def kubectl(cloud: Cloud, arguments: list[str]) -> str:
    program = real("kubectl")
    assert program is not None
    if arguments[0] == "kustomize":
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ask(program, *arguments[:end], "--help", *arguments[end:])
    if end < len(arguments):
        command_line(arguments[end + 1 :])
    cloud.need("container clusters get-credentials")
    words = [word for word in arguments if not word.startswith("-")]
    if "apply" in words:
        text = Path(arguments[arguments.index("--filename") + 1]).read_text()
        _apply(cloud, text, pods="--selector" not in arguments)
    elif "undo" in words:
        cloud.state["revision"] += 1
        cloud.note("rollout undo")
    elif "wait" in words and os.environ.get("CLOUD_MIGRATION_FAILS"):
        raise RefusedError("timed out")
    elif "tiers" in words and os.environ.get("CLOUD_TIERS_DIFFER"):
        raise RefusedError("features of several spaces")
    elif "jsonpath={.metadata.annotations" in " ".join(arguments):
        return str(cloud.state["revision"] or "")
    elif "delete" in words and "namespace" in words:
        cloud.note("no namespace")
    elif "exec" in words or "patch" in words or "scale" in words:
        cloud.need("pods")
    return ""


def _apply(cloud: Cloud, text: str, *, pods: bool) -> None:
    for secret in re.findall(r"secrets/(classroom-[a-z-]+)/versions/latest", text):
        if not cloud.has(secret):
            raise RefusedError(f"pods would wait for ever: {secret} has no value")
    images = set(re.findall(r"image: (\S+)", text))
    for image in images:
        known = {
            *cloud.state["pushed"],
            *(f"{tag.rpartition(':')[0]}@{of}" for tag, of in cloud.state["pushed"].items()),
        }
        if image not in known:
            raise RefusedError(f"ImagePullBackOff: {image}")
    if pods and "kind: Deployment" in text:
        cloud.state["revision"] += 1
        cloud.state["web"] = sorted(images)[-1]
        cloud.note("pods")


def terraform(cloud: Cloud, arguments: list[str]) -> str:
    folder = next((word.partition("=")[2] for word in arguments if word.startswith("-chdir=")), "")
    sub, *rest = [word for word in arguments if not word.startswith("-chdir=")]
    _terraform_options(sub, rest)
    if sub == "init":
        if f"gs://{rest[0].rpartition('=')[2]}" not in cloud.state["buckets"]:
            raise RefusedError(f"no bucket for the state: {rest}")
        cloud.note("terraform init")
    elif sub == "apply":
        _create(cloud, Path(folder))
    elif sub == "destroy":
        cloud.need("no namespace")
        cloud.state["secrets"] = {
            key: value for key, value in cloud.state["secrets"].items() if key == "classroom-tfvars"
        }
        cloud.state["vms"] = 0
        cloud.note("terraform destroy")
    elif sub == "output":
        return _output(cloud, rest)
    return ""


def _terraform_options(sub: str, rest: list[str]) -> None:
    program = real("terraform")
    if program is None or trusted():
        return
    told = subprocess.run([program, sub, "-help"], capture_output=True, text=True, check=False).stdout
    for option in (word.partition("=")[0] for word in rest if word.startswith("-")):
        if not re.search(rf"^\s+{option}\b", told, re.M):
            raise RefusedError(f"terraform {sub} has no {option}")


def _create(cloud: Cloud, folder: Path) -> None:
    cloud.need("terraform init")
    for api in ("cloudresourcemanager", "serviceusage", "storage"):
        if api not in cloud.state["apis"]:
            raise RefusedError(f"terraform itself needs {api}")
    password = os.environ.get("TF_VAR_database_password", "")  # noqa: SIM112  # Terraform's own spelling
    if not re.fullmatch(r"[A-Za-z0-9_-]{24,}", password):
        raise RefusedError("database_password: 24 characters or more")
    settings = (folder / "terraform.tfvars").read_text()
    if cloud.versions("classroom-tfvars")[-1] != settings:
        raise RefusedError("other settings than the shared ones")
    [vms] = re.findall(r"^ml_instances *= *(\d+)", settings, re.M)
    if int(vms) and not (cloud.has("classroom-ml-image") and cloud.has("classroom-ml-server-cert")):
        raise RefusedError("a GPU would be paid for a VM without an image or certificates")
    keys = re.findall(r"^    ([a-z-]+) += \[", (ROOT / "terraform/secrets.tf").read_text(), re.M)
    for key in keys:
        cloud.state["secrets"].setdefault(f"classroom-{key}", [])
    for key, value in (("database-password", password), ("sql-ca", "a certificate")):
        if value not in cloud.state["secrets"][f"classroom-{key}"]:
            cloud.add(f"classroom-{key}", value)
    if len(cloud.state["secrets"]["classroom-database-password"]) != 1:
        raise RefusedError("two passwords: the database has the first, the pods the second")
    listed = re.search(r"for_each = toset\(\[(.*?)\]\)", (ROOT / "terraform/main.tf").read_text(), re.S)
    assert listed is not None
    cloud.state["apis"] += re.findall(r'"([a-z]+)"', listed[1])
    cloud.state["vms"] = int(vms)
    cloud.note("terraform apply")


def _output(cloud: Cloud, rest: list[str]) -> str:
    cloud.need("terraform apply")
    name = rest[-1]
    shared = (ROOT / "terraform/envs/shared/outputs.tf").read_text()
    if f'output "{name}" {{' not in shared:
        raise RefusedError(f"no output {name}")
    project = cloud.state["project"]
    values: dict[str, str] = {
        "project": project,
        "region": "asia-northeast1",
        "url": f"https://{cloud.state['host']}",
        "staff_host": f"staff.{cloud.state['host']}",
        "zone": "asia-northeast1-a",
        "address": ADDRESS,
        "sql_address": SQL,
        "ml_targets": "dns:///ml.classroom.internal:50051",
        "classroom": '{"name_servers": [], "dns_records": {}}',
        "door_is_open": "false",
    }
    if name == "kubectl":  # as it is written there: its options are looked at when it is called
        [told] = re.findall(r'"(gcloud container [^"]*)"', (ROOT / "terraform/outputs.tf").read_text())
        return re.sub(r"\$\{[^}]*\}", "x", str(told))
    return values[name]


def docker(cloud: Cloud, arguments: list[str]) -> str:
    program = real("docker")
    sub = arguments[0]
    if program is not None and not trusted():
        told = subprocess.run([program, sub, "--help"], capture_output=True, text=True, check=False).stdout
        for option in (word.partition("=")[0] for word in arguments[1:] if word.startswith("--")):
            if told and option not in told:
                raise RefusedError(f"docker {sub} has no {option}")
    if sub == "build":
        target = arguments[arguments.index("--target") + 1]
        if f" AS {target}\n" not in (ROOT / "Dockerfile").read_text():
            raise RefusedError(f"no stage {target}")
        cloud.note(f"built {arguments[arguments.index('--tag') + 1]}")
    elif sub == "push":
        cloud.need("auth configure-docker")
        cloud.need("terraform apply")  # it makes the registry
        cloud.need(f"built {arguments[-1]}")
        cloud.state["pushed"][arguments[-1]] = DIGEST
    return ""


def make(_cloud: Cloud, arguments: list[str]) -> str:
    words = [word for word in arguments if not word.startswith("-")]
    given = dict(word.split("=", 1) for word in words if "=" in word)
    targets = [word for word in words if "=" not in word and not word.startswith("/")]
    text = (ROOT / "Makefile").read_text()
    for target in targets:
        if not re.search(rf"^{target}:", text, re.M):
            raise RefusedError(f"make has no target {target}")
    for name in given:
        if not re.search(rf"^{name} \?=", text, re.M):
            raise RefusedError(f"make knows no {name}")
    if targets == ["certs"]:
        words = ["certs", given["OUT"], "--names", given["NAMES"]]
        subprocess.run(
            [sys.executable, "-m", "classroom_app", *words], cwd=ROOT, check=True, capture_output=True
        )
    return ""


def curl(cloud: Cloud, arguments: list[str]) -> str:
    cloud.need("pods")
    program = real("curl")
    if program is not None:
        ask(program, *("file:///dev/null" if "://" in word else word for word in arguments))
    return ""


def command_line(arguments: list[str]) -> str:
    """One of our own: `python -m classroom_app rehearse …`, parsed and not run."""
    if arguments[:2] != ["python", "-m"]:
        raise RefusedError(f"not one of our commands: {arguments}")
    try:
        import typer
    except ImportError:  # a stand-in starts without packages, which take longer than all that it does
        ask(sys.executable, "-m", "tests.iac.cloud_stub", "command-line", *arguments)
        return ""
    if arguments[2] == "classroom_app":
        from classroom_app.__main__ import cli as app
    else:
        from ml_core.__main__ import app
    group: Any = typer.main.get_command(app)
    sub, *rest = arguments[3:]
    if sub not in group.commands:
        raise RefusedError(f"{arguments[2]} has no command {sub}")
    if "--help" not in rest:
        try:
            group.commands[sub].make_context(sub, list(rest))
        except Exception as exc:  # click's own, whichever package typer has it from
            raise RefusedError(str(exc)) from exc
    return ""


def python(_cloud: Cloud, arguments: list[str]) -> str:
    return command_line(["python", *arguments])


def editor(cloud: Cloud, arguments: list[str]) -> str:
    """A person: first the project's own values, later the first VM."""
    path = Path(arguments[0])
    text = path.read_text()
    if "our-classroom" in text and cloud.state["project"] not in text:
        text = re.sub(r'(project +=) "[^"]+"', rf'\1 "{cloud.state["project"]}"', text)
    else:
        text = re.sub(r"(ml_instances +=) 0", r"\1 1", text)
    path.write_text(text)
    return ""


def own_command(_cloud: Cloud, arguments: list[str]) -> str:
    return command_line(arguments)


PROGRAMS: dict[str, Callable[[Cloud, list[str]], str]] = {
    "command-line": own_command,
    "gcloud": gcloud,
    "kubectl": kubectl,
    "terraform": terraform,
    "docker": docker,
    "make": make,
    "curl": curl,
    "python": python,
    "editor": editor,
}


def main(program: str, arguments: list[str]) -> int:
    cloud = Cloud(Path(os.environ["CLOUD_STATE"]))
    call = {"section": os.environ.get("CLOUD_SECTION", ""), "program": program, "arguments": arguments}
    cloud.state["calls"].append(call)
    try:
        answer = PROGRAMS[program](cloud, arguments)
    except (
        Exception
    ) as exc:  # also what this stand-in itself did not expect: nobody may take it for an answer
        told = exc if isinstance(exc, (RefusedError, gcloud_table.UnknownError)) else repr(exc)
        print(f"{program}: {told}", file=sys.stderr)
        cloud.state["refused"].append(f"{program} {' '.join(arguments)}: {told}")
        cloud.save()
        return 1
    cloud.save()
    if answer:
        print(answer, end="" if "access" in arguments else "\n")  # a secret comes as it was put
    return 0


def install(folder: Path) -> dict[str, str]:
    """Programs of these names in `folder`/bin, and the environment in which they are found first."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        file = programs / name
        file.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -S -m tests.iac.cloud_stub {name} "$@"\n'
        )
        file.chmod(0o755)
    (folder / "state.json").unlink(missing_ok=True)
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    return {
        **os.environ,
        "PATH": path,
        "CLOUD_BIN": str(programs),
        "CLOUD_STATE": str(folder / "state.json"),
        "EDITOR": str(programs / "editor"),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
