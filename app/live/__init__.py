"""Live pages: topics, retained regions, the hub that holds every phone's socket, and the one socket route.

A feature publishes regions (rendered partials with an id) to a topic; Redis keeps the newest of each; the hub of every
web process sends one encoded frame to all of its phones. A phone that comes back says its position (epoch, version) and
gets what is newer, or is told to re-get its page. The socket is a hint, HTTP is the truth. See docs/live.md.
"""
