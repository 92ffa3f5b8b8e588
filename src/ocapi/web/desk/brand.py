"""The organization's settings: name, address form, contact and brand, with contrast checked before saving."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ocapi.kernel.access import api as access
from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import COLOR_TOKENS, Field, FieldKind, InvalidToken, Message, Option, Tokens
from ocapi.lib import codec
from ocapi.web import organization

EDITABLE = ("brand", "on_brand", "accent", "on_accent", "link", "surface")
NAME_LENGTH = 120


def settings(request: HttpRequest) -> HttpResponse:
    """Show and save the organization's settings; colors too close to read are refused with a proposal."""
    access.require(request.actor, "registry.save_setting")  # type: ignore[attr-defined]
    stored = request.organization  # type: ignore[attr-defined]
    tokens = organization.tokens_of(stored["tokens"])
    if request.method != "POST":
        typed = {"name": stored["name"], "address_form": stored["address_form"]}
        typed |= {name: getattr(tokens, name) for name in EDITABLE}
        return _form(request, typed, {})
    typed = {name: request.POST.get(name, "").strip() for name in ("name", "address_form", *EDITABLE)}
    errors = _save(request, typed, tokens)
    if errors:
        return _form(request, typed, errors, status=422)
    return _form(request, typed, {}, messages=(Message(text=_("Saved"), tone="success"),))


def _save(request: HttpRequest, typed: dict[str, str], tokens: Tokens) -> dict[str, str]:
    errors = (
        {}
        if 0 < len(typed["name"]) <= NAME_LENGTH
        else {"name": _("Fill in the name, at most 120 characters.")}
    )
    if typed["address_form"] not in ("formal", "informal"):
        errors["address_form"] = _("Choose one of the two forms.")
    try:
        wanted = replace(tokens, **{name: typed[name].lower() for name in EDITABLE})
    except InvalidToken as refused:
        errors[refused.args[0] if refused.args[0] in EDITABLE else "brand"] = _("Write a color as #1a2b3c.")
        return errors
    for problem in ui.check_tokens(wanted):
        field = problem.foreground if problem.foreground in EDITABLE else problem.background
        errors[field if field in EDITABLE else "brand"] = _(
            "Too little contrast: {ratio} where {needed} is needed. Take {proposal} instead."
        ).format(ratio=round(problem.ratio, 2), needed=problem.needed, proposal=problem.proposal)
    if errors:
        return errors
    values = {"name": typed["name"], "address_form": typed["address_form"],
              "tokens": codec.encode_json(wanted).decode()}
    for key, value in values.items():
        if value != request.organization[key]:  # type: ignore[attr-defined]
            registry.save_setting(
                name=f"organization.{key}", value=value, actor=request.actor, now=request.now
            )  # type: ignore[attr-defined]
    request.organization = registry.settings_of("organization")  # type: ignore[attr-defined]
    return {}


def _form(
    request: HttpRequest, typed: dict[str, str], errors: dict[str, str], *, status: int = 200,
    messages: tuple[Message, ...] = (),
) -> HttpResponse:
    assert set(EDITABLE) <= set(COLOR_TOKENS)
    labels = {
        "brand": _("Main color"), "on_brand": _("Text on the main color"), "accent": _("Accent color"),
        "on_accent": _("Text on the accent color"), "link": _("Links"), "surface": _("Cards and bands"),
    }
    fields = (
        Field(
            name="name",
            label=_("Name of the organization"),
            value=typed["name"],
            error=errors.get("name", ""),
            max_length=NAME_LENGTH,
        ),
        Field(
            name="address_form",
            label=_("How we address the reader"),
            kind=FieldKind.RADIO,
            value=typed["address_form"],
            error=errors.get("address_form", ""),
            options=(
                Option(value="informal", label=_("je (informal)")),
                Option(value="formal", label=_("u (formal)")),
            ),
        ),
        *(
            Field(
                name=name,
                label=labels[name],
                value=typed[name],
                error=errors.get(name, ""),
                max_length=7,
                width="short",
            )
            for name in EDITABLE
        ),
    )
    return ui.page(request, "web/desk_settings.html", status=status, fields=fields, saved=messages)
