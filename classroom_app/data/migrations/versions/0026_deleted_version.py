"""Which AI of a group a deletion took: its number is not given again, and the children are told that it is
gone. Of deletions before, and of those by a release before, nothing is known; its resets end what was known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("deleted_version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("groups", sa.Column("deleted_epoch", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("groups", "deleted_epoch")
    op.drop_column("groups", "deleted_version")
