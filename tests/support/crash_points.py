"""The app with places at which its web process can be killed: `python -m tests.support.crash_points run …`.

It is the app as it is, started from here, with wrappers around the named steps of an upload, a training and
a reset; nothing in it knows of them. A file in the data folder says at which the next kill comes; the wrapper
that finds its own name there takes the file away and sends SIGKILL to its process.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARMED, STRUCK = "crash_point", "crash_point_struck"
DURING_S = 0.005
WHEN = ("before", "during", "after")


@dataclass(frozen=True)
class Step:
    """`where`: module, class and method. `commits`: it has a transaction, and "during" is before its commit;
    of another "during" is some milliseconds after its begin."""

    name: str
    where: str
    commits: bool = False


UPLOAD = (
    Step("photo: cleaned", "classroom_app.intake.decoder_pool:Intake.clean"),
    Step("photo: files", "classroom_app.data.files:Files.put_photo"),
    Step("photo: row", "classroom_app.services.photos:PhotoService._insert", commits=True),
    Step("photo: answer", "classroom_app.services.photos:PhotoService._advised"),
    Step("photo: features", "classroom_app.services.embedding:EmbeddingService._embed_taken", commits=True),
)
TRAINING = (
    Step("training: tap", "classroom_app.services.training.ask:RunService.request", commits=True),
    Step("training: queued", "classroom_app.services.training.queue:RunQueue.enqueue"),
    Step("training: start", "classroom_app.services.training.steps:TrainingService.start", commits=True),
    Step("training: prepare", "classroom_app.services.training.steps:TrainingService.prepare"),
    Step("training: fit", "classroom_app.services.training.steps:TrainingService.fit"),
    Step("training: model's file", "classroom_app.data.files:Files.put"),
    Step("training: finish", "classroom_app.services.training.steps:TrainingService.finish"),
    Step(
        "training: result",
        "classroom_app.services.training.steps:TrainingService._write_result",
        commits=True,
    ),
)
RESET = (
    Step("reset: door", "classroom_app.services.privacy:PrivacyService._close_the_door", commits=True),
    Step("reset: files", "classroom_app.services.privacy:PrivacyService._delete_files"),
    Step("reset: rows", "classroom_app.services.privacy:PrivacyService._delete_rows", commits=True),
    Step("reset: queue", "classroom_app.services.training.queue:RunQueue.forget"),
    Step("reset: receipt", "classroom_app.services.privacy:PrivacyService.receipt_of", commits=True),
)
STEPS = (*UPLOAD, *TRAINING, *RESET)


@dataclass(frozen=True)
class CrashPoint:
    step: Step
    when: str

    def __str__(self) -> str:
        return f"{self.when} {self.step.name}"


def points(*steps: Step) -> list[CrashPoint]:
    return [CrashPoint(step, when) for step in steps for when in WHEN]


# -- the test's side -----------------------------------------------------------------------------------------


def arm(data: Path, point: CrashPoint) -> None:
    """The next time that the web process comes by it is killed there."""
    (data / STRUCK).unlink(missing_ok=True)
    half = data / f"{ARMED}.new"
    half.write_text(str(point))
    half.replace(data / ARMED)


def was_struck(data: Path, point: CrashPoint) -> bool:
    struck = data / STRUCK
    return struck.exists() and struck.read_text() == str(point)


def command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "tests.support.crash_points", *arguments]


# -- in the web process --------------------------------------------------------------------------------------


class _Trap:
    """`transaction.step`: the step that this thread is in, when it is to die before its commit."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.transaction = threading.local()

    def is_set(self, point: CrashPoint) -> bool:
        try:
            return (self._data / ARMED).read_text() == str(point)
        except FileNotFoundError:
            return False

    def spring(self) -> None:
        try:
            (self._data / ARMED).rename(self._data / STRUCK)
        except FileNotFoundError:
            return  # another thread was here first
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)  # the signal ends all threads, this one too


def _wrapped(trap: _Trap, step: Step, original: Callable[..., Any]) -> Callable[..., Any]:
    before, during, after = (CrashPoint(step, when) for when in WHEN)

    @functools.wraps(original)
    def call(*args: Any, **options: Any) -> Any:
        if step.where.endswith("Files.put") and not str(args[1]).endswith(".safetensors"):
            return original(*args, **options)  # a photo's: they have a step of their own
        if trap.is_set(before):
            trap.spring()
        dies = trap.is_set(during)
        if dies and step.commits:
            trap.transaction.step = step
        elif dies:
            threading.Timer(DURING_S, trap.spring).start()
        try:
            result = original(*args, **options)
        finally:
            trap.transaction.step = None
        if dies and not step.commits:
            time.sleep(60)  # it was faster than the timer, which ends this process now
        if trap.is_set(after):
            trap.spring()
        return result

    return call


def set_up(data: Path) -> None:
    from importlib import import_module

    from classroom_app.data.engine import Database

    trap = _Trap(data)
    for step in STEPS:
        module, _, names = step.where.partition(":")
        owner_name, _, method = names.partition(".")
        owner = getattr(import_module(module), owner_name)
        setattr(owner, method, _wrapped(trap, step, getattr(owner, method)))
    write = Database.write

    @contextmanager
    def dying(self: Database) -> Iterator[Any]:
        with write(self) as session:
            yield session
            if getattr(trap.transaction, "step", None) is not None:
                session.flush()  # all that it wrote is on its way, and none of it is committed
                trap.spring()

    setattr(Database, "write", dying)  # noqa: B010  # mypy lets nobody assign to a method


def main() -> None:
    from classroom_app.__main__ import cli
    from classroom_app.onsite import launcher

    children_of = launcher.children_of

    def with_crash_points(*args: Any) -> list[launcher.Child]:
        found = children_of(*args)
        for child in found:
            if child.name == "web":
                child.command = ["-m", "tests.support.crash_points", *child.command[2:]]
        return found

    setattr(launcher, "children_of", with_crash_points)  # noqa: B010  # as above
    if sys.argv[1] == "web":
        set_up(Path(os.environ["CLASSROOM_DATA_DIR"]))
    cli()


if __name__ == "__main__":
    main()
