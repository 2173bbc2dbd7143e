"""The rules of the rooms that import-linter cannot see: pages, session_state keys, opening lines."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "pages").glob("*.py"))
OURS = [
    path
    for folder in ("classroom_app", "ml_core", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.name.startswith("ml_core_pb2") and "versions" not in path.parts
]
PAGES_MAY_IMPORT = {"ui", "services", "resources", "errors"}
NOT_IN_PAGES = {"sqlalchemy", "grpc", "dbos", "torch", "ml_core"}


def imported(path: Path) -> set[str]:
    """Full dotted names that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_stays_in_its_room(path: Path) -> None:
    for name in imported(path):
        first, _, rest = name.partition(".")
        assert first not in NOT_IN_PAGES, name
        if first == "classroom_app":
            assert rest.split(".")[0] in PAGES_MAY_IMPORT, name


def test_only_one_module_names_state_keys() -> None:
    for path in OURS:
        if path.name == "state.py" and path.parent.name == "ui":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("session_state"):
                key = node.slice
                assert not isinstance(key, ast.Constant), f"{path}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_does(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "no docstring"


def test_no_file_of_the_entry_scripts_folder_hides_the_standard_library() -> None:
    """Streamlit puts the folder of main.py first on sys.path."""
    names = {path.stem for path in (ROOT / "classroom_app").iterdir()} - {
        "__init__",
        "__main__",
        "__pycache__",
    }
    assert names & sys.stdlib_module_names == set()
