"""Whose class a receipt is of, so that its facilitators find it when the class is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_accounts",
        sa.Column("receipt_id", sa.String(36), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["receipts.id"],
            name=op.f("fk_receipt_accounts_receipt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["username"],
            ["facilitators.username"],
            name=op.f("fk_receipt_accounts_username"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("receipt_id", "username", name=op.f("pk_receipt_accounts")),
    )
    op.create_index(op.f("ix_receipt_accounts_username"), "receipt_accounts", ["username"])


def downgrade() -> None:
    op.drop_index(op.f("ix_receipt_accounts_username"), table_name="receipt_accounts")
    op.drop_table("receipt_accounts")
