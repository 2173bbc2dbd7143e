"""The runbook is walked: every block in its order, in one shell, against programs that refuse what the real
ones would. No gap may be left between an empty project and a class, nor on the way back."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.iac import cloud_stub, gcloud_table, kube, runbook
from tests.iac.runbook import ROOT, Block

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl to render with")
PROJECT, HOST = "acme-class-sbx", "class.acme.org"
FOREIGN = {
    "our-classroom-sandbox": PROJECT,
    "sandbox.class.example.org": HOST,
    "000000-000000-000000": "0A1B2C-0A1B2C-0A1B2C",
}
GCLOUDS_OWN = Path("/usr/lib/google-cloud-sdk/data/cli/gcloud_completions.py")


@dataclass(frozen=True)
class Walk:
    """What became of it: the shell's status and words, and the cloud as it is left."""

    status: int
    said: str
    cloud: dict[str, Any]

    def calls(self, *sections: str) -> list[list[str]]:
        return [
            [call["program"], *call["arguments"]]
            for call in self.cloud["calls"]
            if not sections or call["section"] in sections
        ]


def prepare(folder: Path) -> dict[str, str]:
    """A checkout as far as the runbook touches it, and the stand-ins."""
    for part in ("terraform", "k8s"):
        shutil.copytree(
            ROOT / part, folder / part, symlinks=True, ignore=shutil.ignore_patterns(".terraform", "*.tfvars")
        )
    environment = cloud_stub.install(folder)
    python = folder / ".venv/bin"
    python.mkdir(parents=True)
    (python / "python").symlink_to(folder / "bin/python")
    cloud = cloud_stub.Cloud(folder / "state.json")
    cloud.state |= {"project": PROJECT, "host": HOST}
    cloud.save()
    return environment


def walk(folder: Path, parts: list[Block], **more: str) -> Walk:
    environment = prepare(folder)
    lines = ["set -euo pipefail"]
    for block in parts:
        text = block.text
        for example, given in FOREIGN.items():
            text = text.replace(example, given)
        lines += [f"export CLOUD_SECTION={block.section}", f"echo '== line {block.line}' >&2", text]
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env={**environment, **more},
        input="a password\n" * 9,
        capture_output=True,
        text=True,
        check=False,
    )
    return Walk(done.returncode, done.stderr, json.loads((folder / "state.json").read_text()))


def here() -> list[Block]:
    return [block for block in runbook.blocks() if not block.where]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole walk, once for all processes of the tests: `walk` as it ended, `released` as it was after the
    release, with a VM."""
    folder = tmp_path_factory.getbasetemp().parent / "runbook"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "result.json").exists():
            parts = here()
            after = 1 + next(n for n, block in enumerate(parts) if "k8s/release.sh" in block.text)
            parts.insert(after, Block("copy", 0, "cp -a . ../released", ""))
            found = walk(folder / "walk", parts)
            (folder / "result.json").write_text(json.dumps(vars(found)))
    return folder


@pytest.fixture(scope="module")
def walked(place: Path) -> Walk:
    return Walk(**json.loads((place / "result.json").read_text()))


def test_the_runbook_can_be_walked_from_nothing_to_nothing(walked: Walk) -> None:
    assert walked.status == 0, walked.said[-2000:]
    assert walked.cloud["refused"] == [], "and no answer was missing that the shell went on without"
    sections = {call["section"] for call in walked.cloud["calls"]}
    assert sections == {"1", "2", "3", "3a", "4", "6", "7"}
    assert (walked.cloud["vms"], walked.cloud["secrets"], walked.cloud["buckets"]) == (0, {}, [])
    assert {"terraform destroy", "projects delete"} <= set(walked.cloud["done"])
    digest = f"asia-northeast1-docker.pkg.dev/{PROJECT}/classroom/web@{cloud_stub.DIGEST}"
    assert walked.cloud["web"] == digest, "a tag can be another image tomorrow"


def test_the_overlay_that_was_filled_in_on_the_way_speaks_of_one_project(place: Path, walked: Walk) -> None:
    assert walked.status == 0, walked.said[-2000:]
    items = kube.render_folder(place / "walk/k8s/overlays/sandbox")
    assert kube.disagreements(items) == []
    assert kube.project(items) == PROJECT
    text = yaml.safe_dump_all(items)
    assert HOST in text
    assert f"staff.{HOST}" in text


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("gcloud services enable cloudresource", "not enabled"),
        ("TF_VAR_database_password=", "database_password"),
        ("terraform/settings.sh push", "nothing was pushed"),
    ],
)
def test_a_step_that_is_left_out_is_noticed(tmp_path: Path, missing: str, told: str) -> None:
    """Otherwise the walk would prove nothing."""
    parts = []
    for block in (block for block in here() if block.section == "1"):
        kept = [line for line in block.text.replace("\\\n", " ").splitlines() if not line.startswith(missing)]
        parts.append(Block(block.section, block.line, "\n".join(kept), ""))
    found = walk(tmp_path / "walk", parts, CLOUD_TRUSTS="1")
    assert found.status != 0
    assert told in found.said, found.said[-600:]


@pytest.mark.parametrize(
    ("lost", "command", "told"),
    [
        ("pushed", "k8s/release.sh sandbox sandbox", "NOT_FOUND: image"),
        ("classroom-ml-client-key", "k8s/deploy.sh sandbox", "classroom-ml-client-key has no value"),
        ("classroom-ml-image", "terraform -chdir=terraform/envs/sandbox apply", "a GPU would be paid"),
        (
            "container clusters get-credentials",
            "k8s/deploy.sh sandbox",
            "before this comes: container clusters",
        ),
    ],
)
def test_what_a_step_needs_is_asked_for(shell: Any, lost: str, command: str, told: str) -> None:
    settings = "terraform/envs/sandbox/terraform.tfvars"
    lose = f"""python3 - <<'PY'
import json, os
path = os.environ["CLOUD_STATE"]
state = json.load(open(path))
text = open("{settings}").read().replace("ml_instances  = 0", "ml_instances  = 1")
open("{settings}", "w").write(text)
state["secrets"]["classroom-tfvars"].append(text)
if "{lost}" == "pushed":
    state["pushed"] = {{}}
elif "{lost}" in state["secrets"]:
    state["secrets"]["{lost}"] = []
else:
    state["done"] = [step for step in state["done"] if step != "{lost}"]
json.dump(state, open(path, "w"))
PY
export TF_VAR_database_password=$(printf 'x%.0s' {{1..24}})
"""
    found = shell(lose + command)
    assert found.status != 0
    assert told in found.said, found.said[-600:]


# `export NAME=$(command)` succeeds whatever the command says, and so does `ONE=$(command) TWO=$(other)`.
SWALLOWS = re.compile(r"(?:export|local|readonly) \w+=\"?\$\(|^ *\w+=\"?\$\([^\n)]*\)\"? +\w+=", re.M)


def test_no_failure_is_swallowed_by_an_assignment() -> None:
    assert SWALLOWS.search("export A=$(b)")
    assert SWALLOWS.search("set -e\n  a=$(b c) d=$(e)")
    for block in runbook.blocks():
        assert not SWALLOWS.search(block.text), block.line
    for script in runbook.SCRIPTS:
        text = script.read_text()
        assert not SWALLOWS.search(text), script.name
        assert "set -euo pipefail" in text, script.name


def test_code_in_sentences_is_known_too(tmp_path: Path) -> None:
    monitoring = ROOT / "terraform/monitoring.tf"
    found = [*runbook.spans(runbook.RUNBOOK.read_text()), *runbook.of_advice(monitoring)]
    assert len(found) > 25
    environment = prepare(tmp_path)
    for code in found:
        for words in runbook.commands(code):
            check(words, environment)


def check(words: list[str], environment: dict[str, str]) -> None:
    """By the parser of its program; the order is the walk's."""
    try:
        if words[0] == "gcloud":
            gcloud_table.parse(words[1:])
        elif words[0] == "kubectl" and not words[1].startswith("-l"):
            end = words.index("--") if "--" in words else len(words)
            cloud_stub.ask(*words[:end], "--help")
            if end < len(words):
                cloud_stub.command_line(words[end + 1 :])
        elif words[0] == "python":
            cloud_stub.command_line(words)
        elif words[0] == "make":
            cloud_stub.make(
                cloud_stub.Cloud(Path(environment["CLOUD_STATE"])), [w for w in words[1:] if w != "test"]
            )
    except (cloud_stub.RefusedError, gcloud_table.UnknownError) as exc:
        pytest.fail(f"{' '.join(words)}: {exc}")


@pytest.mark.parametrize(
    "refused",
    [
        'compute project-info describe --flatten quotas --filter "quotas.metric=GPUS_ALL_REGIONS"',
        "secrets versions add one two --data-file=-",
        "secrets versions add one --data-fil=-",
        "compute instance-groups managed stop-instance classroom-ml",
        "storage buckets update gs://x --versioning=on",
    ],
)
def test_the_table_refuses_what_gcloud_would(refused: str) -> None:
    with pytest.raises(gcloud_table.UnknownError):
        gcloud_table.parse(next(iter(runbook.commands(refused))))


def test_the_table_has_what_is_used_and_nothing_else(walked: Walk) -> None:
    used = {gcloud_table.parse(call[1:])[0].words for call in walked.calls() if call[0] == "gcloud"}
    text = [*runbook.spans(runbook.RUNBOOK.read_text()), *runbook.of_advice(ROOT / "terraform/monitoring.tf")]
    for code in text:
        used |= {
            gcloud_table.parse(words[1:])[0].words for words in runbook.commands(code) if words[0] == "gcloud"
        }
    assert set(gcloud_table.TABLE) == used
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", gcloud_table.CHECKED)
    for command in gcloud_table.TABLE.values():
        assert command.page.startswith("https://cloud.google.com/sdk/gcloud/reference/")


@pytest.mark.skipif(not GCLOUDS_OWN.exists(), reason="gcloud is not installed: the table stands for it")
def test_the_table_is_what_gcloud_says_itself() -> None:
    said: dict[str, Any] = {}
    exec(GCLOUDS_OWN.read_text(), said)  # noqa: S102  # a file of the SDK that holds one table
    for command in gcloud_table.TABLE.values():
        node = said["STATIC_COMPLETION_CLI_TREE"]
        options: dict[str, Any] = {}
        for word in command.words:
            node = node["commands"][word]
            options |= node["flags"]
        options |= said["STATIC_COMPLETION_CLI_TREE"]["flags"]
        assert not node["commands"], f"a group, not a command: {command.words}"
        for name, takes_value in {**gcloud_table.EVERYWHERE, **command.options}.items():
            assert name in options, f"{command.words} has no {name}"
            assert (options[name] != "bool") == takes_value, f"{command.words} {name}"


def test_operators_may_do_what_their_sections_ask(walked: Walk) -> None:
    """Sections 3a to 5 are theirs, and the release in section 3."""
    granted = (ROOT / "terraform/operators.tf").read_text() + (ROOT / "terraform/iap.tf").read_text()
    asked = walked.calls("3a", "4")
    released = walked.calls("3")
    day = runbook.RUNBOOK.read_text().partition("## 5. ")[2].partition("## 6. ")[0]
    asked += [words for code in runbook.spans(day) for words in runbook.commands(code)]
    asked += [
        words
        for code in runbook.of_advice(ROOT / "terraform/monitoring.tf")
        for words in runbook.commands(code)
    ]
    owners = next(
        i for i, call in enumerate(released) if call[0] == "editor"
    )  # from here on it is an owner's again
    asked += released[:owners]
    seen = set()
    for call in (call for call in asked if call[0] == "gcloud"):
        command = gcloud_table.parse(call[1:])[0]
        seen.add(command.who)
        assert not command.who or f'"{command.who}"' in granted, f"{call}: {command.who}"
    assert "roles/iap.tunnelResourceAccessor" in seen
    assert len(seen) > 6


def test_variables_are_set_before_they_are_used() -> None:
    """`set -u` finds it in the walk; here also for whoever begins at a later section."""
    first = here()[0].text
    given = set(re.findall(r"\b([A-Z]+)=", first))
    used = {name for block in here() for name in re.findall(r"\$\{?([A-Z]{3,})\b", block.text)}
    made = {name for block in here() for name in re.findall(r"\b([A-Z]+)=", block.text)}
    assert used - given - made - {"EDITOR"} == set()
    assert {"ENV", "PROJECT", "REGION", "ZONE", "TAG", "HOST"} <= given


@pytest.fixture
def shell(place: Path, tmp_path: Path) -> Any:
    """One command more where a release was rolled out and one VM runs."""

    def run(command: str, **more: str) -> Walk:
        folder = tmp_path / "walk"
        shutil.copytree(place / "released", folder, symlinks=True)
        cloud = cloud_stub.Cloud(folder / "state.json")
        cloud.state["vms"] = 1
        cloud.save()
        environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "CLOUD_BIN": str(folder / "bin"),
            "CLOUD_STATE": str(folder / "state.json"),
            "CLOUD_TRUSTS": "1",
            **more,
        }
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        return Walk(
            done.returncode, done.stderr + done.stdout, json.loads((folder / "state.json").read_text())
        )

    return run


NEWER = "asia-northeast1-docker.pkg.dev/" + PROJECT + "/classroom/{}:2.0.0"


# Another release in the registry, as `docker push` leaves it.
PUSH = f"""python3 - <<'PY'
import json, os
path = os.environ["CLOUD_STATE"]
state = json.load(open(path))
state["pushed"].update({{"{NEWER}".format(tier): "sha256:" + "cd" * 32 for tier in ("web", "ml")}})
json.dump(state, open(path, "w"))
PY
"""


def test_a_release_reaches_both_tiers_by_its_digests(shell: Any) -> None:
    found = shell(PUSH + "k8s/release.sh sandbox 2.0.0")
    assert found.status == 0, found.said
    assert found.cloud["web"].endswith("@sha256:" + "cd" * 32)
    assert found.cloud["running"][-1] == NEWER.format("ml").replace(":2.0.0", "@sha256:" + "cd" * 32)


@pytest.mark.parametrize(
    ("trouble", "undone"),
    [
        ({"CLOUD_SICK_IMAGE": NEWER.format("ml").replace(":2.0.0", "@sha256:" + "cd" * 32)}, False),
        ({"CLOUD_MIGRATION_FAILS": "1"}, False),
        ({"CLOUD_TIERS_DIFFER": "1"}, True),
    ],
    ids=["a server stays sick", "the tables do not come", "the tiers do not fit"],
)
def test_a_release_that_does_not_come_up_goes_back(shell: Any, trouble: dict[str, str], undone: bool) -> None:
    """And pods that it never reached are left alone: the release before them would be one too many."""
    found = shell(PUSH + "k8s/release.sh sandbox 2.0.0", **trouble)
    assert found.status != 0
    before = NEWER.format("ml").replace(":2.0.0", "@" + cloud_stub.DIGEST)
    assert found.cloud["secrets"]["classroom-ml-image"][-1] == before
    assert found.cloud["running"][-1] == before
    assert ("rollout undo" in found.cloud["done"]) == undone


def test_the_release_before_comes_back_on_both_tiers(shell: Any) -> None:
    found = shell(PUSH + "k8s/release.sh sandbox 2.0.0 && k8s/release.sh sandbox back")
    assert found.status == 0, found.said
    assert found.cloud["running"][-1].endswith(cloud_stub.DIGEST)
    assert "rollout undo" in found.cloud["done"]


def test_a_password_is_never_made_because_gcloud_failed(shell: Any) -> None:
    found = shell(f"terraform/password.sh {PROJECT}", CLOUD_SECRETS_ARE_AWAY="1")
    assert found.status != 0
    assert not re.search(r"[0-9a-f]{48}", found.said)


def test_settings_of_two_people_do_not_overwrite_each_other(shell: Any) -> None:
    mine = "terraform/envs/sandbox/terraform.tfvars"
    other = f"gcloud secrets versions add classroom-tfvars --project {PROJECT} --data-file={mine}\n"
    found = shell(f"{other}echo '# mine' >> {mine}\nterraform/settings.sh push sandbox {PROJECT}")
    assert found.status != 0
    assert "somebody pushed" in found.said
    assert not any("# mine" in text for text in found.cloud["secrets"]["classroom-tfvars"])


def test_new_certificates_are_of_the_same_authority(shell: Any) -> None:
    found = shell(f"terraform/certificates.sh {PROJECT} asia-northeast1-a")
    assert found.status == 0, found.said
    secrets = found.cloud["secrets"]
    assert len(secrets["classroom-ml-ca-key"]) == len(secrets["classroom-ml-ca-cert"]) == 1
    assert len(set(secrets["classroom-ml-server-cert"])) == len(set(secrets["classroom-ml-client-cert"])) == 2
    assert "notAfter=" in found.said
    assert found.cloud["running"], "the VMs took them up"
