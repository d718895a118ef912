"""What DJs show of themselves, and who follows them."""

from alembic import op
import sqlalchemy as sa

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "dj_profile",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("headline", sa.String(length=160), nullable=False),
        sa.Column("plays", sa.String(length=160), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("shows_stats", sa.Boolean(), nullable=False),
        sa.Column("shows_vibe", sa.Boolean(), nullable=False),
        sa.Column("shows_gigs", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dj_profile_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_dj_profile")),
    )
    op.create_table(
        "dj_follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dj_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_dj_follow_one_holder")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_dj_follow_device_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dj_id"], ["person.id"], name=op.f("fk_dj_follow_dj_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dj_follow_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dj_follow")),
        sa.UniqueConstraint("dj_id", "device_id", name=op.f("uq_dj_follow_dj_id_device_id")),
        sa.UniqueConstraint("dj_id", "person_id", name=op.f("uq_dj_follow_dj_id_person_id")),
    )
    for column in ("device_id", "dj_id", "person_id"):
        op.create_index(op.f(f"ix_dj_follow_{column}"), "dj_follow", [column], unique=False)


def downgrade():
    op.drop_table("dj_follow")
    op.drop_table("dj_profile")
