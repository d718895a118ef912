"""WebAuthn, around the webauthn library: what a browser is asked, and whether its answer holds.

Called by people's passkey actions, which own the challenges and the rows. Pure: must not read the database, the clock,
settings or a request. Every answer that does not hold is one refusal; the reason goes to the log only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.people.models import Passkey, Person
from app.people.rules import PasskeyRefused

TIMEOUT_MILLISECONDS = 300_000  # as long as the challenge lives
CREDENTIAL_ID_BYTES_MOST = 1023  # of the standard
ALGORITHMS = [Algorithm.ECDSA_SHA_256, Algorithm.EDDSA, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)

# A PublicKeyCredential as `toJSON()` gives it. Nothing in it is believed before it is checked.
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: the host that passkeys are bound to, and the one address whose pages may use them."""

    id: str
    origin: str

    @classmethod
    def at(cls, public_url: str) -> RelyingParty:
        url = urlsplit(public_url)
        return cls(url.hostname or "", f"{url.scheme}://{url.netloc}".lower())


@dataclass(frozen=True, slots=True)
class NewKey:
    """A credential that a browser has just made."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: str


def creation_options(party: RelyingParty, person: Person, challenge: bytes, known: Sequence[Passkey]) -> dict[str, Any]:
    """What `navigator.credentials.create` is asked: a key that knows whose it is, and that asks who holds it."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="Pika!",
        user_id=handle_of(person),
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in known],
        supported_pub_key_algs=ALGORITHMS,
    )
    return _plain(options)


def request_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """What `navigator.credentials.get` is asked. No list of keys: only the answer says who it is."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options)


def challenge_in(answer: Answer) -> bytes:
    """The challenge that an answer claims to answer. Raises PasskeyRefused."""
    return _or_refused("challenge", lambda: base64url_to_bytes(_client_data(answer)["challenge"]))


def credential_id_in(answer: Answer) -> str:
    """The credential that an answer claims to come from, spelled as we keep it. Raises PasskeyRefused."""
    return _or_refused("id", lambda: bytes_to_base64url(base64url_to_bytes(answer["id"])))


def new_key(party: RelyingParty, answer: Answer, challenge: bytes) -> NewKey:
    """The credential in an answer to `creation_options`. Raises PasskeyRefused."""
    made = _or_refused(
        "registration",
        lambda: webauthn.verify_registration_response(
            credential=_at_home(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_presence=True,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        ),
    )
    credential_id = bytes_to_base64url(made.credential_id)
    if len(made.credential_id) > CREDENTIAL_ID_BYTES_MOST or credential_id != answer["id"]:
        raise PasskeyRefused(reason="registration: another id than the one it names")
    return NewKey(credential_id, made.credential_public_key, made.sign_count, _transports(answer))


def proven_count(party: RelyingParty, answer: Answer, challenge: bytes, key: Passkey, person: Person) -> int:
    """The signature counter of an answer to `request_options` that this key of this person gave. Raises PasskeyRefused.

    Whether the counter went back is the rules' to say: the library is told of no earlier one.
    """
    if _or_refused("user handle", lambda: base64url_to_bytes(answer["response"]["userHandle"])) != handle_of(person):
        raise PasskeyRefused(reason="the key says that it is somebody else's")
    proven = _or_refused(
        "assertion",
        lambda: webauthn.verify_authentication_response(
            credential=_at_home(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        ),
    )
    return proven.new_sign_count


def handle_of(person: Person) -> bytes:
    """How a passkey names its person: random, so that a lost key tells nobody who it was."""
    return person.public_id.encode()


def _at_home(answer: Answer) -> dict[str, Any]:
    """The answer, unless it was given in a frame of somebody else's page (the library does not look at that)."""
    if _client_data(answer).get("crossOrigin") is True:
        message = "given in a frame of another site"
        raise ValueError(message)
    return dict(answer)


def _client_data(answer: Answer) -> dict[str, Any]:
    found = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
    if not isinstance(found, dict):
        message = "clientDataJSON holds no object"
        raise TypeError(message)
    return found


def _transports(answer: Answer) -> str:
    """How the key may be reached, of the ways that we know; only a hint for browsers."""
    said = answer["response"].get("transports")
    return ",".join(sorted({str(way) for way in said} & TRANSPORTS)) if isinstance(said, list) else ""


def _plain(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return plain


def _or_refused(step: str, check: Callable[[], Any]) -> Any:
    """The result of a check; whatever goes wrong in it is a refusal: an attacker chooses every byte that it reads."""
    try:
        return check()
    except Exception as error:
        raise PasskeyRefused(reason=f"{step}: {type(error).__name__}: {error}"[:300]) from error
