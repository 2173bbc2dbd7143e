"""The database and the names of blobs: engine, tables, queries, migrations.

Knows nothing of use cases; the callers own the transactions.
"""
