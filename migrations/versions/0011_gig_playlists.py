"""Playlists prepared for a gig."""

from alembic import op
import sqlalchemy as sa

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "gig_playlist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gig_id", sa.Integer(), nullable=False),
        sa.Column("playlist_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gig.id"], name=op.f("fk_gig_playlist_gig_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlist.id"], name=op.f("fk_gig_playlist_playlist_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gig_playlist")),
        sa.UniqueConstraint("gig_id", "playlist_id", name=op.f("uq_gig_playlist_gig_id_playlist_id")),
    )
    op.create_index(op.f("ix_gig_playlist_playlist_id"), "gig_playlist", ["playlist_id"], unique=False)


def downgrade():
    op.drop_table("gig_playlist")
