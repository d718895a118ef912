"""The crate: a DJ's tracks, playlists, imports of libraries and histories, tempo bands.

A file is read into a `Library` (readers/), previewed, and imported by a job. Raw values stay beside parsed ones, and
what is unknown stays null. Import states: previewed → queued → running → done | failed; done → undone. Live topic:
`crate:<import>:progress` (only its DJ).
"""
