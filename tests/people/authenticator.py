"""An authenticator in software: what a phone does with `navigator.credentials`, without the phone.

Real key pairs, attestations of format "none" and assertions; every part of them can be forged.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.encode_cbor import encode_cbor

UP, UV, ATTESTED = 0x01, 0x04, 0x40
ORIGIN, RP_ID = "http://localhost", "localhost"


@dataclass
class Credential:
    """One discoverable key on the authenticator."""

    rp_id: str
    user_handle: bytes
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0

    @property
    def name(self) -> str:
        """Its id as it travels."""
        return bytes_to_base64url(self.id)

    @property
    def public_cose(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return bytes(encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y}))


class Authenticator:
    """Keeps credentials and answers questions; keyword arguments forge the answer."""

    def __init__(self) -> None:
        self.credentials: list[Credential] = []

    def create(
        self, options: dict[str, Any], *, origin: str = ORIGIN, rp_id: str | None = None, flags: int = UP | UV,
        challenge: str | None = None, kind: str = "webauthn.create", id_: bytes | None = None, **client: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """`navigator.credentials.create({publicKey}).toJSON()`."""
        assert options["authenticatorSelection"]["residentKey"] == "required"
        assert options["authenticatorSelection"]["userVerification"] == "required"
        made = Credential(options["rp"]["id"], base64url_to_bytes(options["user"]["id"]))
        made.id = id_ or made.id
        self.credentials.append(made)
        told = _client_data(kind, challenge or options["challenge"], origin, **client)
        attested = bytes(16) + struct.pack(">H", len(made.id)) + made.id + made.public_cose
        data = _authenticator_data(rp_id or made.rp_id, flags | ATTESTED, made.count) + attested
        attestation = bytes(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}))
        response = {
            "clientDataJSON": bytes_to_base64url(told),
            "attestationObject": bytes_to_base64url(attestation),
            "transports": ["internal", "hybrid", "telepathy"],
        }
        return _answer(made, response)

    def get(
        self, options: dict[str, Any], *, credential: Credential | None = None, origin: str = ORIGIN,
        rp_id: str | None = None, flags: int = UP | UV, challenge: str | None = None, kind: str = "webauthn.get",
        step: int = 1, user_handle: bytes | None = None, bogus_signature: bool = False, **client: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """`navigator.credentials.get({publicKey}).toJSON()`. `step` is how far the counter moves."""
        used = credential or self.credentials[-1]
        used.count += step
        told = _client_data(kind, challenge or options["challenge"], origin, **client)
        data = _authenticator_data(rp_id or used.rp_id, flags, used.count)
        signer = ec.generate_private_key(ec.SECP256R1()) if bogus_signature else used.private
        signature = signer.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": bytes_to_base64url(told),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "userHandle": bytes_to_base64url(used.user_handle if user_handle is None else user_handle),
        }
        return _answer(used, response)


def _client_data(kind: str, challenge: str, origin: str, **more: Any) -> bytes:
    told = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False} | more
    return json.dumps(told).encode()


def _authenticator_data(rp_id: str, flags: int, count: int) -> bytes:
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", count)


def _answer(used: Credential, response: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": used.name, "rawId": used.name, "type": "public-key", "authenticatorAttachment": "platform",
        "clientExtensionResults": {}, "response": response,
    }  # fmt: skip
