"""Tables of the crate: tracks, playlists, imports and the plays they brought, tempo bands, changes to undo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, db
from app.music import keys, tempo
from app.music.keys import Key
from app.people.models import Person

RUN_STATES = ("previewed", "queued", "running", "done", "failed", "undone")


class ImportRun(Identified, Dated, db.Model):
    """One file of a DJ: what it was, how far its import is, what it brought. The file itself is an ImportFile."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    file_digest: Mapped[str] = mapped_column(String(64))  # SHA-256 in hex of the bytes as they came
    format: Mapped[str] = mapped_column(String(30))
    encoding: Mapped[str] = mapped_column(String(20), default="")  # chosen by a person; "" as found
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # column number -> field, of a plain table
    zone: Mapped[str] = mapped_column(String(60), default="")  # where a history without a zone was played
    takes_sounds: Mapped[bool] = mapped_column(default=False)  # sampler sounds too
    into_playlist: Mapped[str] = mapped_column(String(16), default="")  # public id of the playlist that gets all tracks
    state: Mapped[str] = mapped_column(String(10), default="previewed")
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("state IN ('previewed', 'queued', 'running', 'done', 'failed', 'undone')", name="state_known"),
        Index("ix_import_run_person_id_file_digest", "person_id", "file_digest"),
    )


class ImportFile(db.Model):
    """The bytes of a file between its preview and its import, compressed. Deleted when the import ends."""

    import_run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class Track(Identified, Dated, db.Model):
    """A recording in somebody's crate. `bpm` is what the file said; `bpm_fixed` what the DJ made of it.

    `song_key` is equal for the same recording, `work_key` also for its remixes and covers (names.py).
    """

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(300))
    artist: Mapped[str] = mapped_column(String(300), default="")
    album: Mapped[str] = mapped_column(String(300), default="")
    genre: Mapped[str] = mapped_column(String(120), default="")
    comment: Mapped[str] = mapped_column(String(500), default="")
    bpm_raw: Mapped[str] = mapped_column(String(40), default="")
    bpm: Mapped[float | None] = mapped_column(Float)
    bpm_fixed: Mapped[float | None] = mapped_column(Float)
    bpm_locked: Mapped[bool] = mapped_column(default=False)  # neither an import nor a bulk repair may change it
    key_raw: Mapped[str] = mapped_column(String(40), default="")
    key_pitch: Mapped[int | None]  # 0 is C … 11 is B
    key_mode: Mapped[str | None] = mapped_column(String(5))  # major | minor
    duration_seconds: Mapped[float | None] = mapped_column(Float)
    path_hint: Mapped[str] = mapped_column(String(1000), default="")  # where the DJ's own computer had it; never opened
    isrc: Mapped[str] = mapped_column(String(20), default="")
    energy: Mapped[int | None]  # 1 calm … 5 wild
    familiarity: Mapped[int | None]  # 1 nobody knows it … 5 everybody sings
    search_text: Mapped[str] = mapped_column(String(900), default="")  # folded: artist, title, album, genre
    song_key: Mapped[str] = mapped_column(String(300), default="")
    work_key: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str] = mapped_column(String(30), default="")  # the format it came from; "" typed by hand
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id", ondelete="SET NULL"), index=True)
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("key_mode IN ('major', 'minor')", name="key_mode_known"),
        CheckConstraint("(key_pitch IS NULL) = (key_mode IS NULL)", name="key_whole"),
        CheckConstraint("key_pitch BETWEEN 0 AND 11", name="key_pitch_known"),
        CheckConstraint("energy BETWEEN 1 AND 5", name="energy_known"),
        CheckConstraint("familiarity BETWEEN 1 AND 5", name="familiarity_known"),
        Index("ix_track_person_id_song_key", "person_id", "song_key"),
        Index("ix_track_person_id_work_key", "person_id", "work_key"),
        Index("ix_track_found", "person_id", "removed_at", "search_text"),
    )

    @property
    def working_bpm(self) -> float | None:
        """The tempo to dance to: what the DJ fixed, else what the file said, halved or doubled for West Coast Swing."""
        return self.bpm_for(tempo.WCS)

    def bpm_for(self, dance: tempo.Dance) -> float | None:
        """The same for another dance. A tempo that somebody fixed is never folded."""
        return self.bpm_fixed if self.bpm_fixed is not None else tempo.folded(self.bpm, dance)

    @property
    def key(self) -> Key | None:
        return None if self.key_pitch is None else Key(self.key_pitch, self.key_mode == "major")

    def key_as(self, notation: str) -> str:
        """The key as camelot, open or musical writes it; "" when unknown."""
        return keys.show(self.key, notation)


class Playlist(Identified, Dated, db.Model):
    """A list of tracks in order, in a folder ("A / B") or none. `source_key` finds it again when its file returns."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    folder: Mapped[str] = mapped_column(String(200), default="")
    source_key: Mapped[str] = mapped_column(String(400), default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None]
    about: Mapped[str] = mapped_column(String(1000), default="")
    position: Mapped[int] = mapped_column(default=0)
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id", ondelete="SET NULL"), index=True)
    removed_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    entries: Mapped[list[PlaylistTrack]] = relationship(
        back_populates="playlist", order_by="PlaylistTrack.position", cascade="all, delete-orphan"
    )


class PlaylistTrack(db.Model):
    """A track at its place in a playlist. The same track may stand in it twice."""

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlist.id", ondelete="CASCADE"), index=True)
    track_id: Mapped[int] = mapped_column(ForeignKey("track.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(200), default="")

    playlist: Mapped[Playlist] = relationship(back_populates="entries")
    track: Mapped[Track] = relationship()


class ImportedPlay(db.Model):
    """One line of a history file: kept for the review of a set. Without a zone only `wall_time` is known."""

    id: Mapped[int] = mapped_column(primary_key=True)
    import_run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id", ondelete="SET NULL"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    artist: Mapped[str] = mapped_column(String(300), default="")
    song_key: Mapped[str] = mapped_column(String(300), default="")
    work_key: Mapped[str] = mapped_column(String(300), default="")
    bpm: Mapped[float | None] = mapped_column(Float)
    played_at: Mapped[datetime | None]
    wall_time: Mapped[str] = mapped_column(String(30), default="")  # as written: "2022-10-15T18:50:52", "22:11"
    seconds_heard: Mapped[float | None] = mapped_column(Float)
    is_public: Mapped[bool] = mapped_column(default=True)  # False: the DJ only listened beforehand

    run: Mapped[ImportRun] = relationship()
    track: Mapped[Track | None] = relationship()

    __table_args__ = (Index("ix_imported_play_import_run_id_position", "import_run_id", "position"),)


class TempoBand(db.Model):
    """A DJ's own name for a range of tempos in a dance. Who has none for a dance uses tempo.DEFAULT_BANDS."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    dance: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    low_bpm: Mapped[float] = mapped_column(Float)
    high_bpm: Mapped[float] = mapped_column(Float)
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("low_bpm < high_bpm", name="low_below_high"),
        UniqueConstraint("person_id", "dance", "position"),
    )


class CrateSettings(db.Model):
    """How a DJ wants to see keys, and for which dance tempos are shown."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    key_notation: Mapped[str] = mapped_column(String(8), default="camelot")
    dance: Mapped[str] = mapped_column(String(20), default="wcs")

    __table_args__ = (CheckConstraint("key_notation IN ('camelot', 'open', 'musical')", name="key_notation_known"),)


class CrateChange(Identified, Dated, db.Model):
    """One tap on one or many tracks: their values before it, so that it can be taken back once."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    sentence: Mapped[str] = mapped_column(String(200))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)  # public id -> {field: value}
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
