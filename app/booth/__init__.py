"""The DJ's console while a set runs, `/app/dj/booth/…`, and the door for programs that say what plays. Screens over
app.floor, app.music and app.gigs; it owns no table. Everything is one DJ's own: a set that is not yours is not there.
"""
