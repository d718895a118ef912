"""Every page of the product, as somebody who may see it reaches it in the demo: who, where, and what to open there.

Walked by the pictures (tests/screens.py) and by the audit (tests/audit). A page without a stop is neither looked at nor
checked: tests/contracts/test_tour.py asks for one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests import servers

EVENT = "budapest-swing-weekend"
ORGANIZER = f"/app/organizer/events/{EVENT}"
STUDIO = "swing-loft"
OWN_GIG = "main .gig a:text('Autumn ball')"  # that Jo wrote down
PERSON = "main a[href*='/owner/people/']"
TITLE = "Footwork you can keep"  # a workshop of today
SLOT, SET, CODE = "{slot}", "{set}", "{code}"  # in a path: its public id; Jo's set under way, and the code to join it
SONGS = ("Ada Voss - Paper Lanterns", "The Lowlands - Ferry Home", "Marlow Reed - Slow Current")
TRACKS = "Title,Artist,BPM,Key,Length\nPaper Kites,Ada Voss,96,8A,3:20\nFerry Home,The Lowlands,101,9B,3:48\n"
A_SET = "main a[href*='/app/dj/sets/']"  # over, in the list of the booth
THEMES = ("light", "dark")
SIZES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
    "desk": {"viewport": {"width": 1280, "height": 800}},
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A page: `path`, then the link at each of the `follow` selectors in turn, then `prepare(page)`.

    `shows`: the endpoint, where `path` alone does not lead there.
    """

    name: str
    who: str | None
    path: str
    follow: tuple[str, ...] = ()
    prepare: Callable[[Any], None] | None = None
    shows: str = ""


def _open_slot(page: Any) -> None:
    page.locator("[data-timeline] a[data-sheet]", has_text=TITLE).click()
    page.wait_for_selector("dialog[open]")


def _grid(page: Any) -> None:
    page.locator(".maker-grid .tile[data-slot]").first.wait_for()


def _announcement(page: Any) -> None:
    """Open one to edit it; where nobody has announced anything yet, do."""
    first = page.locator("main a[href*='/announce/']").first
    if not first.count():
        page.get_by_label("Headline").fill("Water and plasters are at the desk")
        page.get_by_role("button", name="Announce it").click()
        page.wait_for_load_state()
    first.click()


def _to_the_deck(page: Any) -> None:
    """Back to the set that is under way, or begin one, with a few songs of nobody's."""
    if page.get_by_role("link", name="To the deck").count():
        page.get_by_role("link", name="To the deck").first.click()
        return
    page.get_by_label("What is it called").fill("Blues in the Lounge")
    page.get_by_label("Where", exact=True).fill("Lánchíd Lounge")
    page.get_by_role("button", name="Start a set").click()
    for song in SONGS:
        page.get_by_label("Not in the crate?").fill(song)
        page.get_by_role("button", name="Play as typed").click()
        page.locator("#played", has_text=song.partition(" - ")[2]).wait_for()


def _bring(page: Any, label: str, name: str, text: str) -> None:
    """Choose a file of this name and text, and look at it."""
    page.get_by_label(label, exact=True).set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    page.wait_for_load_state()


def _known_columns(page: Any) -> None:
    _bring(page, "File", "saturday.csv", TRACKS)


def _odd_columns(page: Any) -> None:
    _bring(page, "File", "odd.csv", "one;two;three\nPaper Kites;Ada Voss;96\nFerry Home;The Lowlands;101\n")


def _imported(page: Any) -> None:
    _known_columns(page)
    page.get_by_role("button", name="Import 2 tracks").click()
    page.get_by_text("It is in your crate").wait_for()


def _suggested(page: Any) -> None:
    page.get_by_role("button", name="Suggest a set").click()
    page.locator("#keep-form").wait_for()


def _prepared(page: Any) -> None:
    """Two playlists for this gig."""
    while page.locator("main section[aria-labelledby^='list-']").count() < 2:
        page.locator("form:has([name=on][value='1']) button").click()
        page.wait_for_load_state()


def _shared(page: Any) -> None:
    """Everything that may be shared of this set, as others see it."""
    for box in page.locator("#share input[type=checkbox]").all():
        box.check()
    page.locator("#share button").click()
    page.get_by_role("link", name="See what others see").click()
    page.wait_for_load_state()


def _published(page: Any) -> None:
    """This set's public list."""
    if page.get_by_role("button", name="Publish").count():
        page.get_by_role("button", name="Publish").click()
    page.locator("#publish a").first.click()
    page.wait_for_load_state()


def _enquiry(page: Any) -> None:
    """The newest letter to whoever asked from outside, and the link in it."""
    page.locator("main li", has_text="marta@").first.get_by_role("link").click()
    page.goto(page.locator("main a[href*='/enquiries/']").first.get_attribute("href"))


def _exported(page: Any) -> str:
    """The weekend's own program as a table."""
    address = f"{page.url.partition('/app/')[0]}{ORGANIZER}/export.csv"
    return str(page.request.get(address).text())


def _slots_seen(page: Any) -> None:
    _bring(page, "Schedule file", "program.csv", _exported(page))


def _to_top(page: Any) -> None:
    page.evaluate("scrollTo(0, 0)")


STOPS = (
    # ---- for everybody ----
    Stop("landing", None, "/"),
    Stop("weekends", None, "/events"),
    Stop("event", None, f"/e/{EVENT}"),
    Stop("schedule", None, f"/e/{EVENT}/schedule"),
    Stop("slot-page", None, f"/e/{EVENT}/slots/{SLOT}"),
    Stop("event-changes", None, f"/e/{EVENT}/changes"),
    Stop("hall-screen", None, f"/e/{EVENT}/screen"),
    Stop("poster", None, f"/e/{EVENT}/poster"),
    Stop("door-sheets", None, f"/e/{EVENT}/paper"),
    Stop("order-sheet", None, f"/e/{EVENT}/paper/order"),
    Stop("sheet-verdict", None, f"/e/{EVENT}/v/2"),
    Stop("live-enter", None, "/live"),
    Stop("floor", None, f"/live/{CODE}"),
    Stop("floor-screen", None, f"/live/{CODE}/screen"),
    Stop("dj-page", None, "/dj/jo"),
    Stop("dj-book", None, "/dj/jo/book"),
    Stop("dj-played", None, "/dj/jo/played"),
    Stop("studio-page", None, f"/s/{STUDIO}"),
    Stop("sign-in", None, "/sign-in"),
    Stop("sign-up", None, "/sign-up"),
    Stop("sign-up-again", None, "/sign-up/again"),
    Stop("sign-up-sent", None, "/sign-up/sent"),
    Stop("forgot", None, "/forgot"),
    Stop("forgot-sent", None, "/forgot/sent"),
    Stop("link-over", None, "/welcome?token=of-yesterday"),
    Stop("reset-over", None, "/reset?token=of-yesterday"),
    Stop("install", None, "/install"),
    Stop("offline", None, "/offline"),
    Stop("lost", None, "/nowhere"),
    # ---- a dancer ----
    Stop("dancer", "dana", "/app/dancer"),
    Stop("timeline", "dana", f"/e/{EVENT}/schedule", prepare=_to_top),
    Stop("mine", "dana", f"/e/{EVENT}/schedule?mine=1", prepare=_to_top),
    Stop("slot", "dana", f"/e/{EVENT}/schedule", prepare=_open_slot),
    Stop("dances", "dana", "/app/dancer/dances"),
    Stop("notices", "dana", "/app/notices"),
    Stop("account", "dana", "/account"),
    Stop("preferences", "dana", "/account/notices"),
    Stop("calendar", "dana", "/account/calendar"),
    Stop("email", "dana", "/account/email"),
    Stop("email-over", "dana", "/account/email/confirm?token=of-yesterday"),
    Stop("password", "dana", "/account/password"),
    Stop("passkeys", "dana", "/account/passkeys"),
    Stop("browsers", "dana", "/account/browsers"),
    Stop("confirm", "dana", "/account/confirm"),
    # ---- DJs and studios ----
    Stop("dj", "jo", "/app/dj"),
    Stop("dj-page-form", "jo", "/app/dj/profile"),
    Stop("gigs", "jo", "/app/dj/gigs"),
    Stop("gigs-month", "jo", "/app/dj/gigs?view=month"),
    Stop("gig", "jo", "/app/dj/gigs", ("main section.card a[href*='/app/gigs/']",), shows="gigs.gig"),
    Stop("gig-new", "jo", "/app/dj/gigs/new"),
    Stop("gig-form", "jo", "/app/dj/gigs", (OWN_GIG, "main a[href$='/edit']"), shows="gigs.edit"),
    Stop("prep", "jo", "/app/dj/gigs", (OWN_GIG, "main a[href$='/prepare']"), _prepared, "prep.page"),
    Stop("days", "jo", "/app/dj/days"),
    Stop("booking-terms", "jo", "/app/dj/booking"),
    Stop("crate", "jo", "/app/dj/crate"),
    Stop("track-new", "jo", "/app/dj/crate/new"),
    Stop("track", "jo", "/app/dj/crate", ("main a.crate-name",), shows="crate.track"),
    Stop("tempos", "jo", "/app/dj/crate/tempos"),
    Stop("music-import", "jo", "/app/dj/crate/import"),
    Stop("music-preview", "jo", "/app/dj/crate/import", (), _known_columns, "imports.show"),
    Stop("music-columns", "jo", "/app/dj/crate/import", (), _odd_columns, "imports.show"),
    Stop("music-imported", "jo", "/app/dj/crate/import", (), _imported, "imports.show"),
    Stop("playlists", "jo", "/app/dj/playlists"),
    Stop("playlist", "jo", "/app/dj/playlists", ("main a[href*='/playlists/']",), shows="playlists.show"),
    Stop("builder", "jo", "/app/dj/builder"),
    Stop("builder-found", "jo", "/app/dj/builder", (), _suggested, "builder.draft"),
    Stop("booth", "jo", "/app/dj/booth"),
    Stop("deck", "jo", f"/app/dj/booth/{SET}"),
    Stop("handover", "jo", f"/app/dj/booth/{SET}/handover"),
    Stop("set-over", "jo", "/app/dj/booth", (A_SET,), shows="after.page"),
    Stop("review-files", "jo", "/app/dj/booth", (A_SET, "main a[href$='/review']"), shows="after.look"),
    Stop(
        "review", "jo", "/app/dj/booth", (A_SET, "main a[href$='/review']", "main a[href*='file=']"), shows="after.look"
    ),
    Stop("set-shared", "jo", "/app/dj/booth", (A_SET,), _shared, "after.shared"),
    Stop("dj-playlist", "jo", "/app/dj/booth", (A_SET,), _published, "profiles.playlist"),
    Stop("studio", "sam", "/app/studio"),
    Stop("studio-new", "sam", "/app/studio/new"),
    Stop("studio-form", "sam", f"/app/studio/{STUDIO}/settings"),
    Stop("studio-team", "sam", f"/app/studio/{STUDIO}/team"),
    Stop("teaching", "tess", "/app/studio"),
    # ---- an organizer ----
    Stop("organizer", "olive", "/app/organizer/"),
    Stop("dashboard", "olive", ORGANIZER),
    Stop("reach", "olive", f"{ORGANIZER}/reach"),
    Stop("maker", "olive", f"{ORGANIZER}/schedule", prepare=_grid),
    Stop("slot-form", "olive", f"{ORGANIZER}/slots/{SLOT}"),
    Stop("late", "olive", f"{ORGANIZER}/slots/{SLOT}/late"),
    Stop("tell", "olive", f"{ORGANIZER}/slots/{SLOT}/tell"),
    Stop("slot-new", "olive", f"{ORGANIZER}/slots/new"),
    Stop("changes", "olive", f"{ORGANIZER}/changes"),
    Stop("announce", "olive", f"{ORGANIZER}/announce"),
    Stop("announcement", "olive", f"{ORGANIZER}/announce", (), _announcement, "announcements.announcement"),
    Stop("bookings", "olive", f"{ORGANIZER}/bookings"),
    Stop("booking", "olive", f"{ORGANIZER}/bookings", ("main .booking a",), shows="bookings.booking"),
    Stop("slot-bookings", "olive", f"{ORGANIZER}/slots/{SLOT}/bookings"),
    Stop("paper", "olive", f"{ORGANIZER}/screens"),
    Stop("event-form", "olive", f"{ORGANIZER}/settings"),
    Stop("event-new", "olive", "/app/organizer/events/new"),
    Stop("team", "olive", f"{ORGANIZER}/team"),
    Stop("import", "olive", f"{ORGANIZER}/import"),
    Stop("import-preview", "olive", f"{ORGANIZER}/import", (), _slots_seen, "interchange.preview"),
    Stop("import-new", "olive", "/app/organizer/import"),
    Stop("import-new-preview", "olive", "/app/organizer/import", (), _slots_seen, "interchange.preview_new"),
    # ---- the platform owner ----
    Stop("owner", "petra", "/app/owner/"),
    Stop("owner-people", "petra", "/app/owner/people"),
    Stop("owner-person", "petra", "/app/owner/people?q=dana", (PERSON,), shows="owner.person"),
    Stop(
        "owner-suspend",
        "petra",
        "/app/owner/people?q=dana",
        (PERSON, "a[href*='/suspend']"),
        shows="owner.ask_to_suspend",
    ),
    Stop("owner-role", "petra", "/app/owner/people?q=dana", (PERSON, "a[href*='/roles']"), shows="owner.ask_for_role"),
    Stop("owner-events", "petra", "/app/owner/events"),
    # ---- the workshop: development only ----
    Stop("patterns", None, "/dev/patterns"),
    Stop("mail", None, "/dev/mail"),
    Stop("enquiry", None, "/dev/mail", (), _enquiry, "enquiries.answer"),
)


@contextmanager
def chromium() -> Iterator[Any]:
    """The system's Chromium, headless, talking to this machine alone."""
    from playwright.sync_api import sync_playwright

    arguments = servers.CHROMIUM_ARGUMENTS + (["--no-sandbox"] if os.getuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.chromium(), args=arguments)
        yield browser
        browser.close()


class Walker:
    """Goes from stop to stop with one page per person, so that each signs in once. `at`: the browser's clock."""

    def __init__(self, browser: Any, server: servers.Server, at: datetime | None = None, **options: Any) -> None:
        self._browser, self._server, self._at, self._options = browser, server, at, options
        self._pages: dict[str | None, Any] = {}
        self._found: dict[str, str] = {}
        self.troubles: list[str] = []  # script errors, and breaches of the content security policy

    def visit(self, stop: Stop) -> Any:
        """The page at this stop, with scripts run."""
        page = self._page_of(stop.who)
        page.goto(self._server.url + self._path(stop.path))
        for selector in stop.follow:
            page.goto(self._server.url + page.locator(selector).first.get_attribute("href"))
        if stop.prepare:
            stop.prepare(page)
        return page

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()

    def _path(self, path: str) -> str:
        """The path with what stands in braces found on the pages where a person would find it."""
        if SLOT in path and SLOT not in self._found:
            page = self._page_of(None)
            page.goto(f"{self._server.url}/e/{EVENT}/schedule")
            link = page.locator(".slot-title a", has_text=TITLE)
            self._found[SLOT] = link.get_attribute("href").rpartition("/")[2]
        if (SET in path or CODE in path) and SET not in self._found:
            page = self._page_of("jo")
            page.goto(f"{self._server.url}/app/dj/booth")
            _to_the_deck(page)
            self._found[SET] = page.url.rpartition("/")[2]
            self._found[CODE] = page.locator(".join-code").inner_text().lower()
        for word, found in self._found.items():
            path = path.replace(word, found)
        return path

    def _page_of(self, who: str | None) -> Any:
        if who not in self._pages:
            context = self._browser.new_context(**self._options)
            if self._at:
                context.clock.set_fixed_time(self._at)
            context.on("weberror", lambda error: self.troubles.append(str(error.error)))
            context.on("console", lambda said: self.troubles.append(said.text) if _is_breach(said) else None)
            page = self._pages[who] = context.new_page()
            if who:
                sign_in(page, self._server, who)
        return self._pages[who]


def _is_breach(message: Any) -> bool:
    return message.type == "error" and "Content Security Policy" in message.text


def sign_in(page: Any, server: servers.Server, who: str) -> None:
    """One click, as in development."""
    page.goto(f"{server.url}/sign-in")
    page.locator(f"form[action$='/dev/sign-in/{who}'] button").click()
    page.wait_for_load_state()
