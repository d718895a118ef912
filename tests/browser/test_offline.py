"""Without network: the schedule opens with its age, and catches up by itself (N5); install hint, offline page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DAY
from tests.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAVED = """async (day) => {
  const pages = await caches.open("pika-pages-1");
  return (await pages.keys()).some((request) => request.url.endsWith(day));
}"""


@pytest.fixture
def context(new_context: Any) -> Any:
    return new_context(**PHONE)


def until(page: Any, script: str, argument: Any = None) -> None:
    """Waits for an asynchronous condition; `wait_for_function` takes the promise itself for true."""
    for _ in range(100):
        if page.evaluate(script, argument):
            return
        page.wait_for_timeout(100)
    raise AssertionError(script)


def starred(context: Any, weekend: Any) -> Any:
    """A guest's phone that starred a slot, with its schedule saved."""
    page = context.new_page()
    page.goto(weekend.timeline)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator(f"#star-{weekend.ids['Elastic connection']} [data-star]").click()
    expect(page.locator(f"#star-{weekend.ids['Elastic connection']} [data-star]")).to_have_attribute(
        "aria-pressed", "true"
    )
    until(page, SAVED, f"?day={DAY}")
    return page


def test_schedule_opens_offline_with_its_age_and_catches_up(context, weekend):
    from app.people import queries as people
    from app.schedule import actions

    page = starred(context, weekend)
    page.close()
    context.set_offline(True)
    page = context.new_page()
    missing = []
    page.on("requestfailed", lambda request: missing.append(request.url) if "/static/" in request.url else None)
    page.goto(weekend.timeline)
    strip = page.locator("[data-saved-strip]")
    expect(strip).to_be_visible()
    expect(strip).to_contain_text("Saved")
    expect(strip).to_contain_text(f"Saved {page.locator('#asof time').inner_text()}, version 1.")
    clock = page.locator("#asof time").inner_text()
    expect(strip).to_contain_text(
        f"You are offline: new times, cancellations and announcements since {clock} are not here."
    )
    expect(page.locator(f"#slot-{weekend.ids['Elastic connection']}")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.topbar')).position") == "sticky", "styles are there"
    expect(page.locator(".conn")).to_have_attribute("data-state", "off")
    assert missing == []

    with weekend.app.app_context():  # meanwhile it moves
        event_id = _event_id(weekend)
        actions.shift_slot(event_id, weekend.ids["Elastic connection"], 20, people.person_by_handle("olive"))
    context.set_offline(False)

    expect(page.locator(f"#slot-{weekend.ids['Elastic connection']}")).to_contain_text("14:20", timeout=30_000)
    expect(strip).to_be_hidden(timeout=30_000)
    expect(page.locator(".conn")).to_have_attribute("data-state", "live")


def _event_id(weekend: Any) -> int:
    from app.events import queries as events

    found = events.event_by_slug(weekend.slug)
    assert found is not None
    return int(found.id)


def test_other_days_and_the_schedule_without_a_day_open_too(context, weekend):
    page = starred(context, weekend)
    until(page, SAVED, "?day=2026-06-14")
    context.set_offline(True)
    page.goto(weekend.timeline.replace(DAY, "2026-06-14"))
    expect(page.locator("[data-saved-strip]")).to_be_visible()
    page.goto(weekend.timeline.partition("?")[0])
    expect(page.locator("[data-saved-strip]")).to_be_visible()


def test_what_one_starred_opens_by_itself_too(context, weekend):
    page = starred(context, weekend)
    slot = f"/e/{weekend.slug}/slots/{weekend.ids['Elastic connection']}"
    until(page, "async (path) => Boolean(await (await caches.open('pika-pages-1')).match(path))", slot)
    context.set_offline(True)
    page.locator(f"a[href='{slot}']").click()  # the sheet cannot be fetched: the kept page comes
    page.wait_for_url(f"**{slot}")
    expect(page.get_by_role("heading", name="Elastic connection")).to_be_visible()
    expect(page.locator("[data-saved-strip]")).to_contain_text("since")
    page.goto(f"{weekend.server.url}/events")
    expect(page.locator("[data-saved-items] a")).to_have_count(1)


def test_losing_the_network_on_an_open_page_says_so(context, weekend):
    page = context.new_page()
    page.goto(weekend.timeline)
    expect(page.locator(".conn")).to_have_attribute("data-state", "live")
    context.set_offline(True)
    expect(page.locator("[data-saved-strip]")).to_be_visible()
    expect(page.locator("[data-saved-strip]")).to_contain_text("You are offline")
    context.set_offline(False)
    expect(page.locator("[data-saved-strip]")).to_be_hidden(timeout=30_000)


def test_nothing_is_kept_of_an_event_where_one_starred_nothing(context, weekend):
    page = context.new_page()
    page.goto(weekend.timeline)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(3000)
    assert page.evaluate("caches.open('pika-pages-1').then((pages) => pages.keys()).then((keys) => keys.length)") == 0
    context.set_offline(True)
    page.goto(weekend.timeline)
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()


def test_offline_page_lists_what_is_saved(context, weekend):
    page = starred(context, weekend)
    context.set_offline(True)
    page.goto(f"{weekend.server.url}/events")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    saved = page.locator("[data-saved-items] a")
    expect(saved).to_contain_text("Swing Weekend")
    saved.first.click()
    expect(page.locator("[data-saved-strip]")).to_be_visible()


def test_signed_in_persons_pages_survive_the_offline_page(signed_in, weekend):
    page = signed_in("tess", **PHONE)
    page.goto(weekend.timeline)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator(f"#star-{weekend.ids['Elastic connection']} [data-star]").click()
    until(page, SAVED, f"?day={DAY}")
    page.context.set_offline(True)
    page.goto(f"{weekend.server.url}/events")
    expect(page.get_by_text("Tess Aubert")).to_have_count(0)
    expect(page.locator("[data-saved-items] a")).to_contain_text("Swing Weekend")
    page.wait_for_timeout(500)
    page.goto(weekend.timeline)
    expect(page.locator("[data-saved-strip]")).to_be_visible()


def test_signing_out_clears_what_is_saved(signed_in, weekend):
    page = signed_in("dana", **PHONE)
    page.goto(weekend.timeline)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator(f"#star-{weekend.ids['Elastic connection']} [data-star]").click()
    until(page, SAVED, f"?day={DAY}")
    page.locator(".roles summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{weekend.server.url}/")
    until(page, "async () => !(await caches.keys()).includes('pika-pages-1')")


def test_whoever_comes_after_a_session_that_ended_finds_no_booth(signed_in, weekend):
    """Nobody tapped "Sign out": it ended elsewhere, or ran out."""
    page = signed_in("jo", **PHONE)
    page.goto(f"{weekend.server.url}/app/dj")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.evaluate("caches.open('pika-booth-1').then((kept) => kept.put('/app/dj/booth/x', new Response('songs')))")
    page.reload()
    assert page.evaluate("caches.has('pika-booth-1')")
    page.context.clear_cookies()
    page.goto(f"{weekend.server.url}/events")
    until(page, "async () => !(await caches.has('pika-booth-1'))")


def test_hint_to_install_comes_with_the_second_visit_and_can_be_dismissed(context, weekend):
    first = context.new_page()
    first.goto(weekend.timeline)
    expect(first.locator("[data-install-hint]")).to_be_hidden()
    first.close()
    second = context.new_page()
    second.goto(weekend.timeline)
    expect(second.locator("[data-install-hint]")).to_be_visible()
    second.get_by_role("button", name="Do not show this again").click()
    second.reload()
    expect(second.locator("[data-install-hint]")).to_be_hidden()
    second.goto(f"{weekend.server.url}/install")
    expect(second.get_by_text("Add to Home Screen", exact=False).first).to_be_visible()


def test_browser_finds_the_app_installable(context, weekend):
    page = context.new_page()
    page.goto(weekend.timeline)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    cdp = context.new_cdp_session(page)
    manifest = cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    trouble = {error["errorId"] for error in cdp.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert trouble <= {"in-incognito"}
