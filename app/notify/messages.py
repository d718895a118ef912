"""What somebody is told: one message, whoever it goes to and by whatever channel. Made by jobs, sent by jobs/notify.py.

Its key is what makes telling twice the same as once, so it names the fact and its version ("slot-moved:abc:31").
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

KEY_MAX = 100
PAYLOAD_BYTES_MAX = 2_800  # push services take 4,096 bytes with the encryption around them; some take less
LIVES = timedelta(days=1)  # a message without an end of its own


@dataclass(frozen=True, slots=True)
class Message:
    """Title and body are plain text, `href` is a path of ours, `zone` is the wall clock that quiet hours follow."""

    key: str
    category: str  # alert | change | announcement | registration | gig | playlist
    title: str
    body: str
    href: str
    is_urgent: bool = False
    zone: str = "UTC"
    until: datetime | None = None  # after it nothing is sent any more

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= KEY_MAX:
            raise ValueError(f"a message key has 1 to {KEY_MAX} characters")
        object.__setattr__(self, "title", " ".join(self.title.split()))  # one line: it becomes the subject of a mail
        if not self.title:
            raise ValueError("a message has a title: a push must never be silent")
        if not self.href.startswith("/") or self.href[1:2] in {"/", "\\"}:
            raise ValueError("href is a path of ours")

    @property
    def tag(self) -> str:
        """What push services and phones know it by: 32 characters of base64url. The same again replaces itself."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.key.encode()).digest()).decode()[:32]

    def ending(self, moment: datetime) -> Message:
        """The message with an end: its own, or a day from this moment."""
        return self if self.until else replace(self, until=moment + LIVES)

    def is_over(self, moment: datetime) -> bool:
        return self.until is not None and moment > self.until

    def payload(self) -> str:
        """What the service worker gets: always a title and a body, and no more than a push service takes."""
        body = self.body.strip() or "Tap to see more."
        while True:
            text = json.dumps(
                {"title": self.title, "body": body, "href": self.href, "tag": self.tag, "urgent": self.is_urgent},
                ensure_ascii=False,
            )
            if len(text.encode()) <= PAYLOAD_BYTES_MAX:
                return text
            body = body[: int(len(body) * 0.8)].rstrip() + "…"

    def packed(self) -> dict[str, Any]:
        """As it travels in the outbox."""
        return asdict(self) | {"until": self.until.isoformat() if self.until else None}

    @classmethod
    def unpacked(cls, packed: dict[str, Any]) -> Message:
        """Raises TypeError, KeyError or ValueError for what was not packed by us."""
        until = packed["until"]
        return cls(**(packed | {"until": datetime.fromisoformat(until) if until else None}))
