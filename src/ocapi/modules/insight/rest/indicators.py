"""Indicators by the BelGIF guide: definitions, observations with period and area, lineage down to files."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query
from pydantic import Field

from ocapi.lib import clock
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.indicators import IndicatorResult, Lineage, SeriesOf
from ocapi.modules.insight.rest.bodies import Body
from ocapi.modules.insight.rest.routing import router

MOST_ITEMS = 1_000  # observations in one answer; narrow by area, part or period for fewer
READ = {"x-ocapi-operation": "insight.read_open_indicators"}


class Text(Body):
    """A text in the languages of the product."""

    nl: str
    en: str


class DatasetUsed(Body):
    """A version of a dataset a number is made of. sha256: of the file with its rows."""

    id: Annotated[str, Field(examples=["planned_investment"])]
    version: int
    sha256: str
    rows: int
    source_name: str
    loaded_at: Annotated[str, Field(examples=["2026-11-28T19:00:00Z"])]


class Origin(Body):
    """What the numbers are made of: formula, per result column the columns of datasets, and their
    versions.
    """

    formula_version: int
    formula: str
    formula_sha256: str
    columns: dict[str, list[str]]
    datasets: list[DatasetUsed]
    computed_at: str


class TargetValue(Body):
    """What an indicator should be on a day, and who decided so. value: a decimal number as text."""

    value: str
    day: str
    source: str


class IndicatorBody(Body):
    """An indicator with the state of its newest computation."""

    href: str
    id: Annotated[str, Field(examples=["bike-trend"])]
    title: Text
    version: int
    domains: list[str]
    views: list[str]
    kind: Annotated[str, Field(examples=["outcome"])]
    unit: Annotated[str, Field(examples=["%"], description="UCUM code")]
    direction: str
    frequency: str
    method: str
    owner: str
    state: Annotated[str, Field(examples=["ready"])]
    stale: bool
    least_group: int
    target: TargetValue | None = None
    lineage: Origin | None = None


class IndicatorList(Body):
    """The indicators a reader may see, by code."""

    self: str
    items: list[IndicatorBody]


class ObservationBody(Body):
    """A number of an area, part and period. value is absent when there is none; state then says why."""

    area: Annotated[str | None, Field(examples=["44084"], description="NIS code")] = None
    part: str | None = None
    period: Annotated[str, Field(examples=["2026-01-01"])]
    value: Annotated[str | None, Field(examples=["555.34"])] = None
    state: Annotated[str, Field(examples=["shown"], description="shown, small, withheld or missing")]


class ObservationList(Body):
    """Observations of one indicator, by area, part and period, at most a thousand."""

    self: str
    items: list[ObservationBody]
    truncated: bool


@router.get(
    "/indicators",
    response=IndicatorList,
    operation_id="listIndicators",
    summary="Indicators with their state",
    by_alias=True,
    tags=["Indicators"],
    openapi_extra=READ,
)
def list_indicators(request: HttpRequest, domain: str = Query("", max_length=40)) -> IndicatorList:
    """Give the indicators, those of a domain when one is named."""
    found = api.list_results(actor=request.actor, now=request.now, domain=domain)  # type: ignore[attr-defined]
    return IndicatorList(self=request.build_absolute_uri(), items=[_body(request, each) for each in found])


@router.get(
    "/indicators/{indicatorId}",
    response=IndicatorBody,
    operation_id="getIndicator",
    summary="An indicator with its formula and lineage",
    by_alias=True,
    tags=["Indicators"],
    openapi_extra=READ,
)
def get_indicator(
    request: HttpRequest, indicator: str = Path(alias="indicatorId", max_length=60)
) -> IndicatorBody:
    """Give one indicator with the lineage of its newest numbers. Raises IndicatorNotFound."""
    found = api.get_result(code=indicator, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return _body(request, found, with_lineage=True)


@router.get(
    "/indicators/{indicatorId}/observations",
    response=ObservationList,
    operation_id="listObservations",
    summary="The numbers of an indicator",
    by_alias=True,
    tags=["Indicators"],
    openapi_extra=READ,
)
def list_observations(
    request: HttpRequest,
    indicator: str = Path(alias="indicatorId", max_length=60),
    area: str | None = Query(None, max_length=5),
    part: str | None = Query(None, max_length=120),
) -> ObservationList:
    """Give the numbers of an indicator, of one area or part when they are named. Raises IndicatorNotFound."""
    found = api.list_series(
        code=indicator,
        actor=request.actor,
        now=request.now,
        area=area,
        part=part,  # type: ignore[attr-defined]
    )
    items = [item for series in found for item in _items(series)]
    return ObservationList(
        self=request.build_absolute_uri(), items=items[:MOST_ITEMS], truncated=len(items) > MOST_ITEMS
    )


def _items(series: SeriesOf) -> list[ObservationBody]:
    return [
        ObservationBody(
            area=series.area or None,
            part=series.slice or None,
            period=each.period.isoformat(),
            value=None if each.value is None else f"{each.value:f}",
            state="shown"
            if each.value is not None
            else "small"
            if each.is_small
            else "withheld"
            if each.is_withheld
            else "missing",
        )
        for each in series.points
    ]


def _body(request: HttpRequest, of: IndicatorResult, *, with_lineage: bool = False) -> IndicatorBody:
    indicator = of.indicator
    base = request.build_absolute_uri(request.path).rpartition("/indicators")[0]
    target = indicator.target
    return IndicatorBody(
        href=f"{base}/indicators/{indicator.code}",
        id=indicator.code,
        title=Text(nl=indicator.title.nl, en=indicator.title.en),
        version=indicator.version,
        domains=list(indicator.domains),
        views=[each.value for each in indicator.views],
        kind=indicator.kind.value,
        unit=indicator.unit,
        direction=indicator.direction.value,
        frequency=indicator.frequency.value,
        method=indicator.method,
        owner=indicator.owner,
        state=of.outcome.value,
        stale=of.is_stale(clock.local_day(request.now)),  # type: ignore[attr-defined]
        least_group=indicator.min_group,
        target=TargetValue(value=f"{target.value:f}", day=target.day.isoformat(), source=target.source)
        if target
        else None,
        lineage=_origin(of.lineage) if with_lineage and of.lineage else None,
    )


def _origin(lineage: Lineage) -> Origin:
    return Origin(
        formula_version=lineage.version,
        formula=lineage.sql,
        formula_sha256=lineage.sql_sha256,
        columns={name: list(made) for name, made in lineage.columns.items()},
        datasets=[
            DatasetUsed(
                id=each.dataset,
                version=each.number,
                sha256=each.sha256,
                rows=each.rows,
                source_name=each.source_name,
                loaded_at=each.loaded_at.isoformat(),
            )
            for each in lineage.datasets
        ],
        computed_at=lineage.computed_at.isoformat(),
    )
