"""Writes of the crate: one function per intention. Imports of files, tracks, playlists, tempo bands."""
