"""Live topics of a set: `set:<code>:floor` for everybody who is here, `set:<code>:booth` for its DJ.

Actions call the `…_changed` functions after their commit. All regions of a topic are drawn from the rows together,
through the gate of app.live: three hundred hearts in a second are five publishes. Counts only; no holder is ever named.
"""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from app.floor import queries, rules
from app.floor.models import DjSet, Play, Poll
from app.floor.rules import Result
from app.lib import clock
from app.live import gate, regions, topics
from app.live.render import render_region
from app.people.viewer import Viewer


def floor_topic(code: str) -> str:
    return f"set:{code}:floor"


def booth_topic(code: str) -> str:
    return f"set:{code}:booth"


def init_app() -> None:
    """Say who may listen, and how each topic is published."""
    topics.guard("set", "floor")(_may_hear_floor)
    topics.guard("set", "booth")(_may_hear_booth)
    gate.publisher("set", "floor")(_publish_floor)
    gate.publisher("set", "booth")(_publish_booth)


def _may_hear_floor(viewer: Viewer, code: str) -> bool:
    found = queries.set_by_code(code)
    return found is not None and found.code == code and queries.open_to(viewer, found)


def _may_hear_booth(viewer: Viewer, code: str) -> bool:
    found = queries.set_by_code(code)
    return found is not None and viewer.person is not None and found.person_id == viewer.person.id


# ---- what actions say ----


def set_changed(code: str) -> None:
    """It began, ended, passed on or is called otherwise: pages load anew, and follow to the next DJ's."""
    ledger_changed(code)
    regions.poke(floor_topic(code))


def ledger_changed(code: str) -> None:
    """What plays, or what was played."""
    gate.soon(floor_topic(code))
    booth_changed(code)


def booth_changed(code: str) -> None:
    """What only the DJ sees: what is lined up, questions, handing over."""
    gate.soon(booth_topic(code))
    regions.poke(booth_topic(code))


def poll_changed(code: str) -> None:
    """A question opened or closed."""
    gate.soon(floor_topic(code))
    booth_changed(code)


def counts_changed(code: str) -> None:
    """Hearts, tempo, votes, who is here; and what changes by the clock alone."""
    gate.soon(floor_topic(code))
    gate.soon(booth_topic(code))


# ---- publishing ----


def _publish_floor(code: str, rank: str) -> None:
    dj_set = queries.set_by_code(code)
    if dj_set is not None:
        regions.publish(floor_topic(code), dict(floor_regions(dj_set, clock.now())), rank=rank)


def _publish_booth(code: str, rank: str) -> None:
    dj_set = queries.set_by_code(code)
    if dj_set is not None:
        regions.publish(booth_topic(code), dict(booth_regions(dj_set, clock.now())), rank=rank)


def floor_regions(dj_set: DjSet, moment: datetime) -> dict[str, Markup]:
    """Everything on a dancer's page that is the same for all."""
    play = queries.now_playing(dj_set, moment)
    return {
        "playing": playing_html(dj_set, play),
        "hearts": hearts_html(queries.heart_count(play.id) if play else 0),
        "present": present_html(dj_set, moment),
        "tempo-totals": tempo_html(dj_set, moment),
        "poll": poll_html(dj_set, moment),
    }


def booth_regions(dj_set: DjSet, moment: datetime) -> dict[str, Markup]:
    """What the floor gives back, in the booth."""
    play = queries.now_playing(dj_set, moment)
    return {"pulse": pulse_html(dj_set, play, moment), "booth-poll": booth_poll_html(dj_set, moment)}


def playing_html(dj_set: DjSet, play: Play | None) -> Markup:
    return render_region("floor/_playing.html", play=play, is_over=dj_set.is_over, zone=dj_set.zone)


def hearts_html(count: int) -> Markup:
    return render_region("floor/_hearts.html", count=count)


def present_html(dj_set: DjSet, moment: datetime) -> Markup:
    return render_region("floor/_present.html", count=queries.present(dj_set.id, moment))


def tempo_html(dj_set: DjSet, moment: datetime) -> Markup:
    return render_region("floor/_tempo.html", tempo=queries.tempo_now(dj_set.id, moment), least=rules.VOTERS_LEAST)


def poll_html(dj_set: DjSet, moment: datetime) -> Markup:
    """The question. Its result only when it is over: this is the same on every phone, voted or not."""
    poll = queries.poll_on_show(dj_set.id, moment)
    counts = queries.poll_counts(poll.id) if poll else {}
    is_open = bool(poll and poll.is_open(moment))
    return render_region(
        "floor/_poll.html", poll=poll, is_open=is_open, zone=dj_set.zone, voters=sum(counts.values()),
        results=results_of(poll, counts) if poll and not is_open else [],
    )  # fmt: skip


def results_of(poll: Poll, counts: dict[int, int]) -> list[Result]:
    """Answers in their order with their shares."""
    return rules.results(
        [option.label for option in poll.options], [counts.get(option.id, 0) for option in poll.options]
    )


def pulse_html(dj_set: DjSet, play: Play | None, moment: datetime) -> Markup:
    return render_region(
        "booth/_pulse.html", hearts=queries.heart_count(play.id) if play else 0, least=rules.VOTERS_LEAST,
        tempo=queries.tempo_now(dj_set.id, moment), present=queries.present(dj_set.id, moment),
    )  # fmt: skip


def booth_poll_html(dj_set: DjSet, moment: datetime) -> Markup:
    poll = queries.poll_on_show(dj_set.id, moment)
    counts = queries.poll_counts(poll.id) if poll else {}
    return render_region(
        "booth/_poll.html", poll=poll, is_open=bool(poll and poll.is_open(moment)), zone=dj_set.zone,
        voters=sum(counts.values()), results=results_of(poll, counts) if poll else [],
    )  # fmt: skip
