"""The set builder as a DJ uses it: wishes, a worker's search, keeping songs, another one, a playlist."""

from __future__ import annotations

import pytest

from app.booth import builder
from app.booth.actions import drafts
from app.booth.models import SetDraft
from app.db import db
from app.floor.models import DjSet, Play
from app.lib import clock
from app.music.models import Playlist, PlaylistTrack, Track
from jobs import booth as jobs
from jobs import outbox as outbox_jobs
from tests import factories

WISHES = {
    "minutes": 30, "low_bpm": 80, "high_bpm": 115, "familiar": 50, "seed": 1, "playlist": "", "event": "",
    "harmony": False, "kept": {},
}  # fmt: skip


@pytest.fixture
def jo(session):
    return factories.dj()


def tracks(who, count=40):
    made = [
        Track(
            person_id=who.id, title=f"Song {n}", artist=f"Artist {n}", work_key=f"song {n}", bpm=80.0 + n % 36,
            duration_seconds=180.0 + n, energy=1 + n % 5, genre=["Blues", "Pop", "Soul"][n % 3],
        )
        for n in range(count)
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.commit()
    return made


def built(who, **wishes):
    draft_id = drafts.ask(who.id, WISHES | wishes)
    draft = builder.draft_of(who.id, draft_id)
    jobs.build_set({"draft_id": draft.id}, "")
    db.session.expire_all()
    return builder.draft_of(who.id, draft_id)


def test_a_worker_finds_a_set_and_the_page_shows_it(client, session, jo, app):
    tracks(jo)
    app.config["WTF_CSRF_ENABLED"] = False
    factories.signed_in(client, jo)
    typed = {name: value for name, value in WISHES.items() if name not in {"kept", "harmony"}}
    answer = client.post("/app/dj/builder", data=typed)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert 'hx-trigger="every 1s"' in client.get(address).text
    outbox_jobs.run_due()
    page = client.get(address, headers={"HX-Request": "true"}).text
    assert "hx-trigger" not in page
    assert "Why this order" in page
    assert "Song " in page
    app.config["WTF_CSRF_ENABLED"] = True


def test_the_same_wishes_find_the_same_set(session, jo):
    tracks(jo)
    assert built(jo).found == built(jo).found


def test_what_was_played_at_the_event_by_any_dj_does_not_come_again(session, jo):
    tracks(jo, 12)
    swing = factories.event()
    ana = factories.person("ana", "Ana")
    played = DjSet(
        code="aaaaaa", person_id=ana.id, event_id=swing.id, title="Friday", zone="UTC", state="live",
        started_at=clock.now(),
    )  # fmt: skip
    session.add(played)
    session.flush()
    at = clock.now()
    session.add(
        Play(dj_set_id=played.id, title="Song 3 (Remix)", work_key="song 3", played_at=at, ended_at=at, status="played")
    )
    session.commit()
    found = builder.found_of(built(jo, minutes=60, event="swing"))
    assert "Song 3" not in [track.title for track in found.tracks]
    assert found.left_out["played"] == 1


def test_kept_songs_stay_on_their_places(session, jo):
    chosen = tracks(jo)[7]
    found = builder.found_of(built(jo, kept={"2": chosen.public_id}, seed=5))
    assert found.tracks[2].title == chosen.title
    assert found.kept == {2}


def test_only_the_songs_of_the_chosen_playlist_are_taken(session, jo):
    some = tracks(jo)[:5]
    playlist = Playlist(person_id=jo.id, name="Warm")
    playlist.entries = [PlaylistTrack(track=track, position=n) for n, track in enumerate(some)]
    session.add(playlist)
    session.commit()
    found = builder.found_of(built(jo, playlist=playlist.public_id))
    assert {track.title for track in found.tracks} == {track.title for track in some}


def test_somebody_elses_crate_and_playlist_are_not_touched(session, jo):
    ana = factories.person("ana", "Ana")
    theirs = Playlist(person_id=ana.id, name="Theirs")
    theirs.entries = [PlaylistTrack(track=track, position=n) for n, track in enumerate(tracks(ana))]
    session.add(theirs)
    session.commit()
    assert built(jo).state == built(jo, playlist=theirs.public_id).state == "failed"


def test_an_empty_crate_says_what_to_do(session, jo):
    draft = built(jo)
    assert (draft.state, draft.found) == ("failed", None)
    assert "Widen the band" in draft.sentence


def test_an_empty_crate_is_led_to_the_import(client, session, jo):
    factories.signed_in(client, jo)
    page = client.get("/app/dj/builder").text
    assert ("Nothing to build from yet" in page, "Suggest a set" in page) == (True, False)


def test_a_suggestion_becomes_one_private_playlist_however_often_it_is_kept(session, jo):
    tracks(jo)
    draft = built(jo)
    first = drafts.keep(jo.id, draft.public_id, "Saturday")
    second = drafts.keep(jo.id, draft.public_id, "Saturday night")
    assert first == second
    kept = session.query(Playlist).one()
    assert (kept.name, kept.is_public) == ("Saturday night", False)
    assert [entry.track.public_id for entry in kept.entries] == draft.found["tracks"]


def test_a_suggestion_that_is_not_ready_cannot_be_kept(session, jo):
    with pytest.raises(drafts.NotFoundYet):
        drafts.keep(jo.id, drafts.ask(jo.id, dict(WISHES)), "Too soon")


def test_only_the_last_twenty_drafts_stay(session, jo):
    for _ in range(drafts.KEPT + 3):
        drafts.ask(jo.id, dict(WISHES))
    assert session.query(SetDraft).count() <= drafts.KEPT + 1


def test_building_twice_changes_nothing(session, jo):
    tracks(jo)
    draft = built(jo)
    before = dict(draft.found)
    session.query(Track).delete()
    session.commit()
    drafts.build(draft.id)
    assert session.get(SetDraft, draft.id).found == before


@pytest.mark.parametrize(
    ("field", "value"), [("minutes", "5"), ("high_bpm", "80"), ("low_bpm", "x"), ("familiar", "101")]
)
def test_a_wish_that_makes_no_sense_is_refused_at_its_field(field, value):
    typed = {name: str(wish) for name, wish in WISHES.items() if name != "kept"} | {field: value}
    assert field in builder.WishesForm(typed).errors


def test_only_the_newest_wish_of_a_dj_is_searched_for(session, jo):
    tracks(jo)
    first = drafts.ask(jo.id, WISHES)
    newest = drafts.ask(jo.id, WISHES | {"seed": 2})
    for draft_id in (first, newest):
        jobs.build_set({"draft_id": builder.draft_of(jo.id, draft_id).id}, "")
    db.session.expire_all()
    found = [builder.draft_of(jo.id, draft_id) for draft_id in (first, newest)]
    assert [(draft.state, draft.found is None) for draft in found] == [("failed", True), ("done", False)]
    assert found[0].sentence == drafts.SUPERSEDED


def test_a_hidden_event_tells_what_was_played_to_those_who_play_there(session, jo):
    event, ana = factories.event(published_at=None), factories.person("ana", "Ana")
    for who, title in ((ana, "Cold"), (jo, "Warm")):
        at = clock.now()
        over = {"state": "ended", "started_at": at, "ended_at": at}
        played = DjSet(code=who.handle, person_id=who.id, event_id=event.id, title="Set", zone="UTC", **over)
        played_song = Play(title=title, work_key=title.lower(), played_at=at, ended_at=at, status="played")
        db.session.add(played)
        db.session.flush()
        played_song.dj_set_id = played.id
        db.session.add(played_song)
    db.session.commit()
    assert builder.played_works(jo.id, event.slug) == {"cold", "warm"}
    assert builder.played_works(factories.person("nina").id, event.slug) == set()
