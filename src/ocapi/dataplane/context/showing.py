"""Reads what form a client wants, and answers with one entity or a page of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from ocapi.dataplane import places
from ocapi.dataplane.context import querying
from ocapi.dataplane.context.door import GEO_JSON, Call, answer
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import bad
from ocapi.dataplane.context.rendering import CONCISE, NORMALIZED, SIMPLIFIED, View, show, show_feature

FORMS = frozenset({"options", "format", "pick", "omit", "lang", "geometryProperty", "attrs", "datasetId"})
PAGES = frozenset({"limit", "offset", "count"})
_FORM_OF = {"keyValues": SIMPLIFIED, "simplified": SIMPLIFIED, "concise": CONCISE, "normalized": NORMALIZED}
ENTITIES = "/ngsi-ld/v1/entities/"


def options(given: Mapping[str, str], allowed: frozenset[str]) -> frozenset[str]:
    """Read the options of a request; raises Refusal for one that is unknown."""
    found = frozenset(each for each in given.get("options", "").split(",") if each)
    unknown = found - allowed
    if unknown:
        raise bad(f"options: {sorted(unknown)[0][:80]!r} is not one of {', '.join(sorted(allowed))}")
    return found


def is_simplified(given: Mapping[str, str]) -> bool:
    """Tell whether a body is in the simplified form, by options or format."""
    said = {*given.get("options", "").split(","), given.get("format", "")}
    return bool(said & {"keyValues", "simplified"})


def view_of(given: Mapping[str, str], call: Call) -> View:
    """Read how entities are to be shown; raises Refusal."""
    found = options(given, frozenset({*_FORM_OF, "sysAttrs"}))
    forms = {_FORM_OF[each] for each in found if each in _FORM_OF}
    if "format" in given:
        if given["format"] not in _FORM_OF:
            raise bad("format: normalized, concise or simplified")
        forms = {_FORM_OF[given["format"]]}
    if len(forms) > 1:
        raise bad("options: choose one form")
    if "pick" in given and "omit" in given and _names(given, "pick") & _names(given, "omit"):
        raise bad("pick and omit name the same member")
    attributes = frozenset(call.terms.expand(each) for each in _names(given, "attrs"))
    place = given.get("geometryProperty", "location")
    return View(
        terms=call.terms,
        form=forms.pop() if forms else NORMALIZED,
        with_system="sysAttrs" in found,
        language=given.get("lang", ""),
        pick=_names(given, "pick"),
        omit=_names(given, "omit"),
        attributes=attributes,
        datasets=_names(given, "datasetId"),
        place=call.terms.expand(place),
    )


def _names(given: Mapping[str, str], parameter: str) -> frozenset[str]:
    if parameter not in given:
        return frozenset()
    names = frozenset(each.strip() for each in given[parameter].split(",") if each.strip())
    if not names:
        raise bad(f"{parameter}: give names with commas between")
    return names


def one(entity: Entity, view: View, call: Call) -> Response:
    """Answer with one entity."""
    if call.accept == GEO_JSON:
        return answer(call, show_feature(entity, view), kind=GEO_JSON)
    return answer(call, show(entity, view))


async def page(query: querying.Query, view: View, given: Mapping[str, str], call: Call) -> Response:
    """Answer with a page of a query's result, with its neighbors in Link headers."""
    limit, offset, is_counted = querying.window(given)
    found = await querying.find(query, call.store, limit=limit, offset=offset, is_counted=is_counted)
    if is_counted:
        call.headers["NGSILD-Results-Count"] = str(found.total)
    links = neighbors(call, given, limit=limit, offset=offset, has_more=found.has_more)
    if call.accept == GEO_JSON:
        features = [show_feature(each, view) for each in found.entities]
        content: Any = {"type": "FeatureCollection", "features": features}
        return answer(call, content, kind=GEO_JSON, links=links)
    return answer(call, [show(each, view) for each in found.entities], links=links)


def neighbors(
    call: Call, given: Mapping[str, str], *, limit: int, offset: int, has_more: bool
) -> tuple[str, ...]:
    """Give the Link values of the pages before and after (clause 6.3.10)."""
    path = places.prefix(call.request) + call.request.url.path
    found: list[str] = []
    for relation, at in (("prev", max(0, offset - limit)), ("next", offset + limit)):
        if limit and (offset > 0 if relation == "prev" else has_more):
            query = urlencode({**given, "limit": limit, "offset": at}, quote_via=quote)
            found.append(f'<{path}?{query}>; rel="{relation}"; type="{call.accept}"')
    return tuple(found)


def partly(updated: Sequence[str], not_updated: Sequence[tuple[str, str]], call: Call) -> Response:
    """Answer 207 with what was changed and what was not (clause 5.2.18)."""
    content = {
        "updated": list(updated),
        "notUpdated": [{"attributeName": name, "reason": reason} for name, reason in not_updated],
    }
    return answer(call, content, status=207, kind="application/json")
