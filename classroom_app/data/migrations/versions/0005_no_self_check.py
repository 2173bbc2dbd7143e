"""A run's result no longer keeps the self-check's table, which nobody read.

The column stays for now, and may be empty: the release before this one still writes it, and during a
roll-out or after a step back it works on these tables. A later release drops it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run_results") as results:
        results.alter_column("self_check", existing_type=sa.JSON(), nullable=True)


def downgrade() -> None:
    op.execute("UPDATE run_results SET self_check = '{}' WHERE self_check IS NULL")
    with op.batch_alter_table("run_results") as results:
        results.alter_column("self_check", existing_type=sa.JSON(), nullable=False)
