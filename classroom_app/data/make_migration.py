"""Writes the next migration, for what the tables in the code have and the newest migration has not.

`make migration MESSAGE="…"` runs it; read what it wrote before you use it.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

from classroom_app.data import migrate
from classroom_app.data.engine import make_engine


def main(message: str) -> None:
    if not message.strip():
        sys.exit('Say what changes: make migration MESSAGE="Groups have a motto"')
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'newest.sqlite'}")
        migrate.upgrade(engine)
        with contextlib.redirect_stdout(sys.stderr):  # for what Alembic tells
            made = migrate.new_revision(engine, message)
        engine.dispose()
    if made is None:
        sys.exit("The migrations make all that classroom_app/data/tables.py says: there is nothing to do.")
    print(made)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
