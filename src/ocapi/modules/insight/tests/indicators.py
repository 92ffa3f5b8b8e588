"""A small world of datasets and indicators with speaking defaults."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import Identifier, OrganizationKind
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.data import Authority, AuthorityChange, AuthorityIdentifier
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import codec
from ocapi.lib.actor import system
from ocapi.lib.columns import child, running
from ocapi.modules.insight import api
from ocapi.modules.insight.data.indicators import (
    Areas,
    Break,
    Dataset,
    Direction,
    Indicator,
    Kind,
    Target,
    View,
    Words,
)

SPENDING = """select p.period, p.nis_now as area, cast(sum(p.amount) as double) / max(i.inhabitants) as value
from planned_investment as p
join (select nis_now, sum(population) as inhabitants from population group by nis_now) as i
  on i.nis_now = p.nis_now
group by p.period, p.nis_now"""
INHABITANTS = """select counted_on as period, nis_now as area, sum(population) as value
from population
group by counted_on, nis_now"""
REQUESTS = "select period, sum(received) as value, sum(received) as n from service_requests group by period"


def a_formula(*, code="spending", sql=SPENDING, **changes) -> Indicator:
    """Make an indicator: spending in euro per inhabitant and year, of municipalities."""
    values = {
        "code": code,
        "version": 1,
        "title": Words(nl="Uitgaven per inwoner" if code == "spending" else f"Cijfer {code}", en=code),
        "domains": ("economy",),
        "views": (View.ECONOMIC,),
        "kind": Kind.INPUT,
        "unit": "EUR",
        "sql": sql,
        "method": "Uitgaven gedeeld door inwoners.",
        "owner": "Financiën",
        "direction": Direction.UP,
    }
    return Indicator(**{**values, **changes})


def datasets() -> tuple[Dataset, ...]:
    """Give the declarations that the product ships."""
    raw = (Path(settings.OCAPI.project) / "content" / "indicators" / "datasets.yaml").read_bytes()
    return codec.decode_yaml(raw, dict[str, tuple[Dataset, ...]])["datasets"]


def in_process(tables, questions, *, seconds, threads=1, cluster=None, counts=""):
    """Answer questions as the child does, without starting one: the process has tests of its own."""
    assert cluster is None
    asked = running.Request(
        tables=dict(tables), questions=tuple(questions), seconds=seconds, threads=threads, counts=counts
    )
    return tuple(child.answer(asked))


def a_place(key: str, *codes: str, kind: str = "municipality", until: date | None = None) -> Authority:
    """Make a municipality of the register with its NIS codes."""
    found = tuple(
        AuthorityIdentifier(scheme="nis", value=nis, valid_from=date(2000 + at, 1, 1))
        for at, nis in enumerate(codes)
    )
    name = AuthorityIdentifier(scheme="name", value=key.title())
    return Authority(
        key=key, kind=kind, status="active", identifiers=(*found, name), province="Oost-Vlaanderen"
    )


def a_register():
    """Make a register: Aalter, Aarschot, and Melle and Merelbeke, which merged in 2025."""
    places = (
        a_place("aalter", "44084"),
        a_place("aarschot", "24001"),
        a_place("melle", "44040"),
        a_place("merelbeke", "44043"),
        a_place("merelbeke-melle", "44088"),
    )
    merger = AuthorityChange(
        key="merger",
        type="merger",
        date=date(2025, 1, 1),
        kind="municipality",
        shape="newUnit",
        original=("melle", "merelbeke"),
        resulting=("merelbeke-melle",),
    )
    return places, (merger,)


def quickly(patch) -> None:
    """Answer questions in this process, and know five municipalities only."""
    patch.setattr(running, "ask", in_process)
    patch.setattr(registry, "shipped_local_authorities", a_register)


def some_investments():
    """Three years of planned investments of three municipalities, one of them merged in 2025."""
    return [
        (nis, date(2020, 1, 1), date(year, 1, 1), "2", "0200", Decimal(amount))
        for nis, amounts in (
            ("44084", (1_500_000, 2_000_000, 3_000_000)),
            ("24001", (500_000, 500_000, 4_000_000)),
            ("44043", (400_000, 500_000, 700_000)),
            ("44040", (600_000, 500_000, 300_000)),
        )
        for year, amount in zip((2023, 2024, 2025), amounts, strict=True)
    ]


def some_people():
    """Ten thousand inhabitants each, five thousand of each sex."""
    return [(nis, date(2020, 1, 1), 10_000, 5_000, 5_000) for nis in ("44084", "24001", "44043", "44040")]


def load_small(*, own="44084") -> None:
    """Load declarations, a few rows, three indicators, and compute them; the bound organization is Aalter."""
    registry.load_pack(name="smart-city-domains", now=NOW)
    api.load_datasets(datasets=datasets(), now=NOW)
    api.add_rows(dataset="planned_investment", rows=some_investments(), source_name="plannen.csv", now=NOW)
    api.add_rows(dataset="population", rows=some_people(), source_name="inwoners.csv", now=NOW)
    if own:
        accounts.create_organization(
            kind=OrganizationKind.MUNICIPALITY,
            uuid=tenants.current().uuid,
            identifiers=(Identifier(scheme="name", value="Aalter"), Identifier(scheme="nis", value=own)),
            actor=system("test"),
            now=NOW,
        )
    load_definitions()
    api.compute_indicators(now=NOW)


def stock_small() -> None:
    """Fill an organization once per process: `pytest.mark.stocked(by=stock_small)`."""
    with pytest.MonkeyPatch.context() as patch:
        quickly(patch)
        load_small()


def load_definitions() -> None:
    """Load three indicators upon declarations that are there; nothing is computed."""
    _written, refused = api.load_indicators(
        indicators=[
            a_formula(
                target=Target(value=Decimal(500), day=date(2030, 1, 1), source="Meerjarenplan"),
                breaks=(Break(day=date(2025, 1, 1), reason="Nieuwe manier van tellen"),),
                backcast=True,
            ),
            a_formula(code="inhabitants", sql=INHABITANTS, unit="{inwoners}"),
            a_formula(
                code="internal",
                sql=REQUESTS,
                title=Words(nl="Interne aanvragen", en="x"),
                is_open=False,
                min_group=5,
                areas=Areas.SITE,
            ),
        ],
        now=NOW,
    )
    assert not refused, refused
