"""Alembic migrations of the web tier's tables.

Knows nothing of settings; nothing imports it but Alembic.
"""
