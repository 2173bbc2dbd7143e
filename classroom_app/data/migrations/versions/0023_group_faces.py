"""A group may have a face rule of its own, for a child who must not be in pictures; without one the class's
holds, and a release before, which does not know the column, goes by the class's alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("faces", sa.String(length=8), nullable=True))


def downgrade() -> None:
    op.drop_column("groups", "faces")
