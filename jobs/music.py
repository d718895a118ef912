"""Imports of crates: reads the kept file and brings it in, piece by piece, telling the page how far it is. Owed."""

from __future__ import annotations

import gzip
import logging
from typing import Any

from app.db import db
from app.lib.refusal import Refusal
from app.music import live, queries, readers
from app.music.actions import imports
from app.music.models import ImportRun

log = logging.getLogger(__name__)


def import_file(subject: dict[str, Any], _key: str) -> None:
    """Carry an import out. Doing it twice does it once: what is there is found again."""
    run = db.session.get(ImportRun, subject["run"])
    if run is None or run.state not in {"queued", "running"}:
        return
    run_id, name, encoding = run.id, run.file_name, run.encoding
    mapping = {int(number): field for number, field in run.mapping.items()} or None
    packed = queries.import_bytes(run_id)
    db.session.rollback()  # reading is slow: hold no snapshot meanwhile
    if packed is None:
        imports.fail(run_id, "The file is no longer here. Choose it again.")
        return
    try:
        library = readers.read(gzip.decompress(packed), name, encoding=encoding, mapping=mapping)
        imports.carry_out(run_id, library, live.progress_changed)
    except Refusal as refusal:
        imports.fail(run_id, refusal.sentence)
        live.progress_changed(run_id)
