"""Codebases: revisions, files left out, symbols, imports and uses, places of secrets, mentions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _text("sources", "revision")
    op.add_column("sources", sa.Column("options", sa.JSON(), nullable=False, server_default="{}"))
    _text("documents", "removed")
    _text("versions", "revision")
    op.add_column("answers", sa.Column("mentions", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "left_out",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="fk_left_out_source_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "path", name="pk_left_out"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "symbols",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.Column("last_line", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        _of_version("symbols"),
        sa.PrimaryKeyConstraint("version_id", "ordinal", name="pk_symbols"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_symbols_name", "symbols", ["name"])
    op.create_table(
        "code_facts",
        sa.Column("version_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("imports", sa.JSON(), nullable=False),
        sa.Column("uses", sa.LargeBinary(), nullable=False),
        _of_version("code_facts"),
        sa.PrimaryKeyConstraint("version_id", name="pk_code_facts"),
    )
    op.create_table(
        "secrets",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        _of_version("secrets"),
        sa.PrimaryKeyConstraint("version_id", "line", "start", name="pk_secrets"),
        sqlite_with_rowid=False,
    )


def _text(table: str, column: str) -> None:
    op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=""))


def _of_version(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["version_id"], ["versions.id"], name=f"fk_{table}_version_id", ondelete="CASCADE"
    )
