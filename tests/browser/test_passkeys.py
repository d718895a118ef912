"""Passkeys in a real browser, with Chromium's own virtual authenticator in the place of a finger."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.db import db
from app.people.models import SignIn
from tests import servers
from tests.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

_numbers = itertools.count(1)
NO = "This passkey does not open an account here."


class Finger:
    """The virtual authenticator of one page: what a phone's fingerprint reader is to a real one."""

    def __init__(self, page: Any) -> None:
        self.page, self.devtools, self.id = page, page.context.new_cdp_session(page), ""
        self.devtools.send("WebAuthn.enable")
        self.swap()

    def swap(self) -> None:
        """Another authenticator, with no keys on it yet."""
        if self.id:
            self.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})
        options = {
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = added["authenticatorId"]

    @property
    def credentials(self) -> list[dict[str, Any]]:
        found = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def forge(self, **bits: bool) -> None:
        """isBogusSignature, isBadUV, isBadUP."""
        self._set("ResponseOverrideBits", **bits)

    def hold_back(self) -> None:
        """Nobody touches it: the browser waits."""
        self._set("AutomaticPresenceSimulation", enabled=False)

    def touch(self) -> None:
        """Whenever the browser asks."""
        self._set("AutomaticPresenceSimulation", enabled=True)

    def knows(self, *, holder: bool) -> None:
        """Whether it recognizes who touches it."""
        self._set("UserVerified", isUserVerified=holder)

    def _set(self, what: str, **values: bool) -> None:
        self.devtools.send(f"WebAuthn.set{what}", {"authenticatorId": self.id, **values})


NewContext = Callable[..., Any]


def mailed_link(page: Any, server: servers.Server, email: str) -> str:
    """The link mailed to this address, read as a person in development reads it."""
    letter = page.locator("main .list-row", has_text=email).get_by_role("link")
    for _ in range(100):
        page.goto(f"{server.url}/dev/mail")
        if letter.count():
            break
        page.wait_for_timeout(200)
    letter.first.click()
    page.get_by_text("welcome?key=").first.wait_for()
    found = re.search(r"http://localhost:\d+/welcome\?key=[\w-]+", page.content())
    assert found, page.content()
    return found[0]


def sign_up(page: Any, server: servers.Server, email: str) -> None:
    """From the form to the page behind the mailed link."""
    page.goto(f"{server.url}/sign-up")
    page.get_by_label("Your name").fill("Nina Newcomer")
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Go on without a password").click()
    page.get_by_role("heading", name="Look into your mail").wait_for()
    page.goto(mailed_link(page, server, email))


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_sign_up_and_sign_in_with_a_passkey(new_context: NewContext, demo_server: servers.Server, size: Any) -> None:
    page = new_context(**size).new_page()
    finger = Finger(page)
    sign_up(page, demo_server, f"new-{size['viewport']['width']}@pika.example")
    page.get_by_role("button", name="Make a passkey and come in").click()
    page.wait_for_url(f"{demo_server.url}/app/dancer")
    page.get_by_text("your passkey is kept").wait_for()
    (credential,) = finger.credentials
    assert credential["isResidentCredential"]
    assert credential["rpId"] == "localhost"

    page.goto(f"{demo_server.url}/account/passkeys")
    page.get_by_text("It is your only way in").wait_for()
    page.context.clear_cookies()
    at_the_door(finger, demo_server, "?next=/account/passkeys")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{demo_server.url}/account/passkeys")


# The virtual authenticator answers the offer in the email field at once, before anybody could press the button.
NO_OFFER = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
COUNTS = """
  window.asked = 0;
  const get = navigator.credentials.get;
  navigator.credentials.get = function (...how) { window.asked += 1; return get.apply(this, how); };
"""


@pytest.fixture
def nina(new_context: NewContext, demo_server: servers.Server) -> Finger:
    """The phone of somebody who has one passkey and no password; signed out."""
    page = new_context(**PHONE).new_page()
    finger = Finger(page)
    sign_up(page, demo_server, f"nina-{next(_numbers)}@pika.example")
    page.get_by_role("button", name="Make a passkey and come in").click()
    page.wait_for_url(f"{demo_server.url}/app/dancer")
    page.context.clear_cookies()
    return finger


def at_the_door(finger: Finger, server: servers.Server, where: str = "") -> Any:
    """The sign-in page, where only the button asks for the passkey."""
    finger.page.add_init_script(NO_OFFER)
    finger.page.goto(f"{server.url}/sign-in{where}")
    return finger.page


def says(page: Any, words: str) -> None:
    page.locator("[data-passkey-error]", has_text=words).wait_for()


@pytest.mark.parametrize("bit", ["isBogusSignature", "isBadUV", "isBadUP"])
def test_forged_answer_is_refused_and_the_right_one_then_opens(
    nina: Finger, demo_server: servers.Server, bit: str
) -> None:
    page = at_the_door(nina, demo_server, "?next=/account/passkeys")
    nina.forge(**{bit: True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    says(page, NO)
    assert "/sign-in" in page.url
    page.goto(f"{demo_server.url}/account")
    assert "/sign-in?next=/account" in page.url

    page = at_the_door(nina, demo_server, "?next=/account/passkeys")
    nina.forge(isBogusSignature=False, isBadUV=False, isBadUP=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{demo_server.url}/account/passkeys")


def test_wrong_finger_is_a_sentence_and_the_button_works_again(nina: Finger, demo_server: servers.Server) -> None:
    page = at_the_door(nina, demo_server)
    nina.knows(holder=False)
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    says(page, "No passkey was used.")
    nina.knows(holder=True)
    button.click()
    page.wait_for_url(f"{demo_server.url}/app/dancer")


def test_email_field_offers_the_passkey_by_itself(nina: Finger, demo_server: servers.Server) -> None:
    """Conditional UI: a person picks the passkey in the field; the virtual authenticator does so at once."""
    nina.page.goto(f"{demo_server.url}/sign-in")
    nina.page.wait_for_url(f"{demo_server.url}/app/dancer")


def test_button_takes_over_from_the_offer_in_the_field(nina: Finger, demo_server: servers.Server) -> None:
    page = nina.page
    page.add_init_script(COUNTS)
    nina.hold_back()
    page.goto(f"{demo_server.url}/sign-in")
    while page.evaluate("asked") < 1:  # the policy on scripts forbids wait_for_function
        page.wait_for_timeout(20)
    page.route("**/sign-in/passkey/options", lambda route: (nina.touch(), route.continue_()))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{demo_server.url}/app/dancer")


def test_another_passkey_is_added_named_and_removed(nina: Finger, demo_server: servers.Server) -> None:
    page = at_the_door(nina, demo_server, "?next=/account/passkeys")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{demo_server.url}/account/passkeys")
    page.get_by_role("button", name="Add a passkey").click()
    says(page, "This device has a passkey for this account already.")

    nina.swap()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("is kept.").wait_for()
    rows = page.locator(".passkey")
    assert rows.count() == 2
    rows.nth(1).get_by_text("Rename").click()
    rows.nth(1).get_by_label("Its name").fill("The blue key")
    rows.nth(1).get_by_role("button", name="Save the name").click()
    page.locator(".list-row-title", has_text="The blue key").wait_for()
    rows.nth(0).get_by_role("link", name="Remove").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Remove it").click()
    page.get_by_text("The passkey is removed.").wait_for()
    assert rows.count() == 1
    page.get_by_text("It is your only way in").wait_for()


def test_long_ago_asks_who_it_is_and_leads_back(nina: Finger, demo_server: servers.Server, beside: Flask) -> None:
    page = at_the_door(nina, demo_server, "?next=/account/email")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{demo_server.url}/account/email")
    with beside.app_context():
        db.session.execute(update(SignIn).values(confirmed_at=None))
        db.session.commit()
    page.get_by_label("New email").fill("typed-before@pika.example")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_role("heading", name="Is it you?").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{demo_server.url}/account/email")
    assert page.get_by_label("New email").input_value() == "typed-before@pika.example"
    page.get_by_role("button", name="Send the link").click()
    page.get_by_text("We sent a link to the new address.").wait_for()


def test_session_that_ended_meanwhile_leads_through_the_door(nina: Finger, demo_server: servers.Server) -> None:
    page = at_the_door(nina, demo_server, "?next=/account/passkeys")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{demo_server.url}/account/passkeys")
    nina.hold_back()
    page.context.clear_cookies()
    page.get_by_role("button", name="Add a passkey").click()
    says(page, "This page was open for a long time.")


def test_without_scripts_there_is_the_password_alone(new_context: NewContext, demo_server: servers.Server) -> None:
    page = new_context(**PHONE, java_script_enabled=False).new_page()
    page.goto(f"{demo_server.url}/sign-in")
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    assert page.get_by_text("Your email and your password").is_visible()
    page.get_by_label("Email").fill("dana@pika.example")
    page.get_by_label("Password", exact=True).fill("dance-all-night")
    page.locator("form[action='/sign-in'] button.btn").click()
    page.wait_for_url("**/app/**")
    page.goto(f"{demo_server.url}/account/passkeys")
    assert not page.get_by_role("button", name="Add a passkey").is_visible()
    assert page.get_by_text("switch JavaScript on").is_visible()


def test_browser_without_passkeys_shows_the_password_alone(
    new_context: NewContext, demo_server: servers.Server
) -> None:
    context = new_context(**DESKTOP)
    context.add_init_script("delete window.PublicKeyCredential")
    page = context.new_page()
    for path, words in (("/sign-in", "Your email and your password"), ("/sign-up", "Make an account")):
        page.goto(f"{demo_server.url}{path}")
        page.locator("[data-passkey-part]").first.wait_for(state="detached")
        assert page.get_by_text(words).first.is_visible()
