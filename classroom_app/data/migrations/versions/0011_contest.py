"""A class's contest: its rules, the clock of its round, a group's chosen version, the final as it was."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENTS = ("round_started_at", "round_ends_at", "round_paused_at", "board_frozen_at", "collect_ended_at")


def upgrade() -> None:
    # Plain ADD COLUMN, which SQLite can do: copying a table that others point to could empty them.
    rules: tuple[sa.Column[object], ...] = (
        sa.Column("counted", sa.String(length=8), nullable=False, server_default="best"),
        sa.Column("trainings_max", sa.Integer(), nullable=True),
        sa.Column("freeze_minutes", sa.Integer(), nullable=False, server_default="3"),
        sa.Column("tie_break", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for column in rules:
        op.add_column("events", column)
    for name in MOMENTS:
        op.add_column("events", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "finals",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("halves", sa.JSON(), nullable=False),
        sa.Column("awards", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_finals_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finals")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_finals_event_id_number")),
    )
    op.create_table(
        "final_entries",
        sa.Column("final_id", sa.String(length=36), nullable=False),
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("practice_correct", sa.Integer(), nullable=True),
        sa.Column("practice_total", sa.Integer(), nullable=True),
        sa.Column("final_correct", sa.Integer(), nullable=True),
        sa.Column("final_total", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["final_id"], ["finals.id"], name=op.f("fk_final_entries_final_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_final_entries_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_final_entries_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("final_id", "group_id", name=op.f("pk_final_entries")),
    )
    op.create_index(op.f("ix_final_entries_group_id"), "final_entries", ["group_id"])
    op.create_index(op.f("ix_final_entries_run_id"), "final_entries", ["run_id"])


def downgrade() -> None:
    op.drop_table("final_entries")
    op.drop_table("finals")
    op.drop_column("runs", "chosen_at")
    for name in (*MOMENTS, "tie_break", "freeze_minutes", "trainings_max", "counted"):
        op.drop_column("events", name)
