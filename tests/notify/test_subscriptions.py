"""Browsers that may be pushed to: whose they are, how many, and who may change that (S5)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from app.lib import tokens
from app.notify import actions, push
from app.notify.models import PushSubscription
from app.notify.rules import SUBSCRIPTIONS_MAX, EndpointTaken
from app.people.models import Device
from app.people.viewer import Viewer
from tests import factories


def post(client, path, body):
    page = client.get("/events").text
    token = re.search(r'"X-CSRFToken": "([^"]+)"', page)[1]
    return client.post(path, json=body, headers={"X-CSRFToken": token})


def subscribe(client, phone):
    return post(client, "/push/subscriptions", phone.subscription)


def guest(session):
    made = Device(token_digest=tokens.digest(tokens.secret_token()))
    session.add(made)
    session.commit()
    return Viewer(None, made)


def holders(session):
    session.rollback()
    return {(row.person_id, row.device_id) for row in session.query(PushSubscription)}


def test_signed_in_browser_is_kept_and_sealed(client, session, service):
    dana = factories.person("dana")
    factories.signed_in(client, dana)
    phone = service.phone()
    assert subscribe(client, phone).json == {"kept": True}
    assert subscribe(client, phone).json == {"kept": True}  # the next visit
    assert holders(session) == {(dana.id, None)}
    row = session.query(PushSubscription).one()
    assert (row.endpoint, row.auth) == (phone.endpoint, phone.keys["auth"])
    raw = session.execute(text("SELECT endpoint, auth FROM push_subscription")).one()
    assert "send" not in raw.endpoint
    assert phone.keys["auth"] not in raw.auth


def test_guests_device_is_kept_and_goes_over_to_the_account(client, session, service):
    viewer, phone, dana = guest(session), service.phone(), factories.person("dana")
    actions.subscribe(viewer, phone.endpoint, **phone.keys)
    assert holders(session) == {(None, viewer.device.id)}
    actions.subscribe(Viewer(dana), phone.endpoint, **phone.keys)  # the same browser, signed in
    assert holders(session) == {(dana.id, None)}


def test_guest_without_a_device_is_nobody_to_push_to(client, session, service):
    answer = subscribe(client, service.phone())
    assert (answer.status_code, answer.json["kept"]) == (409, False)
    assert session.query(PushSubscription).count() == 0


def test_endpoint_of_somebody_else_is_theirs(session, service):
    """Who merely learned an address cannot take it over: neither silence its holder nor aim pushes at them."""
    dana, nina, phone = factories.person("dana"), factories.person("nina"), service.phone()
    actions.subscribe(Viewer(dana), phone.endpoint, **phone.keys)
    forged = service.phone()
    with pytest.raises(EndpointTaken):
        actions.subscribe(Viewer(nina), phone.endpoint, **forged.keys)
    with pytest.raises(EndpointTaken):
        actions.subscribe(guest(session), phone.endpoint, phone.keys["p256dh"], forged.keys["auth"])
    actions.unsubscribe(Viewer(nina), phone.endpoint, forged.keys["auth"])
    assert holders(session) == {(dana.id, None)}


def test_next_person_on_the_same_browser_takes_it_along(session, service):
    dana, jo, phone = factories.person("dana"), factories.person("jo"), service.phone()
    actions.subscribe(Viewer(dana), phone.endpoint, **phone.keys)
    actions.subscribe(Viewer(jo), phone.endpoint, **phone.keys)
    assert holders(session) == {(jo.id, None)}


def test_signed_out_browser_lets_itself_go(client, session, service):
    dana, phone = factories.person("dana"), service.phone()
    actions.subscribe(Viewer(dana), phone.endpoint, **phone.keys)
    assert post(client, "/push/subscriptions/end", phone.subscription).status_code == 200
    assert holders(session) == set()


def test_new_keys_of_the_same_browser_replace_the_old(session, service):
    dana, phone, other = factories.person("dana"), service.phone(), service.phone()
    actions.subscribe(Viewer(dana), phone.endpoint, **phone.keys)
    actions.subscribe(Viewer(dana), phone.endpoint, **other.keys)
    session.rollback()
    assert session.query(PushSubscription).one().auth == other.keys["auth"]


def test_sixteen_browsers_and_no_more(session, service):
    dana = factories.person("dana")
    phones = [service.phone() for _ in range(SUBSCRIPTIONS_MAX + 2)]
    for phone in phones:
        actions.subscribe(Viewer(dana), phone.endpoint, **phone.keys)
    session.rollback()
    kept = {row.endpoint for row in session.query(PushSubscription)}
    assert kept == {phone.endpoint for phone in phones[2:]}


def test_many_tabs_at_once_are_one_browser(app, session, service, race):
    dana, phone = factories.person("dana"), service.phone()
    viewer_id = dana.id
    session.rollback()

    def one(_number):
        from app.db import db
        from app.people.models import Person

        actions.subscribe(Viewer(db.session.get(Person, viewer_id)), phone.endpoint, **phone.keys)

    assert race(one, times=6) == [None] * 6
    assert holders(session) == {(viewer_id, None)}


BROKEN = [
    None, [], "text", {}, {"endpoint": "https://push.example/x"},
    {"endpoint": "https://push.example/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}},
    {"endpoint": 7, "keys": {}}, {"endpoint": "https://push.example/x", "keys": {"p256dh": 1, "auth": None}},
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN)
@pytest.mark.parametrize("path", ["/push/subscriptions", "/push/subscriptions/end"])
def test_nonsense_is_refused_with_a_sentence(client, session, body, path):
    factories.signed_in(client, factories.person("dana"))
    answer = post(client, path, body)
    assert answer.status_code == 422
    assert answer.json["sentence"]


def test_keys_that_are_no_point_on_the_curve_are_refused(client, session, service):
    factories.signed_in(client, factories.person("dana"))
    phone = service.phone()
    wrong = {"endpoint": phone.endpoint, "keys": phone.keys | {"p256dh": "BA" + "A" * 85}}
    assert post(client, "/push/subscriptions", wrong).status_code == 422


def test_a_subscription_needs_our_token(client, session, service):
    factories.signed_in(client, factories.person("dana"))
    assert client.post("/push/subscriptions", json=service.phone().subscription).status_code == 400
    assert session.query(PushSubscription).count() == 0


def test_key_is_made_on_first_use_and_kept(app, tmp_path):
    from app import config

    first, second = (config.load({"PIKA_ENV": "test", "PIKA_VAR": str(tmp_path)}) for _ in range(2))
    assert push.public_key(first) == push.public_key(second)
    assert (tmp_path / "vapid_private_key").stat().st_mode & 0o777 == 0o600
    assert len(push.public_key(first)) == 87


def test_production_names_what_push_needs(tmp_path):
    from app import config

    with pytest.raises(config.UnsafeSettings) as refused:
        config.load({"PIKA_ENV": "production", "PUSH_ALLOW_HOSTS": "127.0.0.1:1"})
    for name in ("VAPID_PRIVATE_KEY", "VAPID_SUBJECT", "PUSH_ALLOW_HOSTS"):
        assert name in str(refused.value)
