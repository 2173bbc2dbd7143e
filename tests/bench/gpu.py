"""What a card has to show, in eight minutes at most: `make gpu-check` on a machine that has one.

The tests of the compute tier with the card in it, then the same benchmark on the card and on the machine's
cores. No test of CI has a card, so this is what says that the GPU's path works.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml_core.vision.networks import has_cuda, has_torch

ROOT = Path(__file__).parents[2]
WHOLE_LIMIT_S = 480.0
# Nothing but these: the rest of the compute tier's tests never sees a device.
CARDS_TESTS = (
    "tests/unit/ml_core/vision",
    "tests/unit/ml_core/serve",
    "tests/integration/ml_core/vision",
    "tests/integration/ml_core/serve/test_server.py",
)


@dataclass(frozen=True)
class Step:
    """`limit_s`: after that it is ended, and has failed."""

    name: str
    command: tuple[str, ...]
    limit_s: float


def steps(out: Path) -> list[Step]:
    """`out`: where the figures go."""
    python = sys.executable
    tests = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "4", *CARDS_TESTS)
    speed = (python, "-m", "ml_core", "speed")
    return [
        Step("tests with the card", tests, 210.0),
        Step("speed on the card", (*speed, "--device", "cuda", "--json", str(out / "cuda.json")), 140.0),
        Step("speed on the cores", (*speed, "--device", "cpu", "--json", str(out / "cpu.json")), 130.0),
    ]


def run_step(step: Step, run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run) -> bool:
    """Its output is this program's; True when it went well."""
    print(f"-- {step.name}", flush=True)
    began = time.monotonic()
    try:
        went_well = run(step.command, cwd=ROOT, timeout=step.limit_s, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        went_well = False
    print(
        f"-- {step.name}: {'well' if went_well else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True
    )
    return went_well


def main(arguments: Sequence[str]) -> int:
    if not (has_cuda() and has_torch()):
        print("There is no GPU here, or no PyTorch: nothing was checked.")
        return 1
    out = Path(arguments[0] if arguments else os.environ.get("OUT") or ROOT / "var" / "gpu-check")
    out.mkdir(parents=True, exist_ok=True)
    # All of them, also after one that failed: a machine with a card is not there twice.
    went_well = [run_step(step) for step in steps(out)]
    return 0 if all(went_well) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
