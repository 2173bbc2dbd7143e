"""What is planned for a class's day: how many iPads each group gets. Groups of before, and those of a release
before, get one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("ipads", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("groups", "ipads")
