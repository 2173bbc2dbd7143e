"""Finals know what the AIs that counted would have had right, had they looked around first.

Finals of before have no such figures until somebody finds out: `looked_at` says whether that was done.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("finals", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("final_entries", sa.Column("looked_correct", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("final_entries", "looked_correct")
    op.drop_column("finals", "looked_at")
