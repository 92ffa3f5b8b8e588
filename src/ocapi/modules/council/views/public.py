"""Public pages: meetings, their documents as page and as linked data, mandate holders, the feed."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition, NavigationItem, PageOf, ShellContext
from ocapi.lib import clock, written
from ocapi.modules.council import api, rules
from ocapi.modules.council.data import (
    Body,
    DocumentKind,
    FeedPage,
    InvalidCursor,
    MeetingSummary,
    NotFound,
    Publication,
)
from ocapi.modules.council.names import RDFA_PREFIX, Names

HTML, JSON_LD, TURTLE = "text/html", "application/ld+json", "text/turtle"
DOCUMENT_TYPES = (HTML, TURTLE, JSON_LD, "application/n-triples", "application/n-quads", "application/trig")
FEED_TYPES = (JSON_LD, TURTLE, "application/n-quads", "application/trig", "application/n-triples")
STRICT_TYPES = ("application/n-quads", "application/trig", JSON_LD, "application/n-triples", TURTLE)
LAW = "Decreet Lokaal Bestuur"
FULL_SECONDS = 604_800  # a week: what is published never changes
OPEN_SECONDS = 60
FEED_SECONDS = 5


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the meetings of which something is public, with links that harvesters follow."""
    try:
        page = api.list_public_meetings(actor=request.actor, cursor=request.GET.get("cursor", ""))  # type: ignore[attr-defined]
    except InvalidCursor:
        return ui.redirect("council:overview")
    names = api.get_names()
    return ui.page(
        request,
        "council/overview.html",
        meetings=tuple(_meeting(each, names) for each in page.items),
        pager=PageOf(items=page.items, next_cursor=page.next_cursor),
        prefix=RDFA_PREFIX,
        duties=_duties(),
        shell=_shell(request, (_("Meetings and decisions"), request.path)),
    )


@require_safe
def meeting(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Show a meeting with its documents."""
    try:
        found = api.get_public_meeting(meeting=meeting, actor=request.actor)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    shown = _meeting(found, api.get_names())
    return ui.page(
        request,
        "council/meeting.html",
        meeting=shown,
        prefix=RDFA_PREFIX,
        shell=_shell(
            request,
            (_("Meetings and decisions"), reverse("council:overview")),
            (str(shown["title"]), request.path),
        ),
    )


@require_safe
def document(request: HttpRequest, publication: UUID) -> HttpResponse:
    """Give the newest version of a document, as page or as linked data."""
    try:
        found = api.get_publication(document=publication, actor=request.actor)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    return _publication(request, found, is_fixed=False)


@require_safe
def version(request: HttpRequest, release: UUID) -> HttpResponse:
    """Give one version of a document; it never changes."""
    try:
        found = api.get_publication(release=release, actor=request.actor)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    return _publication(request, found, is_fixed=True)


@require_safe
def source(request: HttpRequest, release: UUID) -> HttpResponse:
    """Give the very bytes of a version, of which the SHA-256 was published."""
    try:
        found = api.get_publication(release=release, actor=request.actor)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    response = HttpResponse(found.html.encode(), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return _kept(request, response, tag=found.release.digest, seconds=FULL_SECONDS, is_fixed=True)


@require_safe
def mandates(request: HttpRequest) -> HttpResponse:
    """Show who holds which mandate, and who held it before."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    names = api.get_names()
    return ui.page(
        request,
        "council/mandates.html",
        prefix=RDFA_PREFIX,
        unit=names.unit,
        bodies=tuple(_body(each, names, request) for each in api.list_mandates(actor=actor, now=now)),
        shell=_shell(
            request,
            (_("Meetings and decisions"), reverse("council:overview")),
            (_("Mandate holders"), request.path),
        ),
    )


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Give the feed of publications at its newest page (LDES)."""
    return _feed(request, None)


@require_safe
def feed_page(request: HttpRequest, number: str) -> HttpResponse:
    """Give a page of the feed; a full one never changes."""
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    return _feed(request, int(number))


@require_safe
def strict_feed(request: HttpRequest, number: str = "") -> HttpResponse:
    """Give the root or a page of the feed in strict TREE, the oldest first; a full page never changes."""
    if number and not (number.isdecimal() and len(number) <= 9):
        raise Http404
    media_type = request.get_preferred_type(list(STRICT_TYPES)) or STRICT_TYPES[0]
    try:
        found = api.get_strict_feed(
            number=int(number) if number else None,
            media_type=media_type,
            actor=request.actor,  # type: ignore[attr-defined]
        )
    except NotFound:
        raise Http404 from None
    return _fed(request, found, media_type)


def _feed(request: HttpRequest, number: int | None) -> HttpResponse:
    media_type = request.get_preferred_type(list(FEED_TYPES)) or JSON_LD
    try:
        found: FeedPage = api.get_feed(number=number, media_type=media_type, actor=request.actor)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    return _fed(request, found, media_type)


def _fed(request: HttpRequest, found: FeedPage, media_type: str) -> HttpResponse:
    response = HttpResponse(found.content, content_type=media_type)
    seconds = FULL_SECONDS if found.is_full else FEED_SECONDS
    return _kept(request, response, tag=found.tag, seconds=seconds, is_fixed=found.is_full)


def _publication(request: HttpRequest, found: Publication, *, is_fixed: bool) -> HttpResponse:
    media_type = request.get_preferred_type(list(DOCUMENT_TYPES)) or HTML
    if media_type != HTML:
        text = api.write_statements(publication=found, media_type=media_type)
        response = HttpResponse(text, content_type=media_type)
        tag = f"{found.release.digest[:32]}-{media_type.rpartition('/')[2]}"
        return _kept(
            request, response, tag=tag, seconds=FULL_SECONDS if is_fixed else OPEN_SECONDS, is_fixed=is_fixed
        )
    response = ui.page(
        request,
        "council/document.html",
        title=found.release.title,
        document=api.to_markup(html=found.html),
        facts=_facts(found),
        newer=found.newer,
        meeting=found.meeting,
        release=found.release.uuid,
        duties=_duties(),
        shell=_shell(
            request,
            (_("Meetings and decisions"), reverse("council:overview")),
            (
                f"{found.body}, {written.in_digits(clock.local_day(found.planned_at))}",
                reverse("council:meeting", args=[found.meeting]),
            ),
            (found.release.title, request.path),
        ),
    )
    response["Vary"] = "Accept"
    return response


def _kept(
    request: HttpRequest, response: HttpResponse, *, tag: str, seconds: int, is_fixed: bool
) -> HttpResponse:
    response["ETag"] = f'"{tag}"'
    response["Cache-Control"] = f"public, max-age={seconds}{', immutable' if is_fixed else ''}"
    response["Vary"] = "Accept"
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    return response


def _facts(found: Publication) -> tuple[Definition, ...]:
    release = found.release
    assert release.published_at is not None
    return (
        Definition(term=_("Made public on"), value=written.moment(release.published_at)),
        Definition(term=_("Version"), value=str(release.version)),
        *(
            (Definition(term=_("Reported to the supervisor on"), value=written.moment(found.reported_at)),)
            if found.reported_at
            else ()
        ),
        Definition(term="SHA-256", value=release.digest),
    )


def _duties() -> dict[str, object]:
    """Give what the decree asks to say beside publications (article 287): how to look in, how to complain."""
    duties = rules.shipped().duties
    sources = sorted({each.source.removeprefix(f"{LAW}, ") for each in duties.values()})
    return {"complaint_days": duties["complaint"].days, "law": LAW, "sources": sources}


def _meeting(found: MeetingSummary, names: Names) -> dict[str, object]:
    day = clock.local_day(found.planned_at)
    order = {kind: place for place, kind in enumerate(DocumentKind)}
    return {
        "uuid": found.uuid,
        "iri": names.of("zitting", found.uuid),
        "body": found.body,
        "title": f"{found.body}, {written.in_words(day)}",
        "place": found.place,
        "planned": written.moment_in_words(found.planned_at),
        "machine": found.planned_at.isoformat(),
        "documents": tuple(
            {
                "title": each.title,
                "iri": names.of("publicatie", each.document),
                "uuid": each.document,
                "kind": rules.document(each.kind.value),
                "on": written.in_digits(clock.local_day(each.published_at)),
            }
            for each in sorted(found.documents, key=lambda each: order[each.kind])
            if each.published_at is not None
        ),
    }


def _body(body: Body, names: Names, request: HttpRequest) -> dict[str, object]:
    today = clock.local_day(request.now)  # type: ignore[attr-defined]
    kind = rules.body_kind(body.kind)
    holders = []
    for each in body.holders:
        role, status = rules.role(each.role), rules.status(each.status)
        is_now = each.starts_on <= today and (each.ends_on is None or each.ends_on > today)
        holders.append(
            (
                not is_now,
                {
                    "iri": names.of("mandataris", each.uuid),
                    "mandate": names.of("mandaat", each.mandate),
                    "person": names.of("persoon", each.person),
                    "name": each.name,
                    "given_name": each.given_name,
                    "family_name": each.family_name,
                    "faction": each.faction,
                    "rank": each.rank,
                    "role": role.title if role else each.role,
                    "role_iri": role.iri if role else "",
                    "status": status,
                    "starts_on": _instant(each.starts_on),
                    "ends_on": _instant(each.ends_on) if each.ends_on else "",
                    "period": _period(each.starts_on, each.ends_on),
                    "is_now": is_now,
                },
            )
        )
    return {
        "title": body.title,
        "iri": names.body(body),
        "uuid": body.uuid,
        "classification": kind.iri if kind else "",
        "terms": tuple(
            {
                "iri": names.term(each),
                "starts_on": _instant(each.starts_on),
                "ends_on": _instant(each.ends_on) if each.ends_on else "",
                "period": _period(each.starts_on, each.ends_on),
            }
            for each in body.terms
        ),
        "holders": tuple(each for _is_past, each in sorted(holders, key=lambda pair: pair[0])),
    }


def _period(starts_on: date, ends_on: date | None) -> str:
    start = written.in_digits(starts_on)
    return f"{start} – {written.in_digits(ends_on)}" if ends_on else _("since {day}").format(day=start)


def _instant(day: date) -> str:
    """Give the first instant of a day in Brussels, as the register of mandates writes it."""
    start = datetime.combine(day, time(0), tzinfo=clock.BRUSSELS)
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shell(request: HttpRequest, *trail: tuple[str, str]) -> ShellContext:
    crumbs = (NavigationItem(label=_("Home"), href=reverse("home")),)
    crumbs += tuple(NavigationItem(label=label, href=href) for label, href in trail)
    return replace(ui.shell(request), breadcrumb=crumbs)
