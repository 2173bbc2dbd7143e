"""A class says what happens to photos with faces; a photo keeps a tiny picture for the photo coach."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN, which SQLite can do: copying a table that others point to could empty them.
    op.add_column("events", sa.Column("faces", sa.String(length=8), nullable=False, server_default="warn"))
    op.add_column("photos", sa.Column("tiny", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("photos", "tiny")
    op.drop_column("events", "faces")
