"""`make migration` writes the next file for what the tables have more than the migrations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from classroom_app.data import make_migration, migrate
from classroom_app.data.engine import make_engine
from classroom_app.data.tables import Base

MOTTO = "motto_of_a_test"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the migrations: what is written is not in the checkout."""
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", copy)
    migrate.revisions.cache_clear()
    yield copy
    migrate.revisions.cache_clear()


@pytest.fixture
def motto(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of groups with one column more."""
    changed = sa.MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(changed)
    changed.tables["groups"].append_column(sa.Column(MOTTO, sa.String(80), nullable=True))
    monkeypatch.setattr(Base, "metadata", changed)


@pytest.mark.usefixtures("motto")
def test_a_new_column_becomes_the_next_migration_and_it_works(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted((folder / "versions").glob("*.py"))
    make_migration.main("Groups have a motto")
    [made] = sorted(set((folder / "versions").glob("*.py")) - set(before))
    assert capsys.readouterr().out == f"{made}\n"
    number = int(before[-1].name[:4]) + 1
    assert made.name == f"{number:04}_groups_have_a_motto.py"
    migrate.revisions.cache_clear()
    engine = make_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
    migrate.upgrade(engine)
    assert MOTTO in {column["name"] for column in sa.inspect(engine).get_columns("groups")}
    engine.dispose()


def test_without_a_change_there_is_no_file(folder: Path) -> None:
    before = sorted((folder / "versions").glob("*.py"))
    with pytest.raises(SystemExit, match="nothing to do"):
        make_migration.main("Nothing")
    with pytest.raises(SystemExit, match="Say what changes"):
        make_migration.main(" ")
    assert sorted((folder / "versions").glob("*.py")) == before
