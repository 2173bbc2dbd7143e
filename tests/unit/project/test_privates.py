"""Tests use what others may use: none touches a private name, of our packages or of anybody else's.

A test that reaches into privates holds how a thing is built and not what it does, and stands in the way of
whoever builds it otherwise. `resources.build` and the constructors take parts of a test's own.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OURS = ("classroom_app", "ml_core", "pages")
PRIVATE = re.compile(r"_[A-Za-z]\w*")
INTO_OURS = re.compile(rf"(?:{'|'.join(OURS)})(?:[.:]\w+)*[.:](_[A-Za-z]\w*)(?:[.:]\w+)*")
# These take the name of what they reach for as a string; whatever else is given one is asked about our names.
BY_NAME = {"getattr", "setattr", "delattr", "hasattr", "attrgetter"}
KILLED_THERE = "a process is killed there, within what is one call for everybody else"
FRAGMENTS = "Streamlit's AppTest has no run of the fragments alone"
# By file and name, with the reason why it may.
ALLOWED: Mapping[str, str] = {
    "tests/support/crash_points.py:_insert": KILLED_THERE,
    "tests/support/crash_points.py:_advised": KILLED_THERE,
    "tests/support/crash_points.py:_embed_taken": KILLED_THERE,
    "tests/support/crash_points.py:_write_result": KILLED_THERE,
    "tests/support/crash_points.py:_close_the_door": KILLED_THERE,
    "tests/support/crash_points.py:_delete_files": KILLED_THERE,
    "tests/support/crash_points.py:_delete_rows": KILLED_THERE,
    "tests/integration/classroom_app/data/test_cloud_sql.py:_usock": "pg8000 shows its socket nowhere else",
    "tests/integration/classroom_app/data/test_postgres.py:_usock": "pg8000 shows its socket nowhere else",
    "tests/pages/ipad.py:_fragment_storage": FRAGMENTS,
    "tests/pages/ipad.py:_fragments": FRAGMENTS,
    "tests/pages/ipad.py:_requests": FRAGMENTS,
    "tests/unit/project/test_dashboards.py:_labelnames": "prometheus_client says labels with samples alone",
}


@dataclass
class ClassSeen:
    """A class of the tests: what it has of its own, and whose it is besides."""

    own: set[str] = field(default_factory=set)
    bases: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Touch:
    """A private name in a test."""

    file: str
    line: int
    name: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.name}"


def is_private(name: object) -> bool:
    return isinstance(name, str) and PRIVATE.fullmatch(name) is not None


@functools.cache
def private_names_of(path: Path) -> frozenset[str]:
    """All that a module of ours defines for itself alone: functions, classes, methods, names, attributes."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
    return frozenset(filter(is_private, found))


@functools.cache
def our_private_names() -> frozenset[str]:
    paths = (path for package in OURS for path in (ROOT / package).rglob("*.py") if "_pb2" not in path.name)
    return frozenset().union(*map(private_names_of, paths))


def module_path(module: str) -> Path | None:
    """Of a module of ours; None of any other."""
    if module.partition(".")[0] not in OURS:
        return None
    path = ROOT.joinpath(*module.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


class Touches(ast.NodeVisitor):
    """Those of one file; `classes`: all of the tests, by their names."""

    def __init__(self, classes: Mapping[str, ClassSeen]) -> None:
        self._classes = classes
        self._within: list[str] = []  # classes, from without
        self._from: dict[str, Path] = {}  # names that come from a module of ours
        self.found: list[tuple[int, str]] = []

    def _note(self, node: ast.stmt | ast.expr, name: str) -> None:
        self.found.append((node.lineno, name))

    def visit_Import(self, node: ast.Import) -> None:
        for part in (part for alias in node.names for part in alias.name.split(".")):
            if is_private(part):
                self._note(node, part)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        path = module_path(node.module or "")
        for alias in node.names:
            if path is not None:
                self._from[alias.asname or alias.name] = path
        for part in (*(node.module or "").split("."), *(alias.name for alias in node.names)):
            if is_private(part):
                self._note(node, part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._within.append(node.name)
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in self._from:
                for name in sorted(own_names(node) & private_names_of(self._from[base.id])):
                    self._note(node, name)  # it takes the place of one of ours
        self.generic_visit(node)
        self._within.pop()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if is_private(node.attr) and not self._is_its_own(node):
            self._note(node, node.attr)
        self.generic_visit(node)

    def _is_its_own(self, node: ast.Attribute) -> bool:
        if not isinstance(node.value, ast.Name) or node.value.id not in {"self", "cls"}:
            return False
        asked = [*self._within]
        seen: set[str] = set()
        while asked:
            name = asked.pop()
            one = self._classes.get(name)
            if one is None or name in seen:
                continue
            if node.attr in one.own:
                return True
            seen.add(name)
            asked += one.bases
        return False

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func).split(".")[-1]
        for given in (*node.args, *(keyword.value for keyword in node.keywords)):
            if not isinstance(given, ast.Constant) or not is_private(given.value):
                continue
            if called in BY_NAME or given.value in our_private_names():
                self._note(given, str(given.value))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Constant) and node.slice.value in our_private_names():
            self._note(node, str(node.slice.value))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """The way to one of ours, as a whole; or a program of several lines, for another process."""
        if not isinstance(node.value, str):
            return
        if into := INTO_OURS.fullmatch(node.value):
            self._note(node, into[1])
        if "\n" in node.value and "import " in node.value:
            with contextlib.suppress(SyntaxError, ValueError):
                inner = Touches(self._classes)
                inner.visit(ast.parse(node.value))
                self.found += [(node.lineno, name) for _, name in inner.found]


def own_names(node: ast.ClassDef) -> set[str]:
    """What a class defines, and what its methods set."""
    found: set[str] = set()
    for inner in ast.walk(node):
        match inner:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.add(name)
    return found


def classes_in(trees: Mapping[str, ast.Module]) -> dict[str, ClassSeen]:
    """By their names; what is meant by one name in two files counts as one."""
    found: dict[str, ClassSeen] = {}
    for node in (node for tree in trees.values() for node in ast.walk(tree)):
        if isinstance(node, ast.ClassDef):
            seen = found.setdefault(node.name, ClassSeen())
            seen.own |= own_names(node)
            seen.bases += [ast.unparse(base).split(".")[-1] for base in node.bases]
    return found


def touches(trees: Mapping[str, ast.Module]) -> Iterator[Touch]:
    classes = classes_in(trees)
    for file, tree in trees.items():
        visitor = Touches(classes)
        visitor.visit(tree)
        for line, name in sorted(set(visitor.found)):
            yield Touch(file, line, name)


@pytest.fixture(scope="module")
def found() -> list[Touch]:
    # But this one, whose examples are of what is not to be.
    paths = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__)]
    assert len(paths) > 200, "all tests are read"
    return list(touches({str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}))


def test_no_test_reaches_into_privates(found: list[Touch]) -> None:
    wrong = [
        f"{touch.file}, line {touch.line}: {touch.name}" for touch in found if touch.place not in ALLOWED
    ]
    assert wrong == []


def test_what_is_allowed_is_there(found: list[Touch]) -> None:
    assert set(ALLOWED) - {touch.place for touch in found} == set()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("app.sweeper._steps", ["_steps"]),
        ("App.build()._photos['x'] = 1", ["_photos"]),
        ("from classroom_app.web.gauges import _families", ["_families"]),
        ("from classroom_app import __main__", []),
        ("import library._inner", ["_inner"]),
        ("monkeypatch.setattr(app.privacy, '_anything', None)", ["_anything"]),
        ("monkeypatch.setattr('classroom_app.services.likeness._anything', None)", ["_anything"]),
        ("once(app.privacy, '_delete_files', before)", ["_delete_files"]),
        ("name.removesuffix('_seconds_of_nobody')", []),
        ("vars(app.privacy)['_delete_files']", ["_delete_files"]),
        ("STEP = 'classroom_app.services.privacy:PrivacyService._left'", ["_left"]),
        ("PROGRAM = 'from a import b\\nb._c = 1'", ["_c"]),
        ("class Own:\n  def __init__(self):\n    self._x = 1\n  def get(self):\n    return self._x", []),
        ("class Heir(Anybody):\n  def get(self):\n    return self._x", ["_x"]),
        ("class Base:\n  _x = 1\nclass Heir(Base):\n  def get(self):\n    return self._x", []),
        (
            "from classroom_app.services.photos import PhotoService\n"
            "class Mine(PhotoService):\n  def _insert(self):\n    return 1",
            ["_insert"],
        ),
    ],
)
def test_it_is_seen(code: str, names: list[str]) -> None:
    assert [touch.name for touch in touches({"test_x.py": ast.parse(code)})] == names
