"""Every package is pinned with the hashes of its files, and no lock says where to fetch it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = [ROOT / "requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]
PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)")


def pins(text: str) -> dict[str, set[str]]:
    """The versions of each package; for some there is one for each version of Python."""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if pin := PIN.match(line):
            found.setdefault(pin[1], set()).add(pin[2])
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert PIN.match(entry), entry
        assert "--hash=sha256:" in entry, entry


def test_what_comes_from_npm_is_pinned_with_hashes_and_no_address() -> None:
    wanted, lock = (json.loads((ROOT / name).read_text()) for name in ("package.json", "package-lock.json"))
    text = json.dumps({**lock, "packages": {name: _no_words(one) for name, one in lock["packages"].items()}})
    assert "://" not in text
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert [name for name, one in packages.items() if "resolved" in one or "integrity" not in one] == []
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def _no_words(package: dict[str, object]) -> dict[str, object]:
    """Without the addresses of those who ask for donations."""
    return {name: value for name, value in package.items() if name != "funding"}


def test_the_locks_are_of_what_is_asked_for() -> None:
    for wanted in (ROOT / "requirements").glob("*.in"):
        _holds(wanted.with_suffix(".txt"), wanted)


def _holds(lock: Path, wanted: Path) -> None:
    locked = pins(lock.read_text())
    for name, versions in pins(wanted.read_text()).items():
        assert locked.get(name) == versions, f"{wanted.name} in {lock.name}: run make lock"


def test_one_machine_has_both_tiers_and_no_torch() -> None:
    """`make run` installs this list; the full one, with torch, is at the root."""
    light, full = ROOT / "requirements/one-machine.txt", ROOT / "requirements.txt"
    for tier in ("web", "ml-cpu"):
        _holds(light, ROOT / f"requirements/{tier}.in")
        _holds(full, ROOT / f"requirements/{tier}.in")
    _holds(full, ROOT / "requirements/ml-gpu.in")
    heavy = re.compile("torch|nvidia|cuda|triton|onnx$|efficientnet")
    for lock in (light, ROOT / "requirements/ml-cpu.txt", ROOT / "requirements/web.txt"):
        assert not [name for name in pins(lock.read_text()) if heavy.search(name)], lock.name
    assert [name for name in pins(full.read_text()) if heavy.search(name)]


def test_the_light_lists_are_parts_of_the_full_one() -> None:
    full = pins((ROOT / "requirements.txt").read_text())
    for name in ("web", "ml-cpu", "ml-gpu", "one-machine"):
        for package, versions in pins((ROOT / f"requirements/{name}.txt").read_text()).items():
            assert full.get(package) == versions, f"{package} of {name}.txt"


def test_the_tiers_share_their_versions() -> None:
    everything: dict[str, set[str]] = {}
    for name in ("web", "ml-cpu", "ml-gpu", "one-machine", "trace", "dev"):
        for package, versions in pins((ROOT / f"requirements/{name}.txt").read_text()).items():
            assert everything.setdefault(package, versions) == versions, package
