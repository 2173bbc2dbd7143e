"""What lies in the memory of processes, theirs and their children's."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.support.processes import descendants

_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)")
_PAIRS = 4  # of bytes, that are looked at before a place is looked at in full
LEAST = 16  # bytes that are none by chance
CHUNK = 32 * 1024 * 1024
OVERLAP = 4096  # nothing that is looked for is longer


class Needles:
    """Many at once in one pass: places where the first pairs of bytes are those of some needle are few."""

    def __init__(self, kinds: Mapping[str, Sequence[bytes]]) -> None:
        # Zeros are most of a memory: no needle begins with one.
        starts = ((needle.lstrip(b"\0"), kind) for kind, found in kinds.items() for needle in found)
        self._kind_of = {needle: kind for needle, kind in starts if len(needle) >= LEAST}
        self._tables = np.zeros((_PAIRS, 1 << 16), np.bool_)
        for needle in self._kind_of:
            self._tables[range(_PAIRS), np.frombuffer(needle[: 2 * _PAIRS], "<u2")] = True
        self._by_start: dict[bytes, list[bytes]] = {}
        for needle in self._kind_of:
            self._by_start.setdefault(needle[: 2 * _PAIRS], []).append(needle)

    def found_in(self, piece: bytes) -> Iterator[tuple[str, bytes]]:
        """(kind, needle)"""
        if len(piece) <= 2 * _PAIRS:
            return
        for odd in (0, 1):
            pairs = np.frombuffer(piece, "<u2", (len(piece) - odd) // 2, odd)
            for place in self.places(pairs):
                start = odd + 2 * int(place)
                for needle in self._by_start.get(piece[start : start + 2 * _PAIRS], ()):
                    if piece.startswith(needle, start):
                        yield self._kind_of[needle], needle

    def places(self, pairs: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
        places = np.flatnonzero(self._tables[0][pairs[: len(pairs) - _PAIRS + 1]])
        for number in range(1, _PAIRS):
            places = places[self._tables[number][pairs[places + number]]]
        return places


def kinds_found(pid: int, kinds: Mapping[str, Sequence[bytes]]) -> dict[str, int]:
    """How many needles of each kind are in what the process and its children have written; none: left out.

    Raises PermissionError for who may not look into them.
    """
    needles = Needles(kinds)
    seen: dict[str, set[bytes]] = {kind: set() for kind in kinds}
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a decoder that ended just now
            for piece in _written(one):
                for kind, needle in needles.found_in(piece):
                    seen[kind].add(needle)
    return {kind: len(found) for kind, found in seen.items() if found}


def _written(pid: int) -> Iterator[bytes]:
    """Memory that is no mapped file, piece by piece."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for first, last, rights, inode in _LINE.findall(maps):
            if not rights.startswith("rw") or inode != "0":
                continue
            begin, end = int(first, 16), int(last, 16)
            for start in range(begin, end, CHUNK):
                start_here = max(begin, start - OVERLAP)
                with contextlib.suppress(OSError, ValueError, OverflowError):  # a page that cannot be read
                    memory.seek(start_here)
                    yield memory.read(min(end, start + CHUNK) - start_here)
