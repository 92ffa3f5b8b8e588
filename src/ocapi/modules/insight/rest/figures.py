"""REST API of insight by the BelGIF guide: the figures of a year, hidden where the dashboard hides them."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from ocapi.modules.insight import api
from ocapi.modules.insight.data import Figures, Number, Scope, YearFigures
from ocapi.modules.insight.rest.bodies import Body
from ocapi.modules.insight.rest.routing import router


class Count(Body):
    """A count. value is absent when it is hidden; state then says why: small (under five) or withheld."""

    state: Literal["shown", "small", "withheld"]
    value: Annotated[int | None, Field(examples=[128])] = None


class FiguresOfYear(Body):
    """The service requests of one service, one domain or all; days are calendar days, summed."""

    href: str
    id: Annotated[str, Field(examples=["2026.service.kapvergunning"])]
    title: str
    scope: Literal["total", "domain", "service"]
    code: Annotated[str | None, Field(examples=["kapvergunning"])] = None
    domain: Annotated[str | None, Field(examples=["environment"])] = None
    received: Count
    open: Count
    digital: Count
    decided: Count
    decided_in_term: Count
    lead_days: int | None = None
    term_days: int | None = None


class FiguresList(Body):
    """The figures of a year: all together, then by domain, then by service."""

    self: str
    items: list[FiguresOfYear]
    year: int
    running: bool


@router.get(
    "/figures",
    response=FiguresList,
    operation_id="listFigures",
    summary="Service requests of a year by domain and service",
    by_alias=True,
    openapi_extra={"x-ocapi-operation": "insight.read_figures"},
)
def list_figures(
    request: HttpRequest,
    year: int | None = Query(None, ge=2000, le=2100),
    domain: str = Query("", max_length=40),
    service: str = Query("", max_length=80),
) -> FiguresList:
    """Give the figures of a calendar year, the present one when none is named; filters are joined by AND."""
    figures = api.get_year(year=year, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return FiguresList(
        self=request.build_absolute_uri(),
        items=[_item(request, each, figures) for each in _chosen(figures, domain, service)],
        year=figures.year,
        running=figures.is_running,
    )


def _chosen(figures: YearFigures, domain: str, service: str) -> tuple[Figures, ...]:
    every = (figures.total, *figures.domains, *figures.services)
    if not domain and not service:
        return every
    return tuple(
        each
        for each in every[1:]
        if domain in ("", each.domain)
        and (not service or (each.scope, each.code) == (Scope.SERVICE, service))
    )


def _item(request: HttpRequest, each: Figures, figures: YearFigures) -> FiguresOfYear:
    base = request.build_absolute_uri(request.path)
    narrowed = f"&{urlencode({each.scope.value: each.code})}" if each.code else ""
    return FiguresOfYear(
        href=f"{base}?year={figures.year:d}{narrowed}",
        id=".".join(part for part in (str(figures.year), each.scope.value, each.code) if part),
        title=each.title or each.scope.value,
        scope=each.scope.value,
        code=each.code or None,
        domain=each.domain or None,
        received=_count(each.received),
        open=_count(each.open),
        digital=_count(each.digital),
        decided=_count(each.decided),
        decided_in_term=_count(each.in_term),
        lead_days=each.lead_days,
        term_days=each.term_days,
    )


def _count(number: Number) -> Count:
    if number.value is not None:
        return Count(state="shown", value=number.value)
    return Count(state="small" if number.is_small else "withheld")
