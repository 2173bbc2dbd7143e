"""Reads the small html, css and js files of the widgets and checks the texts a page passes in.

Scripts are ES modules, but Streamlit takes one script a component: `script` joins an entry file with what it
imports. There is no build step, and the tests load the same files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent

_INCLUDE: Final = re.compile(r"^ *<!-- include (\S+) -->$", re.M)

# What a script may say at its top level, each at the start of a line (biome's format sees to that).
_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.\.?/[^"]+)";\n', re.M)
_EXPORT: Final = re.compile(r"^export (?=(?:async function|function|class|const) )", re.M)
_DEFAULT: Final = re.compile(r"^export default ", re.M)
_DECLARED: Final = re.compile(
    r"^(export )?(default )?(?:async )?(?:function|class|const|let|var)\b\*? *([\w$]*)", re.M
)
_NOT_UNDERSTOOD: Final = re.compile(r"^(?:import\b|export (?!default )|export$).*|^.*\bimport\(.*", re.M)


def source(*names: str) -> str:
    """Files of html or css one after another; html may hold lines `<!-- include common/card.html -->`."""
    return put_together(_HERE, *names)


def put_together(folder: Path, *names: str) -> str:
    """`source` of any folder. A missing file is a FileNotFoundError."""
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
    return _INCLUDE.sub(lambda line: put_together(folder, line[1]).rstrip("\n"), text)


def script(entry: str) -> str:
    """An entry script and all that it imports as one script; its default export is the component."""
    return joined(_HERE / entry)


def nothing() -> None:
    """The callback of every trigger: Streamlit returns a value only for triggers with one."""


def chosen(strings: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    """Only the texts a widget shows. A missing one is a mistake of the page: KeyError with its name."""
    return {key: strings[key] for key in keys}


def local_path(url: str) -> str:
    """The address, if it stays on this site; a ValueError otherwise (no open redirect through a widget)."""
    if not url.startswith("/") or url.startswith(("//", "/\\")):
        raise ValueError(f"only a path of this site, not {url!r}")
    return url


# -- joining scripts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Script:
    """One file, without its import lines and the word `export`."""

    path: Path
    text: str
    imports: tuple[tuple[Path, tuple[str, ...]], ...]
    declared: tuple[str, ...]
    exported: frozenset[str]
    defaults: int


def joined(entry: Path) -> str:
    """The files that an entry needs as one script, each once and before those that import it.

    All names of the files share one scope then, so a name that two files declare is a ValueError, as is an
    import that its file does not export, a circle, and anything at the top level that is not understood here.
    A missing file is a FileNotFoundError.
    """
    scripts: dict[Path, _Script] = {}
    _collect(entry.resolve(), scripts, ())
    owners: dict[str, Path] = {}
    for one in scripts.values():
        for name in one.declared:
            if owners.setdefault(name, one.path) != one.path:
                raise ValueError(f"{name} is declared in {owners[name]} and in {one.path}")
        if one.defaults != (one.path == entry.resolve()):
            raise ValueError(f"{one.path}: the entry, and it alone, has one default export")
    return "\n".join(f"// {one.path.name}\n{one.text}" for one in scripts.values())


def _collect(path: Path, done: dict[Path, _Script], importing: tuple[Path, ...]) -> None:
    """Puts a file behind all that it imports."""
    if path in importing:
        raise ValueError(f"{path} imports itself by way of others")
    if path in done:
        return
    one = _parsed(path)
    for other, names in one.imports:
        _collect(other, done, (*importing, path))
        for name in names:
            if name not in done[other].exported:
                raise ValueError(f"{path}: {other} does not export {name}")
    done[path] = one


def _parsed(path: Path) -> _Script:
    text = path.read_text(encoding="utf-8")
    imports = tuple(
        ((path.parent / where).resolve(), tuple(name.strip() for name in names.split(",") if name.strip()))
        for names, where in _IMPORT.findall(text)
    )
    declared = _DECLARED.findall(text)
    if any(not name and not default for _, default, name in declared):
        raise ValueError(f"{path}: one plain name in each declaration at the top level")
    text = _EXPORT.sub("", _IMPORT.sub("", text)).strip("\n") + "\n"
    if strange := _NOT_UNDERSTOOD.search(text):
        raise ValueError(f"{path}: not understood: {strange[0]}")
    return _Script(
        path=path,
        text=text,
        imports=imports,
        declared=tuple(name for *_, name in declared if name),
        exported=frozenset(name for export, default, name in declared if export and not default),
        defaults=len(_DEFAULT.findall(text)),
    )
