"""Routes of the crate, under /app/dj: imports, tracks, playlists. Everything is the viewer's own: else 404."""
