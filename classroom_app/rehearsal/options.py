"""What a rehearsal is asked to do, and the limits it keeps.

They are checked before anything is started.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from classroom_app.rehearsal.problems import OptionsError
from classroom_app.states import PHOTOS_TO_TRAIN

MIN_PHOTOS_PER_LABEL = PHOTOS_TO_TRAIN + 1  # so that the second training has more than the first
MAX_GROUPS = 60


@dataclass(frozen=True)
class RehearsalOptions:
    """One rehearsal. Without `url` it starts an app of its own on this machine."""

    photos: Path
    groups: int = 6
    photos_per_label: int = 10
    seed: int = 0
    json_out: Path | None = None
    url: str | None = None
    facilitator: str = "facilitator"
    password: str | None = field(default=None, repr=False)  # only with `url`; never from the command line
    ca: Path | None = None  # certificate authority of the app at `url`
    keep: bool = False
    hold_out: int = 0  # photos per label taken out of train/ as the challenge, for a folder without test/
    ipads_per_group: int = 2
    start_limit_s: float = 240.0  # the first start loads the backbone
    run_limit_s: float = 600.0  # from tap to result
    ready_limit_s: float = 900.0  # until all features are there
    poll_s: float = 0.3

    def check(self) -> None:
        """Refuses what cannot work before anything is started."""
        if not 1 <= self.groups <= MAX_GROUPS:
            raise OptionsError(f"--groups must be from 1 to {MAX_GROUPS}, not {self.groups}.")
        if self.photos_per_label < MIN_PHOTOS_PER_LABEL:
            raise OptionsError(
                f"--photos-per-label must be {MIN_PHOTOS_PER_LABEL} or more: {PHOTOS_TO_TRAIN} for the "
                f"first training, and some more for the second; not {self.photos_per_label}."
            )
        if self.hold_out < 0:
            raise OptionsError(f"--hold-out must be 0 or more, not {self.hold_out}.")
        if self.ipads_per_group < 1:
            raise OptionsError("A group needs at least one iPad.")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise OptionsError(f"--url must start with http:// or https://, not {self.url!r}.")
        if self.url is not None and not self.password:
            raise OptionsError("The facilitator's password is missing: set CLASSROOM_PASSWORD.")
        if self.ca is not None and not self.ca.is_file():
            raise OptionsError(f"--ca {self.ca} is not a file.")
        if self.json_out is not None and not self.json_out.resolve().parent.is_dir():
            raise OptionsError(f"The folder of --json {self.json_out} does not exist.")

    @property
    def first_half(self) -> int:
        """Photos per label before the first training: half of them, but enough to train."""
        return max(PHOTOS_TO_TRAIN, self.photos_per_label // 2)
