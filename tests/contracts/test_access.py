"""Every route × method × actor has a written expectation, and the product does what is written (RELIABILITY S1).

Foreign objects answer 404. The control plants ten holes and finds each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.booth import builder
from app.booth.models import SetDraft
from app.events import queries as event_queries
from app.events.models import Announcement
from app.floor.models import DjSet, Poll
from app.gigs.models import BookingSettings, Gig
from app.lib import clock
from app.live import topics
from app.music.models import CrateChange, ImportRun, Playlist, Track
from app.notify.models import Notice
from app.people.models import Passkey, Photo, SignIn
from app.people.viewer import Viewer
from app.schedule import actions
from app.schedule.models import Slot
from app.studios.models import Studio
from app.web import access
from tests import factories
from tests.contracts.expectations import ACTORS, EVERYBODY, EXPECTED, EXPECTED_OF_HIDDEN_EVENT, EXPECTED_TOPICS, OUTSIDE

pytestmark = pytest.mark.one_engine
UNROUTED = frozenset({"HEAD", "OPTIONS"})


@dataclass
class House:
    """One of each object, one client per actor."""

    app: Flask
    clients: dict[str, Any]
    people: dict[str, Any]
    objects: dict[str, str] = field(default_factory=dict)

    def outcome(self, rule: Rule, method: str, actor: str, **objects: str) -> str:
        """What this actor meets at that address."""
        values = {name: (self.objects | objects).get(name, "zzzzzzzzzzzz") for name in rule.arguments}
        with self.app.test_request_context():
            path = self.app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
        answer = self.clients[actor].open(path, method=method, data={} if method != "GET" else None)
        if answer.status_code == 404:
            return "hidden"
        if answer.status_code == 303 and answer.headers["Location"].partition("?")[0].endswith("/sign-in"):
            return "door"
        assert answer.status_code < 500, f"{method} {path} as {actor}: {answer.status}"
        return "in"


@pytest.fixture
def house(app, session):
    """Two events, two studios, the cast."""
    app.config["WTF_CSRF_ENABLED"] = False  # CSRF has its own contract; here the door is looked at
    people = {
        "dancer": factories.person("dana"), "dj": factories.person("jo"), "teacher": factories.person("tess"),
        "studio_admin": factories.person("sam"), "other_studio_admin": factories.person("stella", "Stella Other"),
        "organizer": factories.person("olive"), "other_organizer": factories.person("omar", "Omar Other"),
        "owner": factories.person("petra"), "nobody": factories.person("nina"),
        "suspended": factories.person("susi", "Susi Gone", suspended_at=clock.now()),
    }  # fmt: skip
    event = factories.event("mine", organizer=people["organizer"])
    factories.event("theirs", organizer=people["other_organizer"])
    hidden = factories.event("hidden", organizer=people["organizer"], published_at=None)
    loft = Studio(slug="loft", name="Swing Loft", zone=factories.BUDAPEST)
    other = Studio(slug="other", name="Other Loft", zone=factories.BUDAPEST)
    session.add_all([loft, other])
    session.commit()
    for who, role, studio in (
        ("teacher", "teacher", loft),
        ("studio_admin", "studio_admin", loft),
        ("other_studio_admin", "studio_admin", other),
    ):
        factories.grant(people[who], role, studio=studio)
    factories.grant(people["dj"], "dj")
    factories.grant(people["owner"], "owner")
    slots = {}
    for of in (event, hidden):
        room = of.rooms[0].public_id
        wanted = actions.SlotValues("Swivels", "workshop", room, factories.at("14:00"), factories.at("15:00"))
        slots[of.slug] = actions.add_slot(of.id, wanted, people["organizer"]).slot_id
        actions.shift_slot(of.id, slots[of.slug], 5, people["organizer"])  # something for `undo` to take back
    said = Announcement(event_id=event.id, author_name="Olive", title="Doors at nine", post_at=clock.now())
    session.add(said)
    session.commit()
    dj_set, poll = _floor(session, people["dj"], hidden)
    clients = {actor: app.test_client() for actor in ACTORS}
    for actor, person in people.items():
        factories.signed_in(clients[actor], person)
    factories.signed_in(app.test_client(), people["dancer"])  # a second browser of Dana's, to be ended
    other_browser = session.query(SignIn).filter_by(person_id=people["dancer"].id).order_by(SignIn.id.desc()).first()
    passkey = Passkey(person_id=people["dancer"].id, name="Phone", credential_id="aa", public_key=b"a")
    session.add(passkey)  # Dana's only way in: she may ask to remove it, and it stays for the other cells
    notice = Notice(person_id=people["dancer"].id, category="change", title="Late", href="/e/mine", dedupe_key="late:1")
    session.add(notice)
    session.add(Photo(token="aphoto", person_id=people["dancer"].id, webp=b"RIFF"))
    session.commit()
    shown = Playlist(person_id=people["dj"].id, name="As played", is_public=True, published_at=clock.now())
    draft = SetDraft(person_id=people["dj"].id, wishes=builder.DEFAULTS | {"harmony": False, "kept": {}})
    session.add_all([shown, draft])
    track = Track(person_id=people["dj"].id, title="Halo")
    run = ImportRun(person_id=people["dj"].id, file_name="x.csv", file_digest="", format="csv", state="done")
    change = CrateChange(person_id=people["dj"].id, sentence="", before={}, after={})
    gone = Playlist(person_id=people["dj"].id, name="Old")
    session.add_all([track, run, change, gone])
    session.commit()
    slot = session.query(Slot).filter_by(public_id=slots["mine"]).one()
    gig = Gig(
        person_id=people["dancer"].id,
        event_id=event.id,
        slot_id=slot.id,
        slot_public_id=slot.public_id,
        role="helper",
        zone=event.zone,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        changed_at=clock.now(),
    )
    session.add_all(
        [gig, BookingSettings(person_id=people["dj"].id, takes_enquiries=True, currency="EUR", fee_note="")]
    )
    session.commit()
    objects = {
        "area": "dancer", "gig_id": gig.public_id, "entry_id": "none",
        "slug": "mine", "number": "1", "slot_id": slots["mine"], "handle": "tess", "name": "jo",
        "list_id": shown.public_id, "draft_id": draft.public_id, "track_id": track.public_id,
        "import_id": run.public_id,
        "change_id": change.public_id, "gone_id": gone.public_id, "kind": "csv",
        "filename": "icons/pika.svg", "studio_slug": "loft",
        "sign_in_id": other_browser.public_id, "token": "aphoto", "hidden_slot_id": slots["hidden"],
        "passkey_id": passkey.public_id, "announcement_id": said.public_id, "notice_id": notice.public_id,
        "account": factories.person("vera", "Vera Patient").public_id,
        "code": dj_set.code, "set_id": dj_set.public_id, "poll_id": poll.public_id,
    }  # fmt: skip
    yield House(app, clients, people, objects)
    app.config["WTF_CSRF_ENABLED"] = True


def _floor(session: Any, jo: Any, hidden: Any) -> tuple[DjSet, Poll]:
    """Two sets of Jo's under way, one of them at a hidden event; a question in the first."""
    made = {"person_id": jo.id, "title": "Social", "zone": factories.BUDAPEST, "started_at": clock.now()}
    dj_set = DjSet(code="jolive", **made)
    session.add_all([dj_set, DjSet(code="hidden", event_id=hidden.id, **made)])
    session.flush()
    poll = Poll(dj_set_id=dj_set.id, question="What next?")
    session.add(poll)
    session.commit()
    return dj_set, poll


def cells(app: Flask) -> list[tuple[Rule, str]]:
    """Every rule × method that the product answers."""
    found = [
        (rule, method) for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) - UNROUTED)
    ]
    return [(rule, method) for rule, method in found if not rule.websocket]


def test_every_route_and_method_has_a_written_expectation(app):
    routed = {(rule.endpoint, method) for rule, method in cells(app)}
    assert routed - EXPECTED.keys() == set(), "write down who may enter: tests/contracts/expectations.py"
    assert EXPECTED.keys() - routed == set(), "expectations for routes that are gone"


def test_every_open_page_of_an_event_is_also_expected_for_a_hidden_one(app):
    open_to_all = {
        (rule.endpoint, method)
        for rule, method in cells(app)
        if rule.rule.startswith("/e/<slug>") and EXPECTED[rule.endpoint, method] == EVERYBODY
    }
    assert open_to_all == EXPECTED_OF_HIDDEN_EVENT.keys()


def differences(house: House) -> list[str]:
    """Cells in which an actor meets something else than what is written. GETs first: a POST may change the house."""
    ordered = sorted(cells(house.app), key=lambda cell: (cell[1] != "GET", cell[0].endpoint))
    return [
        f"{method} {rule.endpoint} as {actor}: {met}, expected {wanted}"
        for rule, method in ordered
        for actor, wanted in EXPECTED[rule.endpoint, method].items()
        if rule.endpoint != "people.sign_out" and (met := house.outcome(rule, method, actor)) != wanted
    ]


def test_the_product_does_what_is_written(house):
    looked_at = sum(len(line) for line in EXPECTED.values())
    assert looked_at == len(EXPECTED) * len(ACTORS) > 300
    found = differences(house)
    assert found == [], "\n".join(found)


def test_a_hidden_event_is_not_there_for_anybody_but_its_team(house):
    found = [
        f"{method} {endpoint} as {actor}: {met}"
        for rule, method in cells(house.app)
        if (endpoint := rule.endpoint) and (rule.endpoint, method) in EXPECTED_OF_HIDDEN_EVENT
        for actor, wanted in EXPECTED_OF_HIDDEN_EVENT[endpoint, method].items()
        if (met := house.outcome(rule, method, actor, slug="hidden", slot_id=house.objects["hidden_slot_id"])) != wanted
    ]
    assert found == []


def test_a_slot_of_one_event_is_not_there_under_another(house):
    """Nested ids: my own event's address with a slot of an event that is not mine, and the other way round."""
    rules = [(rule, method) for rule, method in cells(house.app) if {"slug", "slot_id"} <= rule.arguments]
    assert len(rules) >= 8
    mine_with_foreign = {
        (rule.endpoint, method): house.outcome(rule, method, "other_organizer", slug="theirs") for rule, method in rules
    }
    # a move without times is refused before any slot is looked up, and shows no slot either
    assert set(mine_with_foreign.values()) == {"hidden"} or set(mine_with_foreign) - {
        key for key, met in mine_with_foreign.items() if met == "hidden"
    } <= {("maker.move", "POST")}


def test_each_topic_is_heard_by_exactly_those_who_may(house):
    viewers = {actor: Viewer(house.people.get(actor) if actor not in OUTSIDE else None) for actor in ACTORS}
    heard = {topic: tuple(a for a in ACTORS if topics.allowed(viewers[a], topic)) for topic in EXPECTED_TOPICS}
    assert heard == EXPECTED_TOPICS


HOLES = [
    ("maker.schedule", "GET"), ("maker.feed", "GET"), ("maker.slot", "GET"), ("maker.changes", "GET"),
    ("dashboard.now", "GET"), ("events.settings", "GET"), ("events.team", "GET"), ("maker.new_slot", "GET"),
    ("discover.dancer", "GET"), ("events.new", "GET"),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "method"), HOLES)
def test_a_planted_hole_is_found(house, monkeypatch, endpoint, method):
    """The control: with the guard of one route taken away, the contract must differ at exactly that route."""
    view = house.app.view_functions[endpoint]
    monkeypatch.setattr(view, access.MARK, "public")
    monkeypatch.setattr(Viewer, "organizes", lambda self, event: True)
    monkeypatch.setattr(
        "app.events.queries.event_organized_by", lambda _viewer, slug: event_queries.event_by_slug(slug)
    )
    rule = next(rule for rule, _ in cells(house.app) if rule.endpoint == endpoint)
    met = {}
    for actor in ("guest", "dancer"):
        try:
            met[actor] = house.outcome(rule, method, actor)
        except (AssertionError, AttributeError):
            met[actor] = "in"  # it got past the door and stumbled inside
    assert met != {actor: EXPECTED[endpoint, method][actor] for actor in met}
