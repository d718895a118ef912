"""Preparing a gig: own playlists only, what was heard there before, the way from the gig."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.booth import prep
from app.booth.actions import prep as actions
from app.booth.models import GigPlaylist
from app.db import db
from app.floor.models import DjSet, Play
from app.gigs.models import Gig
from app.lib import clock
from app.music.models import Playlist, PlaylistTrack, Track
from tests import factories


@pytest.fixture
def jo(session):
    return factories.dj()


@pytest.fixture
def gig(jo):
    return a_gig(jo, factories.event(venue="Danube House", city="Budapest"))


def a_gig(who, of, state="confirmed"):
    starts = clock.now() + timedelta(days=3)
    made = Gig(
        person_id=who.id, event_id=of.id, source="event", role="dj", state=state, title="Social", starts_at=starts,
        ends_at=starts + timedelta(hours=2), zone="UTC", frozen_terms={}, changed_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def a_playlist(who, *titles):
    made = Playlist(person_id=who.id, name="Warm")
    made.entries = [
        PlaylistTrack(
            track=Track(person_id=who.id, title=title, work_key=title.lower(), bpm=90.0 + n, duration_seconds=200),
            position=n,
        )
        for n, title in enumerate(titles)
    ]  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def heard(at_event, who, title, days_ago):
    at = clock.now() - timedelta(days=days_ago)
    played = DjSet(
        code=f"{days_ago:x}{at_event.id:04x}"[-6:], person_id=who.id, event_id=at_event.id, title="Set", zone="UTC",
        state="ended", started_at=at, ended_at=at,
    )  # fmt: skip
    db.session.add(played)
    db.session.flush()
    play = {"title": title, "work_key": title.lower(), "played_at": at, "ended_at": at, "status": "played"}
    db.session.add(Play(dj_set_id=played.id, **play))
    db.session.commit()


def test_a_playlist_is_meant_for_a_gig_once_and_no_more(session, jo, gig):
    playlist = a_playlist(jo, "Cold")
    for _ in range(2):
        assert actions.link(jo.id, gig.id, playlist.public_id, on=True)
    assert session.query(GigPlaylist).count() == 1
    assert prep.other_playlists(gig) == []
    actions.link(jo.id, gig.id, playlist.public_id, on=False)
    assert (session.query(GigPlaylist).count(), prep.other_playlists(gig)) == (0, [playlist])


def test_somebody_elses_playlist_is_not_there(session, jo, gig):
    theirs = a_playlist(factories.person("ana", "Ana"), "Cold")
    assert not actions.link(jo.id, gig.id, theirs.public_id, on=True)


def test_songs_heard_at_the_venue_before_say_when_and_by_whom(session, jo, gig):
    ana = factories.person("ana", "Ana")
    heard(factories.event("last-year", venue="Danube House", city="Budapest"), ana, "Cold", 365)
    heard(factories.event("elsewhere", venue="Danube House", city="Vienna"), ana, "Best Part", 30)
    actions.link(jo.id, gig.id, a_playlist(jo, "Cold", "Best Part").public_id, on=True)
    (found,) = prep.lists_of(gig)
    assert [(track.title, before.endswith(", Ana")) for track, before in found.tracks] == [
        ("Cold", True), ("Best Part", False),
    ]  # fmt: skip
    assert (found.minutes, found.curve is not None) == (7, True)


def test_the_page_is_the_booked_djs_alone(client, session, jo, gig, app):
    app.config["WTF_CSRF_ENABLED"] = False
    address = f"/app/dj/gigs/{gig.public_id}/prepare"
    playlist = a_playlist(jo, "Cold")
    factories.signed_in(client, factories.person("dana"))
    assert client.get(address).status_code == 404
    factories.signed_in(client, jo)
    assert client.post(address, data={"on": "1", "playlist": playlist.public_id}).status_code == 303
    assert "Cold" in client.get(address).text
    assert address in client.get(f"/app/gigs/{gig.public_id}").text
    app.config["WTF_CSRF_ENABLED"] = True


def test_a_gig_that_is_off_has_no_preparation(session, jo):
    off = a_gig(jo, factories.event(), state="withdrawn")
    assert prep.own_gig(jo.id, off.public_id) is None


def test_a_hidden_event_in_the_same_hall_gives_nothing_away(session, jo, gig):
    hidden = factories.event("hidden", venue="Danube House", city="Budapest", published_at=None)
    heard(hidden, factories.person("ana", "Ana"), "Cold", 5)
    assert prep.last_times(gig, {"cold"}) == {}
