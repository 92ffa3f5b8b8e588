"""The data explorer: a question in SQL over the datasets one may read, its answer as table, chart or file."""

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import (
    Chart,
    ChartKind,
    Field,
    FieldError,
    FieldKind,
    NavigationItem,
    Option,
    Series,
)
from ocapi.modules.insight import spelled
from ocapi.modules.insight.api import explorer as api
from ocapi.modules.insight.data.indicators import (
    FormulaNotRun,
    QueryNotFound,
    QueryNotOpen,
    QueryResult,
    SavedQuery,
    ShownAs,
    TextMissing,
)
from ocapi.modules.insight.views import files, showing, wording

LONGEST, LONGEST_NAME = 20_000, 120
MOST_BARS, MOST_POINTS = 40, 400
OFFERS = "questions"  # the source of `adapters.open_questions`
EXAMPLE = """SELECT period, sum(amount) AS amount
FROM planned_investment
GROUP BY period
ORDER BY period"""


@require_http_methods(["GET", "POST"])
def explore(request: HttpRequest) -> HttpResponse:
    """Show the datasets and the question; answer it, keep it, offer a kept one or take it away."""
    actor = request.actor  # type: ignore[attr-defined]
    try:
        if request.method == "POST" and request.POST.get("weg"):
            api.remove_query(query=UUID(request.POST["weg"]), actor=actor)
            return ui.redirect("insight:explorer")
        if request.method == "POST" and request.POST.get("aanbod"):
            return _offer(request, UUID(request.POST["aanbod"]))
        kept = None
        if "vraag" in request.GET:
            kept = api.get_query(query=UUID(request.GET["vraag"]), actor=actor)
    except (ValueError, QueryNotFound):
        return _page(request, _Asked(sql="", error=_("This question is gone.")), status=404)
    asked = _read(request, kept)
    act = request.POST.get("doe", "")
    if asked.found is not None and act in ("csv", "xlsx"):
        return files.of_query(asked.found, as_xlsx=act == "xlsx")
    if asked.found is not None and act == "bewaar":
        return _keep(request, asked)
    return _page(request, asked, status=422 if asked.error else 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question as it was asked, and its answer when there is one. error: why there is none, in words."""

    sql: str
    found: QueryResult | None = None
    error: str = ""
    shown_as: ShownAs = ShownAs.BAR
    title: str = ""
    title_error: str = ""


def _read(request: HttpRequest, kept: SavedQuery | None) -> _Asked:
    if kept is not None:
        asked = _Asked(sql=kept.sql, shown_as=kept.shown_as, title=kept.title)
    else:
        given = request.POST if request.method == "POST" else request.GET
        shape = given.get("vorm", "")
        asked = _Asked(
            sql=given.get("sql", "")[: LONGEST + 1],
            shown_as=ShownAs(shape) if shape in set(ShownAs) else ShownAs.BAR,
            title=given.get("naam", "")[:LONGEST_NAME],
        )
    if not asked.sql.strip():
        return asked
    try:
        return replace(asked, found=api.ask_question(sql=asked.sql, actor=request.actor))  # type: ignore[attr-defined]
    except FormulaNotRun as refusal:
        return replace(asked, error=wording.refusal(refusal.reason, refusal.what))


def _keep(request: HttpRequest, asked: _Asked) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        kept = api.save_query(title=asked.title, sql=asked.sql, shown_as=asked.shown_as, actor=actor, now=now)
    except TextMissing:
        error = _("Give the question a name, for example: bikes per month.")
        return _page(request, replace(asked, title_error=error), status=422)
    return ui.redirect(f"{reverse('insight:explorer')}?vraag={quote(str(kept))}")


def _offer(request: HttpRequest, query: UUID) -> HttpResponse:
    """Offer an answer, and go where it is described, judged and published."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    kept = api.get_query(query=query, actor=actor)
    try:
        api.offer_query(query=query, actor=actor, now=now)
    except QueryNotOpen as closed:
        error = _("This question reads %(dataset)s, which is not open. It can't become open data.")
        return _page(
            request, _Asked(sql=kept.sql, title=kept.title, error=error % {"dataset": closed}), status=409
        )
    except FormulaNotRun as refusal:
        return _page(
            request, _Asked(sql=kept.sql, error=wording.refusal(refusal.reason, refusal.what)), status=422
        )
    return ui.redirect("opendata:offer", source=OFFERS, offer=str(query))


def _page(request: HttpRequest, asked: _Asked, *, status: int) -> HttpResponse:
    actor, found = request.actor, asked.found  # type: ignore[attr-defined]
    shown = chart(found, asked.shown_as) if found else None
    return ui.page(
        request,
        "insight/explorer.html",
        status=status,
        title=_("Explore data"),
        question=Field(
            name="sql",
            label=_("Your question (SQL)"),
            kind=FieldKind.TEXTAREA,
            rows=8,
            value=asked.sql or EXAMPLE,
            error=asked.error,
            max_length=LONGEST,
            help=_("One SELECT over the datasets below. At most 1,000 rows and two seconds."),
        ),
        keep_fields=_keep_fields(asked),
        errors=tuple(
            FieldError(text=text, field_id=of)
            for text, of in ((asked.error, "id_sql"), (asked.title_error, "id_naam"))
            if text
        ),
        table=showing.plain_table(found, caption=_("Answer as a table")) if found else None,
        is_cut=found.is_cut if found else False,
        is_empty=found is not None and not found.rows,
        chart=shown,
        saved=[_kept_row(each) for each in api.list_queries(actor=actor)],
        datasets=api.list_askable(actor=actor),
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse("insight:indicators")),
            NavigationItem(label=_("Explore data"), href=""),
        ),
    )


def _keep_fields(asked: _Asked) -> tuple[Field, ...]:
    shapes = {
        ShownAs.BAR: _("Bars"),
        ShownAs.LINE: _("A line"),
        ShownAs.TABLE: _("Only the table"),
    }
    return (
        Field(
            name="naam",
            label=_("Name of the question"),
            value=asked.title,
            error=asked.title_error,
            max_length=LONGEST_NAME,
        ),
        Field(
            name="vorm",
            label=_("Show the answer as"),
            kind=FieldKind.SELECT,
            value=asked.shown_as.value,
            options=tuple(Option(value=each.value, label=label) for each, label in shapes.items()),
            help=_("A chart needs names in the first column and numbers in the last one."),
        ),
    )


def _kept_row(kept: SavedQuery) -> dict[str, str | bool]:
    return {
        "uuid": str(kept.uuid),
        "title": kept.title,
        "href": f"?vraag={quote(str(kept.uuid))}",
        "offer": reverse("opendata:offer", args=(OFFERS, kept.uuid)) if kept.is_offered else "",
    }


def chart(found: QueryResult, shown_as: ShownAs = ShownAs.BAR) -> Chart | None:
    """Give an answer with a first column of names and a last one of numbers as a chart, when it is short
    enough.
    """
    most = MOST_BARS if shown_as is ShownAs.BAR else MOST_POINTS
    if shown_as is ShownAs.TABLE or len(found.columns) < 2 or not 1 < len(found.rows) <= most:
        return None
    values = []
    for row in found.rows:
        try:
            values.append(None if row[-1] is None else Decimal(row[-1]))
        except InvalidOperation:
            return None
    decimals = 0 if all(each is None or each == each.to_integral_value() for each in values) else 2
    return Chart(
        code="antwoord",
        title=found.columns[-1],
        kind=ChartKind.BAR if shown_as is ShownAs.BAR else ChartKind.LINE,
        category_label=found.columns[0],
        categories=tuple(showing.day_shown(row[0], found.types[0]) for row in found.rows),
        decimals=decimals,
        series=(
            Series(
                name=found.columns[-1],
                values=tuple(None if v is None else spelled.rounded(v, decimals) for v in values),
            ),
        ),
    )
