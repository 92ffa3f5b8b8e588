"""Writes of indicators: definitions in versions, and computing all of them over the newest versions of
datasets.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ocapi.kernel.audit import api as audit
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.lib.columns import running
from ocapi.lib.columns.running import Answer, Question, Table
from ocapi.modules.insight import results
from ocapi.modules.insight.data.indicators import (
    CodeTaken,
    Dataset,
    FormulaNotRun,
    Indicator,
)
from ocapi.modules.insight.models import IndicatorRow

SECONDS_EACH = 20.0  # of one formula in the worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A definition that was not taken. reason: a code; what: the part that is meant."""

    code: str
    reason: str
    what: str = ""


def declared(datasets: Iterable[Dataset]) -> dict[str, Table]:
    """Give datasets as tables without rows, to read formulas against."""
    return {
        each.code: Table(paths=(), columns=tuple(column.name for column in each.all_columns))
        for each in datasets
    }


def check(indicators: Sequence[Indicator], datasets: Sequence[Dataset]) -> dict[str, FormulaNotRun | Answer]:
    """Read the formulas of indicators without running them; gives by code what was found or what is wrong."""
    tables = declared(datasets)
    questions = [Question(sql=each.sql, most_rows=0) for each in indicators]
    answers = running.ask(tables, questions, seconds=SECONDS_EACH)
    personal = {each.code for each in datasets if each.is_personal}
    found: dict[str, FormulaNotRun | Answer] = {}
    for each, answer in zip(indicators, answers, strict=True):
        found[each.code] = answer
        try:
            raise_refusal(answer)
            results.check_columns(each, answer.columns)
            if personal & set(answer.tables) and not each.min_group:
                raise FormulaNotRun("groupNeeded", "min_group")
        except FormulaNotRun as refusal:
            found[each.code] = refusal
    return found


def raise_refusal(answer: Answer) -> None:
    if answer.reason:
        raise FormulaNotRun(answer.reason, answer.what)


def define(
    indicators: Sequence[Indicator], datasets: Sequence[Dataset], *, origin: str, now: datetime
) -> tuple[int, tuple[Refused, ...]]:
    """Keep definitions as versions; gives how many are new, and which were refused and why.

    A version that is there already is never changed: other words or another formula under it are refused.
    """
    found = check(indicators, datasets)
    written, refused = 0, []
    for each in indicators:
        answer = found[each.code]
        if isinstance(answer, FormulaNotRun):
            refused.append(Refused(code=each.code, reason=answer.reason, what=answer.what))
            continue
        definition = codec.encode_json(each).decode()
        held = IndicatorRow.objects.filter(code=each.code, version=each.version).first()
        if held is not None:
            if held.definition != definition:
                refused.append(Refused(code=each.code, reason="sameVersion", what=str(each.version)))
            continue
        IndicatorRow.objects.filter(code=each.code, is_current=True).update(is_current=False)
        IndicatorRow.objects.create(
            uuid=ids.new_uuid(now),
            code=each.code,
            version=each.version,
            definition=definition,
            origin=origin,
            sql_sha256=hashlib.sha256(each.sql.encode()).hexdigest(),
            saved_at=now,
        )
        written += 1
    return written, tuple(refused)


OWN = "own"


def save_own(indicator: Indicator, datasets: Sequence[Dataset], *, actor: Actor, now: datetime) -> Indicator:
    """Keep a definition of the own organization as its next version. Raises FormulaNotRun, CodeTaken."""
    held = IndicatorRow.objects.filter(code=indicator.code).order_by("-version").first()
    if held is not None and held.origin != OWN:
        raise CodeTaken(indicator.code)
    kept = replace(indicator, version=held.version + 1 if held else 1)
    _written, refused = define([kept], datasets, origin=OWN, now=now)
    if refused:
        raise FormulaNotRun(refused[0].reason, refused[0].what)
    audit.changed(
        actor=actor,
        operation="insight.edit_indicators",
        resource=f"indicator/{kept.code}",
        now=now,
        fields=("definition",),
    )
    return kept
