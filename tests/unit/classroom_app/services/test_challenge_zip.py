"""A ZIP that would unpack to too much is refused by what its directory says, before any of it is unpacked."""

from __future__ import annotations

import bz2
import errno
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

import pytest

from classroom_app.content.photo_formats import FILE_BYTES_MAX
from classroom_app.errors import BadInputError
from classroom_app.services.challenge_zip import ENTRIES_MAX, ChallengeZip

MB = 1024 * 1024
LIMIT = 200 * MB


def archive(
    entries: int,
    unpacked: int,
    data: bytes = b"x",
    method: int = 0,
    name: bytes = b"a/1.jpg",
    same: bool = True,
) -> io.BytesIO:
    """Entries that each say to unpack to so much; all of them on the `same` bytes, or one after another."""
    crc = zlib.crc32(data)
    sizes = (crc, len(data), unpacked, len(name), 0)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, method, 0, 0x21, *sizes) + name + data
    body = local * (1 if same else entries)
    central = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, method, 0, 0x21, *sizes, 0, 0, 0, 0,
                    0 if same else number * len(local)) + name
        for number in range(entries)
    )  # fmt: skip
    end64 = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, len(central), len(body)
    )
    end64 += struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body) + len(central), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return io.BytesIO(body + central + end64 + end)


def opened_zip(file: IO[bytes]) -> ChallengeZip:
    return ChallengeZip(file, LIMIT, lambda _folders: False)


def why(file: io.BytesIO) -> str:
    with pytest.raises(BadInputError) as error:
        opened_zip(file)
    return error.value.key


def test_an_honest_one_is_read() -> None:
    opened = opened_zip(archive(3, 4, b"four", same=False))
    assert [(entry.name, entry.folders) for entry in opened.entries] == [("a/1.jpg", ("a",))] * 3
    assert [opened.read(entry) for entry in opened.entries] == [b"four"] * 3


def test_what_unpacks_to_too_much_in_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few kilobytes, and 20 GB in them."""
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing of it is unpacked
    deflated = zlib.compress(bytes(39 * MB), 9)[2:-4]
    assert why(archive(500, 39 * MB, deflated, zipfile.ZIP_DEFLATED)) == "challenge_zip_too_much"
    assert why(archive(11, 39 * MB, deflated, zipfile.ZIP_DEFLATED, same=False)) == "challenge_zip_too_much"
    assert opened_zip(archive(10, 39 * MB, deflated, zipfile.ZIP_DEFLATED, same=False))


def test_entries_on_the_same_bytes_are_refused() -> None:
    assert why(archive(2, 1)) == "challenge_not_zip"


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    many = archive(ENTRIES_MAX + 1, 1, same=False)
    assert opened_zip(archive(ENTRIES_MAX, 1, same=False))
    assert why(many) == "challenge_zip_too_much"

    def made(*_args: object) -> None:
        raise AssertionError("no object was to be made of an entry")

    monkeypatch.setattr(zipfile, "ZipInfo", made)
    assert why(archive(60_000, 1, same=False)) == "challenge_zip_too_much"


def test_methods_that_unpack_without_a_bound_are_refused_for_their_file_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    bomb = archive(1, 1000, bz2.compress(bytes(50 * MB)), zipfile.ZIP_BZIP2)  # it says 1000 bytes
    opened = opened_zip(bomb)
    with pytest.raises(BadInputError) as error:
        opened.read(opened.entries[0])
    assert error.value.key == "challenge_zip_method"


def test_a_file_that_says_to_be_smaller_than_it_is_gives_no_more() -> None:
    deflated = zlib.compress(bytes(39 * MB), 9)[2:-4]
    opened = opened_zip(archive(1, 1000, deflated, zipfile.ZIP_DEFLATED))
    with pytest.raises(BadInputError) as error:
        opened.read(opened.entries[0])
    assert error.value.key == "challenge_file_broken"


class Disk(io.BytesIO):
    """Fails from the next read on."""

    broken = False

    def read(self, size: int | None = -1, /) -> bytes:
        if self.broken:
            raise OSError(errno.EIO, "the disk")
        return super().read(size)


def test_a_disk_that_fails_is_not_the_zips_fault() -> None:
    disk = Disk(archive(1, 1).getvalue())
    opened = opened_zip(disk)
    disk.broken = True
    with pytest.raises(OSError, match="the disk"):
        opened.read(opened.entries[0])


def test_whatever_a_directory_says_it_is_opened_or_is_no_zip(tmp_path: Path) -> None:
    """On a real file, where a place before its begin is an error of the system."""
    good = archive(2, 1, same=False).getvalue()
    path = tmp_path / "odd.zip"
    opened = refused = 0
    for place in range(len(good)):
        for value in (0x00, 0x7F, 0xFF):
            path.write_bytes(good[:place] + bytes([value]) + good[place + 1 :])
            with path.open("rb") as file:
                try:
                    found = opened_zip(file)
                    for entry in found.entries:
                        found.read(entry)
                    opened += 1
                except BadInputError:
                    refused += 1
    assert opened > 100
    assert refused > 100


def test_the_largest_file_is_the_intakes_own_word() -> None:
    opened = opened_zip(archive(1, FILE_BYTES_MAX + 1))
    with pytest.raises(BadInputError) as error:
        opened.read(opened.entries[0])
    assert error.value.key == "photo_too_large"
