"""Making an indicator of the own organization: a form, a preview of what comes out, and keeping a version."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Field, FieldError, FieldKind, NavigationItem, Option
from ocapi.modules.insight import api as figures
from ocapi.modules.insight.api import explorer as api
from ocapi.modules.insight.data.indicators import (
    CodeTaken,
    Direction,
    FormulaNotRun,
    Frequency,
    Indicator,
    IndicatorResult,
    Kind,
    Outcome,
    SeriesOf,
    Thresholds,
    View,
    Words,
)
from ocapi.modules.insight.views import target, tiles, wording

CODE = re.compile(r"^[a-z][a-z0-9-]{1,50}$")
NEEDED = ("code", "titel", "domein", "eenheid", "methode", "eigenaar", "formule")
LIMITS = ("drempel", "rustig")
LONGEST = {"titel": 120, "eenheid": 30, "methode": 1000, "eigenaar": 80, "formule": 20_000}
EXAMPLE = """SELECT period, nis_now AS area, sum(amount) AS value
FROM planned_investment
GROUP BY period, nis_now"""


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Show the form; preview what was typed, or keep it as the next version."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    datasets = api.list_askable(actor=actor)
    typed = {name: request.POST.get(name, "").strip() for name in (*NEEDED, *LIMITS, "beter", "tijd")}
    errors: dict[str, str] = {}
    found: tuple[SeriesOf, ...] = ()
    indicator = None
    if request.method == "POST":
        errors = _missing(typed)
        if not errors:
            indicator = _read(typed)
            try:
                found = api.preview(indicator=indicator, actor=actor, now=now)
                if request.POST.get("doe") == "bewaar":
                    api.save_indicator(indicator=indicator, actor=actor, now=now)
                    figures.compute_later(now=now)
                    return ui.redirect("insight:indicator", indicator.code)
            except FormulaNotRun as refusal:
                errors["formule"] = wording.refusal(refusal.reason, refusal.what)
            except CodeTaken:
                errors["code"] = _("An indicator of the product has this code. Choose another one.")
    fields = _fields(typed, errors)
    shown = IndicatorResult(indicator=indicator, outcome=Outcome.READY) if indicator and found else None
    return ui.page(
        request,
        "insight/editor.html",
        status=422 if errors else 200,
        title=_("Make an indicator"),
        form_fields=fields,
        errors=tuple(FieldError(text=text, field_id=f"id_{name}") for name, text in errors.items()),
        chart=tiles.chart(shown, found[0], name=found[0].slice or _("First series"), export="")
        if shown
        else None,
        count=len(found),
        datasets=datasets,
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse("insight:indicators")),
            NavigationItem(label=_("Make an indicator"), href=""),
        ),
    )


def _missing(typed: dict[str, str]) -> dict[str, str]:
    errors = {name: _("Fill this in.") for name in NEEDED if not typed[name]}
    errors |= {
        name: _("This is too long. At most %(most)s characters.") % {"most": most}
        for name, most in LONGEST.items()
        if len(typed[name]) > most
    }
    errors |= {name: error for name in LIMITS if (error := target.read_number(typed[name])[1])}
    if bool(typed["drempel"]) != bool(typed["rustig"]):
        empty = next(name for name in LIMITS if not typed[name])
        errors[empty] = _("Fill in both numbers, or none.")
    if typed["code"] and not CODE.match(typed["code"]):
        errors["code"] = _("A code has small letters, digits and dashes, for example: trees-planted.")
    if typed["domein"] and typed["domein"] not in {each.code for each in figures.list_domains()}:
        errors["domein"] = _("Choose a domain from the list.")
    return errors


def _read(typed: dict[str, str]) -> Indicator:
    alarm, calm = (target.read_number(typed[name])[0] for name in LIMITS)
    return Indicator(
        code=typed["code"],
        version=1,
        title=Words(nl=typed["titel"], en=typed["titel"]),
        domains=(typed["domein"],),
        views=(View.POLITICAL,),
        kind=Kind.OUTPUT,
        unit=typed["eenheid"],
        sql=typed["formule"],
        method=typed["methode"],
        owner=typed["eigenaar"],
        direction=Direction(typed["beter"]) if typed["beter"] in set(Direction) else Direction.NONE,
        frequency=Frequency(typed["tijd"]) if typed["tijd"] in set(Frequency) else Frequency.YEAR,
        thresholds=None if alarm is None or calm is None else Thresholds(alarm=alarm, calm=calm),
        is_open=False,
    )


def _fields(typed: dict[str, str], errors: dict[str, str]) -> tuple[Field, ...]:
    domains = tuple(Option(value=each.code, label=each.title) for each in figures.list_domains())
    better = (
        Option(value="none", label=_("Neither, it only tells")),
        Option(value="up", label=_("Higher is better")),
        Option(value="down", label=_("Lower is better")),
    )
    times = (
        Option(value="year", label=_("Year")),
        Option(value="quarter", label=_("Quarter")),
        Option(value="month", label=_("Month")),
        Option(value="day", label=_("Day")),
    )
    texts = {
        "code": _("Code"), "titel": _("Name"), "eenheid": _("Unit of measurement"), "eigenaar": _("Owner"),
    }  # fmt: skip
    long = {"methode": _("Method"), "formule": _("Formula (SQL)")}
    limits = {"drempel": _("Attention from"), "rustig": _("Fine again at")}
    help_of = {
        "drempel": _("Policy makers get a message when the newest number gets here."),
        "rustig": _("Until the number is back here, no new message follows. Lower than above: high is bad."),
        "formule": _("Give the columns period and value, and area with the NIS code where there is one."),
        "eenheid": _("For example: EUR, % or {trees}."),
    }

    def field(name: str, label: str, kind: FieldKind, options: tuple[Option, ...] = ()) -> Field:
        start = EXAMPLE if name == "formule" else ""
        return Field(
            name=name, label=label, kind=kind, value=typed[name] or start, error=errors.get(name, ""),
            help=help_of.get(name, ""), options=options, rows=8 if name == "formule" else 3,
            required=name not in LIMITS,
        )  # fmt: skip

    return (
        *(field(name, label, FieldKind.TEXT) for name, label in texts.items()),
        field("domein", _("Domain"), FieldKind.SELECT, domains),
        field("beter", _("Which way is better?"), FieldKind.SELECT, better),
        field("tijd", _("Period"), FieldKind.SELECT, times),
        *(field(name, label, FieldKind.TEXTAREA) for name, label in long.items()),
        *(field(name, label, FieldKind.AMOUNT) for name, label in limits.items()),
    )
