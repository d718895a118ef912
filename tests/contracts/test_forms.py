"""Every form returns what was typed when something in it is wrong, with a sentence at the field, and changes nothing.

A route that reads a form and is missing here fails `test_every_form_is_listed`.
"""

from __future__ import annotations

import html
import re

import pytest

from app.events.models import Event
from app.people.models import Person
from app.studios.models import Studio
from tests import factories
from tests.contracts.expectations import EXPECTED

pytestmark = pytest.mark.one_engine

# endpoint: (address, what is typed, the field that is wrong)
TYPED = "Kept <b>typed</b> & “exact”"
EVENT = {
    "name": TYPED, "slug": "kept-typed", "city": TYPED, "venue": TYPED, "address": TYPED, "about": TYPED,
    "zone": "Europe/Budapest", "day_change_hour": "6", "starts_on": "2026-06-12", "ends_on": "2026-06-14",
    "room-0-name": "Kept Hall", "room-0-note": TYPED,
}  # fmt: skip
OWN_GIG = {
    "title": TYPED, "role": "dj", "day": "2026-06-12", "start": "21:00", "end": "01:00", "venue_name": TYPED,
    "city": TYPED, "zone": "Europe/Budapest", "fee": "a lot", "currency": "EUR", "notes": TYPED,
}  # fmt: skip
FORMS: dict[str, tuple[str, dict[str, str], str]] = {
    "gigs.add": ("/app/dj/gigs/new", OWN_GIG, "fee"),
    "gigs.say_days": (
        "/app/dj/days",
        {"kind": "free", "starts_on": "2026-06-12", "ends_on": "2026-06-10", "note": TYPED},
        "ends_on",
    ),
    "gigs.choose": ("/app/dj/booking", {"fee": "much", "currency": "HUF", "fee_note": TYPED}, "fee"),
    "people.enter": ("/sign-in", {"email": "kept@nowhere", "password": "x"}, "email"),
    "people.ask_to_sign_up": ("/sign-up", {"name": TYPED, "email": "kept", "password": "dance-all-night"}, "email"),
    "people.ask_for_verify_link": ("/sign-up/again", {"email": "kept@nowhere"}, "email"),
    "people.ask_to_reset": ("/forgot", {"email": "kept@nowhere"}, "email"),
    "people.edit_profile": ("/account", {"name": TYPED, "handle": "a b", "city": TYPED, "about": TYPED}, "handle"),
    "people.ask_to_change_email": ("/account/email", {"email": "kept@nowhere"}, "email"),
    "notify.choose": (
        "/account/notices",
        {"lead_minutes": "15", "pushes_per_hour": "lots", "quiet_from": "04:30", "quiet_to": "09:15"},
        "pushes_per_hour",
    ),
    "events.create": ("/app/organizer/events/new", EVENT | {"zone": "Mars/Olympus"}, "zone"),
    "events.change": ("/app/organizer/events/swing/settings", EVENT | {"ends_on": "2026-06-01"}, "ends_on"),
    "events.add_organizer": ("/app/organizer/events/swing/team", {"who": "@nobody-at-all"}, "who"),
    "maker.add_slot": (
        "/app/organizer/events/swing/slots/new",
        {"title": TYPED, "kind": "workshop", "day": "2026-06-13", "start": "25:99", "end": "15:00",
         "level": TYPED, "description": TYPED, "teachers": TYPED, "flexibility": "flexible"},
        "start",
    ),
    "announcements.announce": (
        "/app/organizer/events/swing/announce",
        {"title": TYPED, "body": TYPED, "audience": "everybody", "post_at": "2020-01-01T12:00"},
        "post_at",
    ),
    "profiles.save": ("/app/dj/profile", {"headline": TYPED, "plays": TYPED, "link_0": "not a place"}, "link_0"),
    "booth.start": ("/app/dj/booth", {"title": TYPED, "place": TYPED, "zone": "Mars/Olympus", "dance": "wcs"}, "zone"),
    "builder.ask": (
        "/app/dj/builder",
        {"minutes": "sixty", "low_bpm": "81", "high_bpm": "112", "familiar": "45", "seed": "7"},
        "minutes",
    ),
    "crate.add": ("/app/dj/crate/new", {"title": TYPED, "artist": TYPED, "comment": TYPED, "key": "X#"}, "key"),
    "crate.save_tempos": (
        "/app/dj/crate/tempos", {"dance": "wcs", "name-0": TYPED, "low-0": "99", "high-0": "50"}, "low-0",
    ),
    "playlists.create": ("/app/dj/playlists", {"name": "", "folder": TYPED}, "name"),
    "studios.open_studio": ("/app/studio/new", {"name": TYPED, "zone": "Mars/Olympus", "about": TYPED}, "zone"),
    "studios.change": ("/app/studio/loft/settings", {"name": TYPED, "zone": "Mars/Olympus", "about": TYPED}, "zone"),
    "studios.add_teacher": ("/app/studio/loft/team", {"who": "@nobody-at-all"}, "who"),
}  # fmt: skip
# Forms that hold nothing one could lose, or whose own tests show the same: one button, a password, a file, a drag.
NOTHING_TO_LOSE = {
    "bookings.ask",  # tests/gigs/test_pages.py: a form of a slot
    "bookings.accept",
    "bookings.keep",
    "bookings.withdraw",
    "bookings.remind",
    "bookings.ask_again",
    "bookings.offer",  # tests/gigs/test_pages.py: a form of a booking
    "bookings.set_choices",
    "gigs.confirm",
    "gigs.decline",
    "gigs.counter",  # tests/gigs/test_pages.py: a form of a gig
    "gigs.call_off",
    "gigs.set_listed",
    "gigs.change",
    "gigs.remove",
    "gigs.forget_days",
    "enquiries.ask",  # tests/gigs/test_enquiries.py: a form of a DJ who takes enquiries
    "enquiries.accept",
    "enquiries.offer",
    "enquiries.withdraw",
    "imports.upload",  # a file
    "imports.choose",  # tests/music/test_pages.py: what was chosen stays
    "imports.undo",
    "crate.do",
    "crate.undo",
    "crate.choose_view",
    "crate.save",  # tests/music/test_pages.py: the same form as crate.add
    "playlists.rename",  # the same form as playlists.create
    "playlists.change",
    "playlists.remove",
    "playlists.bring_back",
    "profiles.follow",
    "after.share",
    "prep.link",
    "after.unpublish",
    "after.take",
    "after.undo",  # ticks; tests/booth/test_after.py
    "after.publish",  # the same: a name that is too long stays
    "builder.keep",  # one name, with a default
    "notify.mark_all_read",
    "notify.open_notice",
    "notify.subscribe",
    "notify.unsubscribe",  # JSON of a browser, tests/notify/test_subscriptions.py
    "people.sign_out",
    "people.confirm_sign_up",
    "people.reset_password",
    "people.switch_area",
    "people.set_photo",
    "people.remove_photo",
    "people.change_password",
    "people.forget_email_change",
    "people.confirm_new_email",
    "people.end_sign_in",
    "people.end_other_sign_ins",
    "people.confirm_with_password",
    "people.remove_passkey",
    "people.rename_passkey",  # tests/people/test_passkeys.py: a name that is too long stays in its field
    "people.passkey_sign_in_options",
    "people.enter_with_passkey",
    "people.passkey_sign_up_options",
    "people.confirm_sign_up_with_passkey",
    "people.passkey_confirm_options",
    "people.confirm_with_passkey",
    "people.passkey_options",
    "people.add_passkey",
    "events.show",
    "events.hide",
    "events.remove_organizer",
    "maker.move",
    "maker.cancel",
    "maker.restore",
    "maker.delete",
    "maker.undo",
    "maker.publish",
    "maker.mode",
    "late.apply",  # tests/schedule/test_late.py: a stale preview keeps the message
    "late.started",
    "announcements.change",  # tests/events/test_announcement_pages.py, with an announcement to change
    "tell.tell",  # tests/schedule/test_telling.py, with a change to tell of
    "announcements.pin",
    "announcements.withdraw",
    "follows.follow",
    "follows.seen",
    "checkins.check_in",
    "maker.edit_slot",  # tests/schedule/test_maker.py: a stale form shows both and loses nothing
    "timeline.star",
    "booth.tokens",
    "booth.play",
    "booth.change",
    "booth.line",
    "booth.ask",
    "booth.change_poll",
    "booth.hand_over",  # tests/booth/test_pages.py, with a set to ask and hand over in
    "booth.take",
    "booth.end",
    "feed.now_playing",
    "floor.heart",
    "floor.tempo",
    "floor.vote",
    "floor.minute",
    "floor.here",
    "floor.leave",
    "floor.forget",
    "timeline.bell",
    "changes.looked",
    "studios.remove_teacher",
    "studios.leave",
    "owner.revive",
    "owner.suspend",
    "owner.lift",
    "calendars.make_key",
    "calendars.remove_key",
    "interchange.upload_new",
    "interchange.upload_into",  # a file
    "interchange.apply_new",
    "interchange.apply",  # tests/interchange/test_pages.py: what was typed and ticked stays
    "owner.change_role",
    "demo.sign_in_as",
}
SECRET = {"password"}


def test_every_form_is_listed():
    assert {endpoint for endpoint, method in EXPECTED if method == "POST"} == FORMS.keys() | NOTHING_TO_LOSE


@pytest.mark.parametrize("endpoint", FORMS)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_was_typed_comes_back_with_a_sentence_at_the_field(client, session, endpoint, htmx):
    path, typed, wrong = FORMS[endpoint]
    olive = factories.person("olive")
    factories.event()
    loft = Studio(slug="loft", name="Swing Loft", zone=factories.BUDAPEST)
    session.add(loft)
    session.commit()
    factories.grant(olive, "studio_admin", studio=loft)
    factories.grant(olive, "dj")
    if not path.startswith(("/sign", "/forgot")):
        factories.signed_in(client, olive)
    before = (session.query(Event).count(), session.query(Studio).count(), olive.name, olive.handle)
    page = client.get(path).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    answer = client.post(path, data=typed | {"csrf_token": token}, headers={"HX-Request": "true"} if htmx else {})
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    for name, value in typed.items():
        assert (value in text) != (name in SECRET and len(value) > 1), name
    assert re.search(rf'id="f-{wrong}-error"[^>]*>.*?\w', answer.text, re.DOTALL)
    assert "<b>typed</b>" not in answer.text
    session.expire_all()
    olive = session.query(Person).filter_by(handle="olive").one()
    assert (session.query(Event).count(), session.query(Studio).count(), olive.name, olive.handle) == before
