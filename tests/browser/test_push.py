"""Push in a real Chromium: offered after the first star, one tap, a notification, and a tap on it opens the slot.

`pushManager.subscribe` never works without a push service of the browser's maker, so the page gets a stub that answers
with a phone of our own service: what the server sends there is decrypted and handed to Chromium's worker by CDP.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import expect

from app import config, create_app
from app.notify import actions
from app.notify.holders import Holder
from app.notify.messages import Message
from app.notify.models import PushSubscription
from app.people import queries as people
from jobs import outbox as jobs_outbox
from tests import servers
from tests.browser.conftest import Weekend
from tests.conftest import DESKTOP, PHONE
from tests.notify import push_service
from tests.notify.push_service import Phone, Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with push_service.serve() as running:
        yield running


@pytest.fixture(scope="module")
def demo_server(demo_data: Any, service: Service) -> Iterator[servers.Server]:
    """The demo, allowed to call our push service. Without a worker: the tests do what is owed themselves."""
    with servers.serve(template=demo_data, processes=("web",), PUSH_ALLOW_HOSTS=service.authority) as server:
        yield server


@pytest.fixture(scope="module")
def beside(demo_server: servers.Server) -> Flask:
    return create_app(config.load(demo_server.env))


STUB = """(subscription) => {
  if (location.protocol === "about:") return;
  let kept = null;
  const unsubscribe = async () => { kept = null; localStorage.removeItem("stub"); return true; };
  const made = { ...subscription, options: {}, toJSON: () => subscription, unsubscribe };
  PushManager.prototype.getSubscription = async () => kept ?? (localStorage.getItem("stub") ? made : null);
  PushManager.prototype.subscribe = async (options) => {
    window.subscribed = (window.subscribed ?? 0) + 1;
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("wrong options");
    localStorage.setItem("stub", "1");
    return (kept = made);
  };
  window.asked = 0;
  let permission = localStorage.getItem("permission") ?? "default";
  Object.defineProperty(Notification, "permission", { get: () => permission });
  Notification.requestPermission = async () => {
    window.asked += 1;
    permission = "granted";
    localStorage.setItem("permission", permission);
    return permission;
  };
}"""


@pytest.fixture
def phone(new_context: Any, service: Service, demo_server: servers.Server) -> tuple[Any, Phone]:
    """A page on a guest's phone, and its place at the push service."""
    context = new_context(**PHONE)
    context.grant_permissions(["notifications"], origin=demo_server.url)
    made = service.phone()
    context.add_init_script(f"({STUB})({json.dumps(made.subscription)})")
    return context.new_page(), made


def star(page: Any, weekend: Weekend, title: str = "Elastic connection") -> None:
    button = page.locator(f"#star-{weekend.ids[title]} [data-star]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def kept(weekend: Weekend, phone: Phone) -> PushSubscription | None:
    with weekend.rows() as session:
        rows = [row for row in session.query(PushSubscription) if row.endpoint == phone.endpoint]
        session.expunge_all()
        return rows[0] if rows else None


def turn_on(page: Any, weekend: Weekend) -> None:
    page.goto(weekend.timeline)
    star(page, weekend)
    page.get_by_role("button", name="Turn on alerts").click()
    expect(page.get_by_text("Alerts are on for this browser.")).to_be_visible()


def test_alerts_are_offered_after_the_first_star_and_never_on_arrival(phone, weekend):
    page, where = phone
    page.goto(weekend.timeline)
    page.wait_for_timeout(500)
    expect(page.locator("[data-push-ask]")).to_be_hidden()
    assert page.evaluate("window.asked") == 0
    star(page, weekend)
    expect(page.locator("[data-push-ask]")).to_be_visible()
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="Turn on alerts").click()
    expect(page.get_by_text("Alerts are on for this browser.")).to_be_visible()
    assert page.evaluate("window.asked") == 1
    assert kept(weekend, where).device_id is not None


def test_not_now_is_remembered(phone, weekend):
    page, _ = phone
    page.goto(weekend.timeline)
    star(page, weekend)
    page.get_by_role("button", name="Not now").click()
    expect(page.locator("[data-push-ask]")).to_be_hidden()
    page.reload()
    page.wait_for_timeout(300)
    expect(page.locator("[data-push-ask]")).to_be_hidden()
    assert page.evaluate("window.asked") == 0


def test_each_visit_tells_the_server_again_and_sign_in_takes_it_along(phone, weekend):
    page, where = phone
    turn_on(page, weekend)
    with weekend.rows() as session:
        session.query(PushSubscription).delete()
        session.commit()
    page.evaluate("sessionStorage.clear()")
    with page.expect_response("**/push/subscriptions") as told:
        page.reload()
    assert told.value.status == 200
    assert kept(weekend, where).device_id is not None
    page.goto(f"{weekend.server.url}/sign-in")
    with page.expect_response("**/push/subscriptions") as told:
        page.locator("form[action$='/dev/sign-in/dana'] button").click()
    assert told.value.status == 200
    with weekend.rows():
        dana = people.person_by_handle("dana").id
    assert kept(weekend, where).person_id == dana
    page.locator(".roles summary").click()
    with page.expect_response("**/push/subscriptions/end"):
        page.get_by_role("button", name="Sign out").click()
    assert kept(weekend, where) is None


def test_change_arrives_as_a_notification_and_a_tap_opens_the_slot(phone, weekend):
    """From "Turn on alerts" to the slot on the screen; the push is encrypted, sent and decrypted for real."""
    page, where = phone
    turn_on(page, weekend)
    holder = Holder(None, kept(weekend, where).device_id)
    slot = f"/e/{weekend.slug}/slots/{weekend.ids['Elastic connection']}"
    with weekend.app.app_context():
        actions.tell(
            Message(
                f"moved:{weekend.slug}", "change", "⚠️ Elastic connection delayed by 15 min",
                "14:00 → 14:15, Margit Room", slot, is_urgent=True,
            ),
            [holder],
        )  # fmt: skip
        jobs_outbox.run_due()
    (push,) = where.received
    assert push.text["body"] == "14:00 → 14:15, Margit Room"

    worker = deliver(page, weekend, json.dumps(push.text))
    shown = notifications(page)
    assert [(one["title"], one["body"], one["tag"]) for one in shown] == [
        (push.text["title"], push.text["body"], push.text["tag"])
    ]
    deliver(page, weekend, json.dumps(push.text), worker)
    assert len(notifications(page)) == 1, "the same tag replaces"

    tap(worker)
    page.wait_for_url(f"{weekend.server.url}{slot}")
    expect(page.get_by_role("heading", name="Elastic connection").first).to_be_visible()
    assert notifications(page) == []


@pytest.mark.parametrize("text", ["", "no json", "{}", "[]", "null", '{"title": 7, "href": {}}'])
def test_push_is_never_silent(phone, weekend, text):
    page, _ = phone
    page.goto(weekend.timeline)
    deliver(page, weekend, text)
    (shown,) = notifications(page)
    assert (shown["title"], shown["body"]) == ("Pika!", "Something changed. Tap to see it.")


@pytest.mark.parametrize(
    "href", ["https://evil.example/x", "//evil.example/x", "javascript:alert(1)", "https://%00", None]
)
def test_tap_leads_nowhere_but_home(phone, weekend, href):
    page, _ = phone
    page.goto(weekend.timeline)
    worker = deliver(page, weekend, json.dumps({"title": "x", "body": "y", "tag": "z", "href": href}))
    tap(worker)
    page.wait_for_url(f"{weekend.server.url}/")


def deliver(page: Any, weekend: Weekend, text: str, worker: Any = None) -> Any:
    """Give Chromium's service worker a push; the worker, as Playwright sees it."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    before = len(notifications(page))
    cdp = page.context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    cdp.send("ServiceWorker.enable")
    for _ in range(50):
        if registrations:
            break
        page.wait_for_timeout(50)
    push = {"origin": weekend.server.url, "registrationId": registrations[-1]["registrationId"], "data": text}
    for _ in range(3):  # Chromium drops one now and then, in the moment in which the worker starts
        cdp.send("ServiceWorker.deliverPushMessage", push)
        for _ in range(50):
            if worker is not None or len(notifications(page)) > before:
                break
            page.wait_for_timeout(50)
        else:
            continue
        break
    page.wait_for_timeout(200)
    return worker or page.context.service_workers[-1]


def notifications(page: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "navigator.serviceWorker.ready.then((worker) => worker.getNotifications())"
        ".then((all) => all.map(({ title, body, tag }) => ({ title, body, tag })))"
    )
    return found


def tap(worker: Any) -> None:
    """What Chromium does when somebody taps: the event, at the worker, with the very notification."""
    worker.evaluate(
        "async () => { const [notification] = await self.registration.getNotifications();"
        " self.dispatchEvent(new NotificationEvent('notificationclick', { notification })); }"
    )


def test_an_organizer_who_says_running_late_rings_the_phone_with_old_and_new_time(phone, weekend, new_context):
    """The whole way: Olive moves a slot and tells those who starred it; the phone rings, a tap opens the slot."""
    page, where = phone
    turn_on(page, weekend)
    olive = new_context(**DESKTOP).new_page()
    olive.goto(f"{weekend.server.url}/sign-in")
    olive.locator("form[action$='/dev/sign-in/olive'] button").click()
    slot = weekend.ids["Elastic connection"]
    olive.goto(f"{weekend.server.url}/app/organizer/events/{weekend.slug}/slots/{slot}/late?minutes=15")
    told = olive.get_by_label("What they read").input_value()
    old, new = re.findall(r"\d\d:\d\d", told)[1], re.findall(r"\d\d:\d\d", told)[0]
    olive.locator("form:has([name=message]) button.btn-accent").click()
    olive.wait_for_url("**/schedule**")
    noon = datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=datetime.now(UTC).hour // 12)
    with weekend.app.app_context(), time_machine.travel(noon, tick=False):  # whenever this runs, it is no quiet hour
        jobs_outbox.run_due()  # the announcement finds who starred it, and owes the pushes
        jobs_outbox.run_due()
    (push,) = where.received
    assert old in push.text["body"] + push.text["title"]
    assert new in push.text["body"] + push.text["title"]

    worker = deliver(page, weekend, json.dumps(push.text))
    assert [one["title"] for one in notifications(page)] == [push.text["title"]]
    tap(worker)
    page.wait_for_url(f"{weekend.server.url}/e/{weekend.slug}/slots/{slot}")
