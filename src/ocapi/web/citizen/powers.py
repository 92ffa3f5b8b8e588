"""Powers of attorney of a citizen or company: who acts for me, for whom may I act, grant and revoke."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import NotAllowed, Reason, Scope
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import (
    ALL_SERVICES,
    NameDiffers,
    NotTheGrantor,
    PowerOfAttorney,
    SelfRepresentation,
)
from ocapi.kernel.audit import api as audit
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Field, FieldKind, Option, PageOf, Row, Table
from ocapi.lib import clock, written
from ocapi.lib.actor import Actor, Subject
from ocapi.lib.identifiers import InvalidIdentifier
from ocapi.modules.services import api as services
from ocapi.web.fields import WrongDay, person_fields, read_last_day, read_person

LONGEST = timedelta(days=5 * 366)  # our own bound: nobody oversees an authorization for longer
TYPED = ("given_name", "family_name", "national_number", "expires_on")


def _own(request: HttpRequest, operation: str) -> tuple[Actor, Subject]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    scope = Scope(subjects=frozenset({actor.subject} if actor.subject else ()))
    access.require(actor, operation, scope)
    assert actor.subject is not None  # the policy lets in nobody without one
    return actor, actor.subject


def _consulted(actor: Actor, subject: Subject, persons: set[UUID], now: datetime) -> None:
    if persons:
        audit.consulted(
            actor=actor, operation="accounts.power_read", about=persons,
            fields=("given_name", "family_name"), resource=f"{subject.kind}/{subject.uuid}", now=now,
        )


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the powers granted and the powers held, running ones first."""
    actor, subject = _own(request, "accounts.power_read")
    now: datetime = request.now  # type: ignore[attr-defined]
    granted = accounts.list_powers_granted(subject)
    held = accounts.list_powers_held(subject, now=now)
    others = {each.representative for each in granted} | {each.grantor for each in held}
    names = accounts.names_of(others, now=now)
    persons = {each.uuid for each in others if each.kind == "person"}
    _consulted(actor, subject, persons, now)
    return ui.page(
        request, "web/powers.html", granted=_granted(granted, names, now), held=_held(held, names)
    )


def _granted(powers: tuple[PowerOfAttorney, ...], names: dict[Subject, str], now: datetime) -> Table:
    ordered = sorted(powers, key=lambda each: not each.is_valid_at(now))
    return Table(
        caption=_("People and organizations that may act for you"),
        columns=(
            Column(code="who", label=_("Who")), Column(code="what", label=_("For what")),
            Column(code="until", label=_("Until")), Column(code="state", label=_("State")),
            Column(code="actions", label=_("Change")),
        ),
        page=PageOf(items=tuple(_granted_row(each, names, now) for each in ordered)),
        empty_title=_("Nobody may act for you"),
        empty_text=_("Let somebody else arrange your affairs here, for as long as you choose."),
        empty_href=reverse("grant-power"), empty_action=_("Give a power of attorney"),
    )


def _granted_row(power: PowerOfAttorney, names: dict[Subject, str], now: datetime) -> Row:
    is_running = power.is_valid_at(now)
    revoke_cell = Cell(text=_("Revoke"), href=reverse("revoke-power", args=[power.uuid]))
    return Row(cells=(
        Cell(text=names.get(power.representative) or "–"),
        Cell(text=_services_text(power)),
        Cell(text=written.in_digits(_last_day(power))),
        Cell(text=_state(power, now), tone="success" if is_running else "neutral"),
        revoke_cell if is_running else Cell(text="–"),
    ))


def _held(powers: tuple[PowerOfAttorney, ...], names: dict[Subject, str]) -> Table:
    return Table(
        caption=_("For whom you may act"),
        columns=(
            Column(code="who", label=_("Who")), Column(code="what", label=_("For what")),
            Column(code="until", label=_("Until")),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=names.get(each.grantor) or "–"), Cell(text=_services_text(each)),
                Cell(text=written.in_digits(_last_day(each))),
            ))
            for each in powers
        )),
        empty_title=_("You act for nobody else"),
        empty_text=_("When somebody gives you a power of attorney, it stands here."),
    )


def _last_day(power: PowerOfAttorney) -> date:
    return clock.local_day(power.expires_at - timedelta(microseconds=1))


def _state(power: PowerOfAttorney, now: datetime) -> str:
    if power.is_valid_at(now):
        return _("Running")
    return _("Revoked") if power.revoked_at else _("Expired")


def _services_text(power: PowerOfAttorney) -> str:
    if ALL_SERVICES in power.services:
        return _("All services")
    titles = {each.value: each.label for each in _service_options()}
    return ", ".join(titles.get(code, code) for code in power.services)


def _service_options() -> tuple[Option, ...]:
    found = services.list_services(address_form="")
    return tuple(Option(value=each.code, label=each.title) for each in found)


@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest) -> HttpResponse:
    """Show and take in the form of a new power of attorney."""
    actor, subject = _own(request, "accounts.power_grant")
    now: datetime = request.now  # type: ignore[attr-defined]
    typed = {name: request.POST.get(name, "").strip() for name in TYPED}
    chosen = tuple(request.POST.getlist("services"))
    if request.method != "POST":
        typed["expires_on"] = written.in_digits(clock.local_day(now + timedelta(days=365)))
        return _form(request, typed, (ALL_SERVICES,), {})
    person, errors = read_person(typed)
    expires_at = _end_of(typed["expires_on"], now=now, errors=errors)
    known = {ALL_SERVICES, *(each.value for each in _service_options())}
    if not chosen or set(chosen) - known:
        errors["services"] = _("Choose at least one service from the list.")
    if not errors and expires_at is not None:
        try:
            representative = accounts.introduce_person(**person, actor=actor, now=now)
            accounts.grant_power_of_attorney(
                grantor=subject, representative=Subject(kind="person", uuid=representative.uuid),
                services=(ALL_SERVICES,) if ALL_SERVICES in chosen else chosen, expires_at=expires_at,
                actor=actor, now=now,
            )
            return ui.redirect("powers")
        except InvalidIdentifier:
            errors["national_number"] = _("This is no national number. It has 11 digits; check each of them.")
        except NameDiffers:
            errors["family_name"] = _("This name does not go with that national number. Check both.")
        except NotTheGrantor:
            raise NotAllowed(operation="accounts.power_grant", reason=Reason.NOT_PERMITTED) from None
        except SelfRepresentation:
            errors["national_number"] = _("This is your own number. Fill in that of the other person.")
    return _form(request, typed, chosen, errors, status=422)


def _end_of(text: str, *, now: datetime, errors: dict[str, str]) -> datetime | None:
    try:
        end = read_last_day(text, now=now)
    except WrongDay as wrong:
        errors["expires_on"] = wrong.text
        return None
    if end > now + LONGEST:
        errors["expires_on"] = _("A power of attorney lasts at most five years. Choose an earlier day.")
    return end


def _form(
    request: HttpRequest, typed: dict[str, str], chosen: tuple[str, ...], errors: dict[str, str], *,
    status: int = 200,
) -> HttpResponse:
    everything = Option(value=ALL_SERVICES, label=_("All services"))
    fields = (
        *person_fields(typed, errors),
        Field(
            name="services", label=_("For which services?"), kind=FieldKind.CHECKBOXES, values=chosen,
            options=(everything, *_service_options()), error=errors.get("services", ""),
        ),
        Field(
            name="expires_on", label=_("Last day"), kind=FieldKind.DATE, value=typed["expires_on"],
            help=_("After this day the power of attorney ends by itself. You can revoke it earlier."),
            error=errors.get("expires_on", ""), width="short",
        ),
    )
    return ui.page(request, "web/power_grant.html", status=status, fields=fields, back_href=reverse("powers"))


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, power: UUID) -> HttpResponse:
    """Ask whether to revoke a power of attorney, and do it; one of somebody else does not exist."""
    actor, subject = _own(request, "accounts.power_revoke")
    now: datetime = request.now  # type: ignore[attr-defined]
    found = next((each for each in accounts.list_powers_granted(subject) if each.uuid == power), None)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            accounts.revoke_power_of_attorney(power=power, actor=actor, now=now)
        except NotTheGrantor:
            raise NotAllowed(operation="accounts.power_revoke", reason=Reason.NOT_PERMITTED) from None
        return ui.redirect("powers")
    other = found.representative
    _consulted(actor, subject, {other.uuid} if other.kind == "person" else set(), now)
    name = accounts.names_of({other}, now=now).get(other, "–")
    return ui.page(
        request, "web/power_revoke.html",
        question=_("Revoke the power of attorney of {name}?").format(name=name),
        consequence=_("This person can no longer act for you, starting now."),
        cancel_href=reverse("powers"),
    )
