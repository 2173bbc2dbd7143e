"""The migrations make the tables that the models describe, on an empty database and on one with data."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from classroom_app import migrate
from classroom_app.db import make_engine
from classroom_app.models import Base


def test_migrations_and_models_say_the_same(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
    migrate.upgrade(engine)
    migrate.upgrade(engine)  # nothing to do the second time
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
