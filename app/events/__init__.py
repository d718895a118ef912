"""Dance events: dates, venue, zone, rooms, team, public page.

States: hidden (only its organizers see it) and published (everybody does). The schedule has a mode of its own:
planning (edits are a draft until published as a numbered version) and live (each edit is public at once).
Live topics: `event:<slug>:public` and `event:<slug>:staff`, declared in app.schedule.live.
"""
