"""Which topic, which partial, who may listen.

Topic `crate:<import>:progress`, region `import-progress`: how far one import is, for its DJ alone.
"""

from __future__ import annotations

from markupsafe import Markup

from app.db import db
from app.lib import clock
from app.live import regions, topics
from app.live.render import render_region
from app.music import queries
from app.music.models import ImportRun
from app.people.viewer import Viewer

COUNTED = (
    "new", "changed", "back", "same", "playlists_new", "playlists_changed", "plays", "sounds", "nameless", "skipped",
)  # fmt: skip


def topic(public_id: str) -> str:
    return f"crate:{public_id}:progress"


def init_app() -> None:
    """Say who may listen."""
    topics.guard("crate", "progress")(_may_hear)


def _may_hear(viewer: Viewer, public_id: str) -> bool:
    return viewer.person is not None and queries.import_run(viewer.person.id, public_id) is not None


def progress_html(run: ImportRun) -> Markup:
    return render_region("music/_progress.html", run=run, c=dict.fromkeys(COUNTED, 0) | run.counts)


def progress_changed(run_id: int) -> None:
    """A piece was done, or all of it."""
    rank = f"{clock.now().timestamp():017.3f}"
    run = db.session.get(ImportRun, run_id)
    if run is not None:
        db.session.refresh(run)
        regions.publish(topic(run.public_id), {"import-progress": progress_html(run)}, rank=rank)
    db.session.rollback()
