"""A class has an end; deletions with undo; who did what; work for one process at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ONLY_GROWS = "audit_entries is append-only"
# Whoever upgrades has time to look before the classes of before go.
SQLITE_END = "UPDATE events SET ends_at = strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '+14 days')"
POSTGRES_END = "UPDATE events SET ends_at = now() + interval '14 days'"


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    op.add_column("events", sa.Column("ends_at", MOMENT, nullable=True))
    op.execute(POSTGRES_END if postgres else SQLITE_END)
    op.add_column("executors", sa.Column("swept_at", MOMENT, nullable=True))
    op.create_table(
        "deletions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("group_id", sa.String(length=36), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("prefix", sa.String(length=200), nullable=True),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("group_ids", sa.JSON(), nullable=False),
        sa.Column("run_ids", sa.JSON(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletions")),
    )
    op.create_table(
        "set_aside_rows",
        sa.Column("deletion_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("table", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deletion_id"],
            ["deletions.id"],
            name=op.f("fk_set_aside_rows_deletion_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("deletion_id", "position", name=op.f("pk_set_aside_rows")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("did", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=60), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("group_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"])
    op.create_index(op.f("ix_audit_entries_event_id"), "audit_entries", ["event_id"])
    for statement in POSTGRES_TRIGGERS if postgres else SQLITE_TRIGGERS:
        op.execute(statement)


SQLITE_TRIGGERS = [
    f"CREATE TRIGGER audit_entries_no_{verb} BEFORE {verb.upper()} ON audit_entries"
    f" BEGIN SELECT RAISE(ABORT, '{ONLY_GROWS}'); END"
    for verb in ("update", "delete")
]
# A pg8000 statement holds one command; `%` is none of its own here.
POSTGRES_TRIGGERS = [
    "CREATE FUNCTION audit_entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{ONLY_GROWS}'; END $$",
    "CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_only_grow()",
]


def downgrade() -> None:
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entries_only_grow()")
    for table in ("leases", "set_aside_rows", "deletions"):
        op.drop_table(table)
    op.drop_column("executors", "swept_at")
    op.drop_column("events", "ends_at")
