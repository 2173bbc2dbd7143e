"""Groups' photos that are of the challenge are known; what a challenge set lets expect is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN, which SQLite can do: copying a table that others point to could empty them.
    for name in ("challenge_version", "halves_settled"):
        number: sa.Column[int] = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        op.add_column("events", number)
    op.execute("UPDATE events SET challenge_version = 1")  # the sets that are there were not looked at yet
    shown: sa.Column[bool] = sa.Column(
        "show_baselines", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("events", shown)
    op.add_column("groups", sa.Column("seen_notice", sa.String(length=8), nullable=True))
    op.add_column("challenge_photos", sa.Column("kin", sa.String(length=36), nullable=True))
    op.add_column("runs", sa.Column("left_out", sa.Integer(), nullable=False, server_default="0"))
    tells: sa.Column[bool] = sa.Column("tells_seen", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("runs", tells)
    op.create_table(
        "comparisons",
        sa.Column("photo_id", sa.String(length=36), nullable=False),
        sa.Column("seen_as", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_comparisons_photo_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["seen_as"], ["challenge_photos.id"], name=op.f("fk_comparisons_seen_as"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_comparisons")),
    )
    op.create_index(op.f("ix_comparisons_seen_as"), "comparisons", ["seen_as"])
    op.create_table(
        "expectations",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("challenge_version", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_expectations_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_expectations")),
    )


def downgrade() -> None:
    op.drop_table("expectations")
    op.drop_table("comparisons")
    op.drop_column("runs", "tells_seen")
    op.drop_column("runs", "left_out")
    op.drop_column("challenge_photos", "kin")
    op.drop_column("groups", "seen_notice")
    for name in ("show_baselines", "halves_settled", "challenge_version"):
        op.drop_column("events", name)
