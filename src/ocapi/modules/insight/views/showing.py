"""From figures to the values that components draw: key figures, tables, charts, and where they come from."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ocapi.kernel.ui.data import (
    Cell,
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Figure,
    PageOf,
    Row,
    Series,
    Table,
)
from ocapi.lib import written
from ocapi.modules.insight.data import NO_DOMAIN, Figures, Number, PeerFigures, Scope, Trend, YearFigures
from ocapi.modules.insight.data.indicators import QueryResult
from ocapi.modules.insight.spelled import NBSP, digits, rounded

K_TEXT = f"<{NBSP}5"
MOST_DECIMALS = 4  # shown of an answer; its file holds all of them
FEWEST_GROUPED = 10_000
LEAST_EXPONENT = -6  # smaller numbers are written with a power of ten
MOST_DIGITS = 40
DAY = "DATE"  # the type of a column of an answer
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FEWEST_MONTHS = 3  # fewer points say nothing as a line


def count(number: Number) -> str:
    """Write a count, or say that it is small or withheld."""
    if number.value is not None:
        return digits(number.value)
    return K_TEXT if number.is_small else _("not shown")


def percent(value: Decimal | None) -> str:
    """Write a share."""
    return f"{digits(value)}{NBSP}%" if value is not None else _("not shown")


def share(value: Decimal | None, whole: Number) -> str:
    """Write a share of a count; of nothing there is none."""
    return "–" if whole.value == 0 else percent(value)


def days(value: Decimal | None, counted: Number) -> str:
    """Write a mean number of days; of nothing there is none."""
    if counted.value == 0:
        return "–"
    return digits(value, 1) if value is not None else _("not shown")


def month_name(number: int) -> str:
    """Name a month."""
    return formats.date_format(date(2000, number, 1), "F")


def short_month_name(number: int) -> str:
    """Name a month in a few letters, which fit under a chart on a telephone."""
    return formats.date_format(date(2000, number, 1), "M").lower()


def title_of(each: Figures) -> str:
    """Give the title of a domain or service, also of what belongs to none."""
    if each.scope is Scope.TOTAL:
        return _("All services")
    return _("Without a domain") if each.code == NO_DOMAIN else each.title


def period(figures: YearFigures) -> str:
    """Say which days the figures are of."""
    if not figures.is_running:
        return _("1 January to 31 December %(year)s") % {"year": figures.year}
    return _("since 1 January %(year)s, the running month included") % {"year": figures.year}


def trend(found: Trend, *, year: int) -> str:
    """Say in words how requests changed against the same months of the year before."""
    if found.until_month == 0 or found.change is None:
        return _("No comparison with %(year)s") % {"year": year - 1}
    values = {
        "change": digits(abs(found.change)),
        "year": year - 1,
        "last": month_name(found.until_month),
    }
    if round(found.change) == 0:
        return _("Up to %(last)s as many as in %(year)s") % values
    if found.change > 0:
        return _("Up to %(last)s %(change)s %% more than in %(year)s") % values
    return _("Up to %(last)s %(change)s %% fewer than in %(year)s") % values


def tiles(of: Figures, *, year: int, change: str) -> tuple[Figure, ...]:
    """Give the key figures of a year."""
    mean, term = of.mean_lead_days, of.mean_term_days
    return (
        Figure(label=_("Requests in %(year)s") % {"year": year}, value=count(of.received), trend=change),
        Figure(
            label=_("Digital share"),
            value=share(of.digital_share, of.received),
            trend=_("by the e-counter or another application"),
        ),
        Figure(
            label=_("Mean lead time"),
            value=days(mean, of.decided),
            unit=_("days") if mean is not None else "",
            trend=_("the term is %(days)s days on average") % {"days": digits(term, 1)}
            if term is not None
            else "",
        ),
        Figure(
            label=_("Within the term"),
            value=share(of.in_term_share, of.decided),
            trend=_("of %(count)s decisions; still open: %(open)s")
            % {"count": count(of.decided), "open": count(of.open)},
        ),
    )


def months_chart(
    of: Figures, before: Figures | None, figures: YearFigures, *, source: str, export: str
) -> Chart:
    """Give the requests per month, with the year before as a second line where there is one."""
    shown = max(figures.last_month, 1)
    lines = [_series(str(figures.year), of.months[:shown])]
    if before is not None and is_drawable(before.months[:shown]):
        lines.append(_series(str(figures.year - 1), before.months[:shown]))
    return Chart(
        code="per-maand",
        title=_("Requests per month"),
        kind=ChartKind.LINE if shown > 1 else ChartKind.BAR,
        category_label=_("Month"),
        categories=tuple(short_month_name(each) for each in range(1, shown + 1)),
        series=tuple(lines),
        unit=_("requests"),
        source=source,
        updated=written.moment_in_words(figures.counted_at) if figures.counted_at else "",
        export_href=export,
        spreadsheet_href=f"{export}&vorm=xlsx",
        picture_href=f"{export}&vorm=png",
        method=_("Counted by the day a request came in; the running month is not over.")
        if figures.is_running
        else _("Counted by the day a request came in."),
        quality=_("Months with fewer than five requests are not shown."),
    )


def is_drawable(months: tuple[Number, ...]) -> bool:
    """Tell whether enough months are shown to draw a line."""
    shown = sum(each.value is not None for each in months)
    return shown > 0 and shown >= min(FEWEST_MONTHS, len(months))


def _series(name: str, values: tuple[Number, ...]) -> Series:
    return Series(
        name=name,
        values=tuple(each.value for each in values),
        suppressed=frozenset(place for place, each in enumerate(values) if each.is_small),
        withheld=frozenset(
            place for place, each in enumerate(values) if each.value is None and not each.is_small
        ),
    )


def _columns(first: str) -> tuple[Column, ...]:
    return (
        Column(code="title", label=first),
        Column(code="received", label=_("Requests"), kind=ColumnKind.NUMBER),
        Column(code="digital", label=_("Digital"), kind=ColumnKind.NUMBER),
        Column(code="decided", label=_("Decided"), kind=ColumnKind.NUMBER),
        Column(code="lead", label=_("Lead time (days)"), kind=ColumnKind.NUMBER),
        Column(code="term", label=_("Within the term"), kind=ColumnKind.NUMBER),
    )


def sorted_rows(rows: Iterable[Figures]) -> tuple[Figures, ...]:
    """Put the largest shown count first; hidden ones last by title, so that the order gives nothing away."""
    return tuple(
        sorted(rows, key=lambda each: (each.received.value is None, -(each.received.value or 0), each.title))
    )


def table(rows: Iterable[Figures], *, caption: str, first: str, query: str, export: str) -> Table:
    """Give figures as a table; each row leads to its own page."""
    return Table(
        caption=caption,
        columns=_columns(first),
        export_href=export,
        page=PageOf(items=tuple(_row(each, query) for each in sorted_rows(rows))),
        empty_title=_("No requests in this period"),
        empty_text=_("Figures appear as soon as the first request comes in."),
    )


def _row(each: Figures, query: str) -> Row:
    href = ""
    if each.code:
        href = reverse(f"insight:{each.scope.value}", args=[each.code]) + (f"?{query}" if query else "")
    return Row(cells=(Cell(text=title_of(each), href=href), *(Cell(text=text) for text in cells(each))))


def cells(each: Figures) -> tuple[str, ...]:
    """Write the figures of a row."""
    return (
        count(each.received),
        share(each.digital_share, each.received),
        count(each.decided),
        days(each.mean_lead_days, each.decided),
        share(each.in_term_share, each.decided),
    )


def peer_cells(peer: PeerFigures) -> tuple[str, ...]:
    """Write the figures of an organization that published them."""
    found = peer.figures
    return (
        count(Number(value=found.received)),
        percent(found.digital_share),
        count(Number(value=found.decided)),
        digits(found.mean_lead_days, 1) if found.mean_lead_days is not None else _("not shown"),
        percent(found.in_term_share),
    )


def peer_table(peers: tuple[PeerFigures, ...], *, caption: str, export: str) -> Table:
    """Give the comparison by municipality as a table."""
    columns = (*_columns(_("Municipality")), Column(code="until", label=_("Up to")))
    return Table(
        caption=caption,
        columns=columns,
        export_href=export,
        page=PageOf(items=tuple(_peer_row(peer) for peer in peers)),
        empty_title=_("No comparison yet"),
        empty_text=_(
            "A municipality joins after twelve complete months, if it shares its figures with the collective."
        ),
    )


def _peer_row(peer: PeerFigures) -> Row:
    note = _("own organization") if peer.is_own else _("not the newest figures") if peer.is_stale else ""
    until = formats.date_format(peer.until, "F Y")
    return Row(
        highlighted=peer.is_own,
        cells=(
            Cell(text=peer.name, note=note),
            *(Cell(text=text) for text in peer_cells(peer)),
            Cell(text=until),
        ),
    )


def peer_chart(
    peers: tuple[PeerFigures, ...],
    *,
    code: str,
    title: str,
    unit: str,
    values: tuple[Decimal | None, ...],
    source: str,
    export: str,
) -> Chart:
    """Give one figure of every municipality as bars; what is hidden is drawn as withheld."""
    decimals = 0 if unit == "%" else 1
    return Chart(
        code=code,
        title=title,
        kind=ChartKind.BAR,
        unit=unit,
        decimals=decimals,
        category_label=_("Municipality"),
        categories=tuple(peer.name for peer in peers),
        series=(
            Series(
                name=title,
                values=tuple(None if value is None else rounded(value, decimals) for value in values),
                withheld=frozenset(place for place, value in enumerate(values) if value is None),
            ),
        ),
        source=source,
        method=_("Over twelve complete months."),
        export_href=export,
        spreadsheet_href=f"{export}&vorm=xlsx",
        picture_href=f"{export}&vorm=png",
    )


def waiting_text(waiting: int) -> str:
    """Say how many facts are not in the figures yet."""
    return ngettext(
        "%(count)s recent change is not in these figures yet.",
        "%(count)s recent changes are not in these figures yet.",
        waiting,
    ) % {"count": waiting}


def _shown(cell: str | None, kind: ColumnKind) -> str:
    """Write a value as people here do: a comma before decimals, none that say nothing, dots in large numbers.

    Four digits get no dot: they may be a year. A number below one keeps four digits that count.
    """
    if cell is None:
        return "–"
    value = number_of(cell) if kind is ColumnKind.NUMBER else None
    if value is None:
        return cell
    if value.adjusted() < LEAST_EXPONENT:
        return cell.replace(".", ",")
    places = MOST_DECIMALS - min(value.adjusted() + 1, 0)
    text = f"{rounded(value, places):f}" if value.as_tuple().exponent < -places else f"{value:f}"  # type: ignore[operator]
    whole, _dot, rest = text.partition(".")
    rest = rest.rstrip("0")
    if abs(int(whole)) >= FEWEST_GROUPED:
        whole = f"{int(whole):,}".replace(",", ".")
    elif not rest:
        whole = str(int(whole))  # zero has no sign
    return f"{whole},{rest}" if rest else whole


def day_shown(cell: str | None, of: str) -> str:
    """Write a cell of an answer as people write days, when its column holds days."""
    if not cell:
        return "–"
    return written.in_digits(date.fromisoformat(cell)) if of == DAY and ISO_DAY.fullmatch(cell) else cell


def number_of(cell: str | None) -> Decimal | None:
    """Read a cell of an answer as a number; None for what is none, or is endless."""
    try:
        value = Decimal(cell or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) <= MOST_DIGITS else None


def kinds_of(found: QueryResult) -> tuple[ColumnKind, ...]:
    """Tell by column of an answer whether it holds numbers."""
    numbers = ("DOUBLE", "DECIMAL", "BIGINT", "INTEGER", "HUGEINT", "FLOAT")
    return tuple(ColumnKind.NUMBER if kind.startswith(numbers) else ColumnKind.TEXT for kind in found.types)


def plain_table(found: QueryResult, *, caption: str, export: str = "") -> Table:
    """Give the answer to a question as a table; numbers stand right."""
    kinds = kinds_of(found)
    columns = [
        Column(code=f"c{place}", label=name, kind=kinds[place]) for place, name in enumerate(found.columns)
    ]
    rows = [
        Row(cells=tuple(
            Cell(text=day_shown(cell, of) if of == DAY else _shown(cell, kind))
            for cell, kind, of in zip(row, kinds, found.types, strict=True)
        ))
        for row in found.rows
    ]
    return Table(
        caption=caption,
        columns=tuple(columns),
        page=PageOf(items=tuple(rows)),
        export_href=export,
        empty_title=_("No rows"),
        empty_text=_("Nothing fits this question."),
    )
