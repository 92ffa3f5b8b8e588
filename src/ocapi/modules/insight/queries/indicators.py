"""Reads of indicators, datasets and results."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from ocapi.lib import codec
from ocapi.modules.insight.data import DIGITAL_CHANNELS
from ocapi.modules.insight.data.indicators import (
    LENGTHS,
    Area,
    Dataset,
    DatasetNotFound,
    DatasetSummary,
    DatasetVersion,
    Indicator,
    IndicatorNotFound,
    IndicatorResult,
    Lineage,
    Outcome,
    Point,
    QueryNotFound,
    SavedQuery,
    SeriesOf,
    ShownAs,
)
from ocapi.modules.insight.models import (
    AlertRow,
    AreaRow,
    DatasetRow,
    DatasetVersionRow,
    IndicatorRow,
    NoteRow,
    QueryRow,
    ResultRow,
    RollupRow,
    SeriesRow,
)
from ocapi.modules.insight.results import SMALL, WITHHELD

MOST_INDICATORS = 500
MOST_DATASETS = 200
MOST_SERIES = 5_000
MOST_NOTES = 200
MOST_ROLLUPS = 200_000
REGION = "02000"
WHOLE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be computed: rows of indicators with their definitions, and the newest versions of
    datasets.
    """

    indicators: tuple[tuple[IndicatorRow, Indicator], ...]
    datasets: tuple[Dataset, ...]
    newest: Mapping[str, DatasetVersionRow]


def datasets() -> tuple[Dataset, ...]:
    """Give the declarations of all datasets by code."""
    return tuple(_dataset(row) for row in DatasetRow.objects.order_by("code")[:MOST_DATASETS])


def find_dataset(code: str) -> Dataset:
    """Give one declaration, or raise DatasetNotFound."""
    row = DatasetRow.objects.filter(code=code).first()
    if row is None:
        raise DatasetNotFound(code)
    return _dataset(row)


def _dataset(row: DatasetRow) -> Dataset:
    return codec.decode_json(row.declaration.encode(), Dataset)


def newest_versions() -> dict[str, DatasetVersionRow]:
    """Give the row of the newest version of every dataset that has one."""
    rows = DatasetVersionRow.objects.select_related("dataset").order_by("dataset__code", "number")
    return {row.dataset.code: row for row in rows[: MOST_DATASETS * 50]}


def dataset_summaries() -> tuple[DatasetSummary, ...]:
    """Give every dataset with its newest version."""
    newest = newest_versions()
    return tuple(
        DatasetSummary(dataset=each, version=_version(newest[each.code]) if each.code in newest else None)
        for each in datasets()
    )


def versions(code: str) -> tuple[DatasetVersion, ...]:
    """Give the versions of a dataset, newest first."""
    rows = DatasetVersionRow.objects.select_related("dataset").filter(dataset__code=code).order_by("-number")
    return tuple(_version(row) for row in rows[:50])


def _version(row: DatasetVersionRow) -> DatasetVersion:
    return DatasetVersion(
        dataset=row.dataset.code,
        number=row.number,
        sha256=row.sha256,
        rows=row.rows,
        source_name=row.source_name.removeprefix("content: ").removeprefix("stream:"),
        loaded_at=row.loaded_at,
        first=row.first,
        last=row.last,
    )


def definition_of(row: IndicatorRow) -> Indicator:
    """Give the definition a row holds."""
    return codec.decode_json(row.definition.encode(), Indicator)


def work(codes: Iterable[str] = ()) -> Work:
    """Give what is to be computed: all current indicators, or those of some codes."""
    rows = IndicatorRow.objects.filter(is_current=True).order_by("code")
    chosen = tuple(codes)
    if chosen:
        rows = rows.filter(code__in=chosen)
    found = tuple((row, definition_of(row)) for row in rows[:MOST_INDICATORS])
    return Work(indicators=found, datasets=datasets(), newest=newest_versions())


def indicator_row(code: str) -> IndicatorRow:
    """Give the current row of an indicator, or raise IndicatorNotFound."""
    row = IndicatorRow.objects.filter(code=code, is_current=True).first()
    if row is None:
        raise IndicatorNotFound(code)
    return row


def results(*, own: str, open_only: bool, codes: Iterable[str] | None = None) -> tuple[IndicatorResult, ...]:
    """Give every current indicator with its newest result, in a bounded number of statements."""
    rows = IndicatorRow.objects.filter(is_current=True).order_by("code")
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    definitions = [(row, definition_of(row)) for row in rows[:MOST_INDICATORS]]
    definitions = [each for each in definitions if each[1].is_open or not open_only]
    wanted = [row.code for row, _one in definitions]
    failed = Q(outcome=Outcome.FAILED.value)
    rows_made = ResultRow.objects.select_related("indicator").filter(
        Q(is_current=True) | failed, indicator__code__in=wanted
    )
    newest = list(rows_made.order_by("id")[: MOST_INDICATORS * 6])
    made = {row.indicator.code: row for row in newest if row.is_current}
    behind = {
        row.indicator.code
        for row in newest
        if not row.is_current and row.id > getattr(made.get(row.indicator.code), "id", row.id)
    }
    shown = _shown([row.id for row in made.values()], own)
    declared = {each.code: each for each in datasets()}
    held = {(row.dataset.code, row.number): row for row in _versions_of(made.values())}
    return tuple(
        replace(
            _result(one, row, made.get(row.code), shown, own, declared, held), is_behind=row.code in behind
        )
        for row, one in definitions
    )


def _versions_of(made: Iterable[ResultRow]) -> list[DatasetVersionRow]:
    codes = {code for row in made for code in codec.decode_json(row.made_of.encode(), dict[str, int])}
    rows = DatasetVersionRow.objects.select_related("dataset").filter(dataset__code__in=codes)
    return list(rows.order_by("id")[: MOST_DATASETS * 50])


def _shown(results_: list[int], own: str) -> dict[int, SeriesRow]:
    """Give by result the series of the own area, else of the region, else the first; the whole before
    parts.
    """
    preferred = SeriesRow.objects.filter(result_id__in=results_, area__in=[own or REGION, REGION, ""])
    found: dict[int, SeriesRow] = {}
    ranked: dict[int, tuple[int, int]] = {}
    for row in preferred.order_by("result_id", "slice", "area", "id")[: MOST_INDICATORS * 40]:
        rank = (0 if row.area == own else 1, 0 if row.slice == WHOLE else 1)
        if row.result_id not in found or rank < ranked[row.result_id]:
            found[row.result_id], ranked[row.result_id] = row, rank
    for missing in [each for each in results_ if each not in found]:
        first = SeriesRow.objects.filter(result_id=missing).order_by("slice", "area", "id").first()
        if first is not None:
            found[missing] = first
    return found


def _result(
    indicator: Indicator,
    row: IndicatorRow,
    made: ResultRow | None,
    shown: dict[int, SeriesRow],
    own: str,
    declared: dict[str, Dataset],
    held: dict[tuple[str, int], DatasetVersionRow],
) -> IndicatorResult:
    if made is None:
        return IndicatorResult(indicator=indicator, outcome=Outcome.WAITING)
    series = series_of(shown[made.id]) if made.id in shown else None
    lineage = _lineage(made, row, declared, held)
    last = max((each.last for each in lineage.datasets if each.last), default="")
    days = min(
        (declared[each.dataset].fresh_days for each in lineage.datasets if each.dataset in declared),
        default=0,
    )
    return IndicatorResult(
        indicator=indicator,
        outcome=Outcome(made.outcome),
        reason=made.reason,
        computed_at=made.computed_at,
        shown=series,
        is_own=series is not None and series.area == own,
        fresh_until=_fresh_until(indicator, series, last, days),
        lineage=lineage,
    )


def _fresh_until(indicator: Indicator, series: SeriesOf | None, last: str, days: int) -> date | None:
    if indicator.is_plan or series is None or series.last is None:
        return None
    data_until = datetime.fromisoformat(last).date() if last else series.last.period
    ends = min(series.last.period + LENGTHS[indicator.frequency], max(data_until, series.last.period))
    return ends + timedelta(days=days)


def _lineage(
    made: ResultRow,
    row: IndicatorRow,
    declared: dict[str, Dataset],
    held: dict[tuple[str, int], DatasetVersionRow],
) -> Lineage:
    numbers = codec.decode_json(made.made_of.encode(), dict[str, int])
    return Lineage(
        indicator=row.code,
        version=made.indicator.version,
        sql=definition_of(made.indicator).sql,
        sql_sha256=made.indicator.sql_sha256,
        columns=codec.decode_json(made.lineage.encode(), dict[str, tuple[str, ...]]),
        datasets=tuple(_version(held[each]) for each in sorted(numbers.items()) if each in held),
        sources=tuple(
            f"{declared[name].source.publisher}, {declared[name].source.dataset}"
            for name in sorted(numbers)
            if name in declared
        ),
        computed_at=made.computed_at,
    )


def series_of(row: SeriesRow) -> SeriesOf:
    """Give the numbers a row holds."""
    points = codec.decode_json(row.points.encode(), list[tuple[str, str | None, str]])
    return SeriesOf(
        area=row.area,
        slice=row.slice,
        points=tuple(
            Point(
                period=date.fromisoformat(period),
                value=None if value is None else Decimal(value),
                is_small=state == SMALL,
                is_withheld=state == WITHHELD,
            )
            for period, value, state in points
        ),
    )


def series(code: str, *, areas: Iterable[str] | None = None, part: str | None = None) -> tuple[SeriesOf, ...]:
    """Give the series of the current result of an indicator, by area and slice."""
    rows = SeriesRow.objects.filter(result__indicator__code=code, result__is_current=True)
    if areas is not None:
        rows = rows.filter(area__in=list(areas))
    if part is not None:
        rows = rows.filter(slice=part)
    return tuple(series_of(row) for row in rows.order_by("area", "slice", "id")[:MOST_SERIES])


def whole_series(codes: Iterable[str]) -> dict[str, dict[str, int]]:
    """Give by indicator and area the row that holds its whole series; the numbers are not read."""
    rows = SeriesRow.objects.filter(
        result__indicator__code__in=list(codes), result__is_current=True, slice=WHOLE
    ).order_by("id")
    found: dict[str, dict[str, int]] = {}
    for code, area, row in rows.values_list("result__indicator__code", "area", "id")[: MOST_SERIES * 20]:
        found.setdefault(code, {})[area] = row
    return found


def series_in(rows: Iterable[int]) -> dict[int, SeriesOf]:
    """Give the series that some rows hold."""
    return {row.id: series_of(row) for row in SeriesRow.objects.filter(id__in=list(rows)).order_by("id")}


def areas(codes: Iterable[str] | None = None) -> dict[str, Area]:
    """Give municipalities of today by NIS code."""
    rows = AreaRow.objects.order_by("nis")
    if codes is not None:
        rows = rows.filter(nis_now__in=list(codes))
    former: dict[str, list[str]] = {}
    found: dict[str, Area] = {}
    for row in rows[:MOST_SERIES]:
        if row.nis != row.nis_now:
            former.setdefault(row.nis_now, []).append(row.nis)
        found[row.nis_now] = Area(
            nis=row.nis_now, name=row.name, province=row.province, merged_on=row.merged_on
        )
    return {
        nis: Area(
            nis=nis,
            name=each.name,
            province=each.province,
            merged_on=each.merged_on,
            former=tuple(former.get(nis, ())),
        )
        for nis, each in found.items()
    }


def note_rows(code: str) -> tuple[NoteRow, ...]:
    """Give the rows of what was written about an indicator, newest period first."""
    return tuple(NoteRow.objects.filter(indicator=code).order_by("-period", "-id")[:MOST_NOTES])


def request_rows() -> Iterator[tuple[Any, ...]]:
    """Give the counts of requests as rows of the dataset that is made of them."""
    rows = RollupRow.objects.order_by("month", "service", "channel", "id")[:MOST_ROLLUPS]
    for row in rows:
        is_digital = row.channel in DIGITAL_CHANNELS
        yield (
            row.month,
            row.service,
            row.domain,
            row.channel,
            int(is_digital),
            row.received,
            row.decided,
            row.in_term,
            row.lead_days,
        )


def saved_queries() -> tuple[SavedQuery, ...]:
    """Give the questions that were kept, by title."""
    rows = QueryRow.objects.order_by("title", "id")[:MOST_NOTES]
    return tuple(_saved(row) for row in rows)


def offered_queries() -> tuple[SavedQuery, ...]:
    """Give the questions whose answers may be made open data, by title."""
    rows = QueryRow.objects.filter(is_offered=True).order_by("title", "id")[:MOST_NOTES]
    return tuple(_saved(row) for row in rows)


def saved_query(query: UUID) -> SavedQuery:
    """Give a question that was kept. Raises QueryNotFound."""
    row = QueryRow.objects.filter(uuid=query).first()
    if row is None:
        raise QueryNotFound(str(query))
    return _saved(row)


def _saved(row: QueryRow) -> SavedQuery:
    columns = codec.decode_json(row.columns.encode(), tuple[tuple[str, str], ...]) if row.columns else ()
    return SavedQuery(
        uuid=row.uuid,
        title=row.title,
        sql=row.sql,
        shown_as=ShownAs(row.shown_as),
        columns=columns,
        is_offered=row.is_offered,
    )


def alarms() -> tuple[str, ...]:
    """Give the codes of indicators in alarm."""
    rows = AlertRow.objects.filter(is_alarm=True).order_by("indicator")
    return tuple(rows.values_list("indicator", flat=True)[:MOST_INDICATORS])
