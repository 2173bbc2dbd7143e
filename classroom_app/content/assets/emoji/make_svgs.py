"""Writes one small SVG per emoji of the catalogue from the npm package @iconify-json/fluent-emoji-flat.
Run by hand when the catalogue gets a new emoji; knows nothing of how they are shown.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from classroom_app.content.catalog import all_emoji, emoji_file

# Their yellow square is nearly orange, which is no help where the label is the colour itself.
REPAINTED = {"1f7e8.svg": ("#ffb02e", "#fcd53f")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the unpacked npm package @iconify-json/fluent-emoji-flat")
    package = parser.parse_args().package
    icons = json.loads((package / "icons.json").read_text("utf-8"))["icons"]
    names = json.loads((package / "chars.json").read_text("utf-8"))
    folder = Path(__file__).parent
    for emoji in sorted(all_emoji()):
        file = emoji_file(emoji)
        body = icons[names[file.removesuffix(".svg")]]["body"]
        old, new = REPAINTED.get(file, ("", ""))
        body = body.replace(old, new) if old else body
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{body}</svg>\n'
        (folder / file).write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
