"""Data services that are filled many things at once: from a register, and from a feed elsewhere."""

import json
from datetime import datetime
from typing import Any

from tests.proofs.crash.operations.register import operation

SERVICE, TERM = "bestuurseenheden", "Bestuurseenheid"
THINGS, AT_ONCE = 24, 10  # three batches
FEED, PAGES, MEMBERS = "https://elders.be/feed", 3, 5


@operation
def filled(key: str, now: datetime) -> None:
    """Load a register whose things bear that key; the feed has a view beside it."""
    from ocapi.modules.linkeddata import api
    from ocapi.modules.linkeddata.data import RegisteredThing, ViewKind

    api.FILLED_AT_ONCE = AT_ONCE
    api.create_shipped(code=SERVICE, now=now)
    api.add_view(service=SERVICE, kind=ViewKind.OBJECTS, now=now)
    things = (RegisteredThing(key=each, term=TERM, body=_body(each)) for each in _keys(key))
    api.load_register(service=SERVICE, things=things, actor=api.LOADER, now=now)


@operation
def followed(key: str, now: datetime) -> None:
    """Follow a feed of that key, which has three pages."""
    from ocapi.lib.ldes.following import Fetched
    from ocapi.modules.linkeddata import api

    api.create_shipped(code=SERVICE, under="gevolgd", now=now)

    def fetch(address: str, tag: str) -> Fetched:
        number = int(address.rpartition("/")[2])
        return Fetched(graph=_page(key, number, now), is_immutable=number < PAGES)

    api.follow_feed(service="gevolgd", address=f"{FEED}/{key}/1", fetch=fetch, actor=api.LOADER, now=now)


def whole_fillings() -> list[str]:
    """Give the keys of which all is there: each thing with one version, one fact and its page in the view."""
    from ocapi.kernel.outbox.models import EventRow
    from ocapi.modules.linkeddata import api, taking
    from ocapi.modules.linkeddata.models import ServiceRow, VersionRow, ViewPageRow

    found: list[str] = []
    kind = "be.ocapi.linkeddata.object.changed.v1"
    told = EventRow.objects.filter(type=kind).values_list("data", flat=True)
    facts = [json.loads(each)["iri"] for each in told]
    services = {each.code: each for each in ServiceRow.objects.filter(code__in=(SERVICE, "gevolgd"))}
    rows = {
        code: dict(VersionRow.objects.filter(service=each).values_list("object__iri", "number"))
        for code, each in services.items()
    }
    for code, each in services.items():
        numbers = sorted(VersionRow.objects.filter(service=each).values_list("number", flat=True))
        if numbers != list(range(1, each.last_number + 1)) or len(rows[code]) != len(numbers):
            return [f"{code}: numbers of versions are lost or double"]
    if sorted(facts) != sorted(iri for each in rows.values() for iri in each):
        return ["facts are lost or double"]
    paged = [int(each) for row in ViewPageRow.objects.all() for each in row.numbers.split(",")]
    if sorted(paged) != sorted(rows.get(SERVICE, {}).values()):
        return ["versions are lost or double in the view"]
    if SERVICE in services:
        prefix, uuid = f"{api.base()}/id/{TERM}/", services[SERVICE].uuid
        for key in ("f0", "f1"):
            names = [f"{prefix}{taking.uuid_of(service=uuid, key=each)}" for each in _keys(key)]
            found += _told(key, names, rows[SERVICE])
    for key in ("g0", "g1"):
        names = [_name(key, page, place) for page in range(1, PAGES + 1) for place in range(MEMBERS)]
        found += _told(key, names, rows.get("gevolgd", {}))
    return found


def _told(key: str, names: list[str], there: dict[str, int]) -> list[str]:
    count = sum(name in there for name in names)
    return [] if not count else [key] if count == len(names) else [f"{key} in parts: {count} of {len(names)}"]


def _keys(key: str) -> list[str]:
    return [f"{key}-{number}" for number in range(THINGS)]


def _body(name: str) -> dict[str, Any]:
    from tests.performance.feed_speed import body

    return body(0, name=name)


def _name(key: str, page: int, place: int) -> str:
    return f"https://elders.be/id/{key}/{page}-{place}"


def _page(key: str, number: int, now: datetime) -> Any:
    from ocapi.lib.jsonld.expansion import expand
    from ocapi.lib.ldes import pages
    from ocapi.modules.linkeddata import profiles, queries

    context = profiles.of(queries.service_row("gevolgd")).context
    names = [_name(key, number, place) for place in range(MEMBERS)]
    members = [
        pages.Member(
            name=f"{name}/1", of=name, at=now, number=place,
            graph=expand(_body(name), context=context, root=name).graph,
        )
        for place, name in enumerate(names)
    ]
    here = f"{FEED}/{key}"
    return pages.page(
        members, stream=f"{here}#stream", view=here, node=f"{here}/{number}",
        following=f"{here}/{number + 1}" if number < PAGES else "", shape="urn:shape",
    )
