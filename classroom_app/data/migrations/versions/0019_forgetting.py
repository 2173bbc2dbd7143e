"""Processes ask each other to forget what was deleted; a model knows which photos it learnt from."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_COUNTS = ("forget_asked", "forget_done")


def upgrade() -> None:
    for name in _COUNTS:
        op.add_column("executors", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("run_results", sa.Column("learnt_from", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("run_results", "learnt_from")
    for name in reversed(_COUNTS):
        op.drop_column("executors", name)
