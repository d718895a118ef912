"""The crate's search reads folded words from an index."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_track_found", "track", ["person_id", "removed_at", "search_text"])


def downgrade():
    op.drop_index("ix_track_found", "track")
