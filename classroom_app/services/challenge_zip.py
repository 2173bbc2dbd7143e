"""A ZIP from outside, read with limits: what its directory says is checked before any of it is unpacked.

No path of it is ever written to disk; `zip_names` reads the names as any computer packs them.
"""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from classroom_app.content.photo_formats import FILE_BYTES_MAX
from classroom_app.errors import BadInputError
from classroom_app.services.zip_names import KnowsFolder, readable_paths

ENTRIES_MAX = 10_000  # a Mac packs a second one beside each photo
DIRECTORY_BYTES_MAX = 200 * ENTRIES_MAX
UNPACKED_TIMES_MAX = 2  # of the largest ZIP: photos do not shrink when they are packed
LOCAL_HEADER_BYTES = 30
# Others unpack without a bound: a few kB to more than there is memory, and nobody packs photos so.
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# Of Windows; what Macs put there begins with a dot, but for the mark of a folder's icon.
_BESIDE_PHOTOS = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "icon?"}
# What the zip module lets through when a file is encrypted, broken or packed in a way it does not know.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)


@dataclass(frozen=True)
class ZipEntry:
    """A file of the ZIP that may be a photo. `name`: with its path; `folders`: from the outermost on."""

    name: str
    folders: tuple[str, ...]
    info: zipfile.ZipInfo

    @property
    def leads_out(self) -> bool:
        """Does its path lead back out of a folder? Then the folder before it is not the one that it is in."""
        return ".." in self.name.split("/")


class _TooLongError(Exception):
    """Of a directory."""


class _Directory:
    """The ZIP while its directory is read. The zip module takes that in one piece, however large it is
    said to be, and makes an object of each entry: so the limit is on the piece.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.limit: int | None = DIRECTORY_BYTES_MAX
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if self.limit is not None and size > self.limit:
            raise _TooLongError
        return self._file.read(size)


class ChallengeZip:
    """An open ZIP; `close` leaves its file open."""

    def __init__(self, file: IO[bytes], bytes_max: int, knows_folder: KnowsFolder) -> None:
        """`knows_folder` helps to read names that do not say how they are written.

        Raises BadInputError `challenge_not_zip`, or `challenge_zip_too_much` when it holds too much.
        """
        self._too_much = BadInputError(
            "challenge_zip_too_much", files=ENTRIES_MAX, megabytes=UNPACKED_TIMES_MAX * bytes_max >> 20
        )
        directory = _Directory(file)
        try:
            self._archive = zipfile.ZipFile(directory)
        except _TooLongError as exc:
            raise self._too_much from exc
        except _ZIP_ERRORS as exc:
            raise BadInputError("challenge_not_zip") from exc
        except OSError as exc:
            if exc.errno != errno.EINVAL:  # it points to before its own begin; any other is our disk's
                raise
            raise BadInputError("challenge_not_zip") from exc
        directory.limit = None
        if len(self._archive.infolist()) > ENTRIES_MAX:
            raise self._too_much
        self.entries = [*_photos(self._archive, knows_folder)]
        self._check(UNPACKED_TIMES_MAX * bytes_max)

    def _check(self, unpacked_max: int) -> None:
        infos = self._archive.infolist()
        unpacked = sum(entry.info.file_size for entry in self.entries if not is_too_large(entry))
        if unpacked > unpacked_max:
            raise self._too_much
        end = 0
        for start, size in sorted((info.header_offset, info.compress_size) for info in infos):
            if start < end:  # many entries on the same bytes: no program packs so
                raise BadInputError("challenge_not_zip")
            end = start + LOCAL_HEADER_BYTES + size

    def read(self, entry: ZipEntry) -> bytes:
        """The file's bytes. Raises BadInputError that says what is wrong with this one file."""
        if entry.info.compress_type not in METHODS:
            raise BadInputError("challenge_zip_method")
        if is_too_large(entry):
            raise BadInputError("photo_too_large")
        try:
            with self._archive.open(entry.info) as file:
                return file.read(FILE_BYTES_MAX + 1)
        except _ZIP_ERRORS as exc:
            raise BadInputError("challenge_file_broken") from exc

    def close(self) -> None:
        self._archive.close()


def is_too_large(entry: ZipEntry) -> bool:
    return entry.info.file_size > FILE_BYTES_MAX


def _photos(archive: zipfile.ZipFile, knows_folder: KnowsFolder) -> Iterator[ZipEntry]:
    """Without folders, and without what computers put beside photos."""
    infos = archive.infolist()
    for info, path in zip(infos, readable_paths(infos, knows_folder), strict=True):
        parts = [part for part in path.split("/") if part not in {"", "."}]
        hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)
        if parts and not path.endswith("/") and not hidden and parts[-1].casefold() not in _BESIDE_PHOTOS:
            yield ZipEntry(path, tuple(parts[:-1]), info)
