"""What the papers name is there: files, functions in them, links, Make targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAPERS = [path for folder in (ROOT, ROOT / "docs") for path in sorted(folder.glob("*.md"))]
FOLDERS = ("classroom_app", "ml_core", "pages", "tests", "docs", "requirements", "terraform", "k8s")
FILES = [
    *(path for path in ROOT.iterdir() if path.is_file()),
    *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*") if path.is_file()),
]
MADE_BY_USERS = {"terraform.tfvars"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILE = re.compile(r"`([\w./-]+\.(?:py|js|md|json|toml|tf|sh|env|yaml|proto|hcl|in|npz))`")
NAMES = re.compile(r"`([\w./-]+\.(?:py|js))` \(((?:`[\w.]+`(?:, )?)+)\)")


def read(path: Path) -> str:
    return re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))


def found(name: str) -> list[Path]:
    """A file may be named from any folder on, as `photo_coach.py` or `services/photo_coach.py`."""
    return [path for path in FILES if f"/{path.relative_to(ROOT).as_posix()}".endswith(f"/{name}")]


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_links_lead_somewhere(paper: Path) -> None:
    for link in LINK.findall(paper.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        name, _, anchor = link.partition("#")
        target = (paper.parent / name) if name else paper
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_files_and_what_they_should_hold_are_there(paper: Path) -> None:
    text = read(paper)
    named = {name for name in FILE.findall(text) if "NAME" not in name}
    assert {name for name in named if not found(name)} - MADE_BY_USERS == set()
    for name, listed in NAMES.findall(text):
        code = "\n".join(path.read_text(encoding="utf-8") for path in found(name))
        for symbol in re.findall(r"`([\w.]+)`", listed):
            last = symbol.rpartition(".")[2]
            assert re.search(rf"\b(?:def|class|function) {last}\b", code), f"{name} has no {symbol}"


def test_the_ways_through_the_house_name_functions() -> None:
    assert len(NAMES.findall(read(ROOT / "docs/architecture.md"))) > 15


def test_make_has_every_target_that_is_named() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {
        target
        for paper in PAPERS
        for code in re.findall(r"`([^`]+)`", read(paper))
        for target in re.findall(r"^make ([a-z-]+)", code)
    }
    assert len(named) > 10, "the targets were found"
    assert named - targets == set()
