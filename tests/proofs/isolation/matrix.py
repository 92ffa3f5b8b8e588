"""Every request of the matrix: route × method × party × where the identifier stands × whose it is.

Routes come from the URL configuration; what each must answer comes from tests/security, never from code.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tests.proofs.isolation import asking, canary
from tests.proofs.isolation.holding import House
from tests.security.conftest import read_table
from tests.security.test_routes import routes

PARTIES = (
    "anonymous",
    "citizen_self",
    "citizen_other",
    "represented",
    "clerk",
    "policy_maker",
    "dpo",
    "tenant_admin",
    "collective_admin",
    "supplier",
    "suspended",
)
MACHINE = "peer_system"
UNSAFE = {"page": ("POST",), "rest": ("POST", "PATCH", "DELETE")}
OF_INDICATORS = ("cijfers/", "dashboards/<slug", "indicatoren/", "gegevens/<slug")
"""Routes that name an indicator, a dashboard or a dataset."""
ALIASES = {"uuid": "leaf", "code": "stream"}  # parameters whose name says less than what they mean
OFFERED = {"source": "services", "offer": "dienstverlening"}
"""What can be shared: of every organization the same, so no identifier."""
OF_PREPARED = ("<uuid:release>/intrekken", "<uuid:release>/publiceer")  # what is public is gone for these
FIXED = {
    "action": "stilleggen",
    "bucket": "0",
    "choice": "bevestigen",
    "provider_id": "acm",
    "kind": "dienst",
    "code": "kapvergunning",
    "version": "1",
    "place": "0",
    "key": "leges",
    "processKey": "proof",
    "name": "tokens.css",
    "service": "open",
    "term": "Organisatie",
    "sequence": "1",
    "number": "1",
    "scheme": "nis",
    "value": "44029",
}
WORD = re.compile(r"<(?:(\w+):)?(\w+)>")
OWN, OTHER, FOREIGN, GHOST = "own", "other", "foreign", "ghost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to send. sent: what of the identifiers it holds, so that an echo is no finding."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    media_type: str = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One cell of the matrix. whose: one word per identifier of the path; place: where else one stands."""

    key: str
    route: str
    method: str
    party: str
    whose: tuple[str, ...]
    place: str = "path"

    @property
    def id(self) -> str:
        """Give its name, from which `parse` makes it again."""
        return "|".join((self.key, self.method, self.route, self.party, "+".join(self.whose), self.place))


def parse(text: str) -> Step:
    """Undo `Step.id`."""
    key, method, route, party, whose, place = text.split("|")
    return Step(
        key=key,
        method=method,
        route=route,
        party=party,
        whose=tuple(whose.split("+")) if whose else (),
        place=place,
    )


def ghost(house: House, coin: random.Random) -> House:
    """Give a house that does not exist: every identifier of it is one nobody has."""

    def unknown(value: str) -> str:
        try:
            UUID(value)
        except ValueError:
            return "".join(coin.choice(canary.LETTERS) if each.isalpha() else each for each in value)
        return str(UUID(int=coin.getrandbits(128), version=4))

    made = House(tenant=house.tenant, marks=canary.made("ghost", coin))
    made.own = {name: FIXED.get(name) or unknown(value) for name, value in house.own.items()}
    same = ("form", "section", "field", "repeat")
    made.own |= {name: house.own[name] for name in same if name in house.own}
    made.texts = {name: f"ZZZ-2026-{coin.randrange(10**6):06}-0" for name in house.texts}
    made.cookies = {name: unknown(value) for name, value in house.cookies.items()}
    made.token = unknown(house.token)
    return made


def identifiers(route: str) -> list[str]:
    """Give the parameters of a route that name a thing of one organization."""
    return [
        name
        for kind, name in WORD.findall(route)
        if kind.startswith("uuid") or name in ("stream",) or (name == "code" and "sensoren" in route)
    ]


def unmade(house: House) -> list[str]:
    """Name the routes whose thing this organization does not hold: nothing of theirs would be proven."""
    return [
        f"{route}: no {name} was made"
        for route in sorted(set(routes()))
        for name in identifiers(route)
        if ALIASES.get(name, name) not in house.own
    ]


def _meant(name: str, route: str) -> str:
    """Give what an identifier of a route stands for."""
    if name == "uuid" and route.startswith("geo/"):
        return "feature"
    if route.endswith(OF_PREPARED):
        return "prepared"
    if route.startswith("versies/"):
        return "local"
    return "object_id" if name == "uuid" and "<str:term>" in route else ALIASES.get(name, name)


def path_of(route: str, whose: tuple[str, ...], houses: dict[str, House]) -> str:
    """Fill the parameters of a route. houses: by word of `whose`, each with identifiers."""
    words = iter(whose)
    named = set(identifiers(route))

    def value(found: "re.Match[str]") -> str:
        name = found[2]
        if name == "code" and "domein" in route:
            return "mobility"
        if name == "indicatorId" or name == "code" and any(part in route for part in OF_INDICATORS):
            return "parts"
        if name == "kind" and "/feeds/" in route:
            return "objects"
        if name == "name" and route.startswith("geo/"):
            return "plaatsen.Plaats"
        if route.startswith("open-data/") and name in ("code", "extension"):
            return houses[OWN].own["dataset_code"] if name == "code" else _extension(route)
        if name == "action" and route.startswith("api/"):
            return "package_search"
        if "aanbod/" in route and name in OFFERED:
            return OFFERED[name]
        if name not in named:
            return FIXED.get(name) or houses[OWN].own.get(name, "x")
        word = next(words)
        facts = houses[word]
        name = _meant(name, route)
        table = facts.other if word == OTHER else facts.own
        return table.get(name) or facts.own.get(name) or str(UUID(int=9))

    return "/" + WORD.sub(value, route)


def _extension(route: str) -> str:
    return "csv" if "data." in route else "ttl"


def steps(keys: tuple[str, ...], coin: random.Random) -> Iterator[Step]:
    """Give every cell; at which organization is chosen by chance."""
    for route in sorted({row["route"] for row in read_table("routes.csv")} & set(routes())):
        is_rest = route.startswith("api/")
        for party in (*PARTIES, *((MACHINE,) if is_rest else ())):
            for method in ("GET", *UNSAFE["rest" if is_rest else "page"]):
                for whose in _whose(route):
                    yield Step(key=coin.choice(keys), route=route, method=method, party=party, whose=whose)
        for name, probe in PROBES.items():
            if probe.route == route:
                for party in probe.parties:
                    yield Step(
                        key=coin.choice(keys),
                        route=route,
                        method=probe.method,
                        party=party,
                        whose=(FOREIGN,),
                        place=name,
                    )


def _whose(route: str) -> list[tuple[str, ...]]:
    count = len(identifiers(route))
    if count == 0:
        return [()]
    found = [(OWN,) * count, (OTHER,) * count, (FOREIGN,) * count]
    if count == 2:
        found += [(OWN, FOREIGN), (FOREIGN, OWN), (OWN, OTHER), (OTHER, OWN)]
    return found


BODIES: dict[tuple[str, str], Callable[[House], object]] = {
    ("POST", "api/cases/v1/cases"): lambda house: new_case(house, attachments=[]),
    ("PATCH", "api/cases/v1/cases/<uuidstr:case_id>"): lambda house: {"assignee": house.own["person"]},
    ("POST", "api/cases/v1/cases/<uuidstr:case_id>/decisions"): lambda house: {
        "outcome": "granted",
        "motivation": "ja",
    },
    ("POST", "api/webhooks/v1/subscriptions"): lambda house: {
        "url": "https://ontvanger.example/in",
        "eventTypes": ["be.ocapi.cases.*"],
    },
}
"""Bodies that are good, so that an operation's own decision is reached and not a refusal of the input."""


def new_case(house: House, *, attachments: list[str], **more: object) -> dict[str, object]:
    """Give the body of a whole case."""
    return {
        "caseType": "kapvergunning",
        "attachments": attachments,
        "answers": [],
        "applicant": {"kind": "person", "id": house.own["applicant"], "name": "Noor"},
        **more,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One way to bring an identifier in beside the path. make: what is sent, from whose it is."""

    route: str
    make: Callable[[House, "Taken"], dict[str, Any]]
    method: str = "GET"
    parties: tuple[str, ...] = ("clerk",)


Taken = dict[str, str]
"""What an organization itself hands out: cursors and entity tags, by name."""


def _query(text: str) -> Callable[[House, Taken], dict[str, Any]]:
    def make(facts: House, taken: Taken) -> dict[str, Any]:
        names = facts.own | taken | {"mark": facts.marks.mark, "reference": facts.texts["reference first"]}
        return {"query": text.format(**names)}

    return make


def _header(name: str, value: str) -> Callable[[House, Taken], dict[str, Any]]:
    def make(facts: House, taken: Taken) -> dict[str, Any]:
        return {"headers": {name: value.format(**facts.own, **taken, host=facts.host, token=facts.token)}}

    return make


def _json(of: Callable[[House, str], object]) -> Callable[[House, Taken], dict[str, Any]]:
    return lambda facts, taken: {"json": of(facts, "")}


def _session(party: str) -> Callable[[House, Taken], dict[str, Any]]:
    return lambda facts, taken: {"session": facts.cookies[party]}


CASES, CASE = "api/cases/v1/cases", "api/cases/v1/cases/<uuidstr:case_id>"
PROBES: dict[str, Probe] = {
    "query reference": Probe(route=CASES, make=_query("reference={reference}"), parties=("clerk", MACHINE)),
    "query assignee": Probe(route=CASES, make=_query("assignee={person}"), parties=("clerk", MACHINE)),
    "query caseType": Probe(route=CASES, make=_query("caseType={mark}")),
    "sort": Probe(route=CASES, make=_query("sort={mark}")),
    "cursor of cases": Probe(route=CASES, make=_query("cursor={cases}"), parties=("clerk", MACHINE)),
    "cursor of deliveries": Probe(
        route="api/webhooks/v1/deliveries", make=_query("cursor={deliveries}"), parties=("tenant_admin",)
    ),
    "cursor of messages": Probe(
        route="mijn/berichten", make=_query("cursor={messages}"), parties=("citizen_self",)
    ),
    "cursor of consultations": Probe(
        route="mijn/raadplegingen", make=_query("cursor={lines}"), parties=("citizen_self",)
    ),
    "page query": Probe(route="desk/zaken/", make=_query("q={reference}")),
    "page cursor": Probe(route="desk/zaken/", make=_query("cursor={cases}")),
    "export query": Probe(route="desk/zaken/werklijst.csv", make=_query("q={reference}")),
    "search": Probe(route="zoeken", make=_query("q={mark}"), parties=("anonymous", "citizen_self", "clerk")),
    "catalogue query": Probe(route="desk/diensten/", make=_query("q={mark}")),
    "processes query": Probe(route="desk/processen/", make=_query("q={mark}")),
    "form name": Probe(
        route="desk/zaken/op-naam",
        method="POST",
        make=lambda facts, taken: {"form": f"name={facts.marks.mark}"},
    ),
    "body attachment": Probe(
        route=CASES,
        method="POST",
        parties=(MACHINE,),
        make=_json(lambda facts, _: new_case(facts, attachments=[facts.own["file"]])),
    ),
    "body assignee": Probe(
        route=CASE,
        method="PATCH",
        make=lambda facts, taken: {"json": {"assignee": facts.own["person"]}, "headers": {"If-Match": '"1"'}},
    ),
    "nested applicant": Probe(
        route=CASES,
        method="POST",
        parties=(MACHINE,),
        make=_json(lambda facts, _: new_case(facts, attachments=[], service=facts.own["stream"])),
    ),
    "form person": Probe(
        route="desk/medewerkers/rol-geven",
        method="POST",
        parties=("tenant_admin",),
        make=lambda facts, taken: {"form": f"person={facts.own['person']}&code=clerk"},
    ),
    "form representative": Probe(
        route="mijn/volmachten/nieuw",
        method="POST",
        parties=("citizen_self",),
        make=lambda facts, taken: {"form": f"representative={facts.own['person']}&service=*"},
    ),
    "header If-None-Match": Probe(route=CASE, make=_header("If-None-Match", "{etag}")),
    "header If-Match": Probe(
        route=CASE,
        method="PATCH",
        make=lambda facts, taken: {"json": {"assignee": None}, "headers": {"If-Match": taken["etag"]}},
    ),
    "validator of a public list": Probe(
        route="api/services/v1/services", make=_header("If-None-Match", "{services}"), parties=("anonymous",)
    ),
    "header Idempotency-Key": Probe(
        route=CASES,
        method="POST",
        parties=(MACHINE,),
        make=lambda facts, taken: {
            "json": new_case(facts, attachments=[]),
            "headers": {"Idempotency-Key": facts.marks.mark},
        },
    ),
    "header X-Forwarded-Host": Probe(
        route="", make=_header("X-Forwarded-Host", "{host}"), parties=("anonymous",)
    ),
    "header Authorization": Probe(
        route=CASES, make=_header("Authorization", "Bearer {token}"), parties=("anonymous",)
    ),
    "header Cookie": Probe(route="desk/zaken/", make=_session("clerk"), parties=("anonymous",)),
    "header Cookie of a citizen": Probe(
        route="mijn/zaken", make=_session("citizen_self"), parties=("anonymous",)
    ),
    "file name": Probe(route="huisstijl/<str:name>", make=_query("v={mark}"), parties=("anonymous",)),
}


def request_of(step: Step, houses: dict[str, House], taken: dict[str, Taken]) -> Request:
    """Make the request. houses, taken: by word of whose; `own` is the organization that is asked."""
    own = houses[OWN]
    probe = PROBES.get(step.place)
    whose = (OWN,) * len(identifiers(step.route)) if probe else step.whose
    target, more = path_of(step.route, whose, houses), {}
    if probe:
        more = probe.make(houses[step.whose[0]], taken[step.whose[0]])
        if "query" in more:
            target += f"?{more['query']}"
    headers = dict(more.get("headers", {}))
    headers |= {} if "Authorization" in headers else _who(step, own, more.get("session", ""))
    body, media_type = str(more.get("form", "")).encode(), "application/x-www-form-urlencoded"
    content = more.get("json")
    if content is None and (make := BODIES.get((step.method, step.route))) and not probe:
        content = make(_as_second(own) if step.party == "citizen_other" else own)
    if content is not None or (step.route.startswith("api/") and step.method != "GET"):
        body, media_type = json.dumps(content or {}).encode(), "application/json"
        if step.method in ("PATCH", "POST") and "If-Match" not in headers:
            headers["If-Match"] = '"1"'
    return Request(method=step.method, target=target, headers=headers, body=body, media_type=media_type)


def _as_second(house: House) -> House:
    return replace(house, own=house.own | {"applicant": house.other["applicant"]})


def _who(step: Step, own: House, session: str) -> dict[str, str]:
    if step.party == MACHINE:
        return {"Authorization": f"Bearer {own.token}"}
    return {"Cookie": asking.cookies(own.tenant.key, session or own.cookies.get(step.party, ""))}
