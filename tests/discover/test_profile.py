"""A DJ's public page: what is counted, what is hidden, who may see it, the share card, following."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import event as sa_event

from app.db import db
from app.discover import profile, share_card, vibe
from app.discover import profile_queries as queries
from app.discover.models import DjFollow, DjProfile
from app.floor.models import DjSet, Heart, Play
from app.gigs.models import Gig
from app.lib import clock
from app.music.models import Playlist, PlaylistTrack, Track
from tests import factories


@pytest.fixture
def jo(session):
    who = factories.person("jo", city="Hamburg")
    factories.grant(who, "dj")
    return who


def a_gig(of, jo, state="confirmed", days=-1, **more):
    starts = clock.now() + timedelta(days=days)
    values = {
        "event_id": of.id if of else None, "source": "event" if of else "own", "role": "dj", "state": state,
        "title": "Social", "zone": factories.BUDAPEST, "starts_at": starts, "ends_at": starts + timedelta(hours=2),
        "frozen_terms": {} if state in ("confirmed", "ended") else None, "changed_at": clock.now(),
    }  # fmt: skip
    made = Gig(person_id=jo.id, **(values | more))
    db.session.add(made)
    db.session.commit()
    return made


def a_set(gig, jo, songs=3, state="ended", number=0, **facts):
    starts = gig.starts_at
    over = {"ended_at": starts + timedelta(hours=2)} if state == "ended" else {}
    made = DjSet(
        code=f"c{gig.id}{number}", person_id=jo.id, gig_id=gig.id, event_id=gig.event_id, title="Set",
        zone=gig.zone, state=state, started_at=starts, **over,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for song in range(songs):
        at = starts + timedelta(minutes=4 * song)
        values: dict[str, Any] = {"title": f"Song {song}", "status": "played", "bpm": 90.0 + song % 20}
        db.session.add(Play(dj_set_id=made.id, played_at=at, ended_at=at, **(values | facts)))
    db.session.commit()
    return made


def test_only_gigs_that_were_confirmed_and_played_count(session, jo):
    swing, blues, zouk, fusion = [factories.event(slug) for slug in ("swing", "blues", "zouk", "fusion")]
    a_set(a_gig(swing, jo, "ended"), jo)
    a_set(a_gig(swing, jo, "ended", starts_at=clock.now() - timedelta(hours=30)), jo)  # the same weekend is one event
    a_gig(blues, jo)  # confirmed, never played
    a_set(a_gig(zouk, jo, "declined"), jo)  # played, never confirmed
    a_set(a_gig(fusion, jo), jo, songs=2)  # opened by mistake
    a_set(a_gig(None, jo), jo)  # written down by herself
    assert [(found.title, found.songs) for found in queries.played_gigs(jo.id, clock.now())] == [("Swing Weekend", 6)]


def test_the_set_of_another_dj_in_the_slot_does_not_count(session, jo):
    gig = a_gig(factories.event(), jo)
    a_set(gig, factories.person("dana"))
    assert queries.played_gigs(jo.id, clock.now()) == []


def test_the_page_shows_figures_and_the_list_behind_them(client, session, jo):
    gig = a_gig(factories.event(), jo, "ended")
    played = a_set(gig, jo, songs=31)
    play = session.query(Play).filter_by(dj_set_id=played.id).first()
    session.add(Heart(play_id=play.id, person_id=factories.person("dana").id))
    session.commit()
    page = client.get("/dj/jo").text
    assert ">1</b>event in" in page
    assert ">1</b>heart from the floor" in page
    assert "From 31 songs really played" in page
    assert "Swing Weekend" in client.get("/dj/jo/played").text


def test_what_the_dj_hides_is_not_on_the_page(client, session, jo):
    a_set(a_gig(factories.event(), jo, "ended"), jo, songs=31)
    a_gig(factories.event("next"), jo, days=3)
    session.add(DjProfile(person_id=jo.id, shows_stats=False, shows_vibe=False, shows_gigs=False))
    session.commit()
    page = client.get("/dj/jo").text
    assert "figures-row" not in page
    assert "The vibe" not in page
    assert "Confirmed" not in page
    assert client.get("/dj/jo/played").status_code == 404


def test_next_gigs_are_confirmed_listed_and_not_of_hidden_events(session, jo):
    shown = a_gig(factories.event("next"), jo, days=3)
    a_gig(factories.event("asked"), jo, "pending", days=3)
    a_gig(factories.event("kept-off"), jo, days=3, is_listed=False)
    a_gig(factories.event("hidden", published_at=None), jo, days=3)
    a_gig(factories.event("over"), jo, days=-3)
    a_gig(None, jo, days=3)  # what she wrote down for herself is hers
    assert queries.upcoming_gigs(jo.id, clock.now()) == [shown]


@pytest.mark.parametrize("handle", ["dana", "nobody-at-all"])
def test_who_is_no_dj_has_no_page(client, session, handle):
    factories.person("dana")
    assert client.get(f"/dj/{handle}").status_code == 404
    assert client.get(f"/dj/{handle}/card.png").status_code == 404


def test_a_suspended_dj_has_no_page(client, session, jo):
    jo.suspended_at = clock.now()
    session.commit()
    assert client.get("/dj/jo").status_code == 404


def test_the_number_of_queries_does_not_grow_with_what_there_is(client, session, jo):
    def count():
        seen = []

        def note(*args):
            seen.append(args[2])

        sa_event.listen(db.engine, "before_cursor_execute", note)
        client.get("/dj/jo")
        sa_event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    for number in range(3):
        a_set(a_gig(factories.event(f"played-{number}"), jo, "ended", days=-5 * number - 1), jo, songs=12)
        a_gig(factories.event(f"next-{number}"), jo, days=number + 1)
    few = count()
    for number in range(3, 9):
        a_set(a_gig(factories.event(f"played-{number}"), jo, "ended", days=-5 * number - 1), jo, songs=12)
        a_gig(factories.event(f"next-{number}"), jo, days=number + 1)
    session.expire_all()
    assert count() == few


def test_a_public_playlist_is_shown_and_a_private_or_removed_one_is_not(client, session, jo):
    track = Track(person_id=jo.id, title="Bonafide", artist="Emotional Oranges", bpm=98)
    lists = [
        Playlist(person_id=jo.id, name="As played", is_public=True, published_at=clock.now()),
        Playlist(person_id=jo.id, name="Secret"),
        Playlist(person_id=jo.id, name="Gone", is_public=True, removed_at=clock.now()),
    ]
    session.add_all([track, *lists])
    session.flush()
    session.add_all([PlaylistTrack(playlist_id=one.id, track_id=track.id) for one in lists])
    session.commit()
    page = client.get("/dj/jo").text
    assert ("As played" in page, "Secret" in page, "Gone" in page) == (True, False, False)
    assert [client.get(f"/dj/jo/playlists/{one.public_id}").status_code for one in lists] == [200, 404, 404]
    assert "Bonafide" in client.get(f"/dj/jo/playlists/{lists[0].public_id}").text


def test_a_guest_follows_once_and_stops(client, session, jo, app):
    app.config["WTF_CSRF_ENABLED"] = False
    for _ in range(2):
        assert client.post("/dj/jo/follow", data={"on": "1"}).status_code == 303
    assert session.query(DjFollow).count() == 1
    assert "Following" in client.get("/dj/jo").text
    client.post("/dj/jo/follow", data={"on": "0"})
    session.expire_all()
    assert session.query(DjFollow).count() == 0
    app.config["WTF_CSRF_ENABLED"] = True


def test_saving_the_page_keeps_every_field_and_names_bare_links_by_their_host(client, session, jo, app):
    app.config["WTF_CSRF_ENABLED"] = False
    factories.signed_in(client, jo)
    typed = {"headline": "Warm nights", "plays": "WCS", "link_0": "www.soundcloud.com/jo", "shows_gigs": "1"}
    assert client.post("/app/dj/profile", data=typed).status_code == 303
    said = session.get(DjProfile, jo.id)
    assert said.links == [{"label": "soundcloud.com", "url": "https://www.soundcloud.com/jo"}]
    assert (said.headline, said.shows_gigs, said.shows_stats, said.shows_vibe) == ("Warm nights", True, False, False)
    assert "soundcloud.com/jo" in client.get("/dj/jo").text
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "https://", "https://me@evil.example", "ftp://a.b", "http://[x"]
)
def test_a_link_that_is_no_web_address_is_refused(client, session, jo, app, link):
    app.config["WTF_CSRF_ENABLED"] = False
    factories.signed_in(client, jo)
    assert client.post("/app/dj/profile", data={"link_0": link}).status_code == 422
    assert session.get(DjProfile, jo.id) is None
    app.config["WTF_CSRF_ENABLED"] = True


# ---- the vibe ----


def test_no_vibe_from_too_few_songs():
    assert vibe.of([(96.0, "Blues")] * 29) is None
    assert vibe.of([(None, None)] * 40) == vibe.Vibe(40, (), (), None)


def test_the_vibe_counts_tempos_by_steps_of_five_and_styles_by_their_first_word():
    seen = vibe.of([(96.0, "blues, soul")] * 20 + [(101.0, "Blues")] * 10 + [(104.9, "Pop")] * 10)
    assert seen is not None
    assert seen.tempos == (("95", 20), ("100", 20))
    assert seen.styles == (("Blues", 30), ("Pop", 10))
    assert seen.usual_bpm == 98


def test_single_far_tempos_and_rare_styles_do_not_stretch_the_picture():
    genres = ["A", "B", "C", "D", "E", "F"]
    seen = vibe.of([(95.0, genre) for genre in genres * 10] + [(200.0, "A"), (20.0, "A")])
    assert seen is not None
    assert len(seen.tempos) <= vibe.SPREAD
    assert sum(count for _, count in seen.tempos) == 62
    assert [name for name, _ in seen.styles] == ["A", "B", "C", "D", "Other"]


# ---- the share card ----


def test_the_card_is_a_picture_of_the_size_that_chats_expect(client, session, jo):
    answer = client.get("/dj/jo/card.png")
    assert answer.mimetype == "image/png"
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.size == (1200, 630)
    again = client.get("/dj/jo/card.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_letters_our_font_lacks_are_not_drawn_as_boxes(session, jo):
    jo.name = "Юлия 東京"
    card = profile.card_of(jo, profile.of(jo, clock.now()), None)
    assert (card.name, card.initials) == ("@jo", "JO")
    assert share_card.can_write("Szőlőssy Łukasz Ångström “Ñ”")


def test_long_words_are_cut_to_the_room():
    lines = share_card.wrapped("Wonderful " * 30, "plain", 36, 600, 3)
    assert len(lines) == 3
    assert all(share_card.length(line, "plain", 36) <= 600 for line in lines)
    assert lines[-1].endswith("…")


@pytest.mark.parametrize(("number", "words"), [(7, "7"), (999, "999"), (1000, "1k"), (11240, "11.2k")])
def test_figures_are_short(number, words):
    assert profile.short(number) == words
