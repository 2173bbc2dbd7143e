"""What the harness server remembers, and the faults a test switches on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Photo:
    """One photo as it arrived."""

    label: str
    group: str
    data: bytes


@dataclass
class Store:
    """Photos by id, what was asked for and when, and the switches."""

    photos: dict[str, Photo] = field(default_factory=dict)
    attempts: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    switches: dict[str, object] = field(default_factory=dict)

    def clear(self) -> None:
        """Back to an empty, healthy server."""
        for kept in (self.photos, self.attempts, self.fetched, self.frames, self.tickets, self.switches):
            kept.clear()

    def of_label(self, label: str) -> list[str]:
        """The ids of a label's photos, oldest first."""
        return [photo_id for photo_id, photo in self.photos.items() if photo.label == label]

    def add(self, photo_id: str, photo: Photo) -> None:
        """Keep a photo, and its name in the ledger: a killed server knows it again when it is back."""
        self.photos[photo_id] = photo
        if LEDGER:
            with Path(LEDGER).open("a", encoding="utf-8") as ledger:
                ledger.write(f"{photo_id} {photo.label} {photo.group}\n")

    def remember(self) -> None:
        """Know the photos of the ledger (their pictures are gone)."""
        if LEDGER and Path(LEDGER).exists():
            for line in Path(LEDGER).read_text(encoding="utf-8").splitlines():
                photo_id, label, group = line.split(" ")
                self.photos[photo_id] = Photo(label, group, b"")


LEDGER = os.environ.get("HARNESS_LEDGER", "")
STORE = Store()
STORE.remember()
