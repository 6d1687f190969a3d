"""OCR, places in office files, embeddings, shards of a sweep, near duplicates."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("confidence", sa.Double(), nullable=True))
    op.add_column("passages", sa.Column("unit", sa.String(), nullable=True))
    for name in ("part", "columns"):
        column = sa.Column(name, sa.String(), nullable=False, server_default="")
        op.add_column("passages", column)
    op.add_column("passages", sa.Column("confidence", sa.Double(), nullable=True))
    op.add_column(
        "documents", sa.Column("kept_out", sa.Boolean(), nullable=False, server_default="0")
    )
    # Whoever excluded a document before this was told apart wanted it to stay so.
    op.execute("UPDATE documents SET kept_out = 1 WHERE excluded AND removed = ''")
    op.add_column("answers", sa.Column("shards", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "vectors",
        sa.Column("passage_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passages.id"], name="fk_vectors_passage_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("passage_id", name="pk_vectors"),
    )
    op.create_table(
        "fingerprints",
        sa.Column("version_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["versions.id"], name="fk_fingerprints_version_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", name="pk_fingerprints"),
    )
