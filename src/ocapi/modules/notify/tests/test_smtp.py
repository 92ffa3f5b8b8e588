"""Handing e-mail to a server. Not covered: TLS and a real server; the session is a double
but where time matters."""

import contextlib
import smtplib
import socket
import threading
from email.message import EmailMessage
from uuid import UUID

import pytest

from ocapi.lib import clock
from ocapi.modules.notify.adapters import smtp
from ocapi.modules.notify.adapters.smtp import EmailChannel, NullMail, Server, SmtpMail
from ocapi.modules.notify.data import DeliveryState, Parcel, TemporarilyRefused

SERVER = Server(scheme="smtp", host="mail.example.org", port=25)
DELIVERY = UUID("01a207bd-a9c0-7128-9507-93773c1374ac")


class Session:
    """Plays a session: raises what it is told to, or keeps the message."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.taken: list[EmailMessage] = []
        self.is_closed = False

    def send_message(self, message: EmailMessage) -> None:
        if self.failure is not None:
            raise self.failure
        self.taken.append(message)

    def close(self) -> None:
        self.is_closed = True


def a_parcel(**changes: str) -> Parcel:
    given = {
        "address": "noor@example.org",
        "sender": "Gemeente Vlavirgem",
        "sender_address": "noreply@vlavirgem.example.org",
        "subject": "Er is een beslissing",
        "text": "Één zin.\n\nhttps://vlavirgem.example.org/mijn\n",
        "language": "nl-BE",
    }
    return Parcel(delivery=DELIVERY, **(given | changes))


def handed_over(session: Session, **changes: str) -> object:
    return SmtpMail(SERVER, connect=lambda _server: session).deliver(parcel=a_parcel(**changes))  # type: ignore[arg-type]


class TestBoundedSession:
    def test_is_broken_off_when_a_server_speaks_by_drops(self, monkeypatch):
        monkeypatch.setattr(smtp, "LONGEST_SECONDS", 1.0)
        with socket.create_server(("127.0.0.1", 0)) as dripping:
            speaker = threading.Thread(target=_drips, args=(dripping,), daemon=True)
            speaker.start()
            server = Server(scheme="smtp", host="127.0.0.1", port=dripping.getsockname()[1])
            before = clock.monotonic()
            with pytest.raises(TemporarilyRefused, match="noConnection"):
                SmtpMail(server).deliver(parcel=a_parcel())
            assert clock.monotonic() - before < 10
        speaker.join(10)


def _drips(dripping: socket.socket) -> None:
    """Greet one who connects with a letter each tenth of a second, and never come to the end of the line."""
    reached, _address = dripping.accept()
    with reached, contextlib.suppress(OSError):
        while True:
            reached.sendall(b"2")
            threading.Event().wait(0.1)


class TestSmtpMail:
    def test_sends_one_plain_message_with_the_id_of_the_delivery(self):
        session = Session()
        assert handed_over(session).state is DeliveryState.SENT
        message = session.taken[0]
        assert message["Message-ID"] == f"<{DELIVERY}@vlavirgem.example.org>"
        assert (message["From"], message["To"]) == (
            "Gemeente Vlavirgem <noreply@vlavirgem.example.org>",
            "noor@example.org",
        )
        assert (message.get_content_type(), message["Auto-Submitted"]) == ("text/plain", "auto-generated")
        assert message.get_content().startswith("Één zin.")
        assert session.is_closed

    @pytest.mark.parametrize(
        ("failure", "state", "reason"),
        [
            (
                smtplib.SMTPRecipientsRefused({"noor@example.org": (550, b"no such user")}),
                DeliveryState.BOUNCED,
                "smtp550",
            ),
            (smtplib.SMTPDataError(554, b"spam"), DeliveryState.FAILED, "smtp554"),
            (smtplib.SMTPSenderRefused(553, b"no", "x@example.org"), DeliveryState.FAILED, "smtp553"),
            (smtplib.SMTPServerDisconnected("gone"), DeliveryState.FAILED, "connectionLost"),
            (smtplib.SMTPNotSupportedError("utf8"), DeliveryState.BOUNCED, "addressNotSupported"),
            (TimeoutError(), DeliveryState.FAILED, "connectionLost"),
        ],
    )
    def test_says_why_a_message_was_not_taken(self, failure: Exception, state: DeliveryState, reason: str):
        outcome = handed_over(Session(failure))
        assert (outcome.state, outcome.reason) == (state, reason)

    @pytest.mark.parametrize(
        "failure",
        [
            smtplib.SMTPRecipientsRefused({"noor@example.org": (451, b"greylisted")}),
            smtplib.SMTPDataError(452, b"full"),
        ],
    )
    def test_asks_to_try_again_when_the_server_says_later(self, failure: Exception):
        session = Session(failure)
        with pytest.raises(TemporarilyRefused):
            handed_over(session)
        assert session.is_closed

    def test_asks_to_try_again_without_a_connection(self):
        def refuse(_server: Server) -> smtplib.SMTP:
            raise ConnectionRefusedError

        with pytest.raises(TemporarilyRefused) as raised:
            SmtpMail(SERVER, connect=refuse).deliver(parcel=a_parcel())
        assert raised.value.reason == "noConnection"

    @pytest.mark.parametrize(
        "address", ["noor@example.org\nBcc: x@example.org", "noor", "a@b@c", "", "<x>@example.org"]
    )
    def test_takes_no_address_that_is_none(self, address: str):
        session = Session()
        assert handed_over(session, address=address).reason == "invalidAddress"
        assert session.taken == []

    def test_sends_nothing_from_an_address_that_is_none(self):
        assert handed_over(Session(), sender_address="noreply@").reason == "invalidSender"


class TestReadUrl:
    def test_reads_scheme_host_user_and_usual_port(self):
        assert smtp.read_url("smtp+starttls://jan:p%40ss@mail.example.org") == Server(
            scheme="smtp+starttls", host="mail.example.org", port=587, user="jan", password="p@ss"
        )

    @pytest.mark.parametrize(
        "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://h:x", "smtp://h/p"]
    )
    def test_refuses_what_is_no_mail_server_without_repeating_it(self, url: str):
        with pytest.raises(ValueError, match="OCAPI_MAIL_URL") as raised:
            smtp.read_url(url)
        assert str(raised.value) == smtp.EXPECTED


class TestEmailChannel:
    def test_says_nothing_was_sent_without_a_server(self):
        assert NullMail().deliver(parcel=a_parcel()).reason == "noMailServer"
        assert EmailChannel().deliver(parcel=a_parcel()).state is DeliveryState.NOT_SENT

    def test_tells_what_is_wrong_with_its_setting(self, monkeypatch: pytest.MonkeyPatch):
        from django.conf import settings

        assert EmailChannel().check_config() == ""
        monkeypatch.setattr(settings.OCAPI, "mail_url", "mail.example.org")
        assert EmailChannel().check_config() == smtp.EXPECTED
