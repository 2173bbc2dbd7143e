"""Writes docs/http-api.md from the routes: `make http-docs`.

What begins with Takes, Answers or Refuses in them becomes a line of a list.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route

from classroom_app.errors import BadInputError, ClassroomError, NotAllowedError
from classroom_app.settings import Settings
from classroom_app.states import Ending
from classroom_app.web.asgi import own_routes
from classroom_app.web.routes import common

PACKAGE = Path(__file__).parents[2]
LISTED = ("Takes", "Answers", "Refuses")
KEY = re.compile(r"`([a-z_]+)`")
INTRODUCTION = """\
<!-- Made from the routes by `make http-docs`; edit the docstrings of their handlers there. -->

# HTTP API

Beside its pages the web app has these routes. Their addresses have no version: they are for the pages of the
same release, the rehearsal (`classroom_app/rehearsal/client.py`) and scripts that make a class.

- **Who** somebody is, a signed HttpOnly cookie says; it is checked against the database at each request.
- What changes something (all but GET) needs the **header `X-Classroom`**, with any value: a form on another
  site cannot send it.
- A **refusal** is JSON: `error` (a key of the table at the end), `message` (its sentence, in the language of
  the cookie `lang`) and `retry` (may the very same be sent again later?). `Retry-After` says when, if known.
- Any route may also refuse with `error_not_allowed` (not one of those who may call it, or the header is
  absent), `error_too_large` (the body), `error_bad_input`, `error_not_found` and `error_internal`.
- Every answer of a route has the **header `X-Classroom`**. What lacks it comes from somebody else, such as a
  filter, a Wi-Fi log-in or a load balancer, and says nothing: ask again later.
- Limits are those of the settings' defaults.
- No browser may keep an answer, but for `/assets`. Each has an `X-Request-Id`, which the log has too.
"""


def document(routes: Sequence[BaseRoute]) -> str:
    """All routes as Markdown, by the module they stand in, then what they refuse with."""
    lines = [INTRODUCTION]
    module = ""
    for route in routes:
        if not isinstance(route, Route):
            continue
        handler = route.handler if isinstance(route, common.OwnRoute) else route.endpoint
        if handler.__module__ != module:
            module = handler.__module__
            lines += [f"## {_first_line(sys.modules[module])}", ""]
        lines += _described(route, handler)
    lines += ["## Files", ""]
    for route in routes:
        if isinstance(route, Mount):
            lines += [f"### `GET {route.path}/…`", "", inspect.getdoc(type(route.app)) or "", ""]
    return "\n".join([*lines, *_refusals("\n".join(lines))]).rstrip() + "\n"


def _first_line(module: object) -> str:
    return (inspect.getdoc(module) or "").partition("\n")[0].partition(":")[0].rstrip(".")


def _described(route: Route, handler: object) -> Iterator[str]:
    own = route if isinstance(route, common.OwnRoute) else None
    said, facts = _parts(handler)
    who, more = _parts(own.allow) if own else ("Anybody.", {})
    yield from (f"### `{own.method if own else 'GET'} {route.path}`", "", said, "", f"- **Who:** {who}")
    for verb in LISTED:
        found = [part[verb] for part in (facts, more) if verb in part]
        if found:
            yield f"- **{verb}:** {' '.join(text[0].upper() + text[1:] for text in found)}"
    if own and own.method == "POST":
        yield f"- **Body:** at most {_size(own.body_max)}."
    yield ""


def _parts(described: object) -> tuple[str, dict[str, str]]:
    """What a docstring says, and what it lists, by the verb."""
    said: list[str] = []
    facts: dict[str, list[str]] = {}
    into = said
    for line in (inspect.getdoc(described) or "").splitlines():
        verb, _, rest = line.partition(" ")
        if verb in LISTED:
            into = facts.setdefault(verb, [])
        into.append(rest if verb in LISTED else line)
    if not said:
        raise ValueError(f"{described} has no docstring")
    return _joined(said), {verb: _joined(lines) for verb, lines in facts.items()}


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def _size(number: int) -> str:
    return f"{number // 1024**2} MiB" if number >= 1024**2 else f"{number // 1024} KiB"


def _refusals(text: str) -> Iterator[str]:
    """A row for each key that the text names; its status is that of the error that carries it."""
    errors = known_errors()
    named = [
        key for line in text.splitlines() if line.startswith("- **Refuses:**") for key in KEY.findall(line)
    ]
    unknown = sorted(set(named) - errors.keys())
    if unknown:
        raise ValueError(f"nothing raises {', '.join(unknown)}")
    sentences = json.loads((PACKAGE / "content/locales/en.json").read_text(encoding="utf-8"))
    yield from ("## Refusals", "", "| error | status | retry | sentence |", "|---|---|---|---|")
    for key in sorted(set(KEY.findall(text)) & errors.keys()):
        kind = errors[key]
        yield f"| `{key}` | {kind.status} | {'yes' if kind.retry else 'no'} | {sentences[key]} |"


def known_errors() -> dict[str, type[ClassroomError]]:
    """Every key that the code raises, with its error: the defaults, what stands in the calls, the endings."""
    kinds = {kind.__name__: kind for kind in _with_children(ClassroomError)}
    found: dict[str, type[ClassroomError]] = {}
    for kind in kinds.values():
        found.setdefault(kind.key, kind)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in kinds:
                keys = [part for argument in node.args for part in ast.walk(argument)]
                kind = kinds[node.func.id]
            else:  # what the decoder's process says of a photo is raised by whoever asked it
                keys = [keyword.value for keyword in node.keywords if keyword.arg == "error_key"]
                kind = BadInputError
            for part in keys:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.setdefault(part.value, kind)
    for why in Ending:  # their keys are made of the word (`EndingService.error`)
        found.setdefault(why.error_key or NotAllowedError.key, NotAllowedError)
    return found


def _with_children(kind: type[ClassroomError]) -> Iterator[type[ClassroomError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _with_children(child)


def main() -> None:
    # The defaults of the settings, whatever the environment says.
    sys.stdout.write(document(own_routes(Settings.model_construct())))


if __name__ == "__main__":
    main()
