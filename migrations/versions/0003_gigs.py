"""The handshake: gigs, their steps and next choices, booked parts of slots, availability, booking settings."""

from alembic import op
import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "availability",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('free', 'blocked')", name=op.f("ck_availability_kind_known")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_availability_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_availability_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
        sa.UniqueConstraint("public_id", name=op.f("uq_availability_public_id")),
    )
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_availability_person_id"), ["person_id"], unique=False)

    op.create_table(
        "booking_settings",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("takes_enquiries", sa.Boolean(), nullable=False),
        sa.Column("fee_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_note", sa.String(length=120), nullable=False),
        sa.CheckConstraint("fee_minor IS NULL OR fee_minor >= 0", name=op.f("ck_booking_settings_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_booking_settings_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_booking_settings")),
    )
    op.create_table(
        "booked_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("booking", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('teacher', 'dj', 'judge', 'mc')", name=op.f("ck_booked_part_role_known")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_booked_part_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_booked_part_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_booked_part_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booked_part")),
        sa.UniqueConstraint("booking", name=op.f("uq_booked_part_booking")),
    )
    with op.batch_alter_table("booked_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booked_part_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booked_part_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "gig",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("slot_public_id", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("venue_name", sa.String(length=120), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slot_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("fee_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("travel", sa.String(length=300), nullable=False),
        sa.Column("notes", sa.String(length=1000), nullable=False),
        sa.Column("counter_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counter_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counter_fee_minor", sa.Integer(), nullable=True),
        sa.Column("counter_note", sa.String(length=300), nullable=False),
        sa.Column("frozen_terms", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_name", sa.String(length=80), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("substitute_for_id", sa.Integer(), nullable=True),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("enquirer_email", sa.String(), nullable=True),
        sa.Column("answer_digest", sa.String(length=64), nullable=True),
        sa.Column("answer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(source = 'event') = (event_id IS NOT NULL)", name=op.f("ck_gig_source_fits")),
        sa.CheckConstraint("role IN ('dj', 'teacher', 'judge', 'mc', 'helper')", name=op.f("ck_gig_role_known")),
        sa.CheckConstraint("source IN ('event', 'enquiry', 'own')", name=op.f("ck_gig_source_known")),
        sa.CheckConstraint(
            "state <> 'countered' OR counter_starts_at IS NOT NULL", name=op.f("ck_gig_counter_has_times")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'countered', 'confirmed', 'declined', 'expired', 'withdrawn', 'cancelled', 'ended')",
            name=op.f("ck_gig_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'ended') OR frozen_terms IS NOT NULL", name=op.f("ck_gig_agreed_is_frozen")
        ),
        sa.CheckConstraint(
            "counter_fee_minor IS NULL OR counter_fee_minor >= 0", name=op.f("ck_gig_counter_fee_not_negative")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_gig_ends_after_start")),
        sa.CheckConstraint("fee_minor IS NULL OR fee_minor >= 0", name=op.f("ck_gig_fee_not_negative")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_gig_asked_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_gig_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_gig_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["previous_id"], ["gig.id"], name=op.f("fk_gig_previous_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_gig_slot_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["substitute_for_id"], ["gig.id"], name=op.f("fk_gig_substitute_for_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gig")),
        sa.UniqueConstraint("answer_digest", name=op.f("uq_gig_answer_digest")),
        sa.UniqueConstraint("previous_id", name=op.f("uq_gig_previous_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gig_public_id")),
    )
    with op.batch_alter_table("gig", schema=None) as batch_op:
        batch_op.create_index("ix_gig_event_id_starts_at", ["event_id", "starts_at"], unique=False)
        batch_op.create_index("ix_gig_person_id_starts_at", ["person_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_gig_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index("ix_gig_state_expires_at", ["state", "expires_at"], unique=False)
        batch_op.create_index(
            "uq_gig_living",
            ["slot_public_id", "person_id", "role", "starts_at"],
            unique=True,
            sqlite_where=sa.text("state IN ('pending', 'countered', 'confirmed')"),
            postgresql_where=sa.text("state IN ('pending', 'countered', 'confirmed')"),
        )

    op.create_table(
        "gig_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gig_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_gig_step_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["gig_id"], ["gig.id"], name=op.f("fk_gig_step_gig_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gig_step")),
    )
    with op.batch_alter_table("gig_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gig_step_gig_id"), ["gig_id"], unique=False)

    op.create_table(
        "next_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gig_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gig.id"], name=op.f("fk_next_choice_gig_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_next_choice_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_next_choice")),
        sa.UniqueConstraint("gig_id", "person_id", name=op.f("uq_next_choice_gig_id_person_id")),
    )
    with op.batch_alter_table("next_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_next_choice_person_id"), ["person_id"], unique=False)


def downgrade():
    with op.batch_alter_table("next_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_next_choice_person_id"))

    op.drop_table("next_choice")
    with op.batch_alter_table("gig_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gig_step_gig_id"))

    op.drop_table("gig_step")
    with op.batch_alter_table("gig", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_gig_living",
            sqlite_where=sa.text("state IN ('pending', 'countered', 'confirmed')"),
            postgresql_where=sa.text("state IN ('pending', 'countered', 'confirmed')"),
        )
        batch_op.drop_index("ix_gig_state_expires_at")
        batch_op.drop_index(batch_op.f("ix_gig_slot_id"))
        batch_op.drop_index("ix_gig_person_id_starts_at")
        batch_op.drop_index("ix_gig_event_id_starts_at")

    op.drop_table("gig")
    with op.batch_alter_table("booked_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booked_part_slot_id"))
        batch_op.drop_index(batch_op.f("ix_booked_part_person_id"))

    op.drop_table("booked_part")
    op.drop_table("booking_settings")
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_person_id"))

    op.drop_table("availability")
