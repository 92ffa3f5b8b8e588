"""The data explorer: a question in SQL over the datasets one may read, its answer as table, chart or file."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Chart, ChartKind, Field, FieldError, FieldKind, NavigationItem, Series
from ocapi.modules.insight.api import explorer as api
from ocapi.modules.insight.data.indicators import FormulaNotRun, QueryResult, TextMissing
from ocapi.modules.insight.views import files, showing, wording

LONGEST = 20_000
MOST_BARS = 40
EXAMPLE = """SELECT period, sum(amount) AS amount
FROM planned_investment
GROUP BY period
ORDER BY period"""


@require_http_methods(["GET", "POST"])
def explore(request: HttpRequest) -> HttpResponse:
    """Show the datasets and the question; answer it, keep it, or take a kept one away."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    asked = request.POST if request.method == "POST" else request.GET
    sql = asked.get("sql", "")[: LONGEST + 1]
    act = asked.get("doe", "")
    found, error, status = None, "", 200
    if request.method == "POST" and asked.get("weg"):
        _remove(asked["weg"], request)
        return ui.redirect("insight:explorer")
    if sql.strip():
        try:
            found = api.ask_question(sql=sql, actor=actor)
        except FormulaNotRun as refusal:
            error, status = wording.refusal(refusal.reason, refusal.what), 422
    if found is not None and act in ("csv", "xlsx"):
        return files.of_query(found, as_xlsx=act == "xlsx")
    title_error = ""
    if request.method == "POST" and act == "bewaar" and found is not None:
        try:
            api.save_query(title=asked.get("naam", ""), sql=sql, actor=actor, now=now)
            return ui.redirect("insight:explorer")
        except TextMissing:
            title_error, status = _("Give the question a name, for example: bikes per month."), 422
    fields = (
        Field(
            name="sql",
            label=_("Your question (SQL)"),
            kind=FieldKind.TEXTAREA,
            rows=8,
            value=sql or EXAMPLE,
            error=error,
            max_length=LONGEST,
            help=_("One SELECT over the datasets below. At most 1,000 rows and two seconds."),
        ),
    )
    return ui.page(
        request,
        "insight/explorer.html",
        status=status,
        title=_("Explore data"),
        question=fields[0],
        name_field=Field(
            name="naam", label=_("Name of the question"), error=title_error, required=False, max_length=120
        ),
        errors=tuple(
            FieldError(text=text, field_id=of)
            for text, of in ((error, "id_sql"), (title_error, "id_naam"))
            if text
        ),
        table=showing.plain_table(found, caption=_("Answer as a table")) if found else None,
        is_cut=found.is_cut if found else False,
        chart=chart(found) if found else None,
        saved=api.list_queries(actor=actor),
        datasets=api.list_askable(actor=actor),
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse("insight:indicators")),
            NavigationItem(label=_("Explore data"), href=""),
        ),
    )


def _remove(text: str, request: HttpRequest) -> None:
    try:
        api.remove_query(query=UUID(text), actor=request.actor)  # type: ignore[attr-defined]
    except ValueError:
        return


def chart(found: QueryResult) -> Chart | None:
    """Give an answer with a first column of names and a last one of numbers as bars, when it is short
    enough.
    """
    if len(found.columns) < 2 or not 1 < len(found.rows) <= MOST_BARS:
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
        kind=ChartKind.BAR if len(found.rows) <= 20 else ChartKind.LINE,
        category_label=found.columns[0],
        categories=tuple(str(row[0] or "–") for row in found.rows),
        decimals=decimals,
        series=(
            Series(
                name=found.columns[-1],
                values=tuple(None if v is None else showing.rounded(v, decimals) for v in values),
            ),
        ),
    )
