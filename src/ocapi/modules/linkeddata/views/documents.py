"""Pages and documents: the list of data services, and each object in the format that is asked for."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Definition, PageOf, Row, Table
from ocapi.lib import clock, written
from ocapi.modules.linkeddata import api
from ocapi.modules.linkeddata.data import (
    Access,
    DataService,
    FeedPage,
    InvalidCursor,
    ObjectDeleted,
    ObjectSummary,
    ObjectVersion,
    ViewKind,
)

HTML, JSON, JSON_LD = "text/html", "application/json", "application/ld+json"
TURTLE, N_QUADS, TRIG, N_TRIPLES = (
    "text/turtle",
    "application/n-quads",
    "application/trig",
    "application/n-triples",
)
OFFERED = (HTML, JSON_LD, JSON, TURTLE, N_QUADS, TRIG, N_TRIPLES)
FEED_TYPES = (N_QUADS, TRIG, JSON_LD, N_TRIPLES, TURTLE)
PAGE_SIZE = 25
FULL_SECONDS = 604_800  # a week: a full page never changes
OPEN_SECONDS = 5
PINNED_SECONDS = 300
LONGEST_NUMBER = 9  # digits of the number of a version


def overview(request: HttpRequest) -> HttpResponse:
    """List the data services that the visitor may read."""
    found = api.list_services(actor=request.actor)  # type: ignore[attr-defined]
    table = Table(
        caption=_("Data services"),
        columns=(
            Column(code="title", label=_("Service")),
            Column(code="access", label=_("For whom")),
            Column(code="profile", label=_("Profile")),
            Column(code="count", label=_("Objects"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=tuple(_service_row(each) for each in found), page_size=max(len(found), 1)),
        empty_title=_("There are no data services yet"),
        empty_text=_("A data service is made of a profile at the command line."),
    )
    return ui.page(request, "linkeddata/overview.html", table=table)


def service(request: HttpRequest, service: str) -> HttpResponse:
    """Show what a data service holds and where machines find it."""
    found = api.get_service(service=service, actor=request.actor)  # type: ignore[attr-defined]
    facts = (
        Definition(term=_("For whom"), value=_access(found.access)),
        Definition(term=_("Profile"), value=found.profile),
        Definition(term=_("Fixed by"), value=f"sha256 {found.digest[:16]}…"),
        Definition(term=_("Since"), value=written.in_digits(clock.local_day(found.created_at))),
        Definition(term=_("Checked at once"), value=f"{100 * (1 - found.fallback_share):.0f} %"),
    )
    rows = tuple(
        Row(
            cells=(
                Cell(text=each.label, href=reverse("linkeddata:objects", args=[found.code, each.term])),
                Cell(text=each.iri),
                Cell(text=str(each.count)),
            )
        )
        for each in sorted(found.classes, key=lambda each: (-each.count, each.term))
    )
    table = Table(
        caption=_("Classes"),
        columns=(
            Column(code="class", label=_("Class")),
            Column(code="iri", label=_("Name on the web")),
            Column(code="count", label=_("Objects"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
    )
    layers = tuple(
        (each.name, each.title)
        for each in api.list_collections(service=service, actor=request.actor)  # type: ignore[attr-defined]
    )
    names = {
        ViewKind.OBJECTS: _("Pages of changes by group of objects (LDES)"),
        ViewKind.CLASSES: _("Pages of changes by class (LDES)"),
    }
    views = tuple(
        (each.value, names[each])
        for each in api.list_views(service=service, actor=request.actor)  # type: ignore[attr-defined]
    )
    return ui.page(
        request,
        "linkeddata/service.html",
        service=found,
        facts=facts,
        table=table,
        layers=layers,
        views=views,
    )


def objects(request: HttpRequest, service: str, term: str) -> HttpResponse:
    """List the objects of a class."""
    found = api.get_service(service=service, actor=request.actor)  # type: ignore[attr-defined]
    try:
        page = api.list_objects(
            service=service,
            term=term,
            cursor=request.GET.get("cursor", ""),
            page_size=PAGE_SIZE,
            actor=request.actor,
            now=request.now,  # type: ignore[attr-defined]
        )
    except InvalidCursor:
        return ui.redirect("linkeddata:objects", service, term)
    table = Table(
        caption=term,
        columns=(
            Column(code="title", label=_("Title")),
            Column(code="version", label=_("Version")),
            Column(code="changed", label=_("Changed on"), kind=ColumnKind.DATE),
        ),
        page=PageOf(
            items=tuple(_object_row(each) for each in page.items),
            page_size=PAGE_SIZE,
            next_cursor=page.next_cursor,
        ),
        empty_title=_("There are no objects yet"),
        empty_text=_("Objects arrive by the API of this service."),
    )
    return ui.page(request, "linkeddata/objects.html", service=found, term=term, table=table)


def context(request: HttpRequest, service: str) -> HttpResponse:
    """Give the JSON-LD context of a service."""
    raw, digest = api.get_context(service=service)
    return _pinned(request, raw, media_type=JSON_LD, digest=digest)


def earlier_context(request: HttpRequest, service: str, digest: str) -> HttpResponse:
    """Give the context of an earlier version of the profile, by which older objects are read."""
    raw = api.get_earlier_context(service=service, digest=digest)
    return _pinned(request, raw, media_type=JSON_LD, digest=digest)


def shapes(request: HttpRequest, service: str) -> HttpResponse:
    """Give the shapes of a service as Turtle."""
    text, digest = api.get_shapes(service=service)
    return _pinned(request, text.encode(), media_type=TURTLE, digest=digest)


def openapi(request: HttpRequest, service: str) -> HttpResponse:
    """Give the OpenAPI document of a service."""
    api.get_service(service=service, actor=request.actor)  # type: ignore[attr-defined]
    server = ui.address(request, f"/api/linkeddata/v1/services/{service}")
    text = api.get_openapi(service=service, server=server)
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")


def feed(request: HttpRequest, service: str) -> HttpResponse:
    """Give the root of the feed of a service (LDES)."""
    media_type = request.get_preferred_type(list(FEED_TYPES)) or N_QUADS
    found = api.get_feed(service=service, media_type=media_type, actor=request.actor)  # type: ignore[attr-defined]
    return _fed(request, found, media_type)


def feed_page(request: HttpRequest, service: str, number: str) -> HttpResponse:
    """Give a page of the feed of a service (LDES); a full one never changes."""
    if not number.isdecimal():
        raise Http404
    media_type = request.get_preferred_type(list(FEED_TYPES)) or N_QUADS
    found = api.get_feed_page(
        service=service,
        number=int(number[:12]),
        media_type=media_type,
        actor=request.actor,  # type: ignore[attr-defined]
    )
    return _fed(request, found, media_type)


def view(request: HttpRequest, service: str, kind: str) -> HttpResponse:
    """Give the root of another view of the feed of a service (LDES)."""
    if kind not in list(ViewKind):
        raise Http404
    media_type = request.get_preferred_type(list(FEED_TYPES)) or N_QUADS
    found = api.get_view(
        service=service,
        kind=ViewKind(kind),
        media_type=media_type,
        actor=request.actor,  # type: ignore[attr-defined]
    )
    return _fed(request, found, media_type)


def view_page(request: HttpRequest, service: str, kind: str, bucket: str, number: str) -> HttpResponse:
    """Give a page of a view (LDES); a full one never changes."""
    if kind not in list(ViewKind) or not number.isdecimal():
        raise Http404
    media_type = request.get_preferred_type(list(FEED_TYPES)) or N_QUADS
    found = api.get_view_page(
        service=service,
        kind=ViewKind(kind),
        bucket=bucket,
        number=int(number[:12]),
        media_type=media_type,
        actor=request.actor,  # type: ignore[attr-defined]
    )
    return _fed(request, found, media_type)


def _fed(request: HttpRequest, found: FeedPage, media_type: str) -> HttpResponse:
    response = HttpResponse(found.content, content_type=media_type)
    response["ETag"] = f'"{found.tag}"'
    lasting = f"max-age={FULL_SECONDS}, immutable" if found.is_full else f"max-age={OPEN_SECONDS}"
    response["Cache-Control"] = f"public, {lasting}"
    response["Access-Control-Allow-Origin"] = "*"
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    return _varying(response)


def version_identifier(request: HttpRequest, term: str, uuid: UUID, sequence: str) -> HttpResponse:
    """Send a reader on from the name of a version to the document about it (303 See Other)."""
    is_number = sequence.isascii() and sequence.isdecimal() and len(sequence) <= LONGEST_NUMBER
    path = api.find_version_page(kind=term, uuid=str(uuid), number=int(sequence)) if is_number else None
    if path is None:
        raise Http404
    return ui.see_other(path)


def identified(request: HttpRequest, scheme: str, value: str) -> HttpResponse:
    """Lead from a NIS, KBO or OVO code to the body it stands for; a page when that took another's place."""
    found = api.identify_body(scheme=scheme, value=value, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    if found.body.page:
        return ui.see_other(found.body.page)
    return ui.page(
        request,
        "linkeddata/identifier.html",
        found=found,
        day=written.in_digits(found.on),
        is_ended=found.status == "ended",
        is_renumbered=found.status == "renumbered",
        facts=tuple(Definition(term=name.upper(), value=code) for name, code in found.body.identifiers),
    )


def document(request: HttpRequest, term: str, uuid: UUID, sequence: str = "") -> HttpResponse:
    """Give an object, or one of its versions, in the format that is asked for; 410 when it was deleted."""
    media_type = request.get_preferred_type(list(OFFERED))
    if media_type is None:
        return _varying(
            HttpResponse(status=HTTPStatus.NOT_ACCEPTABLE, headers={"Content-Type": "text/plain"})
        )
    if sequence and not sequence.isdecimal():
        raise Http404
    try:
        found = api.get_object(
            term=term,
            uuid=uuid,
            sequence=int(sequence[:9]) if sequence else None,
            actor=request.actor,
            now=request.now,  # type: ignore[attr-defined]
        )
    except ObjectDeleted:
        reference = str(getattr(request, "trace_id", ""))
        return _varying(ui.problem_page(request, status=HTTPStatus.GONE, reference=reference))
    if media_type == HTML:
        return _varying(_html(request, found, is_newest=not sequence))
    return _linked(request, found, media_type)


def _html(request: HttpRequest, found: ObjectVersion, *, is_newest: bool) -> HttpResponse:
    versions = api.list_versions(uuid=found.uuid, term=found.term, actor=request.actor)  # type: ignore[attr-defined]
    facts = [
        Definition(term=_("Name on the web"), value=found.iri),
        Definition(term=_("Version"), value=f"{found.sequence} / {versions[-1].sequence}"),
        Definition(term=_("Valid from"), value=written.in_digits(clock.local_day(found.valid_from))),
    ]
    if found.valid_until:
        facts.append(
            Definition(term=_("Valid until"), value=written.in_digits(clock.local_day(found.valid_until)))
        )
    return ui.page(
        request,
        "linkeddata/object.html",
        object=found,
        heirs=api.heirs_of(found),
        facts=tuple(facts),
        properties=api.shown(found),
        ended_on=written.in_digits(found.ended_on) if found.ended_on else "",
        versions=tuple(
            (
                each.sequence,
                reverse("linkeddata:version", args=[found.term, found.uuid, str(each.sequence)]),
                written.in_digits(clock.local_day(each.valid_from)),
            )
            for each in versions
        ),
        service=api.get_service(service=found.service, actor=request.actor),  # type: ignore[attr-defined]
        is_newest=is_newest,
        report_href=reverse("linkeddata:report", args=[found.term, found.uuid])
        if is_newest and api.takes_reports()
        else "",
    )


def _linked(request: HttpRequest, found: ObjectVersion, media_type: str) -> HttpResponse:
    asked = JSON_LD if media_type == JSON else media_type
    text = api.written(found, media_type=asked)
    response = HttpResponse(
        text, content_type=media_type if media_type in (JSON, JSON_LD) else f"{media_type}; charset=utf-8"
    )
    response["ETag"] = f'"{found.sequence}-{media_type.rpartition("/")[2]}"'
    is_open = found.access is Access.OPEN
    response["Cache-Control"] = "public, max-age=0, must-revalidate" if is_open else "private, no-store"
    response["Link"] = f'<{found.iri}>; rel="describes"'
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    return _varying(response)


def _varying(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "Accept"
    return response


def _pinned(request: HttpRequest, raw: bytes, *, media_type: str, digest: str) -> HttpResponse:
    response = HttpResponse(raw, content_type=media_type)
    response["ETag"] = f'"{digest}"'
    response["Cache-Control"] = f"public, max-age={PINNED_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    return response


def _service_row(each: DataService) -> Row:
    return Row(
        cells=(
            Cell(text=each.title, href=reverse("linkeddata:service", args=[each.code])),
            Cell(text=_access(each.access)),
            Cell(text=each.profile),
            Cell(text=str(sum(part.count for part in each.classes))),
        )
    )


def _object_row(each: ObjectSummary) -> Row:
    return Row(
        cells=(
            Cell(
                text=each.title or str(each.uuid),
                href=reverse("linkeddata:document", args=[each.term, each.uuid]),
            ),
            Cell(text=str(each.sequence)),
            Cell(text=written.in_digits(clock.local_day(each.changed_at))),
        )
    )


def _access(may_read: Access) -> str:
    return {
        Access.OPEN: _("Everybody"),
        Access.ORGANIZATION: _("Staff and connected applications"),
        Access.PERSONAL: _("About persons: each look is recorded"),
    }[may_read]
