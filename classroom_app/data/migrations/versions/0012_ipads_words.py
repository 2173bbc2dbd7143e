"""What an iPad says of its page, its refused photos and its camera."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ipads", sa.Column("page", sa.String(16), nullable=False, server_default=""))
    op.add_column("ipads", sa.Column("failed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("ipads", sa.Column("camera", sa.String(16), nullable=True))


def downgrade() -> None:
    for column in ("camera", "failed", "page"):
        op.drop_column("ipads", column)
