"""The one client for calls to the outside: approved destinations, every address checked, then pinned.

https only unless a destination is listed as plain; the name is resolved once, every address is checked, and
the connection goes to the checked address with the original name for TLS and Host, so a name that answers
otherwise the second time changes nothing. At most three redirects, each approved and checked again. Proxies
from the environment are ignored. Logging with organization and purpose is the caller's.
"""

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import SplitResult, urljoin, urlsplit

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import AbstractResolver

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_REDIRECTS = 3
DEFAULT_PORTS = {"https": 443, "http": 80}
STREAM_PORTS = {"mqtts": 8883, "mqtt": 1883}
_SECURE = frozenset({"https", "mqtts"})
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?", re.ASCII)
_NUMBER_LIKE = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.ASCII)
_PERSONAL_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
_FORBIDDEN_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "192.88.99.0/24",  # 6to4 relays
        "::ffff:0:0/96",  # IPv4-mapped
        "::/96",  # IPv4-compatible, unspecified and loopback
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
    )
)


class Refusal(StrEnum):
    """Why a destination was refused."""

    MALFORMED = "malformed"
    NOT_APPROVED = "notApproved"
    NOT_HTTPS = "notHttps"
    ODD_SPELLING = "oddSpelling"
    FORBIDDEN_ADDRESS = "forbiddenAddress"
    TOO_MANY_REDIRECTS = "tooManyRedirects"


class DestinationRefused(Exception):
    """The destination is not one we may call; nothing was sent to it."""

    def __init__(self, reason: Refusal, host: str = "") -> None:
        super().__init__(f"{reason.value}: {host}" if host else reason.value)
        self.reason = reason
        self.host = host


class Failure(StrEnum):
    """Why an approved call did not give an answer."""

    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    """What came back is no HTTP, or was broken off."""
    TIMED_OUT = "timedOut"
    TOO_LARGE = "tooLarge"


class EgressFailed(Exception):
    """The call was allowed and did not give an answer; it may have arrived, so retries carry the same key."""

    def __init__(self, reason: Failure, host: str) -> None:
        super().__init__(f"{reason.value}: {host}")
        self.reason = reason
        self.host = host


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One approved host. plain: http is allowed too. internal: private and loopback addresses as well."""

    host: str
    ports: frozenset[int] = frozenset({443})
    plain: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedDestinations:
    """What the organization approved for this purpose; a host that is not listed is refused."""

    destinations: tuple[Destination, ...] = ()

    def find(self, host: str, port: int) -> Destination | None:
        """Give the approval for a host and port, or None."""
        matching = (d for d in self.destinations if d.host.lower() == host and port in d.ports)
        return next(matching, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one call, redirects included: seconds to connect and in total, bytes of the answer's body."""

    connect_seconds: float = 5.0
    total_seconds: float = 20.0
    max_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. headers: names in lower case, the last of equals. url: where it came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def send(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    allowed: AllowedDestinations,
    limits: Limits,
) -> Answer:
    """Call the outside and wait for the answer, from a process without an event loop; see `fetch`."""
    return asyncio.run(
        fetch(method=method, url=url, headers=headers, body=body, allowed=allowed, limits=limits)
    )


async def fetch(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    allowed: AllowedDestinations,
    limits: Limits,
    resolve: Resolve | None = None,
) -> Answer:
    """Call the outside within the limits and give the answer, whatever its status.

    resolve: gives the addresses of a host; the system's resolver when left out.
    Raises DestinationRefused before anything is sent to that destination, EgressFailed otherwise.
    """
    call = _Call(method=method, url=url, headers=headers, body=body)
    try:
        async with asyncio.timeout(limits.total_seconds):
            for _ in range(MAX_REDIRECTS + 1):
                answer = await _fetch_once(call, allowed, limits, resolve or _system_resolve)
                following = _redirected(call, answer)
                if following is None:
                    return answer
                call = following
    except TimeoutError:
        raise EgressFailed(Failure.TIMED_OUT, urlsplit(call.url).hostname or "") from None
    raise DestinationRefused(Refusal.TOO_MANY_REDIRECTS, urlsplit(call.url).hostname or "")


async def open_stream(
    *, url: str, allowed: AllowedDestinations, limits: Limits, resolve: Resolve | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to `mqtts://host:port` (TLS) or `mqtt://host:port` (a plain destination) for a conversation.

    limits: of connecting, and the most bytes the reader holds. Raises DestinationRefused, EgressFailed.
    """
    import ssl

    destination = _checked(url, allowed, STREAM_PORTS)
    parts = urlsplit(url)
    host, port = destination.host.lower(), parts.port or STREAM_PORTS[parts.scheme]
    secure = ssl.create_default_context() if parts.scheme in _SECURE else None
    try:
        async with asyncio.timeout(limits.connect_seconds):
            addresses = await _checked_addresses(host, port, destination, resolve or _system_resolve)
            named = host if secure else None
            return await asyncio.open_connection(
                addresses[0], port, ssl=secure, server_hostname=named, limit=limits.max_bytes
            )
    except TimeoutError:
        raise EgressFailed(Failure.TIMED_OUT, host) from None
    except OSError:  # a certificate that does not hold is one of them
        raise EgressFailed(Failure.UNREACHABLE, host) from None


def check_url(url: str, allowed: AllowedDestinations) -> Destination:
    """Give the approval under which a URL may be called, or raise DestinationRefused; resolves nothing."""
    return _checked(url, allowed, DEFAULT_PORTS)


def _checked(url: str, allowed: AllowedDestinations, schemes: Mapping[str, int]) -> Destination:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or schemes.get(parts.scheme, 0)
    except ValueError:
        raise DestinationRefused(Refusal.MALFORMED) from None
    if parts.scheme not in schemes or _has_odd_parts(url, parts):
        raise DestinationRefused(Refusal.MALFORMED, host)
    if not _is_plainly_spelled(host):
        raise DestinationRefused(Refusal.ODD_SPELLING, host)
    destination = allowed.find(host, port)
    if destination is None:
        raise DestinationRefused(Refusal.NOT_APPROVED, host)
    if parts.scheme not in _SECURE and not destination.plain:
        raise DestinationRefused(Refusal.NOT_HTTPS, host)
    if not destination.internal and not may_be_public(host):
        raise DestinationRefused(Refusal.FORBIDDEN_ADDRESS, host)
    return destination


def may_be_public(host: str) -> bool:
    """Tell whether a host can be a public place, as far as it shows: no private address or local name.

    A name that looks public may still lead to a private address: each call resolves and checks it.
    Source: RFC 6761, RFC 6762, RFC 8375 and the reserved name `internal`.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name = f".{host.rstrip('.')}"
        return "." in name[1:] and not name.endswith(_LOCAL_NAMES)
    return is_public(host)


def is_public(address: str) -> bool:
    """Tell whether an address may be called without an `internal` approval."""
    try:
        parsed: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if any(parsed.version == network.version and parsed in network for network in _FORBIDDEN_NETWORKS):
        return False
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified)


def _has_odd_parts(url: str, parts: SplitResult) -> bool:
    """Tell whether a URL holds user information, a backslash, blanks or control characters."""
    return "@" in parts.netloc or "\\" in url or any(c <= " " or c == "\x7f" for c in url)


def _is_plainly_spelled(host: str) -> bool:
    """Accept names and canonical addresses; refuse 0177.1, 0x7f000001, 2130706433 and their like."""
    try:
        return str(ipaddress.ip_address(host)) == host
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return bool(_HOST.fullmatch(host)) and not _NUMBER_LIKE.fullmatch(last)


async def _fetch_once(call: _Call, allowed: AllowedDestinations, limits: Limits, resolve: Resolve) -> Answer:
    import aiohttp

    destination = check_url(call.url, allowed)
    parts = urlsplit(call.url)
    host, port = destination.host.lower(), parts.port or DEFAULT_PORTS[parts.scheme]
    addresses = await _checked_addresses(host, port, destination, resolve)
    connector = aiohttp.TCPConnector(
        resolver=_pinned(host, addresses), use_dns_cache=False, force_close=True, limit=1
    )
    timeout = aiohttp.ClientTimeout(total=limits.total_seconds, sock_connect=limits.connect_seconds)
    session = aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )
    headers = {"Accept-Encoding": "identity", **call.headers}
    try:
        async with (
            session,
            session.request(
                call.method, call.url, headers=headers, data=call.body or None, allow_redirects=False
            ) as response,
        ):
            body = await _read_within(response, limits.max_bytes, host)
            names = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status=response.status, headers=names, body=body, url=call.url)
    except TimeoutError:
        raise EgressFailed(Failure.TIMED_OUT, host) from None
    except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError):
        raise EgressFailed(Failure.MALFORMED, host) from None
    except (aiohttp.ClientError, OSError):
        raise EgressFailed(Failure.UNREACHABLE, host) from None


async def _checked_addresses(
    host: str, port: int, destination: Destination, resolve: Resolve
) -> tuple[str, ...]:
    """Give every address of a host after checking them all: one forbidden address refuses the host."""
    try:
        ipaddress.ip_address(host)
        addresses: Sequence[str] = (host,)
    except ValueError:
        try:
            addresses = await resolve(host, port)
        except OSError:
            raise EgressFailed(Failure.UNRESOLVED, host) from None
    if not addresses:
        raise EgressFailed(Failure.UNRESOLVED, host)
    if not destination.internal and not all(is_public(address) for address in addresses):
        raise DestinationRefused(Refusal.FORBIDDEN_ADDRESS, host)
    return tuple(addresses)


async def _read_within(response: "aiohttp.ClientResponse", max_bytes: int, host: str) -> bytes:
    parts, size = [], 0
    async for chunk in response.content.iter_chunked(1 << 16):
        size += len(chunk)
        if size > max_bytes:
            raise EgressFailed(Failure.TOO_LARGE, host)
        parts.append(chunk)
    return b"".join(parts)


def _redirected(call: _Call, answer: Answer) -> _Call | None:
    """Give the call a redirect asks for, or None; secrets never follow to another origin."""
    location = answer.headers.get("location")
    if answer.status not in (301, 302, 303, 307, 308) or not location:
        return None
    url = urljoin(call.url, location)
    headers = dict(call.headers)
    if urlsplit(url)[:2] != urlsplit(call.url)[:2]:
        headers = {name: value for name, value in headers.items() if name.lower() not in _PERSONAL_HEADERS}
    if answer.status in (307, 308) or call.method in ("GET", "HEAD"):
        return _Call(method=call.method, url=url, headers=headers, body=call.body)
    return _Call(method="GET", url=url, headers=headers)


async def _system_resolve(host: str, port: int) -> Sequence[str]:
    import socket

    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _pinned(host: str, addresses: Sequence[str]) -> "AbstractResolver":
    """Make a resolver that knows one host and gives its checked addresses, whatever DNS says by now."""
    import socket

    from aiohttp.abc import AbstractResolver, ResolveResult

    class Pinned(AbstractResolver):
        async def resolve(
            self, name: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            if name.lower() != host:
                raise OSError("only the checked host is known here")
            return [
                ResolveResult(
                    hostname=name,
                    host=address,
                    port=port,
                    family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                    proto=0,
                    flags=socket.AI_NUMERICHOST,
                )
                for address in addresses
            ]

        async def close(self) -> None:
            """Hold nothing, so there is nothing to close."""

    return Pinned()
