"""The platform owner's pages: health, people, events. Every route is `@access.owner`; anybody else meets 404."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import outbox
from app.events.places import Place
from app.lib import clock
from app.lib.refusal import Refusal
from app.lib.text import clean_line
from app.owner import actions, doctor, queries
from app.owner.rules import CONSEQUENCES, PLATFORM_ROLES
from app.people import queries as people
from app.people.models import Person
from app.people.viewer import me
from app.web import access
from app.web.forms import whole
from app.web.htmx import back_to, is_htmx, say

bp = Blueprint("owner", __name__, url_prefix="/app/owner")
VERBS = {
    "suspend": "Suspend", "grant dj": "Make a DJ", "revoke dj": "Take DJ away", "grant owner": "Make an owner",
    "revoke owner": "Take owner away",
}  # fmt: skip
ROLE_WORDS = {"dj": "DJ", "owner": "Platform owner"}


@bp.get("/")
@access.owner
def health() -> ResponseReturnValue:
    """Is the machine well, and how much is there?"""
    findings = doctor.vitals()
    return _page(
        "owner/health.html", "health", findings=findings, figures=queries.figures(), dead=outbox.dead_items(),
        headline=doctor.headline(findings), moment=clock.now(),
    )  # fmt: skip


@bp.post("/outbox/revive")
@access.owner
def revive() -> ResponseReturnValue:
    """Give something that was given up another try."""
    item = request.form.get("item", "", type=str)
    revived = item.isascii() and item.isdigit() and len(item) < 18 and outbox.revive(int(item))
    say("It is tried again in a moment." if revived else "That one waits for nobody any more.")
    return back_to("owner.health")


@bp.get("/people")
@access.owner
def people_list() -> ResponseReturnValue:
    text, number = _asked()
    return _page("owner/people.html", "people", page=queries.people_page(text, number), q=text)


@bp.get("/people/<account>")
@access.owner
def person(account: str) -> ResponseReturnValue:
    found = queries.person_of(account)
    grants = people.grants_of(found.id)
    held = {grant.role for grant in grants}
    return _page(
        "owner/person.html", "people", person=found, grants=grants, sign_ins=people.open_sign_ins(found.id),
        stars=queries.stars_held(found.id), is_me=found.id == me().id,
        role_switches=[(role, ROLE_WORDS[role], role in held) for role in PLATFORM_ROLES],
    )  # fmt: skip


@bp.get("/people/<account>/suspend")
@access.owner
def ask_to_suspend(account: str) -> ResponseReturnValue:
    found = queries.person_of(account)
    return _confirm(found, "suspend", f"Suspend {found.name}?", url_for("owner.suspend", account=account))


@bp.post("/people/<account>/suspend")
@access.owner
def suspend(account: str) -> ResponseReturnValue:
    found = queries.person_of(account)
    name = found.name
    try:
        actions.suspend(found.id, me().id)
    except Refusal as refusal:
        say(refusal.sentence)
    else:
        say(f"{name} is suspended.", undo=url_for("owner.lift", account=account))
    return back_to("owner.person", account=account)


@bp.post("/people/<account>/lift")
@access.owner
def lift(account: str) -> ResponseReturnValue:
    found = queries.person_of(account)
    name = found.name
    actions.lift(found.id, me().id)
    say(f"{name} may sign in again.")
    return back_to("owner.person", account=account)


@bp.get("/people/<account>/roles")
@access.owner
def ask_for_role(account: str) -> ResponseReturnValue:
    found = queries.person_of(account)
    role, verb = request.args.get("role", ""), request.args.get("verb", "")
    if f"{verb} {role}" not in VERBS:
        return back_to("owner.person", account=account)
    title = f"{VERBS[f'{verb} {role}']}: {found.name}?"
    fields = {"role": role, "verb": verb}
    return _confirm(found, f"{verb} {role}", title, url_for("owner.change_role", account=account), fields)


@bp.post("/people/<account>/roles")
@access.owner
def change_role(account: str) -> ResponseReturnValue:
    found = queries.person_of(account)
    person_id, name = found.id, found.name
    role, is_given = request.form.get("role", ""), request.form.get("verb") == "grant"
    try:
        (actions.grant_role if is_given else actions.revoke_role)(person_id, role, me().id)
    except Refusal as refusal:
        say(refusal.sentence)
        return back_to("owner.person", account=account)
    say(f"{name}: {ROLE_WORDS[role]} {'given' if is_given else 'taken away'}.")
    if (person_id, role, is_given) == (me().id, "owner", False):
        return back_to("people.home")  # this floor is closed to them now
    return back_to("owner.person", account=account)


@bp.get("/events")
@access.owner
def events_list() -> ResponseReturnValue:
    text, number = _asked()
    page = queries.events_page(text, number)
    ids = [event.id for event in page.items]
    return _page(
        "owner/events.html", "events", page=page, q=text, slots=queries.slot_counts(ids), teams=queries.organizers(ids),
        moment=clock.now(),
    )  # fmt: skip


def _asked() -> tuple[str, int]:
    """What was searched for, and which page of it."""
    return clean_line(request.args.get("q", ""))[:120], request.args.get("page", 1, type=whole)


def _places(current: str) -> list[Place]:
    return [
        Place(url_for("owner.health"), "activity", "Health", current == "health"),
        Place(url_for("owner.people_list"), "users", "People", current == "people"),
        Place(url_for("owner.events_list"), "calendar-range", "Events", current == "events"),
    ]


def _page(template: str, current: str, **values: object) -> ResponseReturnValue:
    return render_template(template, places=_places(current), nav_label="Platform", area="owner", **values)


def _confirm(
    found: Person, what: str, title: str, action: str, fields: dict[str, str] | None = None
) -> ResponseReturnValue:
    """Ask first: in the dialog for htmx, on a page of its own otherwise."""
    return _page(
        "shared/_confirm.html" if is_htmx() else "shared/confirm.html", "people", title=title,
        consequences=CONSEQUENCES[what], action=action, fields=fields or {}, verb=VERBS[what],
        back=url_for("owner.person", account=found.public_id),
        tone="bad" if what in {"suspend", "revoke owner"} else "", keep="Leave it",
    )  # fmt: skip
