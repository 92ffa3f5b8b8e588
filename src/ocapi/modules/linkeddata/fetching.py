"""Fetches pages of a feed elsewhere: one approved host, size and time bounded."""

from urllib.parse import urlsplit

from ocapi.lib import egress
from ocapi.lib.ldes.following import Fetch, Fetched
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples

LIMITS = egress.Limits(connect_seconds=5.0, total_seconds=30.0, max_bytes=16 << 20)
ACCEPT = "text/turtle, application/n-triples;q=0.9, application/ld+json;q=0.5"
FORMATS = {
    "text/turtle": turtle.Format.TURTLE,
    "application/n-triples": turtle.Format.N_TRIPLES,
    "application/n-quads": turtle.Format.N_TRIPLES,
    "application/ld+json": turtle.Format.JSON_LD,
}
OK, NOT_MODIFIED, GONE = 200, 304, 410


class FeedUnavailable(RuntimeError):
    """A page did not come, so following stopped; the next time it goes on there. The text says why."""


def fetcher(start: str, *, is_internal: bool) -> Fetch:
    """Give what fetches pages from the host of `start` only; is_internal: plain HTTP inside too."""
    parts = urlsplit(start)
    port = parts.port or egress.DEFAULT_PORTS.get(parts.scheme, 443)
    host = egress.Destination(
        host=parts.hostname or "",
        ports=frozenset({port}),
        internal=is_internal,
        plain=is_internal and parts.scheme == "http",
    )
    allowed = egress.AllowedDestinations(destinations=(host,))

    def fetch(address: str, tag: str) -> Fetched:
        headers = {"Accept": ACCEPT, **({"If-None-Match": tag} if tag else {})}
        try:
            answer = egress.send(
                method="GET", url=address, headers=headers, body=b"", allowed=allowed, limits=LIMITS
            )
        except (egress.EgressFailed, egress.DestinationRefused) as failure:
            raise FeedUnavailable(f"{address}: {failure}") from None
        return _fetched(answer, address, tag)

    return fetch


def _fetched(answer: egress.Answer, address: str, tag: str) -> Fetched:
    if answer.status == NOT_MODIFIED:
        return Fetched(graph=None, tag=tag)
    if answer.status == GONE:
        return Fetched(graph=None, is_gone=True)
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
    if answer.status != OK or media_type not in FORMATS:
        wait = answer.headers.get("retry-after", "")
        raise FeedUnavailable(
            f"{address}: {answer.status} {media_type} {wait and f'try after {wait} s'}".strip()
        )
    try:
        graph = of_triples(turtle.parse(answer.body, format=FORMATS[media_type], base_iri=answer.url))
    except turtle.MalformedRdf as refused:
        raise FeedUnavailable(f"{address}: {refused}") from None
    is_immutable = "immutable" in answer.headers.get("cache-control", "")
    return Fetched(graph=graph, tag=answer.headers.get("etag", ""), is_immutable=is_immutable)
