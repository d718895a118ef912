"""The crate: tracks, playlists, imports and their plays, tempo bands, changes that can be undone."""

from alembic import op
import sqlalchemy as sa

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "crate_change",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.String(length=200), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_crate_change_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crate_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_crate_change_public_id")),
    )
    with op.batch_alter_table("crate_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crate_change_person_id"), ["person_id"], unique=False)

    op.create_table(
        "crate_settings",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key_notation", sa.String(length=8), nullable=False),
        sa.Column("dance", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "key_notation IN ('camelot', 'open', 'musical')", name=op.f("ck_crate_settings_key_notation_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_crate_settings_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_crate_settings")),
    )
    op.create_table(
        "import_run",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=30), nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("takes_sounds", sa.Boolean(), nullable=False),
        sa.Column("into_playlist", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('previewed', 'queued', 'running', 'done', 'failed', 'undone')",
            name=op.f("ck_import_run_state_known"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_run_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_run_public_id")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_run_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_import_run_person_id_file_digest", ["person_id", "file_digest"], unique=False)

    op.create_table(
        "tempo_band",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("dance", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("low_bpm", sa.Float(), nullable=False),
        sa.Column("high_bpm", sa.Float(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("low_bpm < high_bpm", name=op.f("ck_tempo_band_low_below_high")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tempo_band_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tempo_band")),
        sa.UniqueConstraint("person_id", "dance", "position", name=op.f("uq_tempo_band_person_id_dance_position")),
    )
    op.create_table(
        "import_file",
        sa.Column("import_run_id", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_import_file_import_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_run_id", name=op.f("pk_import_file")),
    )
    op.create_table(
        "playlist",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("source_key", sa.String(length=400), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("about", sa.String(length=1000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("import_run_id", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_playlist_import_run_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_playlist_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist")),
        sa.UniqueConstraint("public_id", name=op.f("uq_playlist_public_id")),
    )
    with op.batch_alter_table("playlist", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_playlist_import_run_id"), ["import_run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_playlist_person_id"), ["person_id"], unique=False)

    op.create_table(
        "track",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("artist", sa.String(length=300), nullable=False),
        sa.Column("album", sa.String(length=300), nullable=False),
        sa.Column("genre", sa.String(length=120), nullable=False),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("bpm_raw", sa.String(length=40), nullable=False),
        sa.Column("bpm", sa.Float(), nullable=True),
        sa.Column("bpm_fixed", sa.Float(), nullable=True),
        sa.Column("bpm_locked", sa.Boolean(), nullable=False),
        sa.Column("key_raw", sa.String(length=40), nullable=False),
        sa.Column("key_pitch", sa.Integer(), nullable=True),
        sa.Column("key_mode", sa.String(length=5), nullable=True),
        sa.Column("duration_seconds", sa.Float(), nullable=True),
        sa.Column("path_hint", sa.String(length=1000), nullable=False),
        sa.Column("isrc", sa.String(length=20), nullable=False),
        sa.Column("energy", sa.Integer(), nullable=True),
        sa.Column("familiarity", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.String(length=900), nullable=False),
        sa.Column("song_key", sa.String(length=300), nullable=False),
        sa.Column("work_key", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("import_run_id", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("key_mode IN ('major', 'minor')", name=op.f("ck_track_key_mode_known")),
        sa.CheckConstraint("(key_pitch IS NULL) = (key_mode IS NULL)", name=op.f("ck_track_key_whole")),
        sa.CheckConstraint("energy BETWEEN 1 AND 5", name=op.f("ck_track_energy_known")),
        sa.CheckConstraint("familiarity BETWEEN 1 AND 5", name=op.f("ck_track_familiarity_known")),
        sa.CheckConstraint("key_pitch BETWEEN 0 AND 11", name=op.f("ck_track_key_pitch_known")),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_track_import_run_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_track_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track")),
        sa.UniqueConstraint("public_id", name=op.f("uq_track_public_id")),
    )
    with op.batch_alter_table("track", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_track_import_run_id"), ["import_run_id"], unique=False)
        batch_op.create_index("ix_track_person_id_song_key", ["person_id", "song_key"], unique=False)
        batch_op.create_index("ix_track_person_id_work_key", ["person_id", "work_key"], unique=False)

    op.create_table(
        "imported_play",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_run_id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("artist", sa.String(length=300), nullable=False),
        sa.Column("song_key", sa.String(length=300), nullable=False),
        sa.Column("work_key", sa.String(length=300), nullable=False),
        sa.Column("bpm", sa.Float(), nullable=True),
        sa.Column("played_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wall_time", sa.String(length=30), nullable=False),
        sa.Column("seconds_heard", sa.Float(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_imported_play_import_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.id"], name=op.f("fk_imported_play_track_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_play")),
    )
    with op.batch_alter_table("imported_play", schema=None) as batch_op:
        batch_op.create_index("ix_imported_play_import_run_id_position", ["import_run_id", "position"], unique=False)
        batch_op.create_index(batch_op.f("ix_imported_play_track_id"), ["track_id"], unique=False)

    op.create_table(
        "playlist_track",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("playlist_id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlist.id"], name=op.f("fk_playlist_track_playlist_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.id"], name=op.f("fk_playlist_track_track_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist_track")),
    )
    with op.batch_alter_table("playlist_track", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_playlist_track_playlist_id"), ["playlist_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_playlist_track_track_id"), ["track_id"], unique=False)


def downgrade():
    with op.batch_alter_table("playlist_track", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_playlist_track_track_id"))
        batch_op.drop_index(batch_op.f("ix_playlist_track_playlist_id"))

    op.drop_table("playlist_track")
    with op.batch_alter_table("imported_play", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_play_track_id"))
        batch_op.drop_index("ix_imported_play_import_run_id_position")

    op.drop_table("imported_play")
    with op.batch_alter_table("track", schema=None) as batch_op:
        batch_op.drop_index("ix_track_person_id_work_key")
        batch_op.drop_index("ix_track_person_id_song_key")
        batch_op.drop_index(batch_op.f("ix_track_import_run_id"))

    op.drop_table("track")
    with op.batch_alter_table("playlist", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_playlist_person_id"))
        batch_op.drop_index(batch_op.f("ix_playlist_import_run_id"))

    op.drop_table("playlist")
    op.drop_table("import_file")
    op.drop_table("tempo_band")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index("ix_import_run_person_id_file_digest")
        batch_op.drop_index(batch_op.f("ix_import_run_person_id"))

    op.drop_table("import_run")
    op.drop_table("crate_settings")
    with op.batch_alter_table("crate_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crate_change_person_id"))

    op.drop_table("crate_change")
