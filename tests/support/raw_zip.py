"""A ZIP whose names are written byte by byte, as programs other than Python's own write them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping

UTF8_FLAG = 0x800


def raw_zip(files: Mapping[bytes, bytes], *, flag: int = 0, extra: bytes = b"") -> io.BytesIO:
    """Files by their names, not compressed; `extra` stands in the directory with each."""
    body = directory = b""
    for name, data in files.items():
        fields = (20, flag, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name))
        place = (len(extra), 0, 0, 0, 0, len(body))
        directory += struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fields, *place) + name + extra
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *fields, 0) + name + data
    sizes = (len(files), len(files), len(directory), len(body))
    return io.BytesIO(body + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *sizes, 0))
