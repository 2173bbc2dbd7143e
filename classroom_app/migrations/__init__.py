"""Alembic migrations of the web tier's tables. Nothing imports them but Alembic."""
