"""After the set: reviews that can be undone, and drafts of the set builder."""

from alembic import op
import sqlalchemy as sa

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "set_review",
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("import_run_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dj_set_id"], ["dj_set.id"], name=op.f("fk_set_review_dj_set_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_set_review_import_run_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_review")),
        sa.UniqueConstraint("public_id", name=op.f("uq_set_review_public_id")),
    )
    op.create_index("ix_set_review_dj_set_id", "set_review", ["dj_set_id"], unique=False)
    op.create_table(
        "set_draft",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.Column("playlist_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'done', 'failed')", name=op.f("ck_set_draft_state_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_set_draft_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlist.id"], name=op.f("fk_set_draft_playlist_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_set_draft_public_id")),
    )
    op.create_index(op.f("ix_set_draft_person_id"), "set_draft", ["person_id"], unique=False)
    op.create_index(op.f("ix_set_draft_playlist_id"), "set_draft", ["playlist_id"], unique=False)


def downgrade():
    op.drop_table("set_draft")
    op.drop_table("set_review")
