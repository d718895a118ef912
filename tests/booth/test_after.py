"""After a set: the review changes what was ticked and no more, and can be undone; figures; sharing; publishing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.booth.actions import publishing, reviews
from app.booth.after import figures, review
from app.db import db
from app.discover.models import DjFollow
from app.floor import actions as floor
from app.floor.models import HEARD_STATUSES, DjSet, FloorVisit, Heart, Play, Poll, PollOption, PollVote, TempoReading
from app.lib import clock
from app.music.models import ImportedPlay, ImportRun, Playlist, Track
from app.music.names import song_key, work_key
from app.notify.models import Notice
from app.outbox import OutboxItem
from jobs import discover as jobs
from tests import factories


@pytest.fixture
def jo(session):
    return factories.dj()


@pytest.fixture
def evening(jo):
    """A set of an hour that ended: Cold, That slow one, Best Part."""
    return a_set(jo, ["Cold", "That slow one", "Best Part"])


def a_set(jo, titles, state="ended"):
    starts = clock.now() - timedelta(hours=2)
    made = DjSet(
        code="abcdef", person_id=jo.id, title="Saturday social", zone="UTC", state=state, started_at=starts,
        ended_at=starts + timedelta(hours=1) if state == "ended" else None,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for number, title in enumerate(titles):
        at = starts + timedelta(minutes=4 * number)
        keys = {"song_key": song_key("Artist", title), "work_key": work_key("Artist", title)}
        times = {"played_at": at, "ended_at": at + timedelta(minutes=4), "position": number + 1}
        play = Play(
            dj_set_id=made.id, title=title, artist="Artist", status="played", bpm=90.0 + number, **keys, **times
        )
        db.session.add(play)
    db.session.commit()
    return made


def a_file(dj_set, *titles, timed=True, person_id=None, **more):
    run = ImportRun(
        person_id=person_id or dj_set.person_id, file_name="history.nml", file_digest="a" * 64, format="traktor-nml",
        state="done",
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    for number, title in enumerate(titles):
        at = dj_set.started_at + timedelta(minutes=4 * number, seconds=20) if timed else None
        values = {"seconds_heard": 200.0, "is_public": True} | more
        db.session.add(
            ImportedPlay(
                import_run_id=run.id, position=number, title=title, artist="Artist", played_at=at,
                song_key=song_key("Artist", title), work_key=work_key("Artist", title), **values,
            )
        )  # fmt: skip
    db.session.commit()
    return run


def titles(dj_set):
    db.session.rollback()
    found = select(Play).where(Play.dj_set_id == dj_set.id, Play.status.in_(HEARD_STATUSES))
    return [play.title for play in db.session.scalars(found.order_by(Play.position))]


def defaults(dj_set, run):
    return {line.key for line in review.lines(dj_set, run) if review.is_taken_by_default(line)}


def test_bulk_accept_takes_names_and_missing_songs_and_hearts_stay(session, evening):
    slow = session.query(Play).filter_by(title="That slow one").one()
    session.add(Heart(play_id=slow.id, person_id=factories.person("dana").id))
    session.commit()
    run = a_file(evening, "Cold", "Bonafide", "Best Part", "Last call")
    assert reviews.apply(evening.id, run.id, defaults(evening, run)) == 2
    assert titles(evening) == ["Cold", "Bonafide", "Best Part", "Last call"]
    renamed = session.query(Play).filter_by(title="Bonafide").one()
    assert (renamed.id, renamed.corrected_from) == (slow.id, "Artist - That slow one")
    assert session.query(Heart).filter_by(play_id=renamed.id).count() == 1
    assert session.query(Play).filter_by(title="Last call").one().source == "review"


def test_the_same_answer_twice_changes_nothing_more(session, evening):
    run = a_file(evening, "Cold", "Bonafide", "Best Part", "Last call")
    taken = defaults(evening, run)
    reviews.apply(evening.id, run.id, taken)
    before = titles(evening)
    assert reviews.apply(evening.id, run.id, taken) == 0
    assert titles(evening) == before


def test_only_what_was_ticked_changes(session, evening):
    run = a_file(evening, "Cold", "Bonafide", "Best Part", "Last call")
    only = {line.key for line in review.lines(evening, run) if line.kind == "missing"}
    reviews.apply(evening.id, run.id, only)
    assert titles(evening) == ["Cold", "That slow one", "Best Part", "Last call"]


def test_an_extra_song_is_taken_out_only_when_ticked(session, evening):
    run = a_file(evening, "Cold", "Best Part", timed=False)
    lines = review.lines(evening, run)
    assert defaults(evening, run) == set()
    reviews.apply(evening.id, run.id, {line.key for line in lines if line.kind == "extra"})
    assert titles(evening) == ["Cold", "Best Part"]


def test_undo_restores_the_list_whole_and_once(session, evening):
    run = a_file(evening, "Cold", "Bonafide", "Best Part", "Last call")
    before = [(p.title, p.artist, p.song_key, p.played_at, p.ended_at, p.position) for p in heard(evening)]
    reviews.apply(evening.id, run.id, defaults(evening, run))
    reviews.undo(evening.id)
    assert [(p.title, p.artist, p.song_key, p.played_at, p.ended_at, p.position) for p in heard(evening)] == before
    with pytest.raises(reviews.NothingToUndo):
        reviews.undo(evening.id)


def heard(dj_set):
    db.session.rollback()
    found = select(Play).where(Play.dj_set_id == dj_set.id, Play.status.in_(HEARD_STATUSES))
    return list(db.session.scalars(found.order_by(Play.position)))


def test_a_saved_minute_becomes_the_song_of_the_review(session, jo):
    from app.floor import ledger, queries
    from app.floor.models import SavedMinute

    dj_set = a_set(jo, [])
    saved = SavedMinute(
        dj_set_id=dj_set.id, minute_at=dj_set.started_at + timedelta(minutes=5), person_id=factories.person("dana").id
    )
    session.add(saved)
    session.commit()
    assert ledger.song_of_minute(saved, queries.plays_of(dj_set.id)) is None
    run = a_file(dj_set, "Cold", "Bonafide", "Best Part")
    reviews.apply(dj_set.id, run.id, defaults(dj_set, run))
    assert ledger.song_of_minute(saved, queries.plays_of(dj_set.id)).title == "Bonafide"


def test_a_set_under_way_is_not_reviewed(session, jo):
    running = a_set(jo, ["Cold"], state="live")
    run = a_file(running, "Cold", "Bonafide")
    with pytest.raises(reviews.SetStillLive):
        reviews.apply(running.id, run.id, defaults(running, run))


def test_files_that_overlap_the_set_come_first_and_others_djs_files_never(session, evening):
    a_file(evening, "Later", timed=False)
    fits = a_file(evening, "Cold")
    a_file(evening, "Cold", person_id=factories.person("ana", "Ana").id)
    found = review.candidates(evening)
    assert [(one.run.public_id == fits.public_id, one.inside) for one in found] == [(True, 1), (False, 0)]


def test_the_pages_of_a_review(client, session, evening, jo, app):
    app.config["WTF_CSRF_ENABLED"] = False
    factories.signed_in(client, jo)
    run = a_file(evening, "Cold", "Bonafide", "Best Part", "Last call")
    address = f"/app/dj/sets/{evening.public_id}/review"
    assert "history.nml" in client.get(address).text
    page = client.get(address, query_string={"file": run.public_id}).text
    assert "2 of 4 lines agree" in page
    taken = sorted(defaults(evening, run))
    assert client.post(address, data={"file": run.public_id, "take": taken}).status_code == 303
    assert "Last call" in client.get(f"/app/dj/sets/{evening.public_id}").text
    assert client.get(address, query_string={"file": "nothing"}).status_code == 404
    assert client.post(f"{address}/undo").status_code == 303
    assert titles(evening) == ["Cold", "That slow one", "Best Part"]
    app.config["WTF_CSRF_ENABLED"] = True


# ---- figures and sharing ----


def with_figures(session, evening):
    dana = factories.person("dana")
    play = session.query(Play).filter_by(title="Best Part").one()
    poll = Poll(
        dj_set_id=evening.id, question="Blues next?", opened_at=evening.started_at, closes_at=evening.ended_at,
        closed_at=evening.ended_at, options=[PollOption(label="Yes"), PollOption(label="No", position=1)],
    )  # fmt: skip
    session.add_all([Heart(play_id=play.id, person_id=dana.id), poll])
    session.flush()
    session.add(PollVote(poll_id=poll.id, option_id=poll.options[0].id, person_id=dana.id))
    session.add(FloorVisit(dj_set_id=evening.id, person_id=dana.id, joined_at=play.played_at, seen_at=play.played_at))
    for minute, faster in ((1, 5), (9, 0)):
        at = evening.started_at + timedelta(minutes=minute)
        session.add(TempoReading(dj_set_id=evening.id, read_at=at, slower=0, perfect=1, faster=faster))
    session.commit()


def test_figures_count_hearts_moods_polls_and_dancers(session, evening):
    with_figures(session, evening)
    found = figures.of(evening, clock.now())
    assert (found.hearts, found.dancers, found.usual_bpm, found.minutes) == (1, 1, 91, 60)
    assert [song.play.title for song in found.favorites] == ["Best Part"]
    assert [song.mood.word for song in found.songs] == ["faster", "", "perfect"]
    assert found.polls[0].answers == [("Yes", 1, 1.0), ("No", 0, 0.0)]
    assert found.tempo is not None
    assert found.wish is not None


def test_nothing_is_public_until_the_dj_shares_it_and_then_only_that(client, session, evening):
    with_figures(session, evening)
    address = f"/sets/{evening.public_id}"
    assert client.get(address).status_code == 404
    publishing.share(evening.id, ["songs", "nonsense"])
    page = client.get(address).text
    assert "That slow one" in page
    assert "What they loved" not in page
    assert "Blues next?" not in page
    assert "Hearts:" not in page
    publishing.share(evening.id, ["hearts", "polls"])
    page = client.get(address).text
    assert ("What they loved" in page, "Blues next?" in page, "That slow one" in page) == (True, True, False)
    publishing.share(evening.id, [])
    assert client.get(address).status_code == 404


# ---- publishing ----


def test_a_published_set_is_a_playlist_as_played_and_publishing_again_renews_it(session, evening, jo):
    known = Track(person_id=jo.id, title="Cold", artist="Artist", song_key=song_key("Artist", "Cold"))
    session.add(known)
    session.commit()
    first = publishing.publish(evening.id, "Saturday", "Warm")
    again = publishing.publish(evening.id, "Saturday night", "")
    assert first == again
    playlist = session.query(Playlist).one()
    assert (playlist.name, playlist.is_public) == ("Saturday night", True)
    assert [entry.track.title for entry in playlist.entries] == ["Cold", "That slow one", "Best Part"]
    assert playlist.entries[0].track_id == known.id
    assert session.query(Track).count() == 3


def test_a_list_taken_back_is_gone_from_the_page(client, session, evening, jo, app):
    app.config["WTF_CSRF_ENABLED"] = False
    factories.signed_in(client, jo)
    client.post(f"/app/dj/sets/{evening.public_id}/publish", data={"name": "Saturday"})
    assert "Saturday" in client.get("/dj/jo").text
    client.post(f"/app/dj/sets/{evening.public_id}/unpublish")
    assert "You have not published a playlist yet" in client.get("/dj/jo").text
    app.config["WTF_CSRF_ENABLED"] = True


def test_a_name_that_is_too_long_stays_in_its_field(client, session, evening, jo, app):
    app.config["WTF_CSRF_ENABLED"] = False
    factories.signed_in(client, jo)
    answer = client.post(f"/app/dj/sets/{evening.public_id}/publish", data={"name": "x" * 130, "about": "Kept"})
    assert answer.status_code == 422
    assert "x" * 130 in answer.text
    assert "Kept" in answer.text
    app.config["WTF_CSRF_ENABLED"] = True


def test_an_empty_or_running_set_is_not_published(session, jo):
    with pytest.raises(publishing.NoSongs):
        publishing.publish(a_set(jo, []).id, "Nothing", "")
    session.query(DjSet).delete()
    with pytest.raises(reviews.SetStillLive):
        publishing.publish(a_set(jo, ["Cold"], state="live").id, "Too soon", "")


def test_followers_hear_of_it_once_and_of_the_next_one_tomorrow(session, evening, jo):
    dana = factories.person("dana")
    session.add(DjFollow(dj_id=jo.id, person_id=dana.id))
    session.commit()
    publishing.publish(evening.id, "Saturday", "")
    publishing.publish(evening.id, "Saturday night", "")
    owed = session.query(OutboxItem).filter_by(kind="discover.playlist_news").all()
    assert len(owed) == 1
    assert owed[0].due_at > clock.now() + timedelta(minutes=5)
    for _ in range(2):
        jobs.playlist_news(dict(owed[0].subject), "")
    notice = session.query(Notice).one()
    assert (notice.person_id, "Saturday night" in notice.title) == (dana.id, True)
    session.query(OutboxItem).filter_by(kind="discover.playlist_news").update({"state": "done"})
    session.commit()
    publishing.publish(evening.id, "Saturday night", "")
    dues = sorted(item.due_at for item in session.query(OutboxItem).filter_by(kind="discover.playlist_news"))
    assert dues[1] - dues[0] > timedelta(hours=23)


def test_a_list_that_was_taken_back_is_no_news(session, evening, jo):
    session.add(DjFollow(dj_id=jo.id, person_id=factories.person("dana").id))
    session.commit()
    publishing.publish(evening.id, "Saturday", "")
    publishing.unpublish(evening.id)
    jobs.playlist_news({"person_id": jo.id}, "")
    assert session.query(Notice).count() == 0


def test_the_floors_own_way_of_ending_a_set_leads_here(client, session, jo):
    """A set begun and ended by the booth's actions has its page."""
    plan = floor.SetPlan("Late social", "UTC", "Hall")
    public_id = floor.start(jo, plan)
    dj_set = session.query(DjSet).filter_by(public_id=public_id).one()
    floor.play(dj_set.id, floor.Song("Cold", "Artist"))
    floor.end(dj_set.id)
    factories.signed_in(client, jo)
    assert "Cold" in client.get(f"/app/dj/sets/{public_id}").text


def test_a_file_of_years_is_not_compared_with_a_night(client, jo, evening, monkeypatch):
    run = a_file(evening, "Cold", "Bonafide")
    address = f"/app/dj/sets/{evening.public_id}/review?file={run.public_id}"
    factories.signed_in(client, jo)
    assert "Bonafide" in client.get(address).text
    monkeypatch.setattr(review, "PAIRS_MOST", 5)
    elsewhere = client.get(address).headers["Location"]
    assert "This file names 2 plays. Import the history of that night alone." in client.get(elsewhere).text
