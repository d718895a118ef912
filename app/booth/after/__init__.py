"""After a set: the played list reviewed against a history file, its figures, the set as a public playlist.

`merge` lines two lists up, `review` turns the DJ's answers into changes; `figures` counts. Private until the DJ shares.
"""
