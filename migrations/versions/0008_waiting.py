"""Taps that waited are acted on once; dancers say that they are here."""

from alembic import op
import sqlalchemy as sa

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "accepted_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refusal", sa.String(length=400), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_accepted_action_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_accepted_action_device_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted_action")),
        sa.UniqueConstraint("client_id", name=op.f("uq_accepted_action_client_id")),
    )
    op.create_index(op.f("ix_accepted_action_at"), "accepted_action", ["at"])
    op.create_index(op.f("ix_accepted_action_person_id"), "accepted_action", ["person_id"])
    op.create_index(op.f("ix_accepted_action_device_id"), "accepted_action", ["device_id"])

    op.create_table(
        "check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_check_in_one_holder")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_check_in_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_check_in_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_check_in_device_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint("event_id", "day", "person_id", name=op.f("uq_check_in_event_id_day_person_id")),
        sa.UniqueConstraint("event_id", "day", "device_id", name=op.f("uq_check_in_event_id_day_device_id")),
    )
    op.create_index(op.f("ix_check_in_person_id"), "check_in", ["person_id"])
    op.create_index(op.f("ix_check_in_device_id"), "check_in", ["device_id"])


def downgrade():
    op.drop_table("check_in")
    op.drop_table("accepted_action")
