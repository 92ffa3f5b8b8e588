"""Questions over published data: the SPARQL 1.1 Protocol, only for reading, below /sparql.

Everybody may ask: in the index is only what everybody may read. Each question runs in a process of its own
(`lib.rdf.answering`) that is ended after five seconds. An organization has one question answered at a time
and a short line behind it, so that nobody keeps others waiting.
"""

import asyncio
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, quote

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane import bodies, pages, places
from ocapi.dataplane.front import new_trace_id
from ocapi.dataplane.ingest import as_response
from ocapi.dataplane.pages import Answer, Issue
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.snapshot import NoPolicy, Policy
from ocapi.lib.rdf import asking, index
from ocapi.lib.rdf.asking import Question, QuestionRefused, QuestionStopped

AT_ONCE = 2  # processes for all organizations together
LINE = 8  # questions of one organization that are answered or wait
LARGEST_BODY = 256 << 10
FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
UPDATES = frozenset({"update", "using-graph-uri", "using-named-graph-uri"})
"""Parameters of the protocol's other operation, which changes data."""
PAGE = "/vraag-de-data/"
_CORS = (("access-control-allow-origin", "*"), ("vary", "Accept"))
_WORDS = {
    "update": "this endpoint only reads: INSERT, DELETE, LOAD and the like are refused",
    "service": "SERVICE is refused: a question goes over the data of this organization only",
    "tooLong": f"a question has at most {asking.MAX_QUERY} characters",
    "notAQuery": "this is no query of SPARQL 1.1",
    "time": "the question took more than 5 seconds; ask for less, or bound it with LIMIT",
    "memory": "the question needs too much memory; ask for less",
    "size": "the answer is larger than 16 MiB; ask for less, or page with LIMIT and OFFSET",
    "notConfined": "questions are switched off on this machine; `ocapi doctor` says why",
    "noIndex": "nothing was published yet",
}
log = structlog.get_logger("dataplane.sparql")


class _Refused(Exception):
    def __init__(self, status: int, detail: str, *, name: str = "query") -> None:
        super().__init__(detail)
        self.status, self.detail, self.name = status, detail, name


class Sparql:
    """The HTTP part below /sparql."""

    def __init__(self, *, policy: Policy, plan: Plan) -> None:
        self._policy = policy
        self._plan = plan
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._own_turn: dict[str, asyncio.Lock] = {}
        self._line: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """Give the routes of this part."""
        return [
            Route(path, self.answer, methods=["GET", "HEAD", "POST", "OPTIONS"])
            for path in ("/sparql", "/sparql/")
        ]

    async def answer(self, request: Request) -> Response:
        """Answer one question, or say what this endpoint is."""
        trace_id = new_trace_id()
        if request.method == "OPTIONS":
            allowed = (("access-control-allow-methods", "GET, POST"), ("access-control-allow-headers", "*"))
            return Response(status_code=204, headers=dict((*_CORS, *allowed)))
        try:
            held = self._policy.current()
        except NoPolicy:
            return self._stopped(503, "no valid policy is loaded", trace_id)
        tenant = places.organization(request, held.hosts)
        if not tenant:
            return as_response(pages.page(421, trace_id=trace_id))
        if held.parts[tenant].tenant.state == "suspended":
            return self._stopped(503, "this organization is not served now", trace_id)
        try:
            return await self._answered(request, tenant, trace_id)
        except _Refused as refused:
            return as_response(_problem(refused.status, refused.detail, refused.name, trace_id))
        except QuestionRefused as refusal:
            status = {"notAcceptable": 406, "update": 403}.get(refusal.reason, 400)
            detail = _WORDS.get(refusal.reason, "none of the formats in Accept is made here")
            detail = f"{detail} ({refusal.detail})" if refusal.detail else detail
            return as_response(_problem(status, detail, "query", trace_id))
        except QuestionStopped as stopped:
            return self._stopped(503, _WORDS[stopped.reason], trace_id)

    async def _answered(self, request: Request, tenant: str, trace_id: str) -> Response:
        accept = request.headers.get("accept", "") or "*/*"
        pairs = await self._pairs(request)
        if any(name in UPDATES for name, _value in pairs):
            raise QuestionRefused("update")
        # Others are passed by: the protocol does not forbid them, and well-known clients send `format`.
        queries = [value for name, value in pairs if name == "query"]
        if len(queries) > 1:
            raise _Refused(400, "give one query")
        is_page = _ranked(accept)[0] == "text/html"
        if is_page and request.method == "GET":
            address = places.prefix(request) + _page(queries)
            return Response(status_code=303, headers={"location": address, "vary": "Accept"})
        if not queries:
            if request.method == "POST" or pairs:
                raise _Refused(400, "the query is missing")
            return _description(request)
        question = Question(
            query=queries[0],
            base=f"{places.origin(request)}/sparql",
            default_graphs=_graphs(pairs, "default-graph-uri"),
            named_graphs=_graphs(pairs, "named-graph-uri"),
            tables=tuple(_ranked(accept)),
            graphs=tuple(_ranked(accept)),
        )
        asking.check(question)
        found = await self._run(question, tenant)
        headers = {
            "content-type": _with_charset(found.media_type),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "belgov-trace-id": trace_id,
            **dict(_CORS),
        }
        return Response(b"" if request.method == "HEAD" else found.body, headers=headers)

    async def _pairs(self, request: Request) -> list[tuple[str, str]]:
        try:
            pairs = parse_qsl(request.url.query, keep_blank_values=True, errors="strict", max_num_fields=200)
            if request.method != "POST":
                return pairs
            raw = await self._body(request)
            media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type == QUERY:
                return [*pairs, ("query", raw.decode())]
            if media_type == UPDATE:
                raise QuestionRefused("update")
            if media_type != FORM:
                raise _Refused(415, f"send {FORM} or {QUERY}")
            if any(name == "query" for name, _ in pairs):
                raise _Refused(400, "the query stands in the body, not in the address")
            form = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
            return [*pairs, *form]
        except (UnicodeError, ValueError) as wrong:
            if isinstance(wrong, QuestionRefused):
                raise
            raise _Refused(400, "send UTF-8, at most 200 parameters") from None

    async def _body(self, request: Request) -> bytes:
        declared = request.headers.get("content-length", "")
        try:
            body, _ = await bodies.receive_body(
                request.receive,
                declared=int(declared) if declared.isdigit() else None,
                limit=LARGEST_BODY,
                plan=self._plan,
            )
        except bodies.TooLarge:
            raise _Refused(413, f"at most {LARGEST_BODY} bytes") from None
        except (bodies.TooSlow, bodies.Disconnected):
            raise _Refused(408, "the body did not arrive in time") from None
        with body:
            return body.read()

    async def _run(self, question: Question, tenant: str) -> asking.Answer:
        if self._line[tenant] >= LINE:
            raise _Refused(429, "too many questions wait already; try again in a moment")
        self._line[tenant] += 1
        try:
            async with self._own_turn.setdefault(tenant, asyncio.Lock()), self._turns:
                store = await asyncio.to_thread(index.readable, self._plan.data / "tenants" / tenant / "rdf")
                if store is None:
                    raise QuestionStopped("noIndex")
                return await _process(question, store)
        finally:
            self._line[tenant] -= 1
            if not self._line[tenant]:
                self._own_turn.pop(tenant, None)

    def _stopped(self, status: int, detail: str, trace_id: str) -> Response:
        extra = (("retry-after", "5"), *_CORS)
        return as_response(
            pages.problem(status, "serviceUnavailable", trace_id=trace_id, detail=detail, extra=extra)
        )


async def _process(question: Question, store: Path) -> asking.Answer:
    child = await asyncio.create_subprocess_exec(
        *asking.command(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=asking.environment(),
    )
    try:
        said, _ = await asyncio.wait_for(
            child.communicate(asking.sent(question, store=store)), asking.WALL_SECONDS
        )
    except TimeoutError:
        raise QuestionStopped("time") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return asking.received(said, child.returncode or 0)


def _graphs(pairs: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    found = tuple(value for key, value in pairs if key == name)
    for each in found:
        if ":" not in each or any(character in each for character in '<>"{}|^`\\ \t\n\r'):
            raise _Refused(400, "give an absolute IRI", name=name)
    return found


def _ranked(accept: str) -> list[str]:
    """Give the media types of an Accept header, the best first; those with q=0 are left out."""
    found = []
    for place, part in enumerate(accept.lower().split(",")[:50]):
        media_type, *parameters = (each.strip() for each in part.split(";"))
        quality = 1.0
        for each in parameters:
            name, _, value = each.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if quality > 0:
            found.append((-quality, media_type.count("*"), place, media_type))
    return [each[3] for each in sorted(found)] or ["none/none"]


def _page(queries: list[str]) -> str:
    return f"{PAGE}?query={quote(queries[0])}" if queries else PAGE


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _problem(status: int, detail: str, name: str, trace_id: str) -> Answer:
    if status == 400:
        issue = Issue(kind="invalidInput", place="query", name=name, detail=detail)
        return pages.problem(
            400, "badRequest", trace_id=trace_id, detail=detail, issues=(issue,), extra=_CORS
        )
    kinds = {413: "payloadTooLarge", 429: "tooManyRequests"}
    extra = (*_CORS, ("retry-after", "5")) if status == 429 else _CORS
    if status in kinds:
        return pages.problem(status, kinds[status], trace_id=trace_id, detail=detail, extra=extra)
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return pages.json_answer(status, content, trace_id=trace_id, extra=extra)


def _description(request: Request) -> Response:
    """Say what this endpoint is (SPARQL 1.1 Service Description)."""
    here = f"{places.origin(request)}/sparql"
    formats = " , ".join(
        f"<http://www.w3.org/ns/formats/{name}>"
        for name in (
            "SPARQL_Results_JSON",
            "SPARQL_Results_XML",
            "SPARQL_Results_CSV",
            "SPARQL_Results_TSV",
            "Turtle",
            "N-Triples",
            "RDF_XML",
            "JSON-LD",
        )
    )
    text = (
        "@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .\n"
        f"<{here}> a sd:Service ;\n    sd:endpoint <{here}> ;\n    sd:supportedLanguage sd:SPARQL11Query ;\n"
        f"    sd:feature sd:UnionDefaultGraph ;\n    sd:resultFormat {formats} .\n"
    )
    headers = {"content-type": "text/turtle; charset=utf-8", "cache-control": "max-age=300", **dict(_CORS)}
    return Response(text, headers=headers)
