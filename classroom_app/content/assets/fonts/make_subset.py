"""Makes the font files of this folder from the npm package @fontsource/m-plus-rounded-1c.
Run by hand when the characters change; knows nothing of the app, which only reads the result.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WEIGHTS = (500, 800)  # body and headings: two files are all that a cold iPad has to fetch
NAMED_SLICES = ("latin", "latin-ext", "greek")  # beside the numbered ones, which are Japanese
WOFF2_LIMIT_BYTES = 1_250_000

# Hinting and layout tables can't survive the merge of slices that were hinted apart; screens of today
# don't use the first, and horizontal Japanese does not need the second.
DROPPED_TABLES = ["fpgm", "prep", "cvt ", "gasp", "GDEF", "GPOS", "GSUB", "vhea", "vmtx", "DSIG"]


def jis_x_0208() -> Iterator[int]:
    """Every character of rows 1 to 84: symbols, Latin, kana, level 1 and level 2 kanji."""
    for row in range(1, 85):
        for cell in range(1, 95):
            try:
                yield ord(bytes((0xA0 + row, 0xA0 + cell)).decode("euc_jp"))
            except UnicodeDecodeError:  # an empty cell
                continue


def wanted() -> set[int]:
    """What the app may have to show. The font simply lacks a few of them."""
    points = set(jis_x_0208())
    points |= set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))  # Latin-1 and Latin Extended-A
    points |= set(range(0x2010, 0x2050)) | set(range(0x20A0, 0x20C0))  # punctuation, currencies
    points |= set(range(0x2190, 0x2200)) | set(range(0x2460, 0x2500))  # arrows, circled digits
    points |= set(range(0x25A0, 0x2800))  # shapes, stars, hearts, ticks
    points |= set(range(0x3000, 0x3100)) | set(range(0x31F0, 0x3200))  # kana
    points |= set(range(0xFF00, 0xFFF0))  # full-width and half-width forms
    # The jouyou kanji of 2010 that are outside JIS X 0208, and forms that names of schools use.
    points |= {ord(c) for c in "𠮟塡剝頰髙﨑德瀨凜"}
    return points


def merged(files: list[Path], scratch: Path) -> TTFont:
    """One font of all slices; a character that is in several comes from the first."""
    parts = []
    for number, file in enumerate(files):
        font = TTFont(file)
        font.flavor = None
        for tag in DROPPED_TABLES:
            if tag in font:
                del font[tag]
        part = scratch / f"{number}.ttf"
        font.save(part)
        parts.append(str(part))
    return Merger().merge(parts)


def make(package: Path, weight: int, target: Path) -> int:
    """Writes the two files of one weight; returns how many characters it holds."""
    slices = sorted(package.glob(f"files/*-1c-[0-9]*-{weight}-normal.woff2"))
    named = [package / f"files/m-plus-rounded-1c-{part}-{weight}-normal.woff2" for part in NAMED_SLICES]
    with tempfile.TemporaryDirectory() as scratch:
        font = merged([*named, *slices], Path(scratch))
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # names, copyright and licence stay inside
    options.drop_tables += DROPPED_TABLES
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    # The same font twice: woff2 for browsers; woff for the PDF, as it opens 50 times faster in Python (woff2
    # packs outlines, which takes 2 s to undo) and needs no Brotli there.
    for flavor in ("woff", "woff2"):
        font.flavor = flavor
        font.save(target.with_suffix(f".{flavor}"))
    size = target.with_suffix(".woff2").stat().st_size
    if size > WOFF2_LIMIT_BYTES:
        raise SystemExit(f"{target.name} has {size} bytes: more than {WOFF2_LIMIT_BYTES}")
    return len(font.getBestCmap())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the unpacked npm package @fontsource/m-plus-rounded-1c")
    package = parser.parse_args().package
    for weight in WEIGHTS:
        target = Path(__file__).with_name(f"mplus-rounded-1c-{weight}.woff2")
        characters = make(package, weight, target)
        print(f"{target.name}: {characters} characters, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
