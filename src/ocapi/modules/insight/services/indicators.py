"""Writes of indicators: definitions in versions, and computing all of them over the newest versions of
datasets.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from ocapi.kernel.audit import api as audit
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.lib.columns import running
from ocapi.lib.columns.running import Answer, Cluster, Question, Table
from ocapi.modules.insight import results
from ocapi.modules.insight.data.indicators import (
    CodeTaken,
    Dataset,
    FormulaNotRun,
    Indicator,
    Outcome,
    SeriesOf,
)
from ocapi.modules.insight.models import DatasetVersionRow, IndicatorRow, ResultRow, SeriesRow
from ocapi.modules.insight.queries.indicators import Work
from ocapi.modules.insight.services.datasets import path_of

SECONDS_EACH = 20.0  # of one formula in the worker
SECONDS_ALL = 240.0
KEPT_RESULTS = 3  # per indicator; older ones go with their series


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A definition that was not taken. reason: a code; what: the part that is meant."""

    code: str
    reason: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What one run did. same: indicators whose formula and datasets were computed before."""

    ready: int = 0
    failed: tuple[str, ...] = ()
    no_data: int = 0
    same: int = 0


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
            _raise_refusal(answer)
            results.check_columns(each, answer.columns)
            if personal & set(answer.tables) and not each.min_group:
                raise FormulaNotRun("groupNeeded", "min_group")
        except FormulaNotRun as refusal:
            found[each.code] = refusal
    return found


def _raise_refusal(answer: Answer) -> None:
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


def tables_of(datasets: Iterable[Dataset], newest: Mapping[str, DatasetVersionRow]) -> dict[str, Table]:
    """Give the datasets that have rows as tables a question may read."""
    return {
        each.code: Table(
            paths=(str(path_of(each.code, newest[each.code].sha256)),),
            columns=tuple(column.name for column in each.all_columns),
        )
        for each in datasets
        if each.code in newest
    }


def compute(work: Work, *, cluster: Cluster | None = None, now: datetime) -> Computed:
    """Compute indicators over the newest versions of datasets; each result is kept whole or not at all.

    cluster: the Spark that computes instead of DuckDB. Both give the same numbers.
    """
    tables = tables_of(work.datasets, work.newest)
    known = declared(work.datasets)
    answers = _ask_all([one for _row, one in work.indicators], known, tables, cluster)
    ready = no_data = same = 0
    failed = []
    for (row, indicator), answer in zip(work.indicators, answers, strict=True):
        made_of = {name: work.newest[name].number for name in answer.tables if name in work.newest}
        outcome, reason, found = _outcome(indicator, answer)
        if _is_same(row, outcome, reason, made_of):
            same += 1
            no_data += outcome is Outcome.NO_DATA
            continue
        with transaction.atomic():
            _keep(row, outcome, reason, found, made_of, answer, now)
        ready += outcome is Outcome.READY
        no_data += outcome is Outcome.NO_DATA
        if outcome is Outcome.FAILED:
            failed.append(f"{indicator.code}: {reason}")
    return Computed(ready=ready, failed=tuple(failed), no_data=no_data, same=same)


def _ask_all(
    indicators: Sequence[Indicator],
    known: Mapping[str, Table],
    tables: Mapping[str, Table],
    cluster: Cluster | None,
) -> list[Answer]:
    """Ask in one process; when that had to be ended, ask one by one, so that one formula stops no other."""
    read = running.ask(
        known, [Question(sql=each.sql, most_rows=0) for each in indicators], seconds=SECONDS_EACH
    )
    runnable = [
        place for place, answer in enumerate(read) if not answer.reason and set(answer.tables) <= set(tables)
    ]
    questions = [
        Question(sql=indicators[place].sql, most_rows=results.MOST_ROWS, seconds=SECONDS_EACH)
        for place in runnable
    ]
    done = running.ask(tables, questions, seconds=SECONDS_ALL, cluster=cluster) if questions else ()
    if done and all(answer.reason for answer in done):
        done = tuple(
            running.ask(tables, [each], seconds=SECONDS_EACH, cluster=cluster)[0] for each in questions
        )
    answers = [
        answer if answer.reason else Answer(reason=Outcome.NO_DATA.value, tables=answer.tables)
        for answer in read
    ]
    for place, answer in zip(runnable, done, strict=True):
        answers[place] = answer
    return answers


def _outcome(indicator: Indicator, answer: Answer) -> tuple[Outcome, str, tuple[SeriesOf, ...]]:
    if answer.reason == Outcome.NO_DATA.value:
        return Outcome.NO_DATA, ", ".join(answer.tables)[:200], ()
    try:
        _raise_refusal(answer)
        results.check_columns(indicator, answer.columns)
        found = results.series(indicator, answer)
    except FormulaNotRun as refusal:
        return Outcome.FAILED, str(refusal)[:200], ()
    return (Outcome.READY, "", found) if found else (Outcome.NO_DATA, "", ())


def _is_same(row: IndicatorRow, outcome: Outcome, reason: str, made_of: Mapping[str, int]) -> bool:
    held = row.results.order_by("-computed_at", "-id").values_list("outcome", "reason", "made_of").first()
    return held == (outcome.value, reason, codec.encode_json(dict(made_of)).decode())


def _keep(
    row: IndicatorRow,
    outcome: Outcome,
    reason: str,
    found: Sequence[SeriesOf],
    made_of: Mapping[str, int],
    answer: Answer,
    now: datetime,
) -> None:
    of_code = ResultRow.objects.filter(indicator__code=row.code)
    takes_over = outcome is Outcome.READY or not of_code.filter(is_current=True, outcome="ready").exists()
    if takes_over:
        of_code.filter(is_current=True).update(is_current=False)
    result = ResultRow.objects.create(
        uuid=ids.new_uuid(now),
        indicator=row,
        outcome=outcome.value,
        reason=reason,
        made_of=codec.encode_json(dict(made_of)).decode(),
        lineage=codec.encode_json(dict(answer.lineage)).decode(),
        computed_at=now,
        is_current=takes_over,
    )
    SeriesRow.objects.bulk_create(
        [
            SeriesRow(result=result, area=each.area, slice=each.slice, points=results.written(each.points))
            for each in found
        ],
        batch_size=500,
    )
    old = of_code.filter(is_current=False).order_by("-computed_at", "-id").values_list("id", flat=True)
    ResultRow.objects.filter(id__in=list(old[KEPT_RESULTS : KEPT_RESULTS + 50])).delete()


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
