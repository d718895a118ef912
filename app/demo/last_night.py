"""The demo's night before: a set of Jo's that is over, with hearts, words on the tempo, a poll, and a history file.

Called by load. Played now by the actions that DJs and dancers call, then moved back as one (demo.actions.file_away).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from app.demo import actions as demo_actions
from app.floor import actions, queries
from app.floor.actions import SetPlan, Song
from app.lib import clock
from app.music import queries as music
from app.music import readers
from app.music.actions import imports
from app.music.models import Track
from app.people import devices
from app.people import queries as people
from app.people.models import Person
from app.people.viewer import Viewer

PLAN = SetPlan("Welcome hour", "Europe/Budapest", "Kiosk on the quay")
PLAYLIST = "Friday warm-up"
ENDS = time(21, 30)  # on the evening before: over at whatever hour the demo is loaded
SONGS, STRIDE = 24, 9  # of the list, so far apart that tempos go up and down
EVERY = timedelta(minutes=4)
GUESTS = 14
QUESTION, ANSWERS = "Where to next?", ["Slower and bluer", "Faster", "Stay right here"]
VOTES = (0, 1, 1, 2, 1, 0, 1, 2, 1, 1)
MISNAMED, NOT_TAPPED = 6, 15  # what Jo typed from memory, and what Jo forgot to tap: the review finds both


def play(jo: Person, day: date) -> None:
    """The whole evening of that day. Before Jo's set of tonight begins, for a DJ plays one set at a time."""
    tracks = _tracks(jo.id)
    began = clock.now() - EVERY * len(tracks)
    set_id = queries.own_set(Viewer(jo), actions.start(jo, PLAN, started_at=began)).id
    for number, track in enumerate(tracks):
        if number != NOT_TAPPED:
            actions.play(set_id, _tapped(track, number), tapped_at=began + EVERY * number + timedelta(seconds=5))
    _dancers(set_id)
    actions.end(set_id)
    ends = clock.resolve_local(datetime.combine(day, ENDS), PLAN.zone).instant
    demo_actions.file_away(set_id, ends, _moods())
    _history(jo.id, tracks, ends - EVERY * len(tracks))


def _tracks(person_id: int) -> list[Track]:
    playlist = next(found for found in music.playlists_of(person_id) if found.name == PLAYLIST)
    tracks = [entry.track for entry in music.entries_of(playlist.id)]
    return [tracks[number * STRIDE % len(tracks)] for number in range(SONGS)]


def _tapped(track: Track, number: int) -> Song:
    return Song("that slow one with the rain", track.artist) if number == MISNAMED else Song.of_track(track)


def _dancers(set_id: int) -> None:
    """Guests' phones: hearts for what they like, and a poll."""
    plays = [found.public_id for found in queries.plays_of(set_id)]
    poll_id = actions.ask(set_id, QUESTION, ANSWERS, 60)
    poll = queries.poll_of(set_id, poll_id)
    options = [option.public_id for option in poll.options] if poll else []
    for guest in range(GUESTS):
        token = devices.new_token()
        actions.here(Viewer(device=people.device_by_token(token)), set_id, device_token=token)
        viewer = Viewer(device=people.device_by_token(token))
        if guest < len(VOTES):
            actions.vote_poll(viewer, set_id, poll_id, options[VOTES[guest]], device_token=token)
        for number, play_id in enumerate(plays):
            if (guest * 5 + number * 7) % GUESTS < number * 11 % 9:
                actions.heart(viewer, set_id, play_id, on=True, device_token=token)
    actions.close_poll(set_id, poll_id)


def _moods() -> list[tuple[int, int, int]]:
    """What the floor said of the tempo, song by song: slower, perfect, faster."""
    return [(max(0, number % 7 - 3), 5 + number % 3, max(0, 4 - number % 6)) for number in range(SONGS)]


def _history(person_id: int, tracks: Sequence[Track], began: datetime) -> None:
    """What VirtualDJ wrote down meanwhile, through the import that DJs use."""
    lines = []
    for number, track in enumerate(tracks):
        at = began + EVERY * number
        wall = clock.to_local(at, PLAN.zone).strftime("%H:%M")
        lines.append(
            f"#EXTVDJ:<time>{wall}</time><lastplaytime>{int(at.timestamp())}</lastplaytime>"
            f"<artist>{track.artist.replace('&', '&amp;')}</artist><title>{track.title}</title>"
        )
        lines.append(f"C:\\Music\\{number:02d}.mp3")
    raw = ("\n".join(lines) + "\n").encode()
    name = f"{clock.to_local(began, PLAN.zone):%Y-%m-%d}.m3u"
    library = readers.read(raw, name)
    run = music.import_run(person_id, imports.keep(person_id, name, raw, library))
    assert run is not None  # noqa: S101  (kept one line above)
    imports.carry_out(run.id, library, lambda _run_id: None)
