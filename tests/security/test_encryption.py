"""What goes over a network is encrypted and checked. Not covered: TLS of nginx, see `test_printed`."""

import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ocapi.kernel.tenants import postgres
from ocapi.lib import clock, egress
from ocapi.main import encryption, environment
from ocapi.modules.notify.adapters import smtp

PRODUCTION = {"OCAPI_SECRET": "x" * 40}
ASKS_FOR_TLS = struct.pack(">II", 8, 80877103)  # what a client of PostgreSQL says first


class TestDatabase:
    @pytest.mark.parametrize("url", [
        "postgresql://ocapi:p@localhost/ocapi", "postgresql://ocapi:p@127.0.0.1:5432/ocapi",
        "postgresql://ocapi:p@/ocapi?host=/run/postgresql", "postgresql://o:p@[::1]/ocapi",
        "postgresql://o:p@db.internal/ocapi?sslmode=verify-ca&sslrootcert=/etc/ocapi/ca.pem",
    ])
    def test_is_left_as_its_address_says_on_this_machine_or_when_it_checks_who_answers(self, url):
        assert encryption.database(url) == url

    @pytest.mark.parametrize("url", [
        "postgresql://ocapi:p%40@db.internal/ocapi", "postgres://10.0.0.5/ocapi",
        "postgresql://o:p@/ocapi?host=db.internal", "postgresql://o:p@localhost,db.internal/ocapi",
        "postgresql://o:p@localhost/ocapi?hostaddr=10.0.0.5",
    ])
    def test_on_another_machine_is_asked_for_its_certificate(self, url):
        asked = encryption.database(url)
        assert "sslmode=verify-full" in asked and "sslrootcert=system" in asked
        options = postgres.database_settings(asked, schema="t_a")["OPTIONS"]
        assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "system")

    def test_may_bring_its_own_authority(self):
        asked = encryption.database("postgresql://db.internal/ocapi?sslrootcert=/etc/ca.pem")
        assert postgres.database_settings(asked, schema="t_a")["OPTIONS"]["sslrootcert"] == "/etc/ca.pem"

    @pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require"])
    def test_is_refused_with_less_and_its_password_is_not_told(self, mode):
        word = "geheim"
        url = f"postgresql://ocapi:{word}@db.internal/ocapi?sslmode={mode}"
        with pytest.raises(environment.SettingRefused, match="verify-full") as refused:
            environment.read({**PRODUCTION, "OCAPI_DATABASE_URL": url})
        assert word not in str(refused.value)

    def test_is_refused_when_it_is_no_address(self):
        with pytest.raises(ValueError, match="postgresql://"):
            encryption.database("host=db.internal dbname=ocapi")


class TestAddress:
    @pytest.mark.parametrize(("name", "value"), [
        ("OCAPI_MAIL_URL", "smtp://mail.example.org"), ("OCAPI_BUS_URL", "nats://bus.internal:4222"),
        ("OCAPI_HOST", "0.0.0.0"), ("OCAPI_METRICS_HOST", "10.0.0.5"), ("OCAPI_MQTT_HOST", "::"),
    ])
    def test_that_can_be_read_on_the_way_is_refused_but_in_a_demo(self, name, value):
        with pytest.raises(environment.SettingRefused, match=f"{name}.*readable on the way"):
            environment.read({**PRODUCTION, name: value})
        environment.read({**PRODUCTION, "OCAPI_DEMO": "1", name: value})

    def test_that_stays_here_or_speaks_tls_is_taken(self):
        environment.read({
            **PRODUCTION, "OCAPI_MAIL_URL": "smtps://u:p@mail.example.org", "OCAPI_MQTT_HOST": "0.0.0.0",
            "OCAPI_BUS_URL": "tls://bus.internal", "OCAPI_MQTT_CERTIFICATE": "chain.pem",
            "OCAPI_METRICS_HOST": "127.0.0.2", "OCAPI_HOST": "localhost",
        })


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that nobody vouches for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))
    return chain, secret


@contextmanager
def _impostor(folder: Path, *, is_database: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Answer with such a certificate; gives the port and what happened to each connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_certificate(folder))
    happened = list[str]()
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                came, _ = listening.accept()
            except OSError:
                return
            with came:
                try:
                    came.settimeout(5)
                    if is_database and came.recv(8) == ASKS_FOR_TLS:
                        came.sendall(b"S")
                    with context.wrap_socket(came, server_side=True) as secure:
                        secure.recv(1)
                        happened.append("talked")
                except (ssl.SSLError, OSError):
                    happened.append("hung up")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], happened
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _mail(port: int) -> None:
    smtp.open_session(smtp.Server(scheme="smtps", host="localhost", port=port))


def _provider(port: int) -> None:
    from allauth.socialaccount.adapter import get_adapter

    with get_adapter().get_requests_session() as session:
        session.get(f"https://localhost:{port}/.well-known/openid-configuration")


def _egress(port: int) -> None:
    approved = egress.Destination(host="localhost", ports=frozenset({port}), internal=True)
    egress.send(
        method="GET", url=f"https://localhost:{port}/", headers={}, body=b"", limits=egress.Limits(),
        allowed=egress.AllowedDestinations(destinations=(approved,)),
    )


class TestStranger:
    """Who shows a certificate that no authority vouches for is told nothing."""

    @pytest.mark.parametrize("call", [_mail, _provider, _egress], ids=["mail", "provider", "egress"])
    def test_is_told_nothing_by(self, call, tmp_path):
        with _impostor(tmp_path) as (port, happened), pytest.raises((OSError, egress.EgressFailed)):
            call(port)
        assert happened == ["hung up"]

    def test_would_be_told_by_who_trusts_it(self, tmp_path):
        with _impostor(tmp_path) as (port, happened), socket.create_connection(("127.0.0.1", port)) as plain:
            trusting = ssl.create_default_context(cafile=tmp_path / "chain.pem")
            with trusting.wrap_socket(plain, server_hostname="localhost") as secure:
                secure.sendall(b"x")
                assert secure.recv(1) == b""
        assert happened == ["talked"]

    def test_is_told_nothing_by_the_database_connection(self, tmp_path):
        with _impostor(tmp_path, is_database=True) as (port, happened):
            address = encryption.database(f"postgresql://o:p@db.internal:{port}/ocapi?hostaddr=127.0.0.1")
            assert urlsplit(address).hostname == "db.internal"
            with pytest.raises(psycopg.OperationalError, match="certificate"):
                psycopg.connect(address)
        assert happened == ["hung up"]
