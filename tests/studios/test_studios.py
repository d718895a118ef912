"""Studios: opening one, its profile, who teaches there, and the page that everybody sees."""

from __future__ import annotations

import pytest
from sqlalchemy import event as sql_event

from app.db import db
from app.people.models import RoleGrant
from app.studios import actions, queries, rules
from app.studios.models import Studio
from tests import factories

VALUES = {
    "name": "The Swing Loft",
    "slug": "swing-loft",
    "city": "Vienna",
    "zone": "Europe/Vienna",
    "about": "Two floors.",
}
TYPED = {"name": "The Swing Loft", "slug": "", "city": "Vienna", "zone": "Europe/Vienna", "about": "Two floors."}


def token(client, path="/app/studio/new") -> str:
    import re

    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[1]


def post(client, path, follow=False, **typed):
    answer = client.post(path, data={"csrf_token": token(client)} | typed)
    return client.get(answer.headers["Location"]) if follow else answer


@pytest.fixture
def sam(session):
    return factories.person("sam")


@pytest.fixture
def loft(session, sam):
    return queries.studio_by_slug(actions.open_studio(VALUES, sam))


def roles_at(studio) -> list[tuple[str, str]]:
    db.session.rollback()
    grants = db.session.query(RoleGrant).filter_by(studio_id=studio.id).order_by(RoleGrant.id)
    return [(grant.person.handle, grant.role) for grant in grants]


# ---- opening one ----


def test_anybody_signed_in_opens_a_studio_and_runs_it(client, sam):
    factories.signed_in(client, sam)
    answer = post(client, "/app/studio/new", **TYPED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/app/studio/the-swing-loft/team")
    assert "Now say who teaches there" in client.get(answer.headers["Location"]).text
    studio = queries.studio_by_slug("the-swing-loft")
    assert (studio.name, studio.city, studio.zone, studio.about) == (
        "The Swing Loft",
        "Vienna",
        "Europe/Vienna",
        "Two floors.",
    )
    assert roles_at(studio) == [("sam", "studio_admin")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "The name is missing."),
        ({"name": "x" * 121}, "The name has 121 characters; 120 are the most."),
        ({"name": "!!", "slug": ""}, "The address needs at least three letters or digits."),
        ({"slug": "swing-loft"}, "/s/swing-loft is taken. Add the city, like swing-loft-vienna."),
        ({"slug": "new"}, "/s/new is taken."),
        ({"zone": "Mars/Olympus"}, "“Mars/Olympus” is no time zone we know."),
        ({"zone": "<script>"}, "“&lt;script&gt;” is no time zone we know."),
        ({"about": "a" * 4001}, "The text has 4,001 characters; 4,000 are the most."),
        ({"city": "c" * 81}, "The city has 81 characters; 80 are the most."),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_typed(client, sam, loft, typed, sentence):
    factories.signed_in(client, sam)
    sent = TYPED | {"name": "Other <b>Loft</b>", "about": "Kept words"} | typed
    answer = post(client, "/app/studio/new", **sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ("Kept words" in answer.text) == (sent["about"] == "Kept words")
    assert "<b>Loft</b>" not in answer.text
    assert db.session.query(Studio).count() == 1


@pytest.mark.one_engine
def test_titles_with_markup_are_shown_as_they_are(client, sam):
    actions.open_studio(VALUES | {"name": "<b>Bold</b> & co"}, sam)
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in client.get("/s/swing-loft").text


def test_a_person_runs_ten_studios_at_most(client, sam):
    for number in range(rules.STUDIOS_MAX):
        actions.open_studio(VALUES | {"slug": f"loft-{number}"}, sam)
    factories.signed_in(client, sam)
    answer = post(client, "/app/studio/new", **TYPED)
    assert answer.status_code == 422
    assert "You run 10 studios already." in answer.text


def test_of_two_who_want_one_address_at_once_one_gets_it(session, race):
    people = [factories.person(f"racer{n}").id for n in range(4)]

    def open_one(number: int) -> str:
        from app.people.models import Person

        return actions.open_studio(VALUES, db.session.get(Person, people[number]))

    results = race(open_one, 4)
    db.session.rollback()
    assert sorted(type(result).__name__ for result in results) == ["SlugTaken", "SlugTaken", "SlugTaken", "str"]
    assert db.session.query(Studio).count() == 1
    assert db.session.query(RoleGrant).count() == 1


# ---- the profile ----


def test_its_admin_changes_the_profile_and_the_address(client, sam, loft):
    factories.signed_in(client, sam)
    page = client.get("/app/studio/swing-loft/settings").text
    assert 'value="The Swing Loft"' in page
    answer = post(
        client, "/app/studio/swing-loft/settings", **(TYPED | {"name": "Mill", "slug": "The Mill!", "city": "Graz"})
    )
    assert answer.headers["Location"] == "/app/studio/the-mill/settings"
    assert client.get("/s/the-mill").status_code == 200
    assert client.get("/s/swing-loft").status_code == 404


def test_an_address_that_is_taken_is_refused_and_nothing_changes(client, sam, loft):
    actions.open_studio(VALUES | {"slug": "mill"}, sam)
    factories.signed_in(client, sam)
    answer = post(client, "/app/studio/swing-loft/settings", **(TYPED | {"name": "Changed", "slug": "mill"}))
    assert answer.status_code == 422
    assert "/s/mill is taken" in answer.text
    assert 'value="Changed"' in answer.text
    assert queries.studio_by_slug("swing-loft").name == "The Swing Loft"


@pytest.mark.parametrize("who", ["nina", "tess", "olive"])
def test_who_does_not_run_it_finds_nothing(client, sam, loft, who):
    actions.add_teacher("swing-loft", f"@{factories.person('tess').handle}", sam)
    factories.signed_in(client, factories.person(who))
    for path in ("/app/studio/swing-loft/settings", "/app/studio/swing-loft/team"):
        assert client.get(path).status_code == 404
        assert post(client, path, **TYPED, who="@nina").status_code == 404
    assert post(client, "/app/studio/swing-loft/team/tess/remove").status_code == 404
    assert ("tess", "teacher") in roles_at(loft)


# ---- teachers ----


@pytest.mark.parametrize("who", ["@tess", "tess", "tess@pika.example", " TESS@pika.example "])
def test_teachers_are_added_by_address_or_handle_once(client, sam, loft, who):
    factories.person("tess")
    factories.signed_in(client, sam)
    for _ in range(2):
        answer = post(client, "/app/studio/swing-loft/team", follow=True, who=who)
        assert "Tess Aubert teaches here now." in answer.text
    assert roles_at(loft) == [("sam", "studio_admin"), ("tess", "teacher")]


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("", "An email address or @handle is missing."),
        ("@nobody", "Nobody here answers to that."),
        ("fresh@pika.example", "Nobody here answers to that."),
        ("@gone", "Nobody here answers to that."),
    ],
)
def test_who_cannot_sign_in_cannot_teach(client, sam, loft, who, sentence):
    from app.lib import clock

    fresh = factories.person("fresh")
    fresh.verified_at = None
    factories.person("gone", suspended_at=clock.now())
    db.session.commit()
    factories.signed_in(client, sam)
    answer = post(client, "/app/studio/swing-loft/team", who=who)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert roles_at(loft) == [("sam", "studio_admin")]


def test_an_admin_may_teach_too_and_stays_admin_when_removed(client, sam, loft):
    factories.signed_in(client, sam)
    post(client, "/app/studio/swing-loft/team", who="@sam")
    assert roles_at(loft) == [("sam", "studio_admin"), ("sam", "teacher")]
    post(client, "/app/studio/swing-loft/team/sam/remove")
    assert roles_at(loft) == [("sam", "studio_admin")]


def test_a_teacher_is_removed_once(client, sam, loft):
    factories.person("tess")
    actions.add_teacher("swing-loft", "@tess", sam)
    factories.signed_in(client, sam)
    assert "Tess Aubert does not teach here any more." in post(
        client, "/app/studio/swing-loft/team/tess/remove", follow=True
    ).text.replace("&#39;", "'")
    assert (
        "That person does not teach here any more."
        in post(client, "/app/studio/swing-loft/team/tess/remove", follow=True).text
    )
    assert "Who teaches" in client.get("/s/swing-loft").text
    assert "Tess" not in client.get("/s/swing-loft").text


def test_a_teacher_takes_their_own_name_off(client, sam, loft):
    tess = factories.person("tess")
    actions.add_teacher("swing-loft", "@tess", sam)
    factories.signed_in(client, tess)
    answer = post(client, "/app/studio/swing-loft/leave", follow=True)
    assert "You do not teach at The Swing Loft any more." in answer.text
    assert roles_at(loft) == [("sam", "studio_admin")]
    assert post(client, "/app/studio/swing-loft/leave").status_code == 404


def test_who_never_taught_cannot_leave(client, sam, loft):
    factories.signed_in(client, sam)
    assert post(client, "/app/studio/swing-loft/leave").status_code == 404


@pytest.mark.one_engine
def test_a_team_has_an_end(session, sam, loft, monkeypatch):
    monkeypatch.setattr(rules, "TEAM_MAX", 2)
    factories.person("tess")
    factories.person("jo")
    actions.add_teacher("swing-loft", "@tess", sam)
    with pytest.raises(rules.TeamFull):
        actions.add_teacher("swing-loft", "@jo", sam)


# ---- pages ----


def test_everybody_sees_a_studio_and_nobody_an_address(client, sam, loft):
    factories.person("tess", city="Lyon")
    actions.add_teacher("swing-loft", "@tess", sam)
    page = client.get("/s/swing-loft")
    assert page.status_code == 200
    for words in ("The Swing Loft", "Vienna", "Two floors.", "Tess Aubert", "Lyon", "Vienna time"):
        assert words in page.text
    assert "@pika.example" not in page.text
    assert "/app/studio" not in page.text
    assert client.get("/s/nowhere").status_code == 404


@pytest.mark.one_engine
def test_a_suspended_teacher_is_not_shown(client, sam, loft):
    from app.lib import clock

    tess = factories.person("tess")
    actions.add_teacher("swing-loft", "@tess", sam)
    tess.suspended_at = clock.now()
    db.session.commit()
    assert "Tess" not in client.get("/s/swing-loft").text


def test_my_studios_and_my_lessons_are_on_one_page(client, session, sam, loft):
    tess = factories.person("tess")
    actions.add_teacher("swing-loft", "@tess", sam)
    from app.schedule import actions as schedule

    event = factories.event("swing")
    values = schedule.SlotValues(
        "Swivels", "workshop", event.rooms[0].public_id, factories.at("14:00"), factories.at("15:00"),
        people=[("teacher", "@tess")],
    )  # fmt: skip
    schedule.add_slot(event.id, values, factories.person("olive"))
    factories.signed_in(client, tess)
    page = client.get("/app/studio").text
    for words in ("The Swing Loft", "You teach here", "Swivels", "Danube Hall", "Swing Weekend"):
        assert words in page
    assert "Profile" not in page.partition("<main")[2].partition("</main")[0]
    factories.signed_in(client, sam)
    page = client.get("/app/studio").text
    assert "You run it" in page
    assert "Swivels" not in page


@pytest.mark.one_engine
def test_who_has_no_studio_is_shown_the_way(client, session):
    factories.signed_in(client, factories.person("nina"))
    page = client.get("/app/studio").text
    assert "No studio yet" in page
    assert "@nina" in page
    assert "/app/studio/new" in page


def statements_of(client, path) -> int:
    seen = []

    def count(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    sql_event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        sql_event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize("path", ["/s/swing-loft", "/app/studio", "/app/studio/swing-loft/team"])
def test_one_row_and_three_rows_take_the_same_queries(client, sam, loft, path):
    handles = ["tess", "jo", "dana", "olive"]
    for handle in handles:
        factories.person(handle)
    actions.add_teacher("swing-loft", "@tess", sam)
    factories.signed_in(client, sam)
    client.get(path)
    one = statements_of(client, path)
    for number, handle in enumerate(handles[1:]):
        actions.add_teacher("swing-loft", f"@{handle}", sam)
        actions.open_studio(VALUES | {"slug": f"more-{number}", "name": f"More {number}"}, sam)
    assert statements_of(client, path) == one
