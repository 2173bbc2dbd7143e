"""No `except` makes a user's fault of ours, and none hides one: both tiers are read, handler by handler.

A full disk that refuses a photo as "no photo", or a broken import that calls a ZIP broken, is sent once and
never again. So whoever catches what our own side may raise does not raise what says that the sender is wrong;
and whoever catches everything raises, logs or hands on what it caught.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from classroom_app import errors as web_errors
from classroom_app.intake.decoding import NoPhotoError
from ml_core import errors as ml_errors

ROOT = Path(__file__).parents[3]
TIERS = ("classroom_app", "ml_core", "pages")
BROAD = {"", "Exception", "BaseException"}  # "": a bare except
# What a disk, a database, a network, another process or our own code raises, whatever the sender did.
OUR_SIDE = {
    *BROAD,
    *(
        name
        for name, kind in vars(builtins).items()
        if isinstance(kind, type) and issubclass(kind, (OSError, MemoryError, ImportError, NameError))
    ),
    *("AttributeError", "RuntimeError", "AssertionError"),
    *("SQLAlchemyError", "DBAPIError", "OperationalError", "InterfaceError", "PoolTimeoutError"),
    *("BlobError", "RpcError", "ClassroomError", "UnavailableError", "MlError"),
}
# Each is a fault of who sent it, as the answer says.
USERS = {
    *(
        name
        for name, kind in vars(web_errors).items()
        if isinstance(kind, type)
        and issubclass(kind, web_errors.ClassroomError)
        and kind.status < 500
        and not kind.retry
    ),
    *(kind.__name__ for kind in (NoPhotoError, ml_errors.InvalidInputError, ml_errors.PhotoError)),
}
# By file and function, with the reason why it may.
ALLOWED: Mapping[str, str] = {
    "classroom_app/data/engine.py:_our_errors": "the driver's code says that the row was there already",
    "classroom_app/intake/decoder_process.py:decoded": "Pillow on hostile bytes; the rest is ours",
    "classroom_app/intake/decoder_process.py:_pixels": "the error is known already; this asks for its size",
    "classroom_app/intake/decoding.py:_loaded": "Pillow's word for bytes that end too early",
    "classroom_app/services/challenge_zip.py:__init__": "zipfile's kinds; of errors of a disk EINVAL alone",
    "classroom_app/services/challenge_zip.py:read": "zipfile's kinds: RuntimeError is a ZIP with a password",
    "ml_core/vision/images.py:decode": "Pillow on hostile bytes; a lack of memory is ours",
}


@dataclass(frozen=True)
class Handler:
    place: str  # file and function
    line: int
    caught: frozenset[str]
    raised: frozenset[str]
    hides: bool


def handlers(path: Path) -> Iterator[Handler]:
    tree = ast.parse(path.read_text())
    groups = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    file = path.relative_to(ROOT).as_posix()
    for function, node in _in_functions(tree, ""):
        caught = frozenset(_names(node.type, groups))
        yield Handler(f"{file}:{function}", node.lineno, caught, frozenset(_raised(node)), _hides(node))


def _in_functions(node: ast.AST, function: str) -> Iterator[tuple[str, ast.ExceptHandler]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler):
            yield function, child
        inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from _in_functions(child, inner)


def suppressed(path: Path) -> Iterator[str]:
    """What `suppress` leaves unsaid, as `file:line name`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "suppress":
            for kind in node.args:
                for name in _names(kind, {}):
                    yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno} {name}"


def _names(kind: ast.expr | None, groups: Mapping[str, ast.expr]) -> Iterator[str]:
    """Of all that the handler catches, a module's own tuples of them among it."""
    match kind:
        case None:
            yield ""
        case ast.Tuple(elts=kinds):
            for each in kinds:
                yield from _names(each, groups)
        case ast.Starred(value=value):
            yield from _names(value, groups)
        case ast.Name(id=name) if name in groups:
            yield from _names(groups[name], groups)
        case ast.Name(id=name):
            yield name
        case ast.Attribute(attr=name):
            yield name


def _raised(handler: ast.ExceptHandler) -> Iterator[str]:
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise) and node.exc is not None:
            kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            yield from _names(kind, {})


def _hides(handler: ast.ExceptHandler) -> bool:
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise):
            return False
        if isinstance(node, ast.Name) and node.id == handler.name:
            return False  # it goes on: into a log, a future, another function
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".exception", "_log.error")):
            return False
    return True


FILES = [
    path
    for tier in TIERS
    for path in sorted((ROOT / tier).rglob("*.py"))
    if not path.name.endswith(("_pb2.py", "_pb2_grpc.py"))
]
FOUND = [found for path in FILES for found in handlers(path)]


def blamed(found: Handler) -> bool:
    return bool(found.caught & OUR_SIDE and found.raised & USERS)


def hidden(found: Handler) -> bool:
    return bool(found.caught & BROAD and found.hides)


def test_no_fault_of_ours_becomes_the_senders() -> None:
    wrong = [f"{found.place}, line {found.line}" for found in FOUND if blamed(found)]
    assert [line for line in wrong if line.partition(",")[0] not in ALLOWED] == []


def test_whoever_catches_everything_hides_nothing() -> None:
    wrong = [f"{found.place}, line {found.line}" for found in FOUND if hidden(found)]
    assert [line for line in wrong if line.partition(",")[0] not in ALLOWED] == []


def test_what_is_allowed_is_there() -> None:
    assert len(FOUND) > 100, "both tiers are read"
    assert set(ALLOWED) <= {found.place for found in FOUND if blamed(found) or hidden(found)}


@pytest.mark.parametrize(
    ("handler", "is_wrong"),
    [
        ("except OSError as exc:\n  raise BadInputError from exc", True),
        ("except FULL as exc:\n  raise errors.NotFoundError from exc", True),
        ("except Exception:\n  return None", True),
        ("except:\n  pass", True),
        ("except ValueError as exc:\n  raise BadInputError from exc", False),
        ("except OSError as exc:\n  raise UnavailableError from exc", False),
        ("except Exception:\n  _log.exception('failed')", False),
        ("except Exception as exc:\n  future.set_exception(exc)", False),
    ],
)
def test_it_is_seen(handler: str, is_wrong: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / "module.py"
    path.write_text(f"FULL = (OSError, KeyError)\ntry:\n  work()\n{handler}\n")
    [found] = handlers(path)
    assert (blamed(found) or hidden(found)) is is_wrong


def test_nothing_suppresses_everything() -> None:
    found = [one for path in FILES for one in suppressed(path)]
    assert len(found) > 20, "they are found"
    assert [one for one in found if one.split()[-1] in BROAD] == []
