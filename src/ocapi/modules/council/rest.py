"""REST API of council by the BelGIF guide: open reads of published meetings, documents and mandates."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ocapi.modules.council import api, rules
from ocapi.modules.council.data import DocumentKind, Holder, MeetingSummary, Publication, Release

router = Router(tags=["Decisions"])
TITLE = "Meetings and decisions"
API_NAME = "council"
READ = {"x-ocapi-operation": "council.read_public"}


class Body(BaseModel):
    """Base of every body: members in lowerCamelCase, unknown ones refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Document(Body):
    """A published document. type: IRI of its kind; sha256: of the bytes at `source`."""

    href: str
    id: UUID
    iri: str
    title: Annotated[str, Field(examples=["Agenda Gemeenteraad Vlavirgem, 3 december 2026"])]
    type: str
    version: int
    published_at: datetime
    sha256: str
    page: str
    source: str


class Meeting(Body):
    """A meeting of which something is public."""

    href: str
    id: UUID
    iri: str
    body: Annotated[str, Field(examples=["Gemeenteraad Vlavirgem"])]
    planned_at: datetime
    place: str | None = None
    state: Annotated[str, Field(examples=["closed"])]
    documents: list[Document]


class Meetings(Body):
    """One page of meetings, newest first; next is left out on the last page."""

    self: str
    items: list[Meeting]
    next: str | None = None


class Documents(Body):
    """One page of published documents, newest first; next is left out on the last page."""

    self: str
    items: list[Document]
    page_size: int
    next: str | None = None


class Mandate(Body):
    """Who holds or held a mandate; endsOn is the first day without it."""

    iri: str
    name: Annotated[str, Field(examples=["Mira Wilgenhof"])]
    role: Annotated[str, Field(examples=["Voorzitter van de gemeenteraad"])]
    role_iri: str
    faction: str | None = None
    starts_on: date
    ends_on: date | None = None


class GoverningBody(Body):
    """A governing body and its mandate holders."""

    iri: str
    title: Annotated[str, Field(examples=["Gemeenteraad Vlavirgem"])]
    mandates: list[Mandate]


class GoverningBodies(Body):
    """The governing bodies of the organization."""

    self: str
    items: list[GoverningBody]


@router.get(
    "/meetings",
    response=Meetings,
    operation_id="listMeetings",
    summary="Meetings",
    by_alias=True,
    openapi_extra=READ,
)
def list_meetings(request: HttpRequest, cursor: str = Query("", max_length=200)) -> Meetings:
    """Give the meetings of which something is public, newest first, 25 a page."""
    page = api.list_public_meetings(actor=request.actor, cursor=cursor)  # type: ignore[attr-defined]
    following = _next(request, page.next_cursor)
    return Meetings(
        self=request.build_absolute_uri(),
        items=[_meeting(request, each) for each in page.items],
        next=following,
    )


@router.get(
    "/meetings/{uuidstr:meeting_id}",
    response=Meeting,
    operation_id="getMeeting",
    summary="A meeting",
    by_alias=True,
    openapi_extra=READ,
)
def get_meeting(request: HttpRequest, meeting_id: UUID) -> Meeting:
    """Give a meeting with its published documents."""
    return _meeting(request, api.get_public_meeting(meeting=meeting_id, actor=request.actor))  # type: ignore[attr-defined]


@router.get(
    "/documents",
    response=Documents,
    operation_id="listDocuments",
    summary="Published documents",
    by_alias=True,
    openapi_extra=READ,
)
def list_documents(
    request: HttpRequest,
    kind: DocumentKind = Query(DocumentKind.EXTRACT),
    cursor: str = Query("", max_length=200),
    page_size: int = Query(20, alias="pageSize", ge=1, le=100),
) -> Documents:
    """Give published documents of a kind, newest first, every version; extracts are decisions."""
    page = api.list_publications(kind=kind, actor=request.actor, cursor=cursor, limit=page_size)  # type: ignore[attr-defined]
    return Documents(
        self=request.build_absolute_uri(),
        items=[_document(request, each.release) for each in page.items],
        page_size=page_size,
        next=_next(request, page.next_cursor),
    )


@router.get(
    "/documents/{uuidstr:publication_id}",
    response=Document,
    operation_id="getDocument",
    summary="A published document",
    by_alias=True,
    openapi_extra=READ,
)
def get_document(request: HttpRequest, response: HttpResponse, publication_id: UUID) -> Document:
    """Give the newest version of a document; its statements are at `page`, as Turtle or JSON-LD too."""
    found: Publication = api.get_publication(document=publication_id, actor=request.actor)  # type: ignore[attr-defined]
    response["ETag"] = f'"{found.release.digest}"'
    return _document(request, found.release)


@router.get(
    "/bodies",
    response=GoverningBodies,
    operation_id="listBodies",
    summary="Governing bodies and mandates",
    by_alias=True,
    openapi_extra=READ,
)
def list_bodies(request: HttpRequest) -> GoverningBodies:
    """Give the governing bodies with everybody who holds or held a mandate."""
    names = api.get_names()
    return GoverningBodies(
        self=request.build_absolute_uri(),
        items=[
            GoverningBody(
                iri=names.body(each),
                title=each.title,
                mandates=[_mandate(holder, names.of("mandataris", holder.uuid)) for holder in each.holders],
            )
            for each in api.list_mandates(actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        ],
    )


def _next(request: HttpRequest, cursor: str) -> str | None:
    if not cursor:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _meeting(request: HttpRequest, each: MeetingSummary) -> Meeting:
    return Meeting(
        href=_address(request, f"meetings/{each.uuid}"),
        id=each.uuid,
        iri=api.get_names().of("zitting", each.uuid),
        body=each.body,
        planned_at=each.planned_at,
        place=each.place or None,
        state=each.state.value,
        documents=[_document(request, document) for document in each.documents],
    )


def _document(request: HttpRequest, each: Release) -> Document:
    names = api.get_names()
    assert each.published_at is not None
    return Document(
        href=_address(request, f"documents/{each.document}"),
        id=each.document,
        iri=names.of("publicatie", each.document),
        title=each.title,
        type=rules.document(each.kind.value).iri,
        version=each.version,
        published_at=each.published_at,
        sha256=each.digest,
        page=f"{names.base}/besluiten/documenten/{each.document}",
        source=f"{names.base}/besluiten/versies/{each.uuid}/bron",
    )


def _address(request: HttpRequest, path: str) -> str:
    root = request.path.partition("/council/v1/")[0]
    return request.build_absolute_uri(f"{root}/council/v1/{path}")


def _mandate(holder: Holder, iri: str) -> Mandate:
    role = rules.role(holder.role)
    return Mandate(
        iri=iri,
        name=holder.name,
        role=role.title if role else holder.role,
        role_iri=role.iri if role else "",
        faction=holder.faction or None,
        starts_on=holder.starts_on,
        ends_on=holder.ends_on,
    )
