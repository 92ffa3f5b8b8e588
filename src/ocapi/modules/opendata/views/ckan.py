"""The read side of CKAN's action API 3, for clients and harvesters that speak it.

Answers, errors and their statuses are CKAN's: `{"help", "success", "result"}`, 404 Not Found Error, 409
Validation Error, 400 for what is no request. Parameters come in the address or as a JSON body.
Source: docs.ckan.org, API guide (2.10).
"""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.lib import codec
from ocapi.lib.actor import Actor
from ocapi.lib.dcat import ckan, lists
from ocapi.modules.opendata import api
from ocapi.modules.opendata.data import Asked, CatalogPage, DatasetGone, DatasetNotFound, Published

MAX_ROWS = 1_000  # CKAN's own default of ckan.search.rows_max
MAX_START = 1_000_000
ROWS = 10
FACET_LIMIT = 50
MAX_BODY = 64 << 10
FACETS = {
    "organization": "publisher",
    "groups": "theme",
    "tags": "keyword",
    "res_format": "format",
    "license_id": "license",
    "owner_org": "publisher",
    "vocab_hvd": "hvd",
}
"""Names of facets of CKAN to ours."""
SORTS = {
    "score": "relevance",
    "relevance": "relevance",
    "title_string": "title",
    "title": "title",
    "name": "title",
    "metadata_modified": "modified",
    "metadata_created": "issued",
    "views_recent": "modified",
}
_TERM = re.compile(
    r"\s*(?P<sign>[+-]?)(?P<name>[a-z_]+):(?:\((?P<many>[^()]*)\)|\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^\s()\"]+))"
)
_BOOLEAN = re.compile(r"\s+(?:AND|and|&&)(?=\s)")
_IN_LIST = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|([^\s\"]+)")
_QUERY_FIELD = re.compile(r"(?:^|\s)[+-]?(?:title|notes|text|name|tags):")
IGNORED = {
    "dataset_type": "dataset",
    "state": "active",
    "type": "dataset",
    "capacity": "public",
    "private": "false",
    "*": "*",
}
"""Terms that hold for everything here."""

Parameters = dict[str, Any]


class Invalid(ValueError):
    """A parameter is not what the action asks."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name)
        self.name = name
        self.message = message


class Missing(LookupError):
    """There is no such thing."""


@csrf_exempt
@require_http_methods(["GET", "POST", "HEAD", "OPTIONS"])
def action(request: HttpRequest, action: str) -> HttpResponse:
    """Do an action by name; nothing here changes anything, so a POST needs no token."""
    if request.method == "OPTIONS":
        return _json(request, {}, HTTPStatus.OK)
    help_path = reverse("opendata:ckan-3", args=["help_show"])
    help_text = request.build_absolute_uri(f"{help_path}?name={quote(action)}")
    do = ACTIONS.get(action)
    if do is None:
        return _json(request, f"Bad request - Action name not known: {action[:100]}", HTTPStatus.BAD_REQUEST)
    try:
        parameters = _parameters(request)
    except codec.MalformedInput as refused:
        return _json(request, f"Bad request - JSON Error: {refused.detail}", HTTPStatus.BAD_REQUEST)
    try:
        result = do(request, parameters)
    except Invalid as wrong:
        error = {wrong.name: [wrong.message], "__type": "Validation Error"}
        return _json(request, {"help": help_text, "success": False, "error": error}, HTTPStatus.CONFLICT)
    except (Missing, DatasetNotFound, DatasetGone):
        error = {"message": "Not found", "__type": "Not Found Error"}
        return _json(request, {"help": help_text, "success": False, "error": error}, HTTPStatus.NOT_FOUND)
    return _json(request, {"help": help_text, "success": True, "result": result}, HTTPStatus.OK)


def _json(request: HttpRequest, value: Any, status: HTTPStatus) -> HttpResponse:
    response = HttpResponse(
        codec.encode_json(value), status=status, content_type="application/json;charset=utf-8"
    )
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "POST, GET, OPTIONS"
    response["Access-Control-Allow-Headers"] = "X-CKAN-API-KEY, Authorization, Content-Type"
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


def _parameters(request: HttpRequest) -> Parameters:
    asked: Parameters = {name: values[-1] for name, values in request.GET.lists()}
    if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
        asked |= {name: values[-1] for name, values in request.POST.lists()}
        raw = b""
    else:
        raw = request.body if request.method == "POST" else b""
    if raw.strip():
        said = codec.decode_unique(raw, max_bytes=MAX_BODY)
        if not isinstance(said, dict):
            raise codec.MalformedInput(codec.Reason.INVALID_VALUE, detail="the request data is a JSON object")
        asked |= said
    return asked


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def _text(parameters: Parameters, name: str, default: str = "") -> str:
    value = parameters.get(name)
    return value if isinstance(value, str) else default if value is None else str(value)


def _number(parameters: Parameters, name: str, default: int, *, least: int = 0, most: int = MAX_START) -> int:
    value = parameters.get(name, default)
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,18}", text):
        raise Invalid(name, "Invalid integer")
    if int(text) < least:
        raise Invalid(name, "Must be a natural number")
    return min(int(text), most)


def _named(parameters: Parameters, name: str = "id") -> str:
    value = _text(parameters, name) or _text(parameters, "name_or_id")
    if not value:
        raise Invalid(name, "Missing value")
    return value


def _package(found: Published, request: HttpRequest) -> dict[str, Any]:
    page = request.build_absolute_uri(reverse("opendata:dataset", args=[found.code]))
    return ckan.package(found.dataset, id=str(found.uuid), name=found.code, landing_page=page)


def _described(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    return _package(api.get_described(uuid=uuid, actor=_actor(request)), request)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def package_show(request: HttpRequest, parameters: Parameters) -> Any:
    """Give a package by id or name."""
    named = _named(parameters)
    uuid = _uuid(named)
    if uuid is not None:
        return _described(request, uuid)
    return _package(api.get_published(code=named[:120], actor=_actor(request)), request)


def package_list(request: HttpRequest, parameters: Parameters) -> Any:
    """Give the names of packages."""
    start = _number(parameters, "offset", 0)
    size = _number(parameters, "limit", 10_000, most=10_000)
    return list(api.list_codes(start=start, size=size, actor=_actor(request)))


def package_search(request: HttpRequest, parameters: Parameters) -> Any:
    """Search packages with facets."""
    text = _query(_text(parameters, "q"))
    filters = tuple(_filters(_text(parameters, "fq"), "fq"))
    more = parameters.get("fq_list", [])
    for each in more if isinstance(more, list) else []:
        filters += tuple(_filters(str(each), "fq_list"))
    rows = _number(parameters, "rows", ROWS, most=MAX_ROWS)
    found = api.search_catalog(
        asked=Asked(
            text=text,
            filters=filters,
            sort=_sort(_text(parameters, "sort"), bool(text)),
            start=_number(parameters, "start", 0),
            size=rows,
        ),
        actor=_actor(request),
    )
    results = [_described(request, each.uuid) for each in found.items]
    facets = _facets(parameters, found)
    return {
        "count": found.total,
        "sort": _text(parameters, "sort") or "score desc, metadata_modified desc",
        "facets": {name: {each["name"]: each["count"] for each in items} for name, items in facets.items()},
        "search_facets": {name: {"title": name, "items": items} for name, items in facets.items()},
        "results": results,
    }


def _query(text: str) -> str:
    """Give the words of a query: `*:*` is everything, names of fields and wildcards fall away."""
    words = _QUERY_FIELD.sub(" ", text.replace("*:*", " "))
    words = re.sub(r"[\"*?()\[\]{}~^]|\b(?:AND|OR|NOT)\b", " ", words)
    return " ".join(words.split())[:200]


def _filters(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Read the filters a client sends: terms joined by AND; `(a OR b)` means either.

    Others of Solr's language (NOT, ranges, OR between fields) raise Invalid, for a filter that is passed by
    gives data that nobody asked for.
    """
    rest = _BOOLEAN.sub(" ", f" {text} ".replace("*:*", " ")).strip()
    while rest:
        found = _TERM.match(rest)
        if found is None:
            raise Invalid(name, f"Cannot read the filter at: {rest[:60]}")
        rest = rest[found.end() :].strip()
        field = found["name"]
        if found["sign"] == "-":
            raise Invalid(name, f"Exclusion is not offered: -{field}")
        values = _values(found)
        if IGNORED.get(field) in values:
            continue
        if field not in FACETS:
            raise Invalid(name, f"Unknown field: {field}")
        for value in values:
            yield FACETS[field], value.lower() if FACETS[field] == "keyword" else value


def _values(found: re.Match[str]) -> list[str]:
    if found["many"] is not None:
        parts = [quoted or bare for quoted, bare in _IN_LIST.findall(found["many"])]
        return [each.replace('\\"', '"') for each in parts if each not in ("OR", "or", "||")]
    value = found["quoted"] if found["quoted"] is not None else found["bare"]
    return [value.replace('\\"', '"')]


def _sort(text: str, has_text: bool) -> str:
    first = text.split(",")[0].split()
    if not first:
        return "relevance" if has_text else "-modified"
    name = SORTS.get(first[0])
    if name is None or (len(first) > 1 and first[1].lower() not in ("asc", "desc")):
        raise Invalid("sort", f"Cannot sort by field: {first[0][:60]}")
    if name == "relevance":
        return "relevance" if has_text else "-modified"
    return f"-{name}" if first[-1].lower() == "desc" else name


def _facets(parameters: Parameters, found: CatalogPage) -> dict[str, list[dict[str, Any]]]:
    asked = parameters.get("facet.field", [])
    if isinstance(asked, str):
        try:
            asked = codec.decode_untyped(asked.encode()) if asked else []
        except codec.MalformedInput:
            raise Invalid("facet.field", "Not a JSON list") from None
    if not isinstance(asked, list):
        raise Invalid("facet.field", "Not a JSON list")
    if _text(parameters, "facet", "true").lower() == "false":
        return {}
    limit = _number(parameters, "facet.limit", FACET_LIMIT, least=-1, most=500)
    least = _number(parameters, "facet.mincount", 1)
    out = {}
    for each in asked[:20]:
        values = found.facets.get(FACETS.get(str(each), ""), ())
        items = [
            {"name": one.value, "display_name": one.label, "count": one.count}
            for one in values
            if one.count >= least
        ]
        out[str(each)[:60]] = items if limit < 0 else items[:limit]
    return out


def current_package_list_with_resources(request: HttpRequest, parameters: Parameters) -> Any:
    """Give packages with resources, the newest change first."""
    size = _number(parameters, "limit", 100, most=MAX_ROWS)
    page = _number(parameters, "page", 1, least=1)
    start = _number(parameters, "offset", (page - 1) * size)
    found = api.search_catalog(asked=Asked(start=start, size=size, with_facets=False), actor=_actor(request))
    return [_described(request, each.uuid) for each in found.items]


def resource_show(request: HttpRequest, parameters: Parameters) -> Any:
    """Give a resource; its id holds that of its package."""
    uuid = _uuid(_named(parameters).rpartition("-")[0])
    if uuid is None:
        raise Missing
    held = _described(request, uuid)["resources"]
    for each in held:
        if each["id"] == parameters["id"]:
            return each
    raise Missing


def _listed(facet: str) -> Callable[[HttpRequest, Parameters], Any]:
    def do(request: HttpRequest, parameters: Parameters) -> Any:
        found = api.search_catalog(asked=Asked(size=0), actor=_actor(request)).facets.get(facet, ())
        if _text(parameters, "all_fields").lower() not in ("true", "1", "yes"):
            return sorted(each.value for each in found)
        return [_as_group(each.value, each.label, each.count, facet) for each in found]

    return do


def _shown(facet: str) -> Callable[[HttpRequest, Parameters], Any]:
    def do(request: HttpRequest, parameters: Parameters) -> Any:
        named = _named(parameters)
        found = api.search_catalog(asked=Asked(size=0), actor=_actor(request)).facets.get(facet, ())
        for each in found:
            if each.value == named:
                return _as_group(each.value, each.label, each.count, facet)
        raise Missing

    return do


def _as_group(name: str, label: str, count: int, facet: str) -> dict[str, Any]:
    is_organization = facet == "publisher"
    return {
        "id": name,
        "name": name,
        "title": label,
        "display_name": label,
        "package_count": count,
        "description": "",
        "image_url": "",
        "is_organization": is_organization,
        "type": "organization" if is_organization else "group",
        "state": "active",
        "approval_status": "approved",
        "extras": [],
        "users": [],
        "tags": [],
        "groups": [],
    }


def license_list(request: HttpRequest, parameters: Parameters) -> Any:
    """Give the licenses that are known here."""
    return [
        {
            "id": each.code,
            "title": each.nl,
            "url": each.iri,
            "status": "active",
            "is_generic": False,
            "od_conformance": "approved" if lists.is_open_license(each.iri) else "not reviewed",
        }
        for each in (*lists.LICENSES, *lists.FOREIGN_LICENSES[:3])
    ]


def status_show(request: HttpRequest, parameters: Parameters) -> Any:
    """Say what answers here."""
    return {
        "ckan_version": "2.10.0",
        "site_url": ui.address(request, "/").rstrip("/"),
        "site_title": "Open data",
        "site_description": "",
        "locale_default": "nl",
        "extensions": [],
        "error_emails_to": None,
    }


def site_read(request: HttpRequest, parameters: Parameters) -> Any:
    """Say that everybody may read."""
    return True


def help_show(request: HttpRequest, parameters: Parameters) -> Any:
    """Say what an action does."""
    do = ACTIONS.get(_named(parameters, "name"))
    if do is None:
        raise Missing
    return do.__doc__ or f"Read {parameters['name']}."


ACTIONS: dict[str, Callable[[HttpRequest, Parameters], Any]] = {
    "package_show": package_show,
    "dataset_show": package_show,
    "package_list": package_list,
    "package_search": package_search,
    "resource_show": resource_show,
    "license_list": license_list,
    "current_package_list_with_resources": current_package_list_with_resources,
    "organization_list": _listed("publisher"),
    "organization_show": _shown("publisher"),
    "group_list": _listed("theme"),
    "group_show": _shown("theme"),
    "tag_list": _listed("keyword"),
    "status_show": status_show,
    "site_read": site_read,
    "help_show": help_show,
}
"""Actions by name."""
