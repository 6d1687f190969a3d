"""What asking cost: sent, time to the engine's first token, cause of a miss; and typed errors."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("sent_tokens", sa.Integer(), nullable=True))
    op.add_column("answers", sa.Column("sent_bytes", sa.Integer(), nullable=True))
    op.add_column("answers", sa.Column("prefill_s", sa.Double(), nullable=True))
    op.add_column(
        "answers", sa.Column("cache_miss", sa.String(), nullable=False, server_default="")
    )
    op.add_column(
        "answers", sa.Column("error_type", sa.String(), nullable=False, server_default="")
    )
