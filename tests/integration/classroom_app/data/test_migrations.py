"""The migrations make the tables that the models describe, on an empty database and on one with data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from classroom_app.data import migrate
from classroom_app.data.engine import Session, make_engine
from classroom_app.data.repository import photos
from classroom_app.data.tables import Base
from tests.support.postgres import Postgres

NOW = "2026-01-01 00:00:00"
A_CLASS_OF_0001 = [
    f"INSERT INTO events VALUES ('e', 'Class', 'collect', 1, '{NOW}')",
    "INSERT INTO labels VALUES ('l', 'e', 'apple', 0, 'A', 'a', 'a')",
    f"""INSERT INTO groups (id, event_id, key, position, emoji, color, name_ja, name_en, join_token,
        token_version, picture_code, epoch, joined_at) VALUES
        ('g', 'e', 'penguin', 0, 'P', '#fff', 'p', 'p', 'token', 1, '[]', 1, '{NOW}')""",
    f"""INSERT INTO photos (id, group_id, label_id, blob_key, size_bytes, width, height, brightness,
        sharpness, perceptual_hash, taken_at, created_at, embed_state, embed_tries, feature_views)
        VALUES ('p', 'g', 'l', 'k', 1, 1, 1, 1, 1, 1, '{NOW}', '{NOW}', 'pending', 0, 0)""",
    f"""INSERT INTO runs (id, group_id, epoch, version, state, stage, progress, photos, requested_at)
        VALUES ('r', 'g', 1, 1, 'done', 'done', 1, '{{}}', '{NOW}')""",
    """INSERT INTO run_results (run_id, model_id, model_key, recipe, fit_seconds, self_check, curve,
        practice_correct, practice_total, final_correct, final_total, answers)
        VALUES ('r', 'm', 'k', 'head', 1, '{}', '[]', 1, 1, 1, 1, '[]')""",
]


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Of a database without tables."""
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
    engine = make_engine(url)
    yield engine
    engine.dispose()


def test_migrations_and_models_say_the_same(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    migrate.upgrade(engine)  # nothing to do the second time
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": migrate.is_compared})
        assert compare_metadata(context, Base.metadata) == []


def test_a_class_of_before_is_all_there_after_every_migration(tmp_path: Path) -> None:
    """On SQLite a migration that copies a table could delete every row that points to it."""
    engine = make_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    migrate.upgrade(engine, "0001")
    with engine.begin() as connection:
        for row in A_CLASS_OF_0001:
            connection.exec_driver_sql(row)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        for table in ("events", "labels", "groups", "photos", "runs", "run_results"):
            count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert count == 1, table
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_what_a_facilitator_deleted_just_before_no_child_brings_back(tmp_path: Path) -> None:
    """A column told it from what the children deleted themselves, until it went."""
    for by_staff, undone in ((False, True), (True, False)):
        engine = make_engine(f"sqlite:///{tmp_path / f'{by_staff}.sqlite'}")
        migrate.upgrade(engine, "0001")
        with engine.begin() as connection:
            for row in A_CLASS_OF_0001:
                connection.exec_driver_sql(row)
        migrate.upgrade(engine, "0020")
        with engine.begin() as connection:
            deleted = sa.text("UPDATE photos SET deleted_at = :now, deleted_by_staff = :by_staff")
            connection.execute(deleted, {"now": NOW, "by_staff": by_staff})
        migrate.upgrade(engine)
        since = dt.datetime.fromisoformat(NOW).replace(tzinfo=dt.UTC) - dt.timedelta(minutes=1)
        with Session(engine) as session:
            assert (photos.newest_deleted(session, "g", since) is not None) == undone
        engine.dispose()


def test_a_column_left_for_the_release_before_may_be_written_or_not(tmp_path: Path) -> None:
    """While a new release is rolled out, or after a step back, both work on the newest tables."""
    engine = make_engine(f"sqlite:///{tmp_path / 'both.sqlite'}")
    migrate.upgrade(engine)
    columns = sa.inspect(engine).get_columns
    for table, column in migrate.LEFT_FOR_THE_RELEASE_BEFORE:
        assert column not in Base.metadata.tables[table].columns, "the models have left it"
        [found] = [item for item in columns(table) if item["name"] == column]
        assert found["nullable"], "this release does not write it"
    engine.dispose()
