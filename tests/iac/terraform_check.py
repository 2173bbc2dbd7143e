"""Checks terraform/ without a cloud: format, argument names, planned values, policies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"
# envs/shared is no environment: the others have links to its files.
MODULES = (TERRAFORM, *sorted(path.parent for path in (TERRAFORM / "envs").glob("*/main.tf")))
MISSPELT = ROOT / "tests/iac/misspelt"
OLDEST_TERRAFORM = (1, 11)


class CheckError(Exception):
    """What failed, in a line; the tool's own words came before."""


def main() -> int:
    try:
        if _terraform_is_here():
            _check_with_terraform()
        _check_policies()
    except CheckError as exc:
        print(f"iac-terraform: {exc}", file=sys.stderr)
        return 1
    return 0


def _terraform_is_here() -> bool:
    """A machine without it, or with an old one, is no failure; it is said, so that nobody is misled."""
    found = shutil.which("terraform")
    if found is None:
        print("iac-terraform: SKIPPED format, validate and test: terraform is not installed")
        return False
    answer = subprocess.run([found, "version"], env=_env({}), capture_output=True, text=True, check=True)
    version = answer.stdout.split()[1].lstrip("v")
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < OLDEST_TERRAFORM:
        print(f"iac-terraform: SKIPPED format, validate and test: terraform {version} is too old")
        return False
    return True


def _check_with_terraform() -> None:
    from tests.iac import provider_schema, provider_server

    _terraform(TERRAFORM, "fmt", "-check", "-diff", "-recursive")
    # Sockets and module folders: a short path of our own, and nothing is left in the tree.
    with tempfile.TemporaryDirectory(prefix="iac-") as scratch:
        schema = provider_schema.load(Path(sys.prefix) / "google-schema.json.gz")
        print(f"provider schema: google {schema['version']}, {len(schema['resources'])} resources")
        with provider_server.serve(schema, Path(scratch)) as provider:
            for number, module in enumerate(MODULES):
                data = {"TF_REATTACH_PROVIDERS": provider, "TF_DATA_DIR": f"{scratch}/{number}"}
                _terraform(module, "init", "-backend=false", "-input=false", env=data, quiet=True)
                _terraform(module, "validate", env=data)
                _terraform(module, "test", env=data)
            _misspelt_is_refused({"TF_REATTACH_PROVIDERS": provider, "TF_DATA_DIR": f"{scratch}/misspelt"})


def _misspelt_is_refused(env: Mapping[str, str]) -> None:
    """The schema is ours, not the provider's own: show that it still finds mistakes."""
    _terraform(MISSPELT, "init", "-backend=false", "-input=false", env=env, quiet=True)
    answer = subprocess.run(
        ["terraform", "validate", "-no-color"],
        cwd=MISSPELT,
        env=_env(env),
        capture_output=True,
        text=True,
        check=False,
    )
    missing = [word for word in ("soft_delete_polcy", "location") if word not in answer.stderr]
    if answer.returncode == 0 or missing:
        raise CheckError(f"the schema let a mistake pass: {missing or 'all'}")


def _check_policies() -> None:
    checkov = Path(sys.prefix) / "bin/checkov"
    options = ["--framework", "terraform", "--skip-download", "--quiet", "--compact"]
    _run([str(checkov), "--directory", str(TERRAFORM), *options], ROOT, {}, "checkov")


def _terraform(folder: Path, *words: str, env: Mapping[str, str] | None = None, quiet: bool = False) -> None:
    where = folder.relative_to(ROOT)
    _run(["terraform", *words, "-no-color"], folder, env or {}, f"{where}: terraform {words[0]}", quiet=quiet)


def _run(
    command: Sequence[str], folder: Path, env: Mapping[str, str], what: str, *, quiet: bool = False
) -> None:
    print(f"-- {what}", flush=True)
    answer = subprocess.run(
        command,
        cwd=folder,
        env=_env(env),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if answer.returncode or not quiet:
        print(answer.stdout, end="", flush=True)
    if answer.returncode:
        raise CheckError(f"{what} failed")


def _env(more: Mapping[str, str]) -> dict[str, str]:
    """No settings of the user's own, no question to a server about newer versions."""
    return {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1", **more}


if __name__ == "__main__":
    sys.exit(main())
