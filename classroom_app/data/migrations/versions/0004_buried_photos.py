"""The ids of deleted photos stay for a day, so that an iPad's late retry cannot bring one back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "buried_photos",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("buried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buried_photos")),
    )


def downgrade() -> None:
    op.drop_table("buried_photos")
