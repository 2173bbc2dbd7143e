"""The gcloud commands of the runbook and of our scripts: their options, the page that says so, and who may.

gcloud is on few machines. So what is used of it is written down here, each with the page that it was read on;
where gcloud is installed, `test_runbook.py` holds this table beside gcloud's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CHECKED = "2026-11-27"  # when the pages were read
VERSION = "528.0.0"  # of the gcloud whose own list of commands agreed
PAGES = "https://cloud.google.com/sdk/gcloud/reference/"

# Options of every command. `--filter` is not among them: only commands that list have it.
EVERYWHERE = {"--project": True, "--format": True, "--flatten": True, "--quiet": False, "--account": True}
LISTS = "--filter= --limit= --sort-by= --page-size= --uri"
OWNER = "owner"  # who builds the project and takes it down


class UnknownError(Exception):
    """gcloud would refuse it; the text says why."""


@dataclass(frozen=True)
class Command:
    """`options`: name -> takes a value; `least`, `most`: words that are no options; `api`: what it asks."""

    words: tuple[str, ...]
    options: dict[str, bool]
    least: int
    most: int
    who: str
    api: str

    @property
    def page(self) -> str:
        return PAGES + "/".join(self.words)


def _options(text: str) -> dict[str, bool]:
    return {name.removesuffix("="): name.endswith("=") for name in text.split()}


def _of(words: str, least: int, most: int, options: str = "", *, who: str = OWNER, api: str = "") -> Command:
    return Command(tuple(words.split()), _options(options), least, most, who, api)


_MIG = "compute instance-groups managed"
TABLE = {
    command.words: command
    for command in (
        _of("auth login", 0, 1, who=""),
        _of("auth application-default login", 0, 0, who=""),
        _of("auth application-default set-quota-project", 1, 1),
        _of("auth configure-docker", 0, 1, who=""),
        _of("config set", 2, 2, who=""),
        _of("projects create", 0, 1, "--name= --folder= --organization="),
        _of("projects delete", 1, 1),
        _of("billing projects link", 1, 1, "--billing-account="),
        _of("services enable", 1, 20, "--async"),
        _of(
            "storage buckets create",
            1,
            9,
            "--location= --uniform-bucket-level-access --public-access-prevention",
            api="storage",
        ),
        _of("storage buckets update", 0, 9, "--versioning", api="storage"),
        _of("storage rm", 0, 9, "--recursive --all-versions", api="storage"),
        _of("secrets create", 1, 1, "--replication-policy= --locations= --data-file=", api="secretmanager"),
        _of("secrets delete", 1, 1, api="secretmanager"),
        _of("secrets list", 0, 0, LISTS, api="secretmanager"),
        _of(
            "secrets versions add",
            1,
            1,
            "--data-file=",
            who="roles/secretmanager.secretVersionAdder",
            api="secretmanager",
        ),
        _of(
            "secrets versions access",
            1,
            1,
            "--secret=",
            who="roles/secretmanager.secretAccessor",
            api="secretmanager",
        ),
        _of("secrets versions list", 1, 1, LISTS, who="roles/secretmanager.viewer", api="secretmanager"),
        _of("compute accelerator-types list", 0, 9, LISTS, who="roles/compute.viewer", api="compute"),
        _of("compute project-info describe", 0, 0, who="roles/compute.viewer", api="compute"),
        _of("compute regions describe", 1, 1, who="roles/compute.viewer", api="compute"),
        _of("compute forwarding-rules list", 0, 9, LISTS, who="roles/compute.viewer", api="compute"),
        _of(
            f"{_MIG} list-instances",
            1,
            1,
            f"{LISTS} --zone= --region=",
            who="roles/compute.viewer",
            api="compute",
        ),
        _of(
            f"{_MIG} stop-instances",
            1,
            1,
            "--instances= --zone= --region=",
            who="compute.instanceGroupManagers.update",
            api="compute",
        ),
        _of(
            f"{_MIG} start-instances",
            1,
            1,
            "--instances= --zone= --region=",
            who="compute.instanceGroupManagers.update",
            api="compute",
        ),
        _of(
            "compute ssh",
            1,
            1,
            "--zone= --tunnel-through-iap --command=",
            who="roles/iap.tunnelResourceAccessor",
            api="compute",
        ),
        _of(
            "certificate-manager certificates describe",
            1,
            1,
            "--location=",
            who="roles/certificatemanager.viewer",
            api="certificatemanager",
        ),
        _of(
            "container clusters get-credentials",
            1,
            1,
            "--location= --dns-endpoint",
            who="roles/container.developer",
            api="container",
        ),
        _of(
            "artifacts docker images describe",
            1,
            1,
            "",
            who="roles/artifactregistry.reader",
            api="artifactregistry",
        ),
        _of(
            "logging read", 0, 1, "--freshness= --limit= --order=", who="roles/logging.viewer", api="logging"
        ),
        _of("sql instances list", 0, 0, LISTS, who="roles/cloudsql.viewer", api="sqladmin"),
        _of("sql instances patch", 1, 1, "--activation-policy= --tier=", api="sqladmin"),
        _of("asset search-all-resources", 0, 0, "--scope= --query= --asset-types=", api="cloudasset"),
    )
}


def parse(arguments: Sequence[str]) -> tuple[Command, list[str], dict[str, str]]:
    """(command, words that are no options, options). Raises UnknownError for what gcloud would refuse."""
    for length in range(len(arguments), 0, -1):
        command = TABLE.get(tuple(arguments[:length]))
        if command is not None:
            return (command, *_split(command, arguments[length:]))
    raise UnknownError(f"not in the table: gcloud {' '.join(arguments[:4])}")


def _split(command: Command, rest: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    known = {**EVERYWHERE, **command.options}
    words: list[str] = []
    given: dict[str, str] = {}
    queue = list(rest)
    while queue:
        word = queue.pop(0)
        if not word.startswith("--"):
            words.append(word)
            continue
        name, equals, value = word.partition("=")
        if name not in known:
            raise UnknownError(f"{' '.join(command.words)} has no {name}: {command.page}")
        if known[name] and not equals:
            if not queue:
                raise UnknownError(f"{name} needs a value")
            value = queue.pop(0)
        elif not known[name] and equals:
            raise UnknownError(f"{name} takes no value")
        given[name] = value
    if not command.least <= len(words) <= command.most:
        raise UnknownError(f"{' '.join(command.words)}: {len(words)} words {words}")
    return words, given
