"""Desk pages of machine accounts: list, register, show, revoke."""

from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Definition, Field, FieldKind, Option, PageOf, Row, Table
from ocapi.modules.exchange import api
from ocapi.modules.exchange.data import Application, ApplicationRefused, ApplicationState
from ocapi.modules.exchange.views import interfaces
from ocapi.modules.exchange.views.dressing import moment

LARGEST_UPLOAD = 16 << 10


@require_http_methods(["GET"])
def overview(request: HttpRequest) -> HttpResponse:
    """List the machine accounts."""
    found = api.list_applications(actor=request.actor)  # type: ignore[attr-defined]
    may_register = access.may(request.actor, "exchange.register_application")  # type: ignore[attr-defined]
    new = reverse("exchange:register-application") if may_register else ""
    table = Table(
        caption=_("Applications that may use our APIs"),
        columns=(
            Column(code="name", label=_("Name")), Column(code="owner", label=_("Owner")),
            Column(code="scopes", label=_("Rights")), Column(code="used", label=_("Last used")),
            Column(code="state", label=_("State")),
        ),
        page=PageOf(items=tuple(_row(each) for each in found), page_size=max(len(found), 1)),
        empty_title=_("No application is registered"),
        empty_text=_("An application signs in with its own key and gets only the rights it needs."),
        empty_href=new, empty_action=_("Register an application") if new else "",
    )
    return ui.page(
        request, "exchange/applications.html", table=table, apis=interfaces.table(request),
        new_href=new if found else "",
    )


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Show and take in the form of a new machine account."""
    access.require(request.actor, "exchange.register_application")  # type: ignore[attr-defined]
    typed = {name: request.POST.get(name, "") for name in ("name", "owner", "keys")}
    chosen = tuple(request.POST.getlist("scopes"))
    if request.method != "POST":
        return _form(request, typed, chosen, {})
    uploaded = request.FILES.get("keys_file")
    if isinstance(uploaded, UploadedFile):
        typed["keys"] = uploaded.read(LARGEST_UPLOAD + 1).decode("utf-8", errors="replace")
    try:
        made = api.register_application(
            name=typed["name"], owner=typed["owner"], jwks=typed["keys"], scopes=chosen,
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except ApplicationRefused as refused:
        return _form(request, typed, chosen, dict(refused.problems), status=422)
    return ui.redirect("exchange:application", application=made.uuid)


@require_http_methods(["GET"])
def detail(request: HttpRequest, application: UUID) -> HttpResponse:
    """Show a machine account with what its owner needs to connect."""
    found = api.get_application(application=application, actor=request.actor)  # type: ignore[attr-defined]
    facts = (
        Definition(term=_("Client id"), value=found.client_id),
        Definition(term=_("Address for tokens"), value=request.build_absolute_uri(reverse("exchange:token"))),
        Definition(term=_("Owner"), value=found.owner or "–"),
        Definition(term=_("State"), value=_state(found)),
        Definition(term=_("Rights"), value=_rights(found)),
        Definition(term=_("Keys"), value=", ".join(key.kid for key in found.keys)),
        Definition(term=_("Registered on"), value=moment(found.created_at)),
        Definition(term=_("Last used"), value=moment(found.last_used_at)),
    )
    is_active = found.state is ApplicationState.ACTIVE
    may_revoke = access.may(request.actor, "exchange.revoke_application")  # type: ignore[attr-defined]
    revoke_href = ""
    if is_active and may_revoke:
        revoke_href = reverse("exchange:revoke-application", args=[application])
    return ui.page(
        request, "exchange/application.html", name=found.name, facts=facts, revoke_href=revoke_href,
        back_href=reverse("exchange:applications"),
    )


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, application: UUID) -> HttpResponse:
    """Ask whether to revoke, and do it."""
    access.require(request.actor, "exchange.revoke_application")  # type: ignore[attr-defined]
    found = api.get_application(application=application, actor=request.actor)  # type: ignore[attr-defined]
    if request.method == "POST":
        actor, now = request.actor, request.now  # type: ignore[attr-defined]
        api.revoke_application(application=application, actor=actor, now=now)
        return ui.redirect("exchange:application", application=application)
    return ui.page(
        request, "exchange/confirm.html", title=_("Revoke application"),
        question=_("Revoke {name}?").format(name=found.name),
        consequence=_(
            "The application loses all access at once. It can only come back under a new client id."
        ),
        action=_("Revoke the application"),
        cancel_href=reverse("exchange:application", args=[application]),
    )


def _row(each: Application) -> Row:
    return Row(cells=(
        Cell(text=each.name, href=reverse("exchange:application", args=[each.uuid])),
        Cell(text=each.owner or "–"),
        Cell(text=_rights(each)),
        Cell(text=moment(each.last_used_at)),
        Cell(text=_state(each), tone="success" if each.state is ApplicationState.ACTIVE else "neutral"),
    ))


def _rights(found: Application) -> str:
    titles = {each.code: each.title for each in api.list_scopes()}
    return ", ".join(titles.get(code, code) for code in found.scopes)


def _state(found: Application) -> str:
    return _("Active") if found.state is ApplicationState.ACTIVE else _("Revoked")


def _form(
    request: HttpRequest, typed: dict[str, str], chosen: tuple[str, ...], problems: dict[str, str],
    *, status: int = 200,
) -> HttpResponse:
    errors = {name: _explained(code) for name, code in problems.items()}
    fields = (
        Field(name="name", label=_("Name of the application"), value=typed["name"],
              error=errors.get("name", ""), max_length=120),
        Field(name="owner", label=_("Organization that owns it"), value=typed["owner"], required=False,
              error=errors.get("owner", ""), max_length=160),
        Field(name="keys", label=_("Public keys"), kind=FieldKind.TEXTAREA, value=typed["keys"], rows=8,
              required=False, error=errors.get("keys", ""),
              help=_("A JWK or JWK set with keys of kind EC, curve P-256. Never send a private key.")),
        Field(name="keys_file", label=_("Or a file with the public keys"), kind=FieldKind.FILE,
              required=False, accepted_types=(".json", ".jwk", ".jwks"), max_size="16 kB"),
        Field(name="scopes", label=_("Rights"), kind=FieldKind.CHECKBOXES, values=chosen,
              error=errors.get("scopes", ""), help=_("Give only what the application needs."),
              options=tuple(
                  Option(value=each.code, label=each.title, help=each.code)
                  for each in api.list_scopes()
              )),
    )
    return ui.page(
        request, "exchange/register.html", status=status, fields=fields,
        back_href=reverse("exchange:applications"),
    )


def _explained(code: str) -> str:
    texts = {
        "required": _("Fill this in."),
        "tooLong": _("This text is too long. Make it shorter."),
        "unknown": _("Choose only rights from the list."),
        "notJson": _("We cannot read this. Paste a JWK or a JWK set in JSON."),
        "noKey": _("There is no key in this set. Add at least one."),
        "tooManyKeys": _("A set holds at most five keys. Leave out the oldest."),
        "privateKey": _("This holds a private key. Make a new pair of keys and send only the public one."),
        "wrongKind": _("Only keys of kind EC, curve P-256, for ES256 are accepted."),
        "notOnCurve": _("This is no point of curve P-256. Export the public key again."),
        "sameKid": _("Two keys have the same kid. Give each key its own."),
    }
    return texts.get(code, texts["required"])
