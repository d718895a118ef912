"""Decisions about imports, on objects given: what refuses one, and in which words. No queries, no Flask."""

from __future__ import annotations

from app.interchange.items import Frame
from app.interchange.plan import Plan
from app.lib.refusal import Refusal


class Refused(Refusal):
    """Something in the file has no answer: nothing is imported. The preview lists every place."""

    status = 422


class PreviewIsOld(Refusal):
    """The schedule is not what the preview was made from."""


def check(plan: Plan) -> None:
    """Raises Refused, with the first reason and how many more there are."""
    reasons = plan.refusals
    if reasons:
        more = sum(note.count for note in reasons) - 1
        tail = f" And {more} more." if more else ""
        raise Refused(f"Nothing was imported. {reasons[0].path}: {reasons[0].sentence}{tail}")


def check_rooms(count: int, most: int) -> None:
    """Raises Refused."""
    if count > most:
        raise Refused(f"Nothing was imported. There would be {count} rooms; {most} are the most.")


def check_fresh(read_for: Frame, present: Frame, revision: int, expected: int | None) -> None:
    """What was shown is what is done. Raises PreviewIsOld."""
    moved = (read_for.zone, read_for.day_change_hour, read_for.days) != (
        present.zone, present.day_change_hour, present.days
    )  # fmt: skip
    if moved or (expected is not None and expected != revision):
        raise PreviewIsOld("The schedule changed since this preview was made. Look at the new one, then import.")


def sentence(plan: Plan) -> str:
    """What was done: "46 slots in 6 rooms over 3 days: 46 new."."""
    return f"{plan.source.headline}: {plan.counts}."
