"""What is planned for a class's day: how many iPads each group gets. Groups of before, and those of a release
before, get one. And how far each iPad's clock is from the server's, which iPads of before have not said.
A class may be deleted sooner after its end than the settings say; those of before are deleted as they say.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("ipads", sa.Integer(), server_default="1", nullable=False))
    op.add_column("ipads", sa.Column("clock_off_s", sa.Integer(), nullable=True))
    op.add_column("events", sa.Column("keep_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("events", "keep_days")
    op.drop_column("ipads", "clock_off_s")
    op.drop_column("groups", "ipads")
