"""Brings a database to the newest tables with Alembic."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from classroom_app.data.postgres import POOLED, patient

MIGRATION_LOCK = 1_129_071_955  # any number that nobody else locks in this database
TURN_EVERY_S = 0.2  # a statement that waits for the lock itself would run into its time limit
FOLDER = Path(__file__).with_name("migrations")
# (table, column) that the models have left and the release before still writes; a later migration drops them.
LEFT_FOR_THE_RELEASE_BEFORE: set[tuple[str, str]] = set()


class PooledMigrationError(RuntimeError):
    """The text says what to do."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """To the newest revision; does nothing when the database is there already, or further: a release goes on
    with the tables of the one after it."""
    if revision == "head" and is_done(engine):
        return
    if engine.get_execution_options().get(POOLED):
        # Its lock is a session's: behind a pooler it would lie on a connection that is anybody's.
        raise PooledMigrationError(
            "tables are made at the database's own address, not at its pooler's: "
            "`python -m classroom_app migrate` with that one, before the web processes start"
        )
    config = _config()
    with (
        _one_at_a_time(engine),
        engine.connect() as connection,
        patient(connection),
        _without_cascades(connection),
    ):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_done(engine: Engine) -> bool:
    """Has the database all that this code needs? During a roll-out it may already have more."""
    known, heads = revisions()
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return bool(found) and all(name in heads or name not in known for name in found)


@functools.cache
def revisions() -> tuple[frozenset[str], frozenset[str]]:
    """All revisions of this code, and the newest of them."""
    script = ScriptDirectory.from_config(_config())
    return frozenset(item.revision for item in script.walk_revisions()), frozenset(script.get_heads())


@contextlib.contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[None]:
    """On Postgres several web processes may start at once: the second one finds all done by the first."""
    if engine.dialect.name != "postgresql":
        yield
        return
    # A connection of its own: the lock outlives the migrations' transactions, and goes with a killed process.
    # Without a transaction: one that does nothing would be ended long before the migrations are.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        while not holder.scalar(select(func.pg_try_advisory_lock(MIGRATION_LOCK))):
            time.sleep(TURN_EVERY_S)
        try:
            yield
        finally:
            holder.execute(select(func.pg_advisory_unlock(MIGRATION_LOCK)))


@contextlib.contextmanager
def _without_cascades(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by dropping its old copy, and a drop deletes every row that points there.

    The switch works outside of a transaction only, so it goes past SQLAlchemy, which would begin one.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration left rows that point nowhere: {broken[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def is_compared(item: Any, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Alembic's question: should models and database say the same of this?"""
    return not (reflected and kind == "column" and (item.table.name, name) in LEFT_FOR_THE_RELEASE_BEFORE)


def new_revision(engine: Engine, message: str) -> Path | None:
    """Write a migration for what the models have and the database has not; None when that is nothing."""
    config = _config()
    _, heads = revisions()
    number = max(map(int, heads)) + 1
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        made = command.revision(
            config,
            message=message,
            autogenerate=True,
            rev_id=f"{number:04}",
            process_revision_directives=_unless_empty,
        )
    return Path(made.path) if isinstance(made, Script) else None


def _unless_empty(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    """No file without a change."""
    if directives[0].upgrade_ops is None or directives[0].upgrade_ops.is_empty():
        directives.clear()
