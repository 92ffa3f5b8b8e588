"""Multi-year plans: planned investments by policy field, actions, and the list of policy fields."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ocapi.lib.columns import tables
from ocapi.modules.insight.adapters.sources.reading import Refused, table

CENT = Decimal("0.01")
PLAN_YEARS = tuple(str(year) for year in range(2026, 2032))


def planned_investment(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give nis, report_year, period, domain_code, field_code, amount (EUR)."""
    names = ("NIS_code", "Rapportjaar", "Boekjaar", "BV_domein", "Beleidsveld", "Totaal")
    for line, row in enumerate(tables.read_parquet(path, names), start=1):
        nis, report, year, domain, policy_field, amount = row
        if nis is None or year is None or amount is None:
            refused.add(line, "a cell is empty")
            continue
        yield (
            nis,
            date(report, 1, 1),
            date(year, 1, 1),
            (domain or "").partition(" ")[0],
            (policy_field or "").partition(" ")[0],
            Decimal(amount).quantize(CENT),
        )


def investment_actions(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give nis, goal, plan, action, title, category, period, amount (EUR): one row per action and year
    with an amount.
    """
    names = ("nis_code", "bd_code", "ap_code", "ac_code", "ac_short", "yearly_amounts", "categories")
    for line, row in enumerate(tables.read_parquet(path, names), start=1):
        nis, goal, plan, action, title, amounts, categories = row
        if nis is None or amounts is None:
            refused.add(line, "a cell is empty")
            continue
        for year in PLAN_YEARS:
            amount = amounts.get(year)
            if amount:
                yield (
                    nis,
                    goal,
                    plan,
                    f"{nis} {line}",
                    f"{action or ''} {title or ''}".strip()[:200],
                    (categories or [""])[0],
                    date(int(year), 1, 1),
                    Decimal(amount).quantize(CENT),
                )


def policy_fields(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give field_code, field, domain_code, domain, since."""
    for line, row in table(path, needs=("domain_code", "domain", "field_code", "field")):
        if not row.get("field_code"):
            refused.add(line, "a cell is empty")
            continue
        yield row["field_code"], row["field"], row["domain_code"], row["domain"], date(2014, 1, 1)
