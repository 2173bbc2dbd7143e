"""Names in a ZIP as whoever packed it reads them.

The format knows two ways to write a name: UTF-8, said by a flag, and the code page of an IBM PC. Windows in
Japan writes its own code page and Macs write UTF-8, both without saying so. Some put backslashes between
folders.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from zipfile import ZipInfo

UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075  # an extra field: the name in UTF-8, beside one for old programs
# What computers call their own; the first that fits is taken, where no folder's name tells more.
_CODE_PAGES = ("cp932", "euc_jp", "cp850", "cp1252", "cp437")
_NEVER_IN_NAMES = {"Cc", "Cn", "Co", "Cs"}  # controls, nothing, private, halves of pairs
_UNREADABLE = re.compile("[^\x20-\x7e]+")

KnowsFolder = Callable[[tuple[str, ...]], bool]


def readable_paths(infos: Sequence[ZipInfo], knows_folder: KnowsFolder) -> list[str]:
    """A path for each entry, with slashes. One code page is taken for all of a ZIP: the one in which the most
    folders are known. A name that no code page makes sense of has "?" in place of what cannot be read.
    """
    said = [_said(info) for info in infos]
    raw = [b"" if name is not None else _raw(info) for name, info in zip(said, infos, strict=True)]
    encoding = _encoding({name for name in raw if not name.isascii()}, knows_folder)
    paths = [
        name if name is not None else _decoded(data, encoding) for name, data in zip(said, raw, strict=True)
    ]
    return [_with_slashes(path) for path in paths]


def _said(info: ZipInfo) -> str | None:
    """The name where the ZIP itself says how it is written."""
    if info.flag_bits & UTF8_FLAG:
        return info.orig_filename.partition("\0")[0]
    return _unicode_path(info.extra, zlib.crc32(_raw_whole(info)))


def _unicode_path(extra: bytes, crc: int) -> str | None:
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        data = extra[4 : 4 + length]
        # It holds the checksum of the other name: a program that renamed only that one left an old name here.
        if kind == _UNICODE_PATH and length > 5 and data[:5] == struct.pack("<BL", 1, crc):
            return _clean(data[5:], "utf-8")
        extra = extra[4 + length :]
    return None


def _raw_whole(info: ZipInfo) -> bytes:
    # Each byte is a character of this code page, so nothing is lost by Python's own decoding.
    return info.orig_filename.encode("cp437")


def _raw(info: ZipInfo) -> bytes:
    return _raw_whole(info).partition(b"\0")[0]


def _encoding(names: set[bytes], knows_folder: KnowsFolder) -> str:
    if all(_clean(name, "utf-8") is not None for name in names):
        return "utf-8"

    known = cache(knows_folder)  # thousands of photos, a few folders

    def fit(encoding: str) -> tuple[int, int]:
        texts = [text for text in (_clean(name, encoding) for name in names) if text is not None]
        return sum(known(tuple(_with_slashes(text).split("/")[:-1])) for text in texts), len(texts)

    return max(_CODE_PAGES, key=fit)  # the first of equals


def _decoded(name: bytes, encoding: str) -> str:
    for each in ("utf-8", encoding):  # both are in a ZIP to which another computer added files
        text = _clean(name, each)
        if text is not None:
            return text
    return _UNREADABLE.sub("?", name.decode("latin-1"))


def _clean(name: bytes, encoding: str) -> str | None:
    """None where the bytes are no text of this encoding, or one that no name has."""
    try:
        text = name.decode(encoding)
    except ValueError:
        return None
    return None if any(unicodedata.category(char) in _NEVER_IN_NAMES for char in text) else text


def _with_slashes(path: str) -> str:
    """After decoding: in the code page of Japan the second half of a character may be a backslash."""
    return path.replace("\\", "/")
