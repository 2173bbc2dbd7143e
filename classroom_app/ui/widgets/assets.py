"""Reads the small html, css and js files of the widgets and checks the texts a page passes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

_HERE = Path(__file__).parent


def source(*names: str) -> str:
    """The files one after another: widgets share code by this, there is no build step."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def chosen(strings: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    """Only the texts a widget shows. A missing one is a mistake of the page: KeyError with its name."""
    return {key: strings[key] for key in keys}


def local_path(url: str) -> str:
    """The address, if it stays on this site; a ValueError otherwise (no open redirect through a widget)."""
    if not url.startswith("/") or url.startswith(("//", "/\\")):
        raise ValueError(f"only a path of this site, not {url!r}")
    return url
