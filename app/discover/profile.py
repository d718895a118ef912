"""A DJ's page put together: what is shown of figures, vibe and gigs, and what the DJ keeps off it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.discover import profile_queries as queries
from app.discover import vibe
from app.discover.forms import LINKS_MAX
from app.discover.models import DjProfile
from app.discover.profile_queries import PlayedGig
from app.discover.share_card import Card, can_write
from app.discover.vibe import Vibe
from app.gigs import queries as gigs
from app.gigs.models import Gig
from app.music.models import Playlist
from app.people.models import Person
from app.web import charts
from app.web.charts import Bar


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the page. Empty or None: hidden by the DJ, or nothing to tell yet."""

    said: DjProfile
    vibe: Vibe | None
    tempos: list[Bar]
    styles: list[Bar]
    year: int
    events: int  # agreed and played in that year
    hearts: int
    gigs: list[Gig]
    playlists: list[tuple[Playlist, int]]
    is_bookable: bool

    @property
    def hearts_short(self) -> str:
        return short(self.hearts)


def of(dj: Person, moment: datetime) -> Shown:
    """The page of this DJ, as anybody may see it."""
    said = queries.profile_of(dj.id)
    year, count = _best_year(queries.played_gigs(dj.id, moment), moment.year) if said.shows_stats else (moment.year, 0)
    seen = vibe.of(queries.tempos_and_genres(dj.id)) if said.shows_vibe else None
    return Shown(
        said, seen,
        charts.bars(seen.tempos) if seen else [], charts.stack(seen.styles) if seen else [],
        year, count, queries.hearts_of(dj.id) if said.shows_stats else 0,
        queries.upcoming_gigs(dj.id, moment) if said.shows_gigs else [],
        queries.public_playlists(dj.id), gigs.settings_of(dj.id).takes_enquiries,
    )  # fmt: skip


def _best_year(played: Iterable[PlayedGig], this_year: int) -> tuple[int, int]:
    """(year, events): of this year, or of the last year that has any."""
    years = by_year(played)
    if not years or this_year in years:
        return this_year, len(years.get(this_year, []))
    newest = max(years)
    return newest, len(years[newest])


def by_year(played: Iterable[PlayedGig]) -> dict[int, list[PlayedGig]]:
    """Newest year first."""
    found: dict[int, list[PlayedGig]] = {}
    for gig in played:
        found.setdefault(gig.year, []).append(gig)
    return dict(sorted(found.items(), reverse=True))


def card_of(dj: Person, shown: Shown, photo: bytes | None) -> Card:
    """The share card. A name in letters that our font lacks is written as the handle."""
    name = dj.name if can_write(dj.name) else f"@{dj.handle}"
    words = shown.said.headline or dj.city
    figures = [f"{shown.events} event{'s' * (shown.events != 1)} in {shown.year}"] if shown.events else []
    figures += [f"{short(shown.hearts)} heart{'s' * (shown.hearts != 1)}"] if shown.hearts else []
    initials = dj.initials if can_write(dj.initials) else dj.handle[:2].upper()
    return Card(name, initials, words if can_write(words) else "", tuple(figures), photo)


def short(number: int) -> str:
    """11 240 as "11.2k"."""
    return str(number) if number < 1000 else f"{number / 1000:.1f}k".replace(".0k", "k")


def form_values(said: DjProfile) -> dict[str, Any]:
    """What the form shows of what was saved."""
    names = ("headline", "plays", "shows_stats", "shows_vibe", "shows_gigs")
    values: dict[str, Any] = {name: getattr(said, name) for name in names}
    for number, link in enumerate(said.links[:LINKS_MAX]):
        values[f"link_{number}"] = link["url"]
    return values
