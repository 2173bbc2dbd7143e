"""HEIC files as iPhones write them, built box by box around one small HEVC picture."""

from __future__ import annotations

import base64
import struct

SIZE = (64, 48)
# Four colours: red, green, blue and white, from the left upper corner.
_CONFIG = base64.b64decode(
    "AQQIAAAAn6gAAAAAHvAA/P34+AAADwMgAAEAF0ABDAH//wQIAAADAJ+oAAADAAAeugJAIQABACZCAQEECAAAAwCfqAAAAwAAHqAggxZbq5G2"
    "ubAgAAADACAAAAMDISIAAQAGRAHBc8CJ"
)
_PICTURE = base64.b64decode(
    "AAAAbCgBrwvgKp6//xsr/+4v2XqBu/3UrLcsbhk0a4r/7Kn2f+ar6TcRVhuxsueEf3N+231jmZEzb1Nk/vvGvfmlO5Q6zdXn/iNMfD8nMokeH91c"
    "cXxtQ0mHnSPdYRRvhq/Enz34/lPTACgBz9iTGA=="
)
_EXIF_HEADER = b"\0\0\0\6Exif\0\0"


def heic(
    *,
    quarter_turns_left: int = 0,
    mirror: int | None = None,
    exif: bytes = b"",
    says: tuple[int, int] = SIZE,
    profile: bytes = b"",
    thumbnails: int = 0,
    picture: bytes = _PICTURE,
) -> bytes:
    """`mirror`: 0 upside down, 1 left to right. `exif`: as Pillow's `Exif.tobytes` gives it. `says`: the size
    that the file says to have. `thumbnails`: how many smaller pictures of it lie beside it.
    """
    items = [(number + 1, b"hvc1", picture) for number in range(1 + thumbnails)]
    references = b"".join(
        _box(b"thmb", struct.pack(">3H", number, 1, 1)) for number in range(2, 2 + thumbnails)
    )
    if exif:
        items.append((len(items) + 1, b"Exif", _EXIF_HEADER + exif.removeprefix(b"Exif\0\0")))
        references += _box(b"cdsc", struct.pack(">3H", len(items), 1, 1))
    properties = [_box(b"hvcC", _CONFIG), _full(b"ispe", struct.pack(">2L", *says))]
    if profile:
        properties.append(_box(b"colr", b"prof" + profile))
    turns = [_box(b"irot", bytes([quarter_turns_left]))] if quarter_turns_left else []
    turns += [_box(b"imir", bytes([mirror]))] if mirror is not None else []
    # What changes the picture is essential (the first bit), and so is how it was coded.
    ones = bytes(range(1, len(properties) + len(turns) + 1))
    marked = bytes(one | 0x80 if one == 1 or one > len(properties) else one for one in ones)
    pictures = [number for number, kind, _ in items if kind == b"hvc1"]
    associations = b"".join(struct.pack(">HB", number, len(marked)) + marked for number in pictures)

    def meta(first: int) -> bytes:
        places, place = b"", first
        for number, _, data in items:
            places += struct.pack(">4H2L", number, 0, 0, 1, place, len(data))
            place += len(data)
        names = b"".join(
            _box(b"infe", b"\2\0\0\0" + struct.pack(">2H4s", number, 0, kind) + b"\0")
            for number, kind, _ in items
        )
        boxes = [
            _full(b"hdlr", b"\0\0\0\0pict" + bytes(13)),
            _full(b"pitm", struct.pack(">H", 1)),
            _box(b"iloc", b"\1\0\0\0" + b"\x44\0" + struct.pack(">H", len(items)) + places),
            _full(b"iinf", struct.pack(">H", len(items)) + names),
            _box(
                b"iprp",
                _box(b"ipco", b"".join([*properties, *turns]))
                + _full(b"ipma", struct.pack(">L", len(pictures)) + associations),
            ),
        ]
        if references:
            boxes.append(_full(b"iref", references))
        return _full(b"meta", b"".join(boxes))

    start = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    first = len(start) + len(meta(0)) + 8
    return start + meta(first) + _box(b"mdat", b"".join(data for *_, data in items))


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L4s", 8 + len(data), kind) + data


def _full(kind: bytes, data: bytes) -> bytes:
    """With a version and flags, all zero."""
    return _box(kind, bytes(4) + data)
