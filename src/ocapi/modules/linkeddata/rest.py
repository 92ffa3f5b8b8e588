"""REST API of linkeddata by the BelGIF guide: services, and their objects in versions."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Body as InBody
from ninja import Header, Query, Router
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ocapi.kernel.ui import api as ui
from ocapi.lib.problem import etag_of, revision_of
from ocapi.modules.linkeddata import api
from ocapi.modules.linkeddata.data import DataService, NamedBody, ObjectPage, ObjectVersion, Standard

router = Router(tags=["Objects"])
TITLE = "Linked data"
API_NAME = "linkeddata"
MAX_KEY = 200
OBJECT = "/services/{service}/objects/{term}/{uuidstr:object_id}"
OBJECTS = "/services/{service}/objects/{term}"
LinkedObject = Annotated[dict[str, Any], InBody(..., description="An object of JSON-LD, as the profile says")]


class Body(BaseModel):
    """Base of every body: members in lowerCamelCase, unknown ones refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class ServiceClass(Body):
    """A class of a service and how many objects it has."""

    term: Annotated[str, Field(examples=["Organisatie"])]
    iri: str
    count: int


class Service(Body):
    """A data service. digest: SHA-256 of its profile; fallbackShare: of shapes that are not compiled."""

    href: str
    id: Annotated[str, Field(examples=["organisaties"])]
    title: str
    access: str
    profile: str
    digest: str
    fallback_share: float
    context: str
    classes: list[ServiceClass]


class Services(Body):
    """The services that the caller may read."""

    self: str
    items: list[Service]


class Item(Body):
    """An object in a list."""

    href: str
    id: UUID
    iri: str
    title: str | None = None
    version: int
    ended_on: date | None = None


class Objects(Body):
    """One page of objects; next is left out on the last page."""

    self: str
    items: list[Item]
    page_size: int
    next: str | None = None


class Search(Body):
    """What to look for: value by name of a property; all must hold."""

    filters: dict[str, str | int | bool] = {}
    cursor: Annotated[str, Field(max_length=200)] = ""
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class Version(Body):
    """One version of an object, and how long it held."""

    id: Annotated[str, Field(examples=["3"])]
    iri: str
    change: str
    valid_from: str
    valid_until: str | None = None


class Versions(Body):
    """The versions of an object, the oldest first."""

    self: str
    items: list[Version]


class Ending(Body):
    """The day a thing ended, and the names of what came in its place."""

    ended_on: date
    replaced_by: Annotated[list[str], Field(max_length=50)] = []


class Report(Body):
    """What is wrong. property: IRI. value: as shown, empty when it lacks. proposed: what it should be."""

    property: Annotated[str, Field(max_length=2000)]
    value: Annotated[str, Field(max_length=20_000)] = ""
    proposed: Annotated[str, Field(max_length=1000)] = ""
    explanation: Annotated[str, Field(min_length=1, max_length=4000)]


class Reported(Body):
    """By which the reporter follows the report: the number and id of the case that it became."""

    reference: str
    id: UUID


@router.get(
    "/services",
    response=Services,
    operation_id="listServices",
    summary="Data services",
    by_alias=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.list_services"},
)
def list_services(request: HttpRequest) -> Services:
    """Give the services whose objects the caller may read."""
    found = api.list_services(actor=request.actor)  # type: ignore[attr-defined]
    return Services(self=request.build_absolute_uri(), items=[_service(request, each) for each in found])


@router.get(
    "/services/{service}",
    response=Service,
    operation_id="getService",
    summary="A data service",
    by_alias=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.list_services"},
)
def get_service(request: HttpRequest, service: str) -> Service:
    """Give a service with its classes."""
    return _service(request, api.get_service(service=service, actor=request.actor))  # type: ignore[attr-defined]


class ServiceOfStandard(Body):
    """A data service that goes by a standard. checkedAt: when an object was checked by it last."""

    href: str
    id: str
    title: str
    profile: str
    digest: str
    objects: int
    checked_at: datetime | None = None


class StandardOut(Body):
    """A standard of OSLO. category, status, usage, publishedOn: absent where the register does not say it."""

    id: Annotated[str, Field(examples=["omgevingsvergunning/ap-omgevingsvergunning"])]
    title: str
    category: str | None = None
    status: str | None = None
    usage: str | None = None
    published_on: date | None = None
    source: str | None = None
    services: list[ServiceOfStandard]


class Standards(Body):
    """A page of standards by title. total: of the register. next: address of the next page."""

    self: str
    total: int
    page_size: int
    next: str | None = None
    items: list[StandardOut]


@router.get(
    "/standards",
    response=Standards,
    operation_id="listStandards",
    summary="Standards of OSLO and the data services that go by them",
    by_alias=True,
    exclude_none=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.list_services"},
)
def list_standards(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=120)] = "",
    cursor: Annotated[str, Query(max_length=800)] = "",
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=100)] = 25,
) -> Standards:
    """Give standards by title; q: words of the title."""
    found = api.list_standards(text=q, cursor=cursor, page_size=page_size, actor=request.actor)  # type: ignore[attr-defined]
    base = request.build_absolute_uri(request.path)
    asked = urlencode({"q": q, "cursor": found.next_cursor, "pageSize": page_size})
    return Standards(
        self=request.build_absolute_uri(),
        total=found.total,
        page_size=page_size,
        next=f"{base}?{asked}" if found.next_cursor else None,
        items=[_standard(request, each) for each in found.items],
    )


def _standard(request: HttpRequest, each: Standard) -> StandardOut:
    services = request.build_absolute_uri(request.path).replace("/standards", "/services/")
    return StandardOut(
        id=each.code,
        title=each.title,
        category=each.category.value or None,
        status=each.status or None,
        usage=each.usage or None,
        published_on=each.published_on,
        source=each.address or None,
        services=[
            ServiceOfStandard(
                href=f"{services}{one.service}",
                id=one.service,
                title=one.title,
                profile=one.profile,
                digest=one.digest,
                objects=one.objects,
                checked_at=one.checked_at,
            )
            for one in each.conforms
        ],
    )


class PublicBody(Body):
    """A public body. iri, href: its name and document here; absent when it is not published here."""

    name: str
    iri: str | None = None
    href: str | None = None
    identifiers: Annotated[dict[str, str], Field(examples=[{"nis": "44084", "kbo": "0697608063"}])]


class Identified(Body):
    """What an identifier of a public body stands for today, and what took its place."""

    self: str
    scheme: str
    value: str
    on: date
    status: Annotated[str, Field(examples=["ended"])]
    body: PublicBody
    current_value: str | None = None
    replaced_by: list[PublicBody]


@router.get(
    "/identifiers/{scheme}/{value}",
    response=Identified,
    operation_id="identifyBody",
    summary="The public body behind a NIS, KBO or OVO code, also an old one",
    by_alias=True,
    exclude_none=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.read_open"},
)
def identify_body(request: HttpRequest, scheme: str, value: str) -> Identified:
    """Give what a code stands for today; `replacedBy` names what took the place of a body that ended."""
    found = api.identify_body(scheme=scheme, value=value, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return Identified(
        self=request.build_absolute_uri(),
        scheme=found.scheme,
        value=found.value,
        on=found.on,
        status=found.status,
        body=_body_of(request, found.body),
        current_value=found.current_value or None,
        replaced_by=[_body_of(request, each) for each in found.replaced_by],
    )


def _body_of(request: HttpRequest, found: NamedBody) -> PublicBody:
    return PublicBody(
        name=found.name,
        iri=found.iri or None,
        href=ui.address(request, found.page) if found.page else None,
        identifiers=dict(found.identifiers),
    )


@router.get(
    OBJECTS,
    response=Objects,
    operation_id="listObjects",
    summary="Objects of a class",
    by_alias=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.read_open"},
)
def list_objects(
    request: HttpRequest,
    service: str,
    term: str,
    cursor: str = Query("", max_length=200),
    page_size: int = Query(20, alias="pageSize", ge=1, le=100),
) -> Objects:
    """Give objects in the order they were made."""
    page = api.list_objects(
        service=service, term=term, cursor=cursor, page_size=page_size, actor=request.actor, now=request.now
    )  # type: ignore[attr-defined]
    return _page(request, request.path, page, page_size)


@router.post(
    f"{OBJECTS}/query",
    response=Objects,
    operation_id="queryObjects",
    summary="Search objects",
    by_alias=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.read_open"},
)
def query_objects(request: HttpRequest, service: str, term: str, body: Search) -> Objects:
    """Give objects whose newest version holds these values."""
    page = api.list_objects(
        service=service,
        term=term,
        cursor=body.cursor,
        page_size=body.page_size,
        filters=body.filters,
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
    )
    return _page(request, request.path.removesuffix("/query"), page, body.page_size)


@router.post(
    OBJECTS,
    response={201: dict[str, Any]},
    operation_id="createObject",
    summary="Create an object",
    openapi_extra={"x-ocapi-operation": "linkeddata.write"},
)
def create_object(
    request: HttpRequest,
    response: HttpResponse,
    service: str,
    term: str,
    body: LinkedObject,
    idempotency_key: str = Header("", alias="Idempotency-Key", max_length=MAX_KEY),
) -> tuple[int, dict[str, Any]]:
    """Create an object that is what the profile asks; the same key gives the same object."""
    made = api.create_object(
        service=service,
        term=term,
        body=body,
        idempotency_key=idempotency_key,
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
    )
    response["Location"] = request.build_absolute_uri(f"{request.path}/{made.uuid}")
    return 201, _object(response, made)


@router.get(
    OBJECT,
    response=dict[str, Any],
    operation_id="getObject",
    summary="An object",
    openapi_extra={"x-ocapi-operation": "linkeddata.read_open"},
)
def get_object(
    request: HttpRequest,
    response: HttpResponse,
    service: str,
    term: str,
    object_id: UUID,
    version: int | None = Query(None, ge=1, le=1_000_000),
) -> dict[str, Any]:
    """Give an object by its newest version, or by the one named."""
    found = api.get_object(
        service=service, term=term, uuid=object_id, sequence=version, actor=request.actor, now=request.now
    )  # type: ignore[attr-defined]
    return _object(response, found)


@router.put(
    OBJECT,
    response=dict[str, Any],
    operation_id="replaceObject",
    summary="Replace an object",
    openapi_extra={"x-ocapi-operation": "linkeddata.write"},
)
def replace_object(
    request: HttpRequest,
    response: HttpResponse,
    service: str,
    term: str,
    object_id: UUID,
    body: LinkedObject,
    if_match: str = Header("", alias="If-Match"),
) -> dict[str, Any]:
    """Give an object a new version."""
    made = api.replace_object(
        service=service,
        term=term,
        uuid=object_id,
        body=body,
        sequence=revision_of(if_match),
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
    )
    return _object(response, made)


@router.patch(
    OBJECT,
    response=dict[str, Any],
    operation_id="patchObject",
    summary="Change members of an object",
    openapi_extra={"x-ocapi-operation": "linkeddata.write"},
)
def patch_object(
    request: HttpRequest,
    response: HttpResponse,
    service: str,
    term: str,
    object_id: UUID,
    body: LinkedObject,
    if_match: str = Header("", alias="If-Match"),
) -> dict[str, Any]:
    """Change members of an object (RFC 7386)."""
    made = api.patch_object(
        service=service,
        term=term,
        uuid=object_id,
        patch=body,
        sequence=revision_of(if_match),
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
    )
    return _object(response, made)


@router.delete(
    OBJECT,
    response={204: None},
    operation_id="deleteObject",
    summary="Delete an object",
    openapi_extra={"x-ocapi-operation": "linkeddata.write"},
)
def delete_object(
    request: HttpRequest,
    service: str,
    term: str,
    object_id: UUID,
    if_match: str = Header("", alias="If-Match"),
) -> tuple[int, None]:
    """Take an object away; its name is never used again."""
    api.delete_object(
        service=service,
        term=term,
        uuid=object_id,
        sequence=revision_of(if_match),
        actor=request.actor,
        now=request.now,
    )  # type: ignore[attr-defined]
    return 204, None


@router.get(
    f"{OBJECT}/versions",
    response=Versions,
    operation_id="listObjectVersions",
    summary="Versions of an object",
    by_alias=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.read_open"},
)
def list_versions(request: HttpRequest, service: str, term: str, object_id: UUID) -> Versions:
    """Give the versions of an object, the oldest first."""
    found = api.list_versions(service=service, term=term, uuid=object_id, actor=request.actor)  # type: ignore[attr-defined]
    return Versions(
        self=request.build_absolute_uri(),
        items=[
            Version(
                id=str(each.sequence),
                iri=each.version_iri,
                change=each.change.value,
                valid_from=each.valid_from.isoformat(),
                valid_until=each.valid_until.isoformat() if each.valid_until else None,
            )
            for each in found
        ],
    )


@router.post(
    f"{OBJECT}/endings",
    response=dict[str, Any],
    operation_id="endObject",
    summary="Say that it ended",
    openapi_extra={"x-ocapi-operation": "linkeddata.write"},
)
def end_object(
    request: HttpRequest,
    response: HttpResponse,
    service: str,
    term: str,
    object_id: UUID,
    body: Ending,
    if_match: str = Header("", alias="If-Match"),
) -> dict[str, Any]:
    """Say on which day the thing ended and what came in its place."""
    made = api.end_object(
        service=service,
        term=term,
        uuid=object_id,
        ended_on=body.ended_on,
        replaced_by=tuple(body.replaced_by),
        sequence=revision_of(if_match),
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
    )
    return _object(response, made)


@router.post(
    f"{OBJECT}/reports",
    response={201: Reported},
    operation_id="reportValue",
    summary="Report a wrong value",
    by_alias=True,
    openapi_extra={"x-ocapi-operation": "linkeddata.report"},
)
def report_value(
    request: HttpRequest, service: str, term: str, object_id: UUID, body: Report
) -> tuple[int, Reported]:
    """Report that a value is wrong or missing; the same report again gives the same case."""
    made = api.report_value(
        service=service,
        term=term,
        uuid=object_id,
        property=body.property,
        value=body.value,
        proposed=body.proposed,
        explanation=body.explanation,
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
    )
    return 201, Reported(reference=made.reference, id=made.uuid)


def _object(response: HttpResponse, version: ObjectVersion) -> dict[str, Any]:
    response["ETag"] = etag_of(version.sequence)
    return api.linked_document(version)


def _service(request: HttpRequest, found: DataService) -> Service:
    return Service(
        href=ui.address(request, f"/api/{API_NAME}/v1/services/{found.code}"),
        id=found.code,
        title=found.title,
        access=found.access.value,
        profile=found.profile,
        digest=found.digest,
        fallback_share=found.fallback_share,
        context=ui.address(request, api.context_path(found.code)),
        classes=[ServiceClass(term=each.term, iri=each.iri, count=each.count) for each in found.classes],
    )


def _page(request: HttpRequest, path: str, page: ObjectPage, page_size: int) -> Objects:
    base = request.build_absolute_uri(path)
    following = None
    if page.next_cursor:
        following = f"{base}?cursor={quote(page.next_cursor)}&pageSize={page_size:d}"
    return Objects(
        self=request.build_absolute_uri(),
        page_size=page_size,
        next=following,
        items=[
            Item(
                href=f"{base}/{each.uuid}", id=each.uuid, iri=each.iri, title=each.title or None,
                version=each.sequence, ended_on=each.ended_on,
            )
            for each in page.items
        ],
    )
