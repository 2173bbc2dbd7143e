"""The rules of the rooms that import-linter cannot see: pages, session_state keys, opening lines."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from classroom_app.ui.page_table import PAGES as PAGE_TABLE

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "pages").glob("*.py"))
OURS = [
    path
    for folder in ("classroom_app", "ml_core", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.name.startswith("ml_core_pb2") and "versions" not in path.parts
]
PAGES_MAY_IMPORT = {"ui", "views", "states", "resources", "errors"}
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


def test_the_web_tier_takes_the_contract_alone() -> None:
    """Also of a room of ml_core that is new, and that the import rules do not name yet."""
    web = [path for path in OURS if path.relative_to(ROOT).parts[0] != "ml_core"]
    taken = {name for path in web for name in imported(path) if name.split(".")[0] == "ml_core"}
    assert taken
    assert [name for name in taken if not name.startswith("ml_core.contract.")] == []


def test_only_one_module_names_state_keys() -> None:
    for path in OURS:
        if path.name == "state.py" and path.parent.name == "ui":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("session_state"):
                key = node.slice
                assert not isinstance(key, ast.Constant), f"{path}: {ast.unparse(node)}"


def test_no_page_has_an_uploader_of_streamlits() -> None:
    """It keeps files in memory, and its path is closed: they go to routes of ours."""
    uploaders = {"file_uploader", "camera_input", "audio_input", "chat_input"}
    found = [
        f"{path.relative_to(ROOT)}: {node.attr}"
        for path in OURS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in uploaders
    ]
    assert found == []


def test_every_module_says_what_it_does() -> None:
    silent = [path for path in OURS if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_every_page_is_a_file_and_every_file_a_page() -> None:
    assert sorted(page.file for page in PAGE_TABLE) == PAGES


def test_no_file_of_the_entry_scripts_folder_hides_the_standard_library() -> None:
    """Streamlit puts the folder of main.py first on sys.path."""
    names = {path.stem for path in (ROOT / "classroom_app").iterdir()} - {
        "__init__",
        "__main__",
        "__pycache__",
    }
    assert names & sys.stdlib_module_names == set()
