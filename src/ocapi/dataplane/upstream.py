"""Handing a whole request on, to a Unix socket or another member, and taking the whole answer back.

Every time in it is finite.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from ocapi.dataplane.plan import Plan

READ_BYTES = 64 << 10
HOP_BY_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
    b"trailer", b"transfer-encoding", b"upgrade",
})
Pairs = tuple[tuple[bytes, bytes], ...]


class Unreachable(Exception):
    """Nobody answers on the socket, or too many requests wait for it."""


class TooLate(Exception):
    """The answer did not come in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer: status, headers in lower case without hop-by-hop ones, body rewound, its size."""

    status: int
    headers: Pairs
    body: IO[bytes]
    size: int

    def header(self, name: bytes) -> bytes:
        """Give a header's first value, or nothing."""
        return next((value for held, value in self.headers if held == name), b"")


class Upstream:
    """A pool of connections to one Unix socket, or to one address (`http://10.0.0.1:8000`) instead."""

    def __init__(self, path: Path | None, plan: Plan, *, address: str = "") -> None:
        self._path = path
        self._address = address or "http://upstream"
        self._plan = plan
        self._session: aiohttp.ClientSession | None = None
        self._waiting = 0

    @property
    def is_present(self) -> bool:
        """Tell whether the socket exists."""
        return self._path is None or self._path.exists()

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self, *, method: str, target: str, headers: CIMultiDict[str], body: IO[bytes], size: int
    ) -> Reply:
        """Send a request and give the whole answer; raises Unreachable or TooLate.

        target: path and query as received, never normalized. A reading request is sent once more when an
        idle connection turns out to be closed.
        """
        if self._waiting >= self._plan.upstream_waiting:
            raise Unreachable("too many requests wait")
        self._waiting += 1
        try:
            return await self._attempt(method, target, headers, body, size)
        except aiohttp.ServerDisconnectedError as failure:
            if method not in ("GET", "HEAD"):
                raise Unreachable(str(failure)) from None
            return await self._again(method, target, headers, body, size)
        except TimeoutError:
            raise TooLate from None
        except (aiohttp.ClientError, OSError) as failure:
            raise Unreachable(str(failure)) from None
        finally:
            self._waiting -= 1

    async def _again(
        self, method: str, target: str, headers: CIMultiDict[str], body: IO[bytes], size: int
    ) -> Reply:
        try:
            return await self._attempt(method, target, headers, body, size)
        except TimeoutError:
            raise TooLate from None
        except (aiohttp.ClientError, OSError) as failure:
            raise Unreachable(str(failure)) from None

    async def _attempt(
        self, method: str, target: str, headers: CIMultiDict[str], body: IO[bytes], size: int
    ) -> Reply:
        body.seek(0)
        content = _chunks(body) if size else None
        async with self._pool().request(
            method, URL(self._address + target, encoded=True), headers=headers, data=content,
            allow_redirects=False,
        ) as answer:
            kept: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
                max_size=self._plan.answer_memory_bytes, dir=self._plan.run
            )
            total = 0
            async for chunk in answer.content.iter_chunked(READ_BYTES):
                kept.write(chunk)
                total += len(chunk)
            kept.seek(0)
            pairs = tuple((name.lower(), value) for name, value in answer.raw_headers)
            return Reply(
                status=answer.status, headers=tuple(pair for pair in pairs if pair[0] not in HOP_BY_HOP),
                body=kept, size=total,
            )

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            plan, limit = self._plan, self._plan.upstream_connections
            connector: aiohttp.BaseConnector = aiohttp.TCPConnector(limit=limit)
            if self._path is not None:
                connector = aiohttp.UnixConnector(path=str(self._path), limit=limit)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=plan.answer_s, sock_connect=plan.connect_s),
                cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


async def _chunks(body: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := body.read(READ_BYTES):
        yield chunk
        await asyncio.sleep(0)
