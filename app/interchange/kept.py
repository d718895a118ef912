"""An uploaded file between its preview and its import: an hour in Redis, under its owner's id and a random token.

Called by routes. Losing it is harmless: the page asks for the file again.
"""

from __future__ import annotations

import gzip

import redis

from app.interchange.reading import BYTES_MAX
from app.lib import tokens
from app.redis import client

SECONDS = 3600


def keep(person_id: int, filename: str, raw: bytes) -> str | None:
    """The token under which the file waits; None while Redis is away."""
    token = tokens.public_id()
    packed = gzip.compress(filename.replace("\n", " ").encode() + b"\n" + raw, 3)
    try:
        client().set(_key(person_id, token), packed, ex=SECONDS)
    except redis.RedisError:
        return None
    return token


def take(person_id: int, token: str) -> tuple[str, bytes] | None:
    """(filename, content) of a file that this person uploaded within the hour."""
    try:
        packed = client().get(_key(person_id, token))
    except redis.RedisError:
        return None
    if not isinstance(packed, bytes):
        return None
    filename, _, raw = gzip.decompress(packed).partition(b"\n")
    return filename.decode(), raw[:BYTES_MAX]


def forget(person_id: int, token: str) -> None:
    """It was imported."""
    try:
        client().delete(_key(person_id, token))
    except redis.RedisError:
        return


def _key(person_id: int, token: str) -> str:
    return f"pika:import:{person_id}:{token}"
