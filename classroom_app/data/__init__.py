"""The database and the files of a class: engine, tables, queries by noun, migrations, names of files.

The only room with SQLAlchemy. Knows nothing of use cases; the callers own the transactions.
"""
