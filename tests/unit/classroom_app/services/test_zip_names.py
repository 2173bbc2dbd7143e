"""ZIPs as Windows in Japan, PowerShell, Macs and others write them: the same folders come out of each."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib

import pytest

from classroom_app.services.challenge_zip import ChallengeZip
from tests.support.raw_zip import UTF8_FLAG, raw_zip

FOLDERS = {"りんご", "表", "ソース", "グー", "本", "apple", "Äpfel", "été"}


def zip_of(names: list[bytes], *, flag: int = 0, extra: bytes = b"") -> io.BytesIO:
    return raw_zip(dict.fromkeys(names, b"photo"), flag=flag, extra=extra)


def entries(file: io.BytesIO) -> list[tuple[tuple[str, ...], str]]:
    opened = ChallengeZip(file, 1 << 20, lambda folders: any(folder in FOLDERS for folder in folders))
    assert {opened.read(entry) for entry in opened.entries} <= {b"photo"}
    return [(entry.folders, entry.name) for entry in opened.entries]


JAPANESE = ["りんご/写真1.jpg", "表/ソ能.jpg", "ソース/機能 (2).JPG", "組/グー/3.jpg", "本/ﾊﾝｶｸ.png"]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "euc_jp"])
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_japanese_names_are_read_in_whatever_code_page_they_are(encoding: str, separator: str) -> None:
    """The second half of 表, ソ and 能 is a backslash in the code page of Windows."""
    names = [name.replace("/", separator).encode(encoding) for name in JAPANESE]
    assert [name for _, name in entries(zip_of(names))] == JAPANESE


def test_what_says_that_it_is_utf8_is() -> None:
    names = [unicodedata.normalize("NFD", name).encode() for name in JAPANESE]
    found = entries(zip_of(names, flag=UTF8_FLAG))
    assert [unicodedata.normalize("NFC", name) for _, name in found] == [
        unicodedata.normalize("NFC", name) for name in JAPANESE
    ]


@pytest.mark.parametrize("encoding", ["cp850", "cp1252"])
def test_the_folders_tell_other_code_pages(encoding: str) -> None:
    names = [name.encode(encoding) for name in ("Äpfel/Bild.jpg", "été/Bild é.jpg")]
    assert [folders for folders, _ in entries(zip_of(names))] == [("Äpfel",), ("été",)]


def test_powershell_writes_backslashes() -> None:
    found = entries(zip_of([b"day\\apple\\IMG 1.jpg", b"day\\apple\\", b"C:\\photos\\apple\\IMG_2.jpg"]))
    assert [folders for folders, _ in found] == [("day", "apple"), ("C:", "photos", "apple")]


def test_the_name_in_utf8_beside_an_old_one_counts_when_it_belongs_to_it() -> None:
    old, new = "表/1.jpg".encode("cp932"), "りんご/1.jpg".encode()
    for crc, folder in ((zlib.crc32(old), "りんご"), (1, "表")):
        field = struct.pack("<HHBL", 0x7075, 5 + len(new), 1, crc) + new
        assert [folders for folders, _ in entries(zip_of([old], extra=field))] == [(folder,)]


def test_names_of_two_computers_in_one_zip() -> None:
    names = ["りんご/1.jpg".encode("cp932"), "本/2.jpg".encode(), b"apple/3.jpg"]
    assert [folders[0] for folders, _ in entries(zip_of(names))] == ["りんご", "本", "apple"]


def test_a_name_that_nothing_reads_is_shown_without_what_cannot_be_read() -> None:
    [(folders, name)] = entries(zip_of([b"\x01\xff\xfe\x02/IMG_1.jpg"]))
    assert (folders, name) == (("?",), "?/IMG_1.jpg")


def test_paths_that_lead_out_lead_nowhere() -> None:
    """Nothing is written: only the folders' names count."""
    found = entries(
        zip_of([b"../../apple/1.jpg", b"/etc/apple/2.jpg", b"..\\..\\apple\\3.jpg", b"apple/..\\4.jpg"])
    )
    assert [folders[-1] for folders, _ in found] == ["apple", "apple", "apple", ".."]


@pytest.mark.parametrize(
    "name",
    ["__MACOSX/apple/._1.jpg", "apple/._1.jpg", "apple/.DS_Store", "apple/Thumbs.db", "apple\\desktop.ini",
     "apple\\", "apple/Icon\r", ".Trash\\apple\\1.jpg", "apple/", "/", "./", ""],
)  # fmt: skip
def test_what_computers_put_beside_photos_is_not_looked_at(name: str) -> None:
    assert entries(zip_of([name.encode()])) == []


def test_a_zip_of_pythons_own_is_read_too() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in JAPANESE:
            archive.writestr(name, b"photo")
    assert [name for _, name in entries(out)] == JAPANESE
