"""Photos and results lose two columns that nothing writes or reads any more.

Release 1.1.0 knows neither `photos.deleted_by_staff`, which came and went after it, nor
`run_results.self_check`, which it had left. What a facilitator deleted in the minutes before stays out of a
child's reach: it counts as beyond undo, and goes with the next sweep.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_photos = sa.table(
    "photos", sa.column("deleted_at", sa.DateTime(timezone=True)), sa.column("deleted_by_staff", sa.Boolean())
)
BEYOND_UNDO = dt.datetime.fromtimestamp(0, dt.UTC)  # as of all that nobody brings back any more


def upgrade() -> None:
    by_staff = _photos.c.deleted_by_staff & _photos.c.deleted_at.is_not(None)
    op.execute(_photos.update().where(by_staff).values(deleted_at=BEYOND_UNDO))
    # Not in batches: SQLite would copy the tables, and drops a column by itself.
    op.drop_column("photos", "deleted_by_staff")
    op.drop_column("run_results", "self_check")


def downgrade() -> None:
    op.add_column("run_results", sa.Column("self_check", sa.JSON(), nullable=True))
    op.add_column(
        "photos", sa.Column("deleted_by_staff", sa.Boolean(), nullable=False, server_default=sa.false())
    )
