"""Answers of the edge itself: plain Dutch pages and problem+json, without any organization's name."""

import html
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias

from ocapi.lib import codec

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PROBLEM = "application/problem+json"
_TITLES = {
    "badRequest": "Bad Request",
    "noAccessToken": "No Access Token",
    "invalidAccessToken": "Invalid Access Token",
    "expiredAccessToken": "Expired Access Token",
    "missingScope": "Missing Scope",
    "tooManyRequests": "Too Many Requests",
    "resourceNotFound": "Resource Not Found",
    "payloadTooLarge": "Payload Too Large",
    "internalServerError": "Internal Server Error",
    "serviceUnavailable": "Service Unavailable",
}
_OWN = {"replaced": "Replaced"}
"""Titles of types that BelGIF does not have, which are ours."""

_KINDS = {
    400: "badRequest", 404: "resourceNotFound", 413: "payloadTooLarge", 500: "internalServerError",
    503: "serviceUnavailable",
}
_FOR_MACHINES = re.compile(r"(/o/[a-z0-9-]+)?/(api|oauth)/")
_BELOW_PATH = re.compile(r"/o/[a-z0-9-]+(?=/)")
Links: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer of the edge: status, body, and its headers in lower case."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """Give the headers as ASGI wants them."""
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing wrong with the input; kind is the last part of a BelGIF input-validation urn."""

    kind: str
    place: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The words of an edge page: what happened, and how to go on.

    They address nobody: whether an organization says u or je is not known here.
    """

    title: str
    explanation: str
    advice: str
    links: Links = field(default=())
    leads_home: bool = False


TEXTS = {
    400: Text(
        title="Dit verzoek klopt niet",
        explanation="De browser stuurde een verzoek dat wij niet begrijpen.",
        advice="Ga terug en probeer het opnieuw.",
        leads_home=True,
    ),
    404: Text(
        title="Deze pagina bestaat niet",
        explanation="Het adres klopt niet, of de pagina is verplaatst.",
        advice="Controleer het adres of ga naar de startpagina.",
        leads_home=True,
    ),
    405: Text(
        title="Dit kan hier niet",
        explanation="Dit adres laat deze handeling niet toe.",
        advice="Ga naar de startpagina en begin daar opnieuw.",
        leads_home=True,
    ),
    408: Text(
        title="Het versturen duurde te lang",
        explanation="De gegevens kwamen niet op tijd aan. Er is niets bewaard.",
        advice="Controleer de internetverbinding. Ga daarna terug en verstuur opnieuw.",
        leads_home=True,
    ),
    413: Text(
        title="Dit bestand is te groot",
        explanation="Wat verstuurd werd, is groter dan wij kunnen aannemen. Er is niets bewaard.",
        advice="Ga terug en kies een kleiner bestand.",
        leads_home=True,
    ),
    421: Text(
        title="Dit adres kennen wij niet",
        explanation="Op dit adres werkt geen organisatie.",
        advice="Controleer het adres in de browser. Het juiste adres staat op de website van de gemeente.",
    ),
    500: Text(
        title="Er ging iets mis",
        explanation="Dit is een fout van ons. Wat eerder bewaard werd, blijft bewaard.",
        advice="Probeer het opnieuw. Lukt het niet, geef dan het kenmerk hieronder door.",
        leads_home=True,
    ),
    503: Text(
        title="De dienst is even niet bereikbaar",
        explanation="Wij werken eraan. Wat eerder bewaard werd, blijft bewaard.",
        advice="Probeer het over een minuut opnieuw.",
        leads_home=True,
    ),
    507: Text(
        title="Wij kunnen nu niets bewaren",
        explanation="De opslag is vol. Wat net verstuurd werd, is niet bewaard. Wat er al was, wel.",
        advice="Laad deze pagina over een paar minuten opnieuw. De browser stuurt dan hetzelfde.",
        leads_home=True,
    ),
    504: Text(
        title="Het antwoord liet te lang op zich wachten",
        explanation="Wij weten niet of de laatste stap gelukt is.",
        advice="Kijk eerst of die stap bewaard is. Probeer het daarna opnieuw.",
        leads_home=True,
    ),
}


def at(path: str, status: int, *, trace_id: str, extra: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Make the edge's answer for an address: a problem where machines ask, a page everywhere else."""
    if _FOR_MACHINES.match(path):
        return problem(status, _KINDS.get(status, ""), trace_id=trace_id, extra=extra)
    below = _BELOW_PATH.match(path)
    home = f"{below[0]}/" if below else "/"
    return render(status, TEXTS[status], trace_id=trace_id, extra=extra, home=home)


def page(
    status: int, *, trace_id: str, extra: tuple[tuple[str, str], ...] = (), links: Links = ()
) -> Answer:
    """Make the edge's own page for a status code."""
    return render(status, TEXTS[status], trace_id=trace_id, extra=extra, links=links)


def render(
    status: int, text: Text, *, trace_id: str, extra: tuple[tuple[str, str], ...] = (), links: Links = (),
    home: str = "/",
) -> Answer:
    """Make a page of given words; the trace id is shown so that a caller can name it to a help desk.

    links: the ways on before those of the text, each an address with its words. home: of the organization.
    """
    ways = (*links, *text.links, *(((home, "Naar de startpagina"),) if text.leads_home else ()))
    told = "".join(
        f'<li><a href="{html.escape(address)}">{html.escape(label)}</a></li>' for address, label in ways
    )
    is_error = status >= HTTPStatus.BAD_REQUEST
    reference = f'<p class="ocapi-muted">Kenmerk: {html.escape(trace_id)}</p>' if is_error else ""
    body = (
        '<!DOCTYPE html>\n<html lang="nl" class="ocapi"><head><meta charset="utf-8">'
        f"<title>{html.escape(text.title)}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<link rel="stylesheet" href="/static/ui/ocapi.css">'
        '<link rel="icon" href="/static/ui/favicon.svg" type="image/svg+xml"></head>'
        '<body class="ocapi-page"><div class="ocapi-container ocapi-page__body">'
        '<main class="ocapi-main" id="inhoud">'
        f"<h1>{html.escape(text.title)}</h1><p>{html.escape(text.explanation)}</p><p>{html.escape(text.advice)}</p>"
        f"{f'<ul>{told}</ul>' if told else ''}{reference}</main></div></body></html>\n"
    ).encode()
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        ("content-security-policy", CONTENT_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("belgov-trace-id", trace_id),
        *extra,
    )
    return Answer(status=status, body=body, headers=headers)


def problem(
    status: int, kind: str, *, trace_id: str, detail: str = "", issues: tuple[Issue, ...] = (),
    extra: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Make an RFC 9457 problem of BelGIF's types or ours, or of none, which says no more than its status;
    `detail` and issues hold no values or secrets.
    """
    content: dict[str, object] = {
        "type": f"urn:problem-type:ocapi:organization:{kind}", "title": _OWN.get(kind, ""),
    }
    if not kind:
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase}
    if kind in _TITLES:
        content = {
            "type": f"urn:problem-type:belgif:{kind}",
            "href": f"https://www.belgif.be/specification/rest/api-guide/problems/{kind}.html",
            "title": _TITLES[kind],
        }
    content |= {"status": status, "instance": f"urn:uuid:{trace_id}"}
    if detail:
        content["detail"] = detail
    if issues:
        content["issues"] = [
            {
                "type": f"urn:problem-type:belgif:input-validation:{issue.kind}", "detail": issue.detail,
                "in": issue.place, "name": issue.name,
            }
            for issue in issues
        ]
    return _json(status, content, content_type=PROBLEM, trace_id=trace_id, extra=extra)


def json_answer(
    status: int, content: object, *, trace_id: str, extra: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Make a JSON answer that no cache keeps."""
    return _json(status, content, content_type="application/json", trace_id=trace_id, extra=extra)


def _json(
    status: int, content: object, *, content_type: str, trace_id: str, extra: tuple[tuple[str, str], ...]
) -> Answer:
    body = codec.encode_json(content)
    headers = (
        ("content-type", content_type),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("belgov-trace-id", trace_id),
        *extra,
    )
    return Answer(status=status, body=body, headers=headers)
