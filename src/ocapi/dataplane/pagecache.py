"""The page cache: anonymous answers kept as bytes, bounded in bytes, time, tags and generation."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Headers = tuple[tuple[bytes, bytes], ...]
Generation = Callable[[str], int]
LARGEST_LIFE_S = 86_400
_ENTRY_OVERHEAD = 1024  # key, tags and Python objects around the bytes of one entry
_COMPRESSIBLE = (b"text/", b"application/json", b"application/ld+json", b"image/svg+xml")


class Texts(Protocol):
    """Headers of a request by name; a dict is one."""

    def get(self, name: str, default: str, /) -> str:
        """Give a header, or the default."""


class Request(NamedTuple):
    """What chooses a cached page; host and header names in lower case, cookies without session or csrf.

    A tuple, because one is made for every request and a frozen dataclass costs six times as much.
    """

    host: str
    path: str
    query: str
    cookies: str
    headers: Texts

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Give what always tells pages apart."""
        return self[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One kept page: plain and gzip bytes with their finished headers, its etag, tenant, tags and end."""

    etag: bytes
    plain: bytes
    packed: bytes
    plain_headers: Headers
    packed_headers: Headers
    unchanged_headers: Headers
    tenant: str
    tags: frozenset[str]
    generation: int
    ends_at: float

    @property
    def size(self) -> int:
        """Give the bytes this entry is counted for."""
        return len(self.plain) + len(self.packed) + _ENTRY_OVERHEAD


Place = tuple[str, str, str, str]
Key = tuple[Place, tuple[str, ...]]


class PageCache:
    """Least recently used pages within a ceiling of bytes; not shared between processes or threads."""

    def __init__(self, *, ceiling: int, page_ceiling: int, generation: Generation) -> None:
        self._ceiling = ceiling
        self._page_ceiling = page_ceiling
        self._generation = generation
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._vary: dict[Place, tuple[str, ...]] = {}
        self._held = 0

    @property
    def held_bytes(self) -> int:
        """Give the bytes held now."""
        return self._held

    def find(self, request: Request, *, at: float) -> Entry | None:
        """Give the kept page for a request, or None; `at` is a monotonic instant in seconds."""
        place = request.place
        vary = self._vary.get(place)
        if vary is None:
            return None
        key = (place, tuple(request.headers.get(name, "") for name in vary) if vary else ())
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.ends_at <= at or entry.generation != self._generation(entry.tenant):
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def keep(
        self, request: Request, *, body: bytes, headers: Headers, tenant: str, tags: Iterable[str],
        life_s: int, at: float,
    ) -> Entry | None:
        """Keep a page and give its entry; None when it is too large or varies by something unknowable.

        headers: of the answer, names in lower case, without hop-by-hop ones.
        """
        vary = _vary_names(headers)
        if vary is None or len(body) > self._page_ceiling:
            return None
        entry = _entry(
            body, headers, tenant=tenant, tags=frozenset(tags), generation=self._generation(tenant),
            ends_at=at + min(life_s, LARGEST_LIFE_S),
        )
        if entry.size > self._ceiling:
            return None
        place = request.place
        if self._vary.get(place, vary) != vary:
            self._drop_where(lambda key, _: key[0] == place)
        key = (place, tuple(request.headers.get(name, "") for name in vary))
        self._drop(key)
        self._vary[place] = vary
        self._entries[key] = entry
        self._held += entry.size
        while self._held > self._ceiling:
            self._drop(next(iter(self._entries)))
        return entry

    def purge(self, *, tenant: str, tags: frozenset[str]) -> int:
        """Drop a tenant's pages that carry one of the tags (all its pages without tags); gives how many."""
        return self._drop_where(
            lambda _, entry: entry.tenant == tenant and (not tags or not tags.isdisjoint(entry.tags))
        )

    def _drop_where(self, is_stale: Callable[[Key, Entry], bool]) -> int:
        stale = [key for key, entry in self._entries.items() if is_stale(key, entry)]
        for key in stale:
            self._drop(key)
        return len(stale)

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._held -= entry.size
        if not any(other[0] == key[0] for other in self._siblings(key)):
            self._vary.pop(key[0], None)

    def _siblings(self, key: Key) -> Iterable[Key]:
        # Without varying headers a place has one key; only varied places pay for the walk.
        return self._entries if key[1] else ()


def life_of(headers: Headers) -> int:
    """Give the seconds a shared cache may keep an answer: `public, s-maxage=N` and no cookie set, else 0."""
    policy = b",".join(value for name, value in headers if name == b"cache-control").lower()
    parts = {part.strip() for part in policy.split(b",")}
    if b"public" not in parts or parts & {b"no-store", b"private", b"no-cache"}:
        return 0
    if any(name == b"set-cookie" for name, _ in headers):
        return 0
    for part in parts:
        name, _, value = part.partition(b"=")
        if name == b"s-maxage" and value.isdigit():
            return int(value)
    return 0


def matches(if_none_match: str, etag: bytes) -> bool:
    """Tell whether a conditional request names this etag, compared weakly (RFC 9110 section 13.1.2)."""
    wanted = etag.decode("latin-1").removeprefix("W/")
    offered = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in offered or wanted in offered


def _vary_names(headers: Headers) -> tuple[str, ...] | None:
    names: set[str] = set()
    for name, value in headers:
        if name == b"vary":
            names.update(part.strip().lower() for part in value.decode("latin-1").split(","))
    # cookies are in the key already, and encoding is what this cache itself chooses
    names -= {"cookie", "accept-encoding", ""}
    return None if "*" in names else tuple(sorted(names))


def _entry(
    body: bytes, headers: Headers, *, tenant: str, tags: frozenset[str], generation: int, ends_at: float
) -> Entry:
    given = next((value for name, value in headers if name == b"etag"), b"")
    etag = given or b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    if not etag.startswith(b"W/"):
        etag = b"W/" + etag  # one etag names both encodings
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    is_packed = any(name == b"content-encoding" for name, _ in headers)
    packed = gzip.compress(body, 6, mtime=0) if kind.startswith(_COMPRESSIBLE) and not is_packed else b""
    if len(packed) >= len(body):
        packed = b""
    shared = _shared_headers(headers, etag)
    plain_headers = (*shared, (b"content-length", str(len(body)).encode()))
    return Entry(
        etag=etag, plain=body, packed=packed, plain_headers=plain_headers,
        packed_headers=(
            *shared, (b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())
        ),
        unchanged_headers=tuple(pair for pair in shared if not pair[0].startswith(b"content-")),
        tenant=tenant, tags=tags, generation=generation, ends_at=ends_at,
    )


def _shared_headers(headers: Headers, etag: bytes) -> Headers:
    """Make the headers every visitor gets: browsers ask again each time, and are told 304 from memory."""
    replaced = (b"etag", b"cache-control", b"vary", b"content-length", b"belgov-trace-id", b"date")
    vary = [value for name, value in headers if name == b"vary"] + [b"Accept-Encoding"]
    return (
        *(pair for pair in headers if pair[0] not in replaced),
        (b"etag", etag),
        (b"cache-control", b"public, max-age=0, must-revalidate"),
        (b"vary", b", ".join(vary)),
    )
