"""Bookings by themselves: slots that moved ask again, offers run out, gigs end; and the news that is owed of each step.

Called by jobs.outbox and the clock. Each decides from the rows as they are now and may run twice: what is told is told
once, by the key of its message; what moves a gig finds it moved already.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.config import settings
from app.db import db
from app.gigs import news, queries, rules
from app.gigs.actions import enquiries, following
from app.gigs.models import Gig, GigStep
from app.gigs.news import News
from app.lib import clock
from app.lib.refusal import Refusal
from app.notify import actions as notify
from app.notify import mail
from app.notify.holders import Holder
from app.notify.messages import Message
from app.people import queries as people

SOON = timedelta(hours=12)  # news of what begins so soon passes quiet hours

log = logging.getLogger(__name__)


def sweep() -> None:
    """What the clock and the schedule did to gigs since the last turn."""
    moment = clock.now()
    _each(queries.drifted(), following.follow_slot)
    _each(queries.run_out(moment), following.run_out)
    _each(queries.over(moment), following.end)


def _each(gig_ids: Iterable[int], action: Callable[[int], object]) -> None:
    """One that fails waits for the next turn and never holds up the others."""
    for gig_id in gig_ids:
        try:
            action(gig_id)
        except (Refusal, SQLAlchemyError):
            log.warning("gig %s could not be moved", gig_id, exc_info=True)
            db.session.rollback()


def tell(subject: dict[str, Any], _key: str) -> None:
    """The news of one step, to one side."""
    gig = queries.find(subject["gig"])
    step = queries.step(subject["step"])
    if gig is None or step is None:
        return
    if subject["to"] == "person":
        said = news.for_person(gig, step.verb, subject["offer"], step.note)
        _tell(said, gig, f"gig:{step.id}:p", f"/app/gigs/{gig.public_id}", [gig.person_id])
        return
    if gig.event is None:
        _write(gig, step.verb, f"gig-mail:{gig.public_id}:{step.id}")
    else:
        _tell_team(gig, step)
    if step.verb in {"confirm", "accept"}:
        _warn_others(gig)


def _tell_team(gig: Gig, step: GigStep) -> None:
    after = queries.asked_after(gig.id)
    said = news.for_askers(gig, step.verb, step.note, after.person.name if after else "")
    _tell(said, gig, f"gig:{step.id}:a", _booking(gig), _team(gig))


def _tell(said: News | None, gig: Gig, key: str, href: str, person_ids: Iterable[int]) -> None:
    if said is None:
        return
    moment = clock.now()
    until = max(gig.expires_at or moment, moment + timedelta(days=1))
    message = Message(
        key=key, category="gig", title=said.title, body=said.body, href=href, zone=gig.zone, until=until,
        is_urgent=gig.starts_at - moment < SOON,
    )  # fmt: skip
    notify.tell(message, [Holder(person_id, None) for person_id in person_ids])


def _booking(gig: Gig) -> str:
    """Where those who asked look at it."""
    slug = gig.event.slug if gig.event else ""
    return f"/app/organizer/events/{slug}/bookings/{gig.public_id}"


def _team(gig: Gig) -> list[int]:
    return [grant.person_id for grant in people.team_of_event(gig.event_id or 0)]


def _warn_others(gig: Gig) -> None:
    """Others who asked the same person for the same hours learn that those are taken, not by whom."""
    for other in queries.asked_meanwhile(gig):
        span = rules.span(gig.starts_at, gig.ends_at, other.zone)
        said = News(f"{other.person.name} is booked elsewhere {span}", f"You asked for {news.when_of(other)}.")
        _tell(said, other, f"busy:{gig.public_id}:{other.public_id}", _booking(other), _team(other))


def blocked(subject: dict[str, Any], _key: str) -> None:
    """Somebody blocked days: whoever booked them on one of these learns of it."""
    entry = queries.find_days(subject["entry"])
    if entry is None:
        return
    for gig in queries.living_on(entry.person_id, entry.starts_on):
        change = gig.event.day_change_hour if gig.event else 0
        if not rules.covers(entry, rules.gig_day(gig.starts_at, gig.zone, change)):
            continue
        said = News(f"{gig.person.name} blocked the day of {news.when_of(gig)}", "After you asked. Talk to them.")
        _tell(said, gig, f"blocked:{entry.public_id}:{gig.public_id}", _booking(gig), _team(gig))


LETTERS = {
    "asked": "enquiry_sent", "offer": "enquiry_sent", "confirm": "enquiry_agreed", "accept": "enquiry_agreed",
    "counter": "enquiry_countered", "decline": "enquiry_over", "expire": "enquiry_over", "cancel": "enquiry_over",
}  # fmt: skip


def _write(gig: Gig, verb: str, key: str) -> None:
    """To whoever enquired, who may have no account: a mail with a link that is good for one answer."""
    template = LETTERS.get(verb)
    if template is None:
        return
    letter = enquiries.letter(gig.id)
    if letter is None:
        return
    found = letter.gig
    link = f"{settings().public_url}/enquiries/{letter.token}" if letter.token else ""
    message = mail.compose(
        template, letter.to, key, dj=found.person.name, name=found.asked_by_name, when=news.when_of(found), link=link,
        title=found.title, city=found.city, state=found.state, reason=found.reason, counter=news.but(found),
        note=found.counter_note,
    )  # fmt: skip
    db.session.rollback()  # sending is slow: hold no snapshot meanwhile
    try:
        mail.send(message)
    except mail.Undeliverable as error:
        log.info("a mail to an enquirer cannot be delivered: %s", error)
