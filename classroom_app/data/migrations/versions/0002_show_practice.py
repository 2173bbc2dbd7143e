"""A class decides whether groups see the practice photos that their AI got wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN, which SQLite can do: copying a table that others point to could empty them.
    column: sa.Column[bool] = sa.Column(
        "show_practice", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("events", column)


def downgrade() -> None:
    op.drop_column("events", "show_practice")
