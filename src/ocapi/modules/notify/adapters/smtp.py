"""Sends e-mail by SMTP to the server of OCAPI_MAIL_URL; without one it records that nothing was sent."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings

from ocapi.kernel.accounts import api as accounts
from ocapi.modules.notify.data import DeliveryState, Outcome, Parcel, TemporarilyRefused

TIMEOUT_SECONDS = 20  # of one read or write
LONGEST_SECONDS = 40.0  # of a conversation, also with a server that says a letter at a time
SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
EXPECTED = (
    "OCAPI_MAIL_URL: use smtp://HOST:PORT, smtp+starttls://USER:PASSWORD@HOST or smtps://USER:PASSWORD@HOST"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server as the address names it."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""


def read_url(url: str) -> Server:
    """Read the address of a mail server; raises ValueError with the forms it may have, never its password."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ValueError(EXPECTED) from None
    if parts.scheme not in SCHEMES or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(EXPECTED)
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or SCHEMES[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class BoundedSession(smtplib.SMTP):
    """A conversation that is broken off once it lasts too long: one read alone may go on by drops."""

    _watchdog: threading.Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        twin = made.dup()  # TLS takes the first one over; both are of one connection
        self._watchdog = threading.Timer(LONGEST_SECONDS, _break_off, (twin,))
        self._watchdog.daemon = True
        self._watchdog.start()
        return made

    def close(self) -> None:
        """Close the connection and watch no longer."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        super().close()


class BoundedSecureSession(smtplib.SMTP_SSL, BoundedSession):
    """The same within TLS from the first byte; the watch begins below TLS."""


def _break_off(twin: socket.socket) -> None:
    with contextlib.suppress(OSError), twin:  # the other side was quicker
        twin.shutdown(socket.SHUT_RDWR)


def open_session(server: Server) -> smtplib.SMTP:
    """Connect to a mail server, encrypted when its address says so, and sign in when it names a user."""
    if server.scheme == "smtps":
        session: smtplib.SMTP = BoundedSecureSession(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        session = BoundedSession(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.scheme == "smtp+starttls":
        session.starttls(context=ssl.create_default_context())
    if server.user:
        session.login(server.user, server.password)
    return session


def is_address(text: str) -> bool:
    """Tell whether a text is one e-mail address and nothing else."""
    try:
        return bool(Address(addr_spec=text).domain)
    except (ValueError, IndexError, MessageError):
        return False


def message_of(parcel: Parcel) -> EmailMessage:
    """Build the e-mail: plain text, from the organization, with an id that is the delivery's own."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=parcel.sender, addr_spec=parcel.sender_address)
    message["To"] = Address(addr_spec=parcel.address)
    message["Subject"] = parcel.subject
    message["Message-ID"] = f"<{parcel.delivery}@{parcel.sender_address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps automatic answers away
    message["Content-Language"] = parcel.language
    message.set_content(parcel.text)
    return message


class SmtpMail:
    """Hands e-mail to one server, one message per session."""

    def __init__(self, server: Server, *, connect: Callable[[Server], smtplib.SMTP] = open_session) -> None:
        self._server = server
        self._connect = connect

    def deliver(self, *, parcel: Parcel) -> Outcome:
        """Hand an e-mail over; raises TemporarilyRefused when the server can't take it now."""
        if not is_address(parcel.address):
            return Outcome(state=DeliveryState.BOUNCED, reason="invalidAddress")
        if not is_address(parcel.sender_address):
            return Outcome(state=DeliveryState.FAILED, reason="invalidSender")
        message = message_of(parcel)
        try:
            session = self._connect(self._server)
        except smtplib.SMTPAuthenticationError:
            return Outcome(state=DeliveryState.FAILED, reason="signInRefused")
        except (OSError, smtplib.SMTPException):
            raise TemporarilyRefused("noConnection") from None
        try:
            return self._hand_over(session, message)
        finally:
            session.close()

    def _hand_over(self, session: smtplib.SMTP, message: EmailMessage) -> Outcome:
        try:
            session.send_message(message)
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = [code for code, _text in refusal.recipients.values()]
            return _refused(max(codes, default=550), DeliveryState.BOUNCED)
        except smtplib.SMTPNotSupportedError:  # an address with letters this server can't carry
            return Outcome(state=DeliveryState.BOUNCED, reason="addressNotSupported")
        except smtplib.SMTPResponseException as refusal:
            return _refused(refusal.smtp_code, DeliveryState.FAILED)
        except (OSError, smtplib.SMTPException):
            # The connection broke in the middle: the server may have it, so it is not sent again.
            return Outcome(state=DeliveryState.FAILED, reason="connectionLost")
        return Outcome(state=DeliveryState.SENT)

    def check_config(self) -> str:
        """Give an empty text: the address was read."""
        return ""


def _refused(code: int, permanent: DeliveryState) -> Outcome:
    if code < 500:
        raise TemporarilyRefused(f"smtp{code}")
    return Outcome(state=permanent, reason=f"smtp{code}")


class NullMail:
    """Sends nothing and says so: an installation without a mail server."""

    def deliver(self, *, parcel: Parcel) -> Outcome:
        """Record that nothing was sent."""
        return Outcome(state=DeliveryState.NOT_SENT, reason="noMailServer")

    def check_config(self) -> str:
        """Say that e-mail is off; that is a choice, not a fault."""
        return ""


class EmailChannel:
    """Fills `channels`: e-mail to the address a person gave, by SMTP or not at all."""

    name = "email"

    def find_address(self, *, person: UUID) -> str:
        """Give the person's e-mail address, empty without one and for organizations."""
        known = accounts.get_persons([person]).get(person)
        return known.email if known else ""

    def deliver(self, *, parcel: Parcel) -> Outcome:
        """Hand the e-mail to the server of the installation; raises TemporarilyRefused."""
        return self._transport().deliver(parcel=parcel)

    def check_config(self) -> str:
        """Give an empty text, or what is wrong with OCAPI_MAIL_URL."""
        try:
            return self._transport().check_config()
        except ValueError as problem:
            return str(problem)

    def _transport(self) -> "SmtpMail | NullMail":
        url = str(settings.OCAPI.mail_url)
        return SmtpMail(read_url(url)) if url else NullMail()
