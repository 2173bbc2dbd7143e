"""The default backbone as one file, an ONNX graph that runs without PyTorch, and what it must be.

`make backbone` makes it anew and writes `exported.json`. Its licence lies beside it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ABOUT = FOLDER / "exported.json"
NAME_DIGITS = 16  # of the hash, in the file's name


class BackboneFileError(Exception):
    """The file is not there, or is not the one that it should be."""


@dataclass(frozen=True)
class ExportedFile:
    """The file's name and hash (SHA-256), and the space of the features that it makes."""

    file: str
    sha256: str
    space: str

    @property
    def path(self) -> Path:
        return FOLDER / self.file

    def read(self) -> bytes:
        """All of it. Raises BackboneFileError: a truncated or exchanged one is never run."""
        try:
            data = self.path.read_bytes()
        except OSError as exc:
            raise BackboneFileError(f"the backbone cannot be read at {self.path}: {exc.strerror}") from exc
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise BackboneFileError(
                f"{self.path} is damaged or another file ({len(data):,} bytes): its hash is not the one in "
                f"{ABOUT.name}. Get it anew: `git checkout -- {self.file}` in its folder"
            )
        return data


def exported_file() -> ExportedFile:
    """What `exported.json` says. Raises BackboneFileError."""
    try:
        return ExportedFile(**json.loads(ABOUT.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as exc:
        raise BackboneFileError(f"{ABOUT} cannot be read: {exc}") from exc


def file_name(backbone: str, sha256: str) -> str:
    return f"{backbone}-{sha256[:NAME_DIGITS]}.onnx"
