"""docs/results.md names every column of the tables that a class takes away."""

from __future__ import annotations

from pathlib import Path

from classroom_app.services.results_export import TABLES
from classroom_app.web.routes.results_archive import paper

PAGE = Path(__file__).parents[3] / "docs/results.md"


def test_the_paper_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == paper(), "run make http-docs"


def test_no_column_speaks_of_a_photo_or_a_person_alone() -> None:
    names = {column.name for table in TABLES for column in table.columns}
    assert not names & {"id", "photo_id", "ipad", "child", "cookie", "taken_at"}
