"""Routes of the crate, under /app/dj: imports, tracks, playlists. For DJs, and only their own: else 404."""

from __future__ import annotations

from flask import abort

from app.people.viewer import viewer


def only_djs() -> None:
    """Before each request of the crate: whoever is signed in and no DJ finds nothing here."""
    person = viewer().person
    if person is not None and not any(grant.role == "dj" for grant in person.grants):
        abort(404)
