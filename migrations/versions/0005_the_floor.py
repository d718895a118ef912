"""The floor: sets, plays, what is lined up, hearts, tempo votes, polls, saved minutes, visits, feed tokens."""

from alembic import op
import sqlalchemy as sa

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "feed_token",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_token_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_feed_token_public_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_feed_token_token_digest")),
    )
    with op.batch_alter_table("feed_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_token_person_id"), ["person_id"], unique=False)

    op.create_table(
        "dj_set",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("gig_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("dance", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_to_id", sa.Integer(), nullable=True),
        sa.Column("handed_over_from_id", sa.Integer(), nullable=True),
        sa.Column("handover_note", sa.String(length=1000), nullable=False),
        sa.Column("do_not_play", sa.String(length=1000), nullable=False),
        sa.Column("shared_parts", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_dj_set_ended_when_over")),
        sa.CheckConstraint("state = 'planned' OR started_at IS NOT NULL", name=op.f("ck_dj_set_started_when_live")),
        sa.CheckConstraint("state IN ('planned', 'live', 'ended')", name=op.f("ck_dj_set_state_known")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_dj_set_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gig_id"], ["gig.id"], name=op.f("fk_dj_set_gig_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["handed_over_from_id"], ["dj_set.id"], name=op.f("fk_dj_set_handed_over_from_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["offered_to_id"], ["person.id"], name=op.f("fk_dj_set_offered_to_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dj_set_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_dj_set_slot_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dj_set")),
        sa.UniqueConstraint("code", name=op.f("uq_dj_set_code")),
        sa.UniqueConstraint("handed_over_from_id", name=op.f("uq_dj_set_handed_over_from_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dj_set_public_id")),
    )
    with op.batch_alter_table("dj_set", schema=None) as batch_op:
        batch_op.create_index("ix_dj_set_event_id_state", ["event_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_dj_set_gig_id"), ["gig_id"], unique=False)
        batch_op.create_index("ix_dj_set_person_id_state", ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_dj_set_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index("ix_dj_set_state", ["state"], unique=False)

    op.create_table(
        "floor_visit",
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_floor_visit_one_holder")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_floor_visit_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dj_set_id"], ["dj_set.id"], name=op.f("fk_floor_visit_dj_set_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_floor_visit_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_visit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_floor_visit_public_id")),
    )
    with op.batch_alter_table("floor_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_floor_visit_device_id"), ["device_id"], unique=False)
        batch_op.create_index("ix_floor_visit_dj_set_id_left_at", ["dj_set_id", "left_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_floor_visit_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_floor_visit_device",
            ["dj_set_id", "device_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.create_index(
            "uq_floor_visit_person",
            ["dj_set_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "next_up",
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("artist", sa.String(length=300), nullable=False),
        sa.Column("song_key", sa.String(length=300), nullable=False),
        sa.Column("work_key", sa.String(length=300), nullable=False),
        sa.Column("bpm", sa.Float(), nullable=True),
        sa.Column("key_pitch", sa.Integer(), nullable=True),
        sa.Column("key_mode", sa.String(length=5), nullable=True),
        sa.Column("duration_seconds", sa.Float(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dj_set_id"], ["dj_set.id"], name=op.f("fk_next_up_dj_set_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_next_up_track_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_next_up")),
        sa.UniqueConstraint("public_id", name=op.f("uq_next_up_public_id")),
    )
    with op.batch_alter_table("next_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_next_up_dj_set_id"), ["dj_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_next_up_track_id"), ["track_id"], unique=False)

    op.create_table(
        "play",
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("played_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_seconds", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("rival_id", sa.Integer(), nullable=True),
        sa.Column("corrected_from", sa.String(length=620), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("artist", sa.String(length=300), nullable=False),
        sa.Column("song_key", sa.String(length=300), nullable=False),
        sa.Column("work_key", sa.String(length=300), nullable=False),
        sa.Column("bpm", sa.Float(), nullable=True),
        sa.Column("key_pitch", sa.Integer(), nullable=True),
        sa.Column("key_mode", sa.String(length=5), nullable=True),
        sa.Column("duration_seconds", sa.Float(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'playing') = (ended_at IS NULL)", name=op.f("ck_play_ended_unless_playing")),
        sa.CheckConstraint(
            "source IN ('tap', 'search', 'text', 'feed', 'import', 'review')", name=op.f("ck_play_source_known")
        ),
        sa.CheckConstraint(
            "status IN ('playing', 'played', 'unheard', 'removed', 'asked')", name=op.f("ck_play_status_known")
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= played_at", name=op.f("ck_play_ends_after_start")),
        sa.ForeignKeyConstraint(["dj_set_id"], ["dj_set.id"], name=op.f("fk_play_dj_set_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["rival_id"], ["play.id"], name=op.f("fk_play_rival_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_play_track_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_play")),
        sa.UniqueConstraint("client_id", name=op.f("uq_play_client_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_play_public_id")),
    )
    with op.batch_alter_table("play", schema=None) as batch_op:
        batch_op.create_index("ix_play_dj_set_id_played_at", ["dj_set_id", "played_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_play_track_id"), ["track_id"], unique=False)
        batch_op.create_index("ix_play_work_key", ["work_key"], unique=False)
        batch_op.create_index(
            "uq_play_playing",
            ["dj_set_id"],
            unique=True,
            sqlite_where=sa.text("status = 'playing'"),
            postgresql_where=sa.text("status = 'playing'"),
        )

    op.create_table(
        "poll",
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(opened_at IS NULL) = (closes_at IS NULL)", name=op.f("ck_poll_opened_with_an_end")),
        sa.CheckConstraint("closes_at IS NULL OR closes_at >= opened_at", name=op.f("ck_poll_closes_after_opening")),
        sa.CheckConstraint("seconds BETWEEN 10 AND 600", name=op.f("ck_poll_seconds_sensible")),
        sa.ForeignKeyConstraint(["dj_set_id"], ["dj_set.id"], name=op.f("fk_poll_dj_set_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("public_id", name=op.f("uq_poll_public_id")),
    )
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poll_dj_set_id"), ["dj_set_id"], unique=False)
        batch_op.create_index(
            "uq_poll_open",
            ["dj_set_id"],
            unique=True,
            sqlite_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
        )

    op.create_table(
        "tempo_reading",
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slower", sa.Integer(), nullable=False),
        sa.Column("perfect", sa.Integer(), nullable=False),
        sa.Column("faster", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dj_set_id"], ["dj_set.id"], name=op.f("fk_tempo_reading_dj_set_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dj_set_id", "read_at", name=op.f("pk_tempo_reading")),
    )
    op.create_table(
        "tempo_vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=7), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("choice IN ('slower', 'perfect', 'faster')", name=op.f("ck_tempo_vote_choice_known")),
        sa.CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_tempo_vote_one_holder")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_tempo_vote_device_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dj_set_id"], ["dj_set.id"], name=op.f("fk_tempo_vote_dj_set_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tempo_vote_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tempo_vote")),
        sa.UniqueConstraint("dj_set_id", "device_id", name=op.f("uq_tempo_vote_dj_set_id_device_id")),
        sa.UniqueConstraint("dj_set_id", "person_id", name=op.f("uq_tempo_vote_dj_set_id_person_id")),
    )
    with op.batch_alter_table("tempo_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tempo_vote_device_id"), ["device_id"], unique=False)
        batch_op.create_index("ix_tempo_vote_dj_set_id_voted_at", ["dj_set_id", "voted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_tempo_vote_person_id"), ["person_id"], unique=False)

    op.create_table(
        "heart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("play_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_heart_one_holder")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_heart_device_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_heart_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["play_id"], ["play.id"], name=op.f("fk_heart_play_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heart")),
        sa.UniqueConstraint("play_id", "device_id", name=op.f("uq_heart_play_id_device_id")),
        sa.UniqueConstraint("play_id", "person_id", name=op.f("uq_heart_play_id_person_id")),
    )
    with op.batch_alter_table("heart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_heart_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_heart_person_id"), ["person_id"], unique=False)

    op.create_table(
        "poll_option",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_poll_option_poll_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_option")),
        sa.UniqueConstraint("public_id", name=op.f("uq_poll_option_public_id")),
    )
    with op.batch_alter_table("poll_option", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poll_option_poll_id"), ["poll_id"], unique=False)

    op.create_table(
        "saved_minute",
        sa.Column("dj_set_id", sa.Integer(), nullable=False),
        sa.Column("minute_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("play_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_saved_minute_one_holder")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_saved_minute_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dj_set_id"], ["dj_set.id"], name=op.f("fk_saved_minute_dj_set_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saved_minute_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["play_id"], ["play.id"], name=op.f("fk_saved_minute_play_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_minute")),
        sa.UniqueConstraint(
            "dj_set_id", "device_id", "minute_at", name=op.f("uq_saved_minute_dj_set_id_device_id_minute_at")
        ),
        sa.UniqueConstraint(
            "dj_set_id", "person_id", "minute_at", name=op.f("uq_saved_minute_dj_set_id_person_id_minute_at")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_minute_public_id")),
    )
    with op.batch_alter_table("saved_minute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_minute_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_minute_dj_set_id"), ["dj_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_minute_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_minute_play_id"), ["play_id"], unique=False)

    op.create_table(
        "poll_vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_poll_vote_one_holder")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_poll_vote_device_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["option_id"], ["poll_option.id"], name=op.f("fk_poll_vote_option_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_poll_vote_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_poll_vote_poll_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_vote")),
        sa.UniqueConstraint("poll_id", "device_id", name=op.f("uq_poll_vote_poll_id_device_id")),
        sa.UniqueConstraint("poll_id", "person_id", name=op.f("uq_poll_vote_poll_id_person_id")),
    )
    with op.batch_alter_table("poll_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poll_vote_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_poll_vote_option_id"), ["option_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_poll_vote_person_id"), ["person_id"], unique=False)


def downgrade():
    with op.batch_alter_table("poll_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poll_vote_person_id"))
        batch_op.drop_index(batch_op.f("ix_poll_vote_option_id"))
        batch_op.drop_index(batch_op.f("ix_poll_vote_device_id"))

    op.drop_table("poll_vote")
    with op.batch_alter_table("saved_minute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_minute_play_id"))
        batch_op.drop_index(batch_op.f("ix_saved_minute_person_id"))
        batch_op.drop_index(batch_op.f("ix_saved_minute_dj_set_id"))
        batch_op.drop_index(batch_op.f("ix_saved_minute_device_id"))

    op.drop_table("saved_minute")
    with op.batch_alter_table("poll_option", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poll_option_poll_id"))

    op.drop_table("poll_option")
    with op.batch_alter_table("heart", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_heart_person_id"))
        batch_op.drop_index(batch_op.f("ix_heart_device_id"))

    op.drop_table("heart")
    with op.batch_alter_table("tempo_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tempo_vote_person_id"))
        batch_op.drop_index("ix_tempo_vote_dj_set_id_voted_at")
        batch_op.drop_index(batch_op.f("ix_tempo_vote_device_id"))

    op.drop_table("tempo_vote")
    op.drop_table("tempo_reading")
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_poll_open",
            sqlite_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_poll_dj_set_id"))

    op.drop_table("poll")
    with op.batch_alter_table("play", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_play_playing",
            sqlite_where=sa.text("status = 'playing'"),
            postgresql_where=sa.text("status = 'playing'"),
        )
        batch_op.drop_index("ix_play_work_key")
        batch_op.drop_index(batch_op.f("ix_play_track_id"))
        batch_op.drop_index("ix_play_dj_set_id_played_at")

    op.drop_table("play")
    with op.batch_alter_table("next_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_next_up_track_id"))
        batch_op.drop_index(batch_op.f("ix_next_up_dj_set_id"))

    op.drop_table("next_up")
    with op.batch_alter_table("floor_visit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_floor_visit_person",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_floor_visit_device",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_floor_visit_person_id"))
        batch_op.drop_index("ix_floor_visit_dj_set_id_left_at")
        batch_op.drop_index(batch_op.f("ix_floor_visit_device_id"))

    op.drop_table("floor_visit")
    with op.batch_alter_table("dj_set", schema=None) as batch_op:
        batch_op.drop_index("ix_dj_set_state")
        batch_op.drop_index(batch_op.f("ix_dj_set_slot_id"))
        batch_op.drop_index("ix_dj_set_person_id_state")
        batch_op.drop_index(batch_op.f("ix_dj_set_gig_id"))
        batch_op.drop_index("ix_dj_set_event_id_state")

    op.drop_table("dj_set")
    with op.batch_alter_table("feed_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feed_token_person_id"))

    op.drop_table("feed_token")
