"""Accounts with a role and classes of their own, their log-ins one by one, and the networks of a class.

Accounts that exist become owners, who see every class.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("facilitators", sa.Column("role", sa.String(16), nullable=False, server_default="owner"))
    op.add_column("events", sa.Column("networks", sa.String(1000), nullable=False, server_default=""))
    op.create_table(
        "class_accounts",
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"],
            ["facilitators.username"],
            name=op.f("fk_class_accounts_username"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_class_accounts_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("username", "event_id", name=op.f("pk_class_accounts")),
    )
    op.create_index(op.f("ix_class_accounts_event_id"), "class_accounts", ["event_id"])
    op.create_table(
        "account_sessions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"],
            ["facilitators.username"],
            name=op.f("fk_account_sessions_username"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_sessions")),
    )
    op.create_index(op.f("ix_account_sessions_username"), "account_sessions", ["username"])


def downgrade() -> None:
    op.drop_table("account_sessions")
    op.drop_table("class_accounts")
    op.drop_column("events", "networks")
    op.drop_column("facilitators", "role")
