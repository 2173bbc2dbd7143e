"""Both tiers have one version, and the changelog begins with it."""

from __future__ import annotations

import re
from pathlib import Path

from ml_core import config
from ml_core.contract.version import VERSION

CHANGELOG = Path(__file__).parents[3] / "CHANGELOG.md"
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", re.M)


def test_the_newest_release_of_the_changelog_is_the_code_s_version() -> None:
    releases = RELEASE.findall(CHANGELOG.read_text(encoding="utf-8"))
    assert releases[0] == VERSION == config.VERSION
    assert releases == sorted(
        releases, key=lambda number: [int(part) for part in number.split(".")], reverse=True
    )
    assert len(releases) == len(set(releases))
