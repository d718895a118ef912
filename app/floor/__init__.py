"""A DJ's set while it runs, and the floor in front of it: plays, hearts, tempo votes, polls, presence, saved minutes.

A set: planned → live → ended. A play: playing → played, or unheard (it never reached the room), removed, or asked (an
offline tap that only the DJ can place). A poll: prepared → open → closed, by the clock of the server alone.
Topics: `set:<code>:floor` for everybody who is here, `set:<code>:booth` for the DJ. The DJ's screens are app.booth.
"""
