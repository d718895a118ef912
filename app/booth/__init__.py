"""The DJ's console: `/app/dj/booth/…` while a set runs, the door for programs that say what plays, what is done with a
set afterwards, and the set builder. Screens over app.floor, app.music and app.gigs; a set not yours is not there.
"""
