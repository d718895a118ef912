"""Mail: compose a letter from templates/mail, and send it by SMTP, or into a folder on a development machine.

Called by jobs only: sending is slow and may fail. The same key gives the same Message-ID, so a mail that is sent again
after a lost answer shows up once. Must not decide who gets what.
"""

from __future__ import annotations

import hashlib
import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from app.config import settings
from app.notify import folder

TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Message:
    """A mail that is ready to go. `key` is the dedupe key of what is owed."""

    to: str
    subject: str
    text: str
    key: str
    html: str = ""


class MailFailed(Exception):
    """It may work later. Says the kind of trouble, never an address."""


class Undeliverable(Exception):
    """The server will never take this mail: the address does not exist. Sending again is no use."""


def compose(template: str, to: str, key: str, **values: object) -> Message:
    """A mail from templates/mail/<template>.txt: its first line is the subject. `home` is our address."""
    page = current_app.jinja_env.get_template(f"mail/{template}.txt")
    head, _, text = page.render(home=settings().public_url, to=to, **values).partition("\n\n")
    return Message(to, head.removeprefix("Subject: ").strip(), text.strip() + "\n", key)


def way() -> str:
    """How mail leaves: "smtp", "folder" (development and tests without SMTP_URL), or "off"."""
    if settings().smtp_url:
        return "smtp"
    return "off" if settings().is_production else "folder"


def send(message: Message) -> None:
    """Send it, or raise MailFailed or Undeliverable."""
    letter = _letter(message)
    match way():
        case "smtp":
            _by_smtp(letter)
        case "folder":
            folder.put(settings().var, letter, message.key)
        case _:
            raise MailFailed("mail is off: SMTP_URL is not set")


def _letter(message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = settings().mail_from
    letter["To"] = message.to
    letter["Subject"] = message.subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:40]}@{_own_domain()}>"
    letter["Auto-Submitted"] = "auto-generated"  # answering machines stay quiet
    letter.set_content(message.text)
    if message.html:
        letter.add_alternative(message.html, subtype="html")
    return letter


def _own_domain() -> str:
    return parseaddr(settings().mail_from)[1].rpartition("@")[2] or "localhost"


def _by_smtp(letter: EmailMessage) -> None:
    try:
        with _connected(urlsplit(settings().smtp_url)) as server:
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        if all(code >= 500 for code in codes):
            raise Undeliverable(f"refused with {min(codes)}") from None
        raise MailFailed(f"put off with {min(codes)}") from None
    except smtplib.SMTPNotSupportedError:
        raise Undeliverable("the mail server does not know such addresses") from None
    except smtplib.SMTPResponseException as error:
        raise MailFailed(f"{type(error).__name__} {error.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise MailFailed(type(error).__name__) from None


@contextmanager
def _connected(url: SplitResult) -> Iterator[smtplib.SMTP]:
    """A session with the server of smtp:// (STARTTLS where offered) or smtps://. No password travels in the clear."""
    host, trust = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_SECONDS, context=trust)
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=TIMEOUT_SECONDS)
    with server:
        is_private = url.scheme == "smtps" or _starts_tls(server, trust)
        if url.username:
            if not is_private and not _is_here(host):
                raise smtplib.SMTPException
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server


def _starts_tls(server: smtplib.SMTP, trust: ssl.SSLContext) -> bool:
    server.ehlo()
    if not server.has_extn("starttls"):
        return False
    server.starttls(context=trust)
    server.ehlo()
    return True


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
