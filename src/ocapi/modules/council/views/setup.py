"""Desk: bodies, periods of office and who holds which mandate."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Field, FieldKind, Option
from ocapi.lib import clock, written
from ocapi.modules.council import api, rules
from ocapi.modules.council.data import NewHolder, NotFound, Refused
from ocapi.modules.council.views import telling
from ocapi.modules.council.views.telling import typed


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show bodies with their periods and mandate holders."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.SET_UP)
    today = clock.local_day(now)
    bodies = []
    for body in api.list_mandates(actor=actor, now=now):
        holders = [
            {
                "uuid": each.uuid,
                "name": each.name,
                "faction": each.faction,
                "role": _role(each.role),
                "since": written.in_digits(each.starts_on),
                "until": written.in_digits(each.ends_on) if each.ends_on else "",
                "is_now": each.ends_on is None or each.ends_on > today,
            }
            for each in body.holders
        ]
        terms = [
            {
                "uuid": each.uuid,
                "since": written.in_digits(each.starts_on),
                "until": written.in_digits(each.ends_on) if each.ends_on else "",
            }
            for each in body.terms
        ]
        bodies.append({"uuid": body.uuid, "title": body.title, "terms": terms, "holders": holders})
    return ui.page(request, "council/bodies.html", bodies=bodies)


def _role(code: str) -> str:
    found = rules.role(code)
    return found.title if found else code


@require_http_methods(["GET", "POST"])
def add_body(request: HttpRequest) -> HttpResponse:
    """Add a governing body."""
    access.require(request.actor, api.SET_UP)  # type: ignore[attr-defined]
    fields = (
        Field(
            name="kind",
            label=_("Kind of body"),
            kind=FieldKind.SELECT,
            value=typed(request, "kind", 40),
            options=tuple(Option(value=each.code, label=each.title) for each in rules.shipped().bodies),
        ),
        Field(
            name="title",
            label=_("Name"),
            value=typed(request, "title", 200),
            max_length=200,
            help=_("With the name of the municipality, for example “Gemeenteraad Vlavirgem”."),
        ),
        Field(
            name="iri",
            label=_("Address in the Flemish register"),
            value=typed(request, "iri", 500),
            required=False,
            help=_("The IRI of the body, where it has one."),
        ),
    )

    def act() -> None:
        api.add_body(
            kind=typed(request, "kind", 40),
            title=typed(request, "title", 200),
            iri=typed(request, "iri", 500),
            actor=request.actor,
            now=request.now,
        )  # type: ignore[attr-defined]

    return _asked(request, act, fields, title=_("Add a body"), button=_("Add the body"))


@require_http_methods(["GET", "POST"])
def add_term(request: HttpRequest, body: UUID) -> HttpResponse:
    """Add a period of office to a body."""
    access.require(request.actor, api.SET_UP)  # type: ignore[attr-defined]
    fields = (
        _day("starts_on", _("First day"), request),
        _day("ends_on", _("Ended on"), request, required=False),
        Field(
            name="iri",
            label=_("Address in the Flemish register"),
            value=typed(request, "iri", 500),
            required=False,
            help=_("The IRI of the body in this period, where it has one."),
        ),
    )

    def act() -> None:
        api.add_term(
            body=body,
            starts_on=_read(request, "starts_on"),
            ends_on=_read_if(request, "ends_on"),
            iri=typed(request, "iri", 500),
            actor=request.actor,
            now=request.now,
        )  # type: ignore[attr-defined]

    return _asked(request, act, fields, title=_("Add a period of office"), button=_("Add the period"))


@require_http_methods(["GET", "POST"])
def add_holder(request: HttpRequest, period: UUID) -> HttpResponse:
    """Let somebody take up a mandate."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.SET_UP)
    body = next(
        (each for each in api.list_bodies(actor=actor) if period in {one.uuid for one in each.terms}), None
    )
    if body is None:
        raise NotFound(str(period))
    roles = [each for each in rules.shipped().roles if body.kind in each.bodies]
    fields = (
        Field(
            name="given_name", label=_("Given name"), value=typed(request, "given_name", 100), required=False
        ),
        Field(name="family_name", label=_("Family name"), value=typed(request, "family_name", 100)),
        Field(
            name="role",
            label=_("Office"),
            kind=FieldKind.SELECT,
            value=typed(request, "role", 40),
            options=tuple(Option(value=each.code, label=each.title) for each in roles),
        ),
        Field(name="faction", label=_("Faction"), value=typed(request, "faction", 100), required=False),
        Field(
            name="rank",
            label=_("Rank"),
            value=typed(request, "rank", 60),
            required=False,
            help=_("For example “Eerste schepen”."),
        ),
        _day("starts_on", _("First day"), request),
        _day("ends_on", _("Ended on"), request, required=False),
    )

    def act() -> None:
        api.add_holder(term=period, holder=_new_holder(request), actor=actor, now=now)

    return _asked(
        request,
        act,
        fields,
        title=_("Add a mandate holder"),
        button=_("Add the mandate holder"),
        lead=body.title,
    )


def _new_holder(request: HttpRequest) -> NewHolder:
    return NewHolder(
        given_name=typed(request, "given_name", 100),
        family_name=typed(request, "family_name", 100),
        role=typed(request, "role", 40),
        faction=typed(request, "faction", 100),
        rank=typed(request, "rank", 60),
        starts_on=_read(request, "starts_on"),
        ends_on=_read_if(request, "ends_on"),
    )


@require_http_methods(["GET", "POST"])
def end_holder(request: HttpRequest, holder: UUID) -> HttpResponse:
    """Let a mandate end."""
    access.require(request.actor, api.SET_UP)  # type: ignore[attr-defined]
    fields = (_day("ends_on", _("First day without this mandate"), request),)

    def act() -> None:
        api.end_holder(holder=holder, ends_on=_read(request, "ends_on"), actor=request.actor, now=request.now)  # type: ignore[attr-defined]

    return _asked(request, act, fields, title=_("End a mandate"), button=_("End the mandate"))


def _asked(
    request: HttpRequest,
    act: Callable[[], object],
    fields: tuple[Field, ...],
    *,
    title: str,
    button: str,
    lead: str = "",
) -> HttpResponse:
    """Show a form, or do what it asks for and go back to the bodies."""

    def again(status: int = 200, **more: object) -> HttpResponse:
        return telling.form(
            request,
            title=title,
            lead=lead,
            fields=fields,
            button=button,
            back=reverse("council-desk:bodies"),
            status=status,
            **more,
        )  # type: ignore[arg-type]

    if request.method != "POST":
        return again()
    return telling.attempt(act, again, lambda: ui.redirect("council-desk:bodies"))


def _day(name: str, label: str, request: HttpRequest, *, required: bool = True) -> Field:
    return Field(
        name=name,
        label=label,
        kind=FieldKind.DATE,
        value=typed(request, name, 20),
        required=required,
        help=_("For example 07/03/2027."),
    )


def _read(request: HttpRequest, name: str) -> date:
    found = written.read_day(typed(request, name, 20))
    if found is None:
        raise Refused((name, "notADay"))
    return found


def _read_if(request: HttpRequest, name: str) -> date | None:
    return _read(request, name) if typed(request, name, 20) else None
