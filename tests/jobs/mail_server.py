"""A real SMTP server on loopback that refuses, stalls and loses its answers on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Postbox:
    """What arrived, and how the server answers: `answer(address)` may give another line than 250."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.answer: Callable[[str], str] = lambda _address: "250 OK"
        self.after_data = "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        line = self.answer(address)
        if line.startswith("250"):
            envelope.rcpt_tos.append(address)
        return line

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.letters.append(message_from_bytes(envelope.original_content, policy=policy.default))
        self.recipients.extend(envelope.rcpt_tos)
        return self.after_data

    def authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"s3cret/", handled=False)


@contextmanager
def serve(*, with_login: bool = False, host: str = "127.0.0.1") -> Iterator[tuple[Postbox, int]]:
    """The server on a free port, and what it received."""
    box = Postbox()
    login: dict[str, Any] = {"authenticator": box.authenticate, "auth_require_tls": False, "auth_required": True}
    controller = Controller(box, hostname=host, port=0, enable_SMTPUTF8=True, **(login if with_login else {}))
    controller.port = _free_port()
    controller.start()
    try:
        yield box, controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    from tests.servers import free_port

    return free_port()
