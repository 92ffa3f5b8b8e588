"""Calls to the outside are checked first. Not covered: TLS verification, which stays at aiohttp's default."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from aiohttp import web

from ocapi.lib import egress
from ocapi.lib.egress import (
    AllowedDestinations,
    Answer,
    Destination,
    DestinationRefused,
    EgressFailed,
    Failure,
    Limits,
    Refusal,
)

FORBIDDEN = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
240.0.0.1 198.18.0.1 192.88.99.1 ::1 :: ::127.0.0.1 ::ffff:8.8.8.8 fe80::1 fec0::1 fc00::1 ff02::1
64:ff9b::808:808 2002:808:808::1 2001::1 nonsense
"""
EXAMPLE = AllowedDestinations(destinations=(Destination(host="example.org"),))


@contextmanager
def answering(said: bytes) -> Iterator[int]:
    """Answer the first who connects with these bytes, whatever they ask; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            caller, _address = listening.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def refusal(url: str, allowed: AllowedDestinations = EXAMPLE) -> Refusal:
    with pytest.raises(DestinationRefused) as caught:
        egress.check_url(url, allowed)
    return caught.value.reason


class TestCheckUrl:
    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("http://example.org:443/", Refusal.NOT_HTTPS),
            ("https://other.org/", Refusal.NOT_APPROVED),
            ("https://example.org:8443/", Refusal.NOT_APPROVED),
            ("https://example.org@other.org/", Refusal.MALFORMED),
            ("https://example.org\\@other.org/", Refusal.MALFORMED),
            ("https://example.org/\r\nHost: x", Refusal.MALFORMED),
            ("ftp://example.org/", Refusal.MALFORMED),
            ("file:///etc/hostname", Refusal.MALFORMED),
            ("https://[::1", Refusal.MALFORMED),
            ("https://0x7f000001/", Refusal.ODD_SPELLING),
            ("https://2130706433/", Refusal.ODD_SPELLING),
            ("https://0177.0.0.1/", Refusal.ODD_SPELLING),
            ("https://127.1/", Refusal.ODD_SPELLING),
            ("https://ex%61mple.org/", Refusal.ODD_SPELLING),
            ("https://\uff11\uff12\uff17.0.0.1/", Refusal.ODD_SPELLING),
            ("https://[0:0:0:0:0:0:0:1]/", Refusal.ODD_SPELLING),
        ],
    )
    def test_refuses_with_the_reason(self, url: str, reason: Refusal) -> None:
        assert refusal(url) is reason

    def test_accepts_an_approved_destination(self) -> None:
        assert egress.check_url("https://EXAMPLE.org/path?q=1", EXAMPLE).host == "example.org"


class TestIsPublic:
    @pytest.mark.parametrize(
        "address",
        FORBIDDEN.split(),
    )
    def test_refuses_every_address_that_is_not(self, address: str) -> None:
        assert not egress.is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "193.190.1.1", "2606:4700::1111"])
    def test_accepts_ordinary_addresses(self, address: str) -> None:
        assert egress.is_public(address)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def called(
    handler: Handler,
    *,
    path: str = "/",
    method: str = "GET",
    internal: bool = True,
    limits: Limits | None = None,
) -> Answer:
    """Serve a handler on loopback and fetch from it under the name `receiver.test`."""

    async def run() -> Answer:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", handler)
        runner = web.AppRunner(application, shutdown_timeout=0.05)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = int(runner.addresses[0][1])
        destination = Destination(
            host="receiver.test", ports=frozenset({port}), plain=True, internal=internal
        )
        try:
            return await egress.fetch(
                method=method,
                url=f"http://receiver.test:{port}{path}",
                headers={"Authorization": "secret"},
                body=b"hello" if method == "POST" else b"",
                allowed=AllowedDestinations(destinations=(destination,)),
                limits=limits or Limits(),
                resolve=loopback,
            )
        finally:
            await runner.cleanup()

    return asyncio.run(run())


async def loopback(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


async def echo(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.method} {request.host} {await request.text()}")


class TestFetch:
    def test_calls_the_checked_address_under_the_original_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        answer = called(echo, method="POST")
        assert answer.status == 200
        assert answer.body.startswith(b"POST receiver.test:")
        assert answer.body.endswith(b" hello")

    def test_refuses_a_loopback_address_that_is_not_listed_as_internal(self) -> None:
        with pytest.raises(DestinationRefused) as caught:
            called(echo, internal=False)
        assert caught.value.reason is Refusal.FORBIDDEN_ADDRESS

    def test_refuses_a_host_when_only_one_of_its_addresses_is_forbidden(self) -> None:
        async def mixed(host: str, port: int) -> Sequence[str]:
            return ("8.8.8.8", "10.0.0.1")

        with pytest.raises(DestinationRefused) as caught:
            asyncio.run(
                egress.fetch(
                    method="GET",
                    url="https://example.org/",
                    headers={},
                    body=b"",
                    allowed=EXAMPLE,
                    limits=Limits(),
                    resolve=mixed,
                )
            )
        assert caught.value.reason is Refusal.FORBIDDEN_ADDRESS

    def test_checks_each_redirect_again(self) -> None:
        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/admin"})

        with pytest.raises(DestinationRefused) as caught:
            called(redirect)
        assert caught.value.reason is Refusal.NOT_APPROVED

    def test_follows_at_most_three_redirects(self) -> None:
        async def count_down(request: web.Request) -> web.Response:
            left = int(request.path.strip("/"))
            if left == 0:
                return web.Response(text="there")
            return web.Response(status=307, headers={"Location": f"/{left - 1}"})

        assert called(count_down, path="/3").body == b"there"
        with pytest.raises(DestinationRefused) as caught:
            called(count_down, path="/4")
        assert caught.value.reason is Refusal.TOO_MANY_REDIRECTS

    def test_stops_reading_a_large_answer(self) -> None:
        async def large(request: web.Request) -> web.Response:
            return web.Response(body=b"x" * 5000)

        with pytest.raises(EgressFailed) as caught:
            called(large, limits=Limits(max_bytes=4999))
        assert caught.value.reason is Failure.TOO_LARGE

    def test_gives_up_after_the_total_time(self) -> None:
        async def silent(request: web.Request) -> web.Response:
            await asyncio.Event().wait()
            raise AssertionError

        with pytest.raises(EgressFailed) as caught:
            called(silent, limits=Limits(total_seconds=0.2))
        assert caught.value.reason is Failure.TIMED_OUT

    @pytest.mark.parametrize(
        "said",
        [
            b"\x16\x03\x01\x02\x00garbage that is no HTTP\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a chunk\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbroken off",
            b"HTTP/1.1 200 OK\r\nContent-Length: a lot\r\n\r\n",
        ],
    )
    def test_says_when_the_answer_is_no_http_or_broken_off(self, said: bytes) -> None:
        with answering(said) as port, pytest.raises(EgressFailed) as caught:
            egress.send(
                method="GET",
                url=f"http://127.0.0.1:{port}/",
                headers={},
                body=b"",
                allowed=AllowedDestinations(
                    destinations=(
                        Destination(host="127.0.0.1", ports=frozenset({port}), plain=True, internal=True),
                    )
                ),
                limits=Limits(),
            )
        assert caught.value.reason is Failure.MALFORMED

    def test_says_when_nobody_answers(self) -> None:
        allowed = AllowedDestinations(
            destinations=(Destination(host="127.0.0.1", ports=frozenset({1}), plain=True, internal=True),)
        )
        with pytest.raises(EgressFailed) as caught:
            egress.send(
                method="GET",
                url="http://127.0.0.1:1/",
                headers={},
                body=b"",
                allowed=allowed,
                limits=Limits(),
            )
        assert caught.value.reason is Failure.UNREACHABLE
