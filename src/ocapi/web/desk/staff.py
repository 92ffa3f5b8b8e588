"""The staff of the organization: who holds which role, grant and end roles, suspend and let back."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import (
    ADMINISTRATOR,
    SUSPENDED,
    LastAdministrator,
    NameDiffers,
    OwnSuspension,
    Person,
    Role,
)
from ocapi.kernel.audit import api as audit
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Field, FieldKind, Option, PageOf, Row, Table
from ocapi.lib import clock, written
from ocapi.lib.actor import Actor
from ocapi.lib.identifiers import InvalidIdentifier
from ocapi.web.fields import WrongDay, person_fields, read_last_day, read_person

ROLES = {
    "clerk": gettext_lazy("Case handler"),
    "policy_maker": gettext_lazy("Policy maker"),
    "dpo": gettext_lazy("Data protection officer"),
    ADMINISTRATOR: gettext_lazy("Administrator"),
    "collective_admin": gettext_lazy("Administrator of the collective"),
    "supplier": gettext_lazy("Supplier"),
    "integrator": gettext_lazy("Integrator"),
    SUSPENDED: gettext_lazy("Suspended"),
}
GRANTABLE = tuple(code for code in ROLES if code != SUSPENDED)
TYPED = ("given_name", "family_name", "national_number", "role", "unit", "valid_to")
LONGEST_UNIT = 120


def _require(request: HttpRequest, operation: str) -> tuple[Actor, datetime]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, operation)
    return actor, request.now  # type: ignore[attr-defined]


def _consulted(actor: Actor, person: UUID, now: datetime) -> None:
    audit.consulted(
        actor=actor, operation="accounts.role_read", about=(person,),
        fields=("given_name", "family_name", "code", "unit"), resource=f"person/{person}", now=now,
    )


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List who holds a role now, by name."""
    actor, now = _require(request, "accounts.role_read")
    roles = accounts.list_running_roles(now=now)
    persons = accounts.get_persons({each.person for each in roles})
    if persons:
        audit.consulted(
            actor=actor, operation="accounts.role_read", about=persons,
            fields=("given_name", "family_name", "code", "unit"), resource="role", now=now,
        )
    may_change = access.may(actor, "accounts.role_end")
    new = reverse("grant-role") if access.may(actor, "accounts.role_grant") else ""
    table = Table(
        caption=_("Who may work here, and as what"),
        columns=(
            Column(code="name", label=_("Name")), Column(code="role", label=_("Role")),
            Column(code="unit", label=_("Unit")), Column(code="since", label=_("Since")),
            Column(code="until", label=_("Until")), Column(code="actions", label=_("Change")),
        ),
        page=PageOf(items=tuple(_row(each, persons, may_change=may_change) for each in roles)),
        empty_title=_("Nobody has a role yet"),
        empty_text=_("Give a first colleague a role; that person can then sign in as a member of staff."),
        empty_href=new, empty_action=_("Give a role") if new else "",
    )
    return ui.page(request, "web/staff.html", table=table, new_href=new)


def _row(role: Role, persons: dict[UUID, Person], *, may_change: bool) -> Row:
    person = persons[role.person]
    change = Cell(text="–")
    if may_change:
        href = reverse("staff-member", args=[role.person])
        change = Cell(text=_("Change"), href=href)
    return Row(cells=(
        Cell(text=person.display_name),
        Cell(text=str(ROLES[role.code]), tone="warning" if role.code == SUSPENDED else "neutral"),
        Cell(text=role.unit or "–"),
        Cell(text=written.in_digits(clock.local_day(role.valid_from))),
        Cell(text=_until(role)),
        change,
    ))


def _until(role: Role) -> str:
    if role.valid_to is None:
        return _("No end")
    return written.in_digits(clock.local_day(role.valid_to - timedelta(microseconds=1)))


@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest) -> HttpResponse:
    """Show and take in the form that gives somebody a role."""
    actor, now = _require(request, "accounts.role_grant")
    typed = {name: request.POST.get(name, "").strip() for name in TYPED}
    if request.method != "POST":
        return _form(request, typed | {"role": "clerk"}, {})
    person, errors = read_person(typed)
    if typed["role"] not in GRANTABLE:
        errors["role"] = _("Choose a role from the list.")
    if len(typed["unit"]) > LONGEST_UNIT:
        errors["unit"] = _("The name of a unit has at most 120 characters.")
    valid_to = _end_of(typed["valid_to"], now=now, errors=errors)
    if not errors:
        try:
            found = accounts.introduce_person(**person, actor=actor, now=now)
            accounts.grant_role(
                person=found.uuid, code=typed["role"], unit=typed["unit"], valid_to=valid_to, actor=actor,
                now=now,
            )
            return ui.redirect("staff")
        except InvalidIdentifier:
            errors["national_number"] = _("This is no national number. It has 11 digits; check each of them.")
        except NameDiffers:
            errors["family_name"] = _("This name does not go with that national number. Check both.")
    return _form(request, typed, errors, status=422)


def _end_of(text: str, *, now: datetime, errors: dict[str, str]) -> datetime | None:
    """Give the end of the typed last day; nothing typed is no end."""
    if not text:
        return None
    try:
        return read_last_day(text, now=now)
    except WrongDay as wrong:
        errors["valid_to"] = wrong.text
        return None


def _form(
    request: HttpRequest, typed: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> HttpResponse:
    fields = (
        *person_fields(typed, errors),
        Field(
            name="role", label=_("Role"), kind=FieldKind.RADIO, value=typed["role"],
            error=errors.get("role", ""),
            options=tuple(Option(value=code, label=str(ROLES[code])) for code in GRANTABLE),
        ),
        Field(name="unit", label=_("Unit"), value=typed["unit"], required=False, max_length=LONGEST_UNIT,
              error=errors.get("unit", "")),
        Field(name="valid_to", label=_("Last day"), kind=FieldKind.DATE, value=typed["valid_to"],
              required=False, width="short", error=errors.get("valid_to", ""),
              help=_("Leave this empty when the role has no end yet.")),
    )
    return ui.page(request, "web/staff_grant.html", status=status, fields=fields, back_href=reverse("staff"))


@require_safe
def member(request: HttpRequest, person: UUID) -> HttpResponse:
    """Show one person's roles, also ended ones, with what can be done about them."""
    actor, now = _require(request, "accounts.role_read")
    found = _person(person)
    roles = accounts.list_roles(person=person)
    _consulted(actor, person, now)
    is_suspended = any(each.code == SUSPENDED and _is_running(each, now) for each in roles)
    table = Table(
        caption=_("Roles of {name}").format(name=found.display_name),
        columns=(
            Column(code="role", label=_("Role")), Column(code="unit", label=_("Unit")),
            Column(code="since", label=_("Since")), Column(code="until", label=_("Until")),
            Column(code="actions", label=_("Change")),
        ),
        page=PageOf(items=tuple(_member_row(each, actor, now) for each in reversed(roles))),
        empty_title=_("No role"), empty_text=_("This person never had a role here."),
    )
    may_suspend = access.may(actor, "accounts.person_suspend") and actor.person != person
    return ui.page(
        request, "web/staff_member.html", name=found.display_name, table=table, is_suspended=is_suspended,
        suspend_href=reverse("suspend-member", args=[person]) if may_suspend else "",
        back_href=reverse("staff"),
    )


def _member_row(role: Role, actor: Actor, now: datetime) -> Row:
    can_end = _is_running(role, now) and role.code != SUSPENDED and access.may(actor, "accounts.role_end")
    end = Cell(text=_("End this role"), href=reverse("end-role", args=[role.person, role.uuid]))
    return Row(cells=(
        Cell(text=str(ROLES[role.code])), Cell(text=role.unit or "–"),
        Cell(text=written.in_digits(clock.local_day(role.valid_from))), Cell(text=_until(role)),
        end if can_end else Cell(text="–"),
    ))


def _is_running(role: Role, now: datetime) -> bool:
    return role.valid_from <= now and (role.valid_to is None or role.valid_to > now)


def _person(person: UUID) -> Person:
    found = accounts.get_persons([person]).get(person)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, person: UUID, role: UUID) -> HttpResponse:
    """Ask whether to end a role, and do it; the last administrator's role stays."""
    actor, now = _require(request, "accounts.role_end")
    found = next((each for each in accounts.list_roles(person=person) if each.uuid == role), None)
    if found is None:
        raise Http404
    _consulted(actor, person, now)
    problem = ""
    if request.method == "POST":
        try:
            accounts.end_role(role=role, actor=actor, now=now)
            return ui.redirect("staff-member", person=person)
        except LastAdministrator:
            problem = _("This is the last administrator. First give somebody else that role.")
    name = _person(person).display_name
    return ui.page(
        request, "web/staff_confirm.html", status=409 if problem else 200, problem=problem,
        question=_("End the role {role} of {name}?").format(role=ROLES[found.code], name=name),
        consequence=_("The sessions of this person end within five seconds."), action=_("End this role"),
        cancel_href=reverse("staff-member", args=[person]),
    )


@require_http_methods(["GET", "POST"])
def suspend(request: HttpRequest, person: UUID) -> HttpResponse:
    """Ask whether to take every right of a person away, or give them back, and do it."""
    actor, now = _require(request, "accounts.person_suspend")
    name = _person(person).display_name
    roles = accounts.list_roles(person=person)
    is_suspended = any(each.code == SUSPENDED and _is_running(each, now) for each in roles)
    _consulted(actor, person, now)
    problem = ""
    if request.method == "POST":
        try:
            if request.GET.get("wanted") == "resume":
                accounts.resume(person=person, actor=actor, now=now)
            else:
                accounts.suspend(person=person, actor=actor, now=now)
            return ui.redirect("staff-member", person=person)
        except OwnSuspension:
            problem = _("You cannot suspend yourself. Ask another administrator.")
    question = _("Let {name} back?") if is_suspended else _("Suspend {name}?")
    consequence = (
        _("All roles of this person count again.") if is_suspended
        else _("This person can do nothing here any more until you end the suspension.")
    )
    return ui.page(
        request, "web/staff_confirm.html", status=409 if problem else 200, problem=problem,
        question=question.format(name=name), consequence=consequence,
        action=_("Let back") if is_suspended else _("Suspend"),
        post_href="?wanted=resume" if is_suspended else "?wanted=suspend",
        cancel_href=reverse("staff-member", args=[person]),
    )
