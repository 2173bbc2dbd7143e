"""What facilitators tell the iPads of a group, groups that wait, photos that a facilitator deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OF_GROUPS = (
    ("said_word", sa.String(16)),
    ("said_text", sa.String(120)),
    ("said_at", sa.DateTime(timezone=True)),
    ("said_read_at", sa.DateTime(timezone=True)),
    ("locked_at", sa.DateTime(timezone=True)),
    ("locked_word", sa.String(16)),
    ("locked_text", sa.String(120)),
)


def upgrade() -> None:
    for name, kind in _OF_GROUPS:
        op.add_column("groups", sa.Column(name, kind, nullable=True))
    op.add_column(
        "photos", sa.Column("deleted_by_staff", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("photos", "deleted_by_staff")
    for name, _ in reversed(_OF_GROUPS):
        op.drop_column("groups", name)
