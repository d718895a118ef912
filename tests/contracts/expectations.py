"""Who may enter where: one written line per endpoint and method. A route without a line fails the build.

Outcomes, not status codes, so that a line says what is meant: "in" (it answers), "door" (303 to sign-in), "hidden"
(404, as if it were not there). Actors are made in test_access.py; `GUEST` and `SUSPENDED` have no session that counts.
"""

from __future__ import annotations

ACTORS = (
    "guest", "suspended", "dancer", "dj", "teacher", "studio_admin", "other_studio_admin",
    "organizer", "other_organizer", "owner", "nobody",
)  # fmt: skip
OUTSIDE = ("guest", "suspended")
INSIDE = tuple(actor for actor in ACTORS if actor not in OUTSIDE)


def _line(allowed: tuple[str, ...], others: str, outside: str) -> dict[str, str]:
    return {a: "in" if a in allowed else outside if a in OUTSIDE else others for a in ACTORS}


EVERYBODY = _line(ACTORS, "in", "in")
SIGNED_IN = _line(INSIDE, "in", "door")
TEAM = _line(("organizer",), "hidden", "door")  # the organizer of this event, nobody else
DJ = _line(("dj",), "hidden", "door")  # whoever holds the role
OWNER = _line(("owner",), "hidden", "door")
STUDIO_ADMIN = _line(("studio_admin",), "hidden", "door")  # the admin of this studio, nobody else
DANCERS_OWN = _line(("dancer",), "hidden", "door")  # an object that is Dana's alone
DJS_OWN = _line(("dj",), "hidden", "door")  # a set that is Jo's alone
HIDDEN_EVENT = _line(("organizer",), "hidden", "hidden")  # public pages of an event that is not published
DEVELOPMENT = _line((), "hidden", "hidden")  # the suite runs as environment "test", where they are closed

EXPECTED: dict[tuple[str, str], dict[str, str]] = {
    # ---- the web's own ----
    ("static", "GET"): EVERYBODY,
    ("health.healthz", "GET"): EVERYBODY,
    ("health.readyz", "GET"): EVERYBODY,
    # ---- people: the door ----
    ("people.sign_in", "GET"): EVERYBODY,
    ("people.enter", "POST"): EVERYBODY,
    ("people.sign_out", "POST"): EVERYBODY,
    ("people.sign_up", "GET"): EVERYBODY,
    ("people.ask_to_sign_up", "POST"): EVERYBODY,
    ("people.sign_up_sent", "GET"): EVERYBODY,
    ("people.sign_up_again", "GET"): EVERYBODY,
    ("people.ask_for_verify_link", "POST"): EVERYBODY,
    ("people.welcome", "GET"): EVERYBODY,
    ("people.confirm_sign_up", "POST"): EVERYBODY,
    ("people.forgot", "GET"): EVERYBODY,
    ("people.ask_to_reset", "POST"): EVERYBODY,
    ("people.forgot_sent", "GET"): EVERYBODY,
    ("people.reset", "GET"): EVERYBODY,
    ("people.reset_password", "POST"): EVERYBODY,
    ("people.photo", "GET"): EVERYBODY,
    ("people.passkey_sign_in_options", "POST"): EVERYBODY,
    ("people.enter_with_passkey", "POST"): EVERYBODY,
    ("people.passkey_sign_up_options", "POST"): EVERYBODY,
    ("people.confirm_sign_up_with_passkey", "POST"): EVERYBODY,
    # ---- people: the account, always one's own ----
    ("people.home", "GET"): SIGNED_IN,
    ("people.switch_area", "POST"): SIGNED_IN,
    ("people.profile", "GET"): SIGNED_IN,
    ("people.edit_profile", "POST"): SIGNED_IN,
    ("people.set_photo", "POST"): SIGNED_IN,
    ("people.remove_photo", "POST"): SIGNED_IN,
    ("people.password", "GET"): SIGNED_IN,
    ("people.change_password", "POST"): SIGNED_IN,
    ("people.email", "GET"): SIGNED_IN,
    ("people.ask_to_change_email", "POST"): SIGNED_IN,
    ("people.forget_email_change", "POST"): SIGNED_IN,
    ("people.new_email", "GET"): SIGNED_IN,
    ("people.confirm_new_email", "POST"): SIGNED_IN,
    ("people.sign_ins", "GET"): SIGNED_IN,
    ("people.end_sign_in", "POST"): DANCERS_OWN,
    ("people.end_other_sign_ins", "POST"): SIGNED_IN,
    ("people.confirm", "GET"): SIGNED_IN,
    ("people.confirm_with_password", "POST"): SIGNED_IN,
    ("people.passkey_confirm_options", "POST"): SIGNED_IN,
    ("people.confirm_with_passkey", "POST"): SIGNED_IN,
    ("people.passkeys", "GET"): SIGNED_IN,
    ("people.passkey_options", "POST"): SIGNED_IN,
    ("people.add_passkey", "POST"): SIGNED_IN,
    ("people.rename_passkey", "POST"): DANCERS_OWN,
    ("people.ask_to_remove_passkey", "GET"): DANCERS_OWN,
    ("people.remove_passkey", "POST"): DANCERS_OWN,
    # ---- notify: one's own notices and choices; a browser's subscription ----
    ("notify.notices", "GET"): SIGNED_IN,
    ("notify.mark_all_read", "POST"): SIGNED_IN,
    ("notify.open_notice", "POST"): DANCERS_OWN,
    ("notify.preferences", "GET"): SIGNED_IN,
    ("notify.choose", "POST"): SIGNED_IN,
    ("notify.subscribe", "POST"): EVERYBODY,
    ("notify.unsubscribe", "POST"): EVERYBODY,
    # ---- the app on the home screen ----
    ("pwa.manifest", "GET"): EVERYBODY,
    ("pwa.service_worker", "GET"): EVERYBODY,
    ("pwa.offline", "GET"): EVERYBODY,
    ("pwa.install", "GET"): EVERYBODY,
    # ---- studios: any signed-in person may open one ----
    ("studios.page", "GET"): EVERYBODY,
    ("studios.new", "GET"): SIGNED_IN,
    ("studios.open_studio", "POST"): SIGNED_IN,
    ("studios.settings", "GET"): STUDIO_ADMIN,
    ("studios.change", "POST"): STUDIO_ADMIN,
    ("studios.team", "GET"): STUDIO_ADMIN,
    ("studios.add_teacher", "POST"): STUDIO_ADMIN,
    ("studios.remove_teacher", "POST"): STUDIO_ADMIN,
    ("studios.leave", "POST"): _line(("teacher",), "hidden", "door"),
    ("discover.studio", "GET"): SIGNED_IN,
    # ---- the platform owner's ----
    ("owner.health", "GET"): OWNER,
    ("owner.revive", "POST"): OWNER,
    ("owner.people_list", "GET"): OWNER,
    ("owner.person", "GET"): OWNER,
    ("owner.ask_to_suspend", "GET"): OWNER,
    ("owner.suspend", "POST"): OWNER,
    ("owner.lift", "POST"): OWNER,
    ("owner.ask_for_role", "GET"): OWNER,
    ("owner.change_role", "POST"): OWNER,
    ("owner.events_list", "GET"): OWNER,
    # ---- development only ----
    ("demo.mail", "GET"): DEVELOPMENT,
    ("demo.letter", "GET"): DEVELOPMENT,
    ("demo.patterns", "GET"): DEVELOPMENT,
    ("demo.sign_in_as", "POST"): DEVELOPMENT,
    # ---- discover ----
    ("signposts.robots", "GET"): EVERYBODY,
    ("signposts.sitemap", "GET"): EVERYBODY,
    ("discover.landing", "GET"): EVERYBODY,
    ("discover.weekends", "GET"): EVERYBODY,
    ("discover.event_page", "GET"): EVERYBODY,
    ("discover.dancer", "GET"): SIGNED_IN,
    ("discover.dj", "GET"): SIGNED_IN,
    ("profiles.page", "GET"): EVERYBODY,
    ("profiles.played", "GET"): EVERYBODY,
    ("profiles.playlist", "GET"): EVERYBODY,
    ("profiles.card", "GET"): EVERYBODY,
    ("profiles.follow", "POST"): EVERYBODY,
    ("profiles.edit", "GET"): DJ,
    ("profiles.save", "POST"): DJ,
    # ---- the timeline ----
    ("timeline.schedule", "GET"): EVERYBODY,
    ("timeline.slot", "GET"): EVERYBODY,
    ("timeline.star", "POST"): EVERYBODY,
    ("timeline.bell", "POST"): EVERYBODY,
    ("changes.since", "GET"): EVERYBODY,
    ("hall.screen", "GET"): EVERYBODY,
    ("paper.doors", "GET"): EVERYBODY,
    ("paper.order", "GET"): EVERYBODY,
    ("paper.poster", "GET"): EVERYBODY,
    ("paper.version", "GET"): EVERYBODY,
    ("paper.screens", "GET"): TEAM,
    ("changes.looked", "POST"): EVERYBODY,
    # ---- the floor: a set that runs, for everybody; the dance log, always one's own ----
    ("floor.enter", "GET"): EVERYBODY,
    ("floor.floor", "GET"): EVERYBODY,
    ("floor.screen", "GET"): EVERYBODY,
    ("floor.heart", "POST"): EVERYBODY,
    ("floor.tempo", "POST"): EVERYBODY,
    ("floor.vote", "POST"): EVERYBODY,
    ("floor.poll", "GET"): EVERYBODY,
    ("floor.minute", "POST"): EVERYBODY,
    ("floor.here", "POST"): EVERYBODY,
    ("floor.leave", "POST"): EVERYBODY,
    ("floor.dances", "GET"): SIGNED_IN,
    ("floor.forget", "POST"): SIGNED_IN,
    # ---- the booth: one's own sets; the feed asks for a token instead of a person ----
    ("booth.sets", "GET"): SIGNED_IN,
    ("booth.start", "POST"): SIGNED_IN,
    ("booth.tokens", "POST"): SIGNED_IN,
    ("booth.deck", "GET"): DJS_OWN,
    ("booth.search", "GET"): DJS_OWN,
    ("booth.kept", "GET"): DJS_OWN,
    ("booth.handover", "GET"): DJS_OWN,
    ("booth.play", "POST"): DJS_OWN,
    ("booth.change", "POST"): DJS_OWN,
    ("booth.line", "POST"): DJS_OWN,
    ("booth.ask", "POST"): DJS_OWN,
    ("booth.change_poll", "POST"): DJS_OWN,
    ("booth.hand_over", "POST"): DJS_OWN,
    ("booth.take", "POST"): _line((), "hidden", "door"),  # only whom the set is offered to
    ("booth.end", "POST"): DJS_OWN,
    ("feed.now_playing", "POST"): EVERYBODY,
    # ---- calendars ----
    ("calendars.public", "GET"): EVERYBODY,
    ("calendars.personal", "GET"): _line((), "hidden", "hidden"),  # a secret address: nobody guesses one
    ("calendars.calendar", "GET"): SIGNED_IN,
    ("calendars.make_key", "POST"): SIGNED_IN,
    ("calendars.remove_key", "POST"): SIGNED_IN,
    # ---- organizers: any signed-in person may make an event ----
    ("events.organizer", "GET"): SIGNED_IN,
    ("events.new", "GET"): SIGNED_IN,
    ("events.create", "POST"): SIGNED_IN,
    ("events.settings", "GET"): TEAM,
    ("events.change", "POST"): TEAM,
    ("events.show", "POST"): TEAM,
    ("events.hide", "POST"): TEAM,
    ("events.team", "GET"): TEAM,
    ("events.add_organizer", "POST"): TEAM,
    ("events.remove_organizer", "POST"): TEAM,
    # ---- announcements and following ----
    ("announcements.center", "GET"): TEAM,
    ("announcements.announce", "POST"): TEAM,
    ("announcements.reach", "GET"): TEAM,
    ("announcements.announcement", "GET"): TEAM,
    ("announcements.change", "POST"): TEAM,
    ("announcements.pin", "POST"): TEAM,
    ("announcements.withdraw", "POST"): TEAM,
    ("follows.follow", "POST"): EVERYBODY,
    ("follows.seen", "POST"): EVERYBODY,
    ("checkins.check_in", "POST"): EVERYBODY,
    ("waiting.token", "GET"): EVERYBODY,
    ("tell.page", "GET"): TEAM,
    ("tell.tell", "POST"): TEAM,
    ("dashboard.now", "GET"): TEAM,
    ("maker.schedule", "GET"): TEAM,
    ("maker.feed", "GET"): TEAM,
    ("maker.move", "POST"): TEAM,
    ("maker.new_slot", "GET"): TEAM,
    ("maker.add_slot", "POST"): TEAM,
    ("maker.slot", "GET"): TEAM,
    ("maker.edit_slot", "POST"): TEAM,
    ("maker.cancel", "POST"): TEAM,
    ("maker.restore", "POST"): TEAM,
    ("maker.delete", "POST"): TEAM,
    ("maker.undo", "POST"): TEAM,
    ("maker.publish", "POST"): TEAM,
    ("maker.mode", "POST"): TEAM,
    ("maker.changes", "GET"): TEAM,
    ("interchange.new", "GET"): SIGNED_IN,
    ("interchange.upload_new", "POST"): SIGNED_IN,
    ("interchange.preview_new", "GET"): SIGNED_IN,  # only one's own upload, kept under one's own id
    ("interchange.apply_new", "POST"): SIGNED_IN,
    ("interchange.upload", "GET"): TEAM,
    ("interchange.upload_into", "POST"): TEAM,
    ("interchange.preview", "GET"): TEAM,
    ("interchange.apply", "POST"): TEAM,
    ("interchange.export_json", "GET"): TEAM,
    ("interchange.export_csv", "GET"): TEAM,
    ("late.preview", "GET"): TEAM,
    ("late.apply", "POST"): TEAM,
    ("late.started", "POST"): TEAM,
}

# Public pages of an event, when that event is hidden. Every EVERYBODY route with an event's slug must be here.
EXPECTED_OF_HIDDEN_EVENT: dict[tuple[str, str], dict[str, str]] = {
    ("discover.event_page", "GET"): HIDDEN_EVENT,
    ("calendars.public", "GET"): HIDDEN_EVENT,
    ("timeline.schedule", "GET"): HIDDEN_EVENT,
    ("timeline.slot", "GET"): HIDDEN_EVENT,
    ("timeline.star", "POST"): HIDDEN_EVENT,
    ("follows.follow", "POST"): HIDDEN_EVENT,
    ("follows.seen", "POST"): HIDDEN_EVENT,
    ("checkins.check_in", "POST"): HIDDEN_EVENT,
    ("timeline.bell", "POST"): HIDDEN_EVENT,
    ("changes.since", "GET"): HIDDEN_EVENT,
    ("hall.screen", "GET"): HIDDEN_EVENT,
    ("paper.doors", "GET"): HIDDEN_EVENT,
    ("paper.order", "GET"): HIDDEN_EVENT,
    ("paper.poster", "GET"): HIDDEN_EVENT,
    ("paper.version", "GET"): HIDDEN_EVENT,
    ("changes.looked", "POST"): HIDDEN_EVENT,
}

# Who may listen to which topic: the one socket route is open, each topic has its guard.
EXPECTED_TOPICS: dict[str, tuple[str, ...]] = {
    "event:mine:public": ACTORS,
    "event:mine:screen": ACTORS,
    "event:mine:staff": ("organizer",),
    "event:hidden:public": ("organizer",),
    "event:hidden:screen": ("organizer",),
    "event:hidden:staff": ("organizer",),
    "event:theirs:staff": ("other_organizer",),
    "event:nowhere:public": (),
    "event:mine:everything": (),
    "person:dana:notices": (),
    "set:jolive:floor": ACTORS,
    "set:jolive:booth": ("dj",),
    "set:hidden:floor": ("dj", "organizer"),
    "set:nowhere:floor": (),
    "nonsense": (),
}
