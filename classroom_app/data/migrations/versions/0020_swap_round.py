"""A swap round of a class, and the AIs that were fooled in it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OWNERS = (
    ("group_id", "groups"),
    ("run_id", "runs"),
    ("label_id", "labels"),
    ("guess_id", "labels"),
)


def upgrade() -> None:
    op.add_column("events", sa.Column("swap_turn", sa.Integer(), nullable=True))
    op.add_column("events", sa.Column("swap_pairs", sa.JSON(), nullable=True))
    op.add_column("finals", sa.Column("fooled", sa.JSON(), nullable=True))
    op.create_table(
        "fooled_ais",
        sa.Column("id", sa.String(length=36), nullable=False),
        *(sa.Column(name, sa.String(length=36), nullable=False) for name, _ in _OWNERS),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{owner}.id"], name=op.f(f"fk_fooled_ais_{name}"), ondelete="CASCADE"
            )
            for name, owner in _OWNERS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fooled_ais")),
    )
    for name in ("group_id", "run_id"):
        op.create_index(op.f(f"ix_fooled_ais_{name}"), "fooled_ais", [name])


def downgrade() -> None:
    op.drop_table("fooled_ais")
    op.drop_column("finals", "fooled")
    op.drop_column("events", "swap_pairs")
    op.drop_column("events", "swap_turn")
