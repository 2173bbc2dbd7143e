"""Runs migrations on the connection it is given (see classroom_app.data.migrate)."""

from __future__ import annotations

from typing import Literal

from alembic import context

from classroom_app.data.migrate import is_compared
from classroom_app.data.tables import Base, UtcDateTime


def plain_types(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations name SQLAlchemy's own types: they must not change when ours do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_item=plain_types,
    include_object=is_compared,
    render_as_batch=True,  # SQLite changes a table by copying it
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
