"""What must hold at the end of whatever was thrown at the app: `python -m classroom_app check` finds nothing.

`Running` and `cloud_here` ask it as they end, so that no test has to remember it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.support.root import ROOT

CHECK_LIMIT_S = 180.0
# A kill in the middle of a write leaves such a file, which the sweep takes two minutes later at the latest:
# what it would do is done at once. All else must be in order by itself.
SWEPT = "half_written_file"


def must_hold(env: Mapping[str, str], *options: str, inside: Sequence[str] = ()) -> None:
    """`env`: the web tier's, beside that of the tests; `inside`: a command that runs others where it lies."""
    found = _problems(env, options, inside)
    if found and all(problem.startswith(SWEPT) for problem in found):
        found = _problems(env, (*options, "--repair"), inside)
    assert not found, f"`python -m classroom_app check` says: {found}"


def _problems(env: Mapping[str, str], options: Sequence[str], inside: Sequence[str]) -> list[str]:
    done = subprocess.run(
        [*inside, sys.executable, "-m", "classroom_app", "check", "--json", *options],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=CHECK_LIMIT_S,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr  # 2: it could not look
    said = json.loads(done.stdout[done.stdout.index("{") :])
    found = [f"{problem['kind']}: {problem['subject']}" for problem in said["problems"]]
    assert said["sound"] is not bool(found), said
    return found
