"""Computing indicators: only those whose formula or data are new, from counts kept of their parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ocapi.lib import codec, ids
from ocapi.lib.columns import running
from ocapi.lib.columns.running import Answer, Cluster, Question, Table
from ocapi.modules.insight import results
from ocapi.modules.insight.data.indicators import Dataset, FormulaNotRun, Indicator, Outcome, SeriesOf
from ocapi.modules.insight.models import DatasetVersionRow, IndicatorRow, ResultRow, SeriesRow
from ocapi.modules.insight.queries.indicators import Work
from ocapi.modules.insight.services import parts
from ocapi.modules.insight.services.indicators import SECONDS_EACH, declared, raise_refusal

SECONDS_ALL = 240.0
KEPT_RESULTS = 3  # per indicator; older ones go with their series


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What one run did. same: indicators whose formula and datasets were computed before."""

    ready: int = 0
    failed: tuple[str, ...] = ()
    no_data: int = 0
    same: int = 0


def tables_of(datasets: Iterable[Dataset], newest: Mapping[str, DatasetVersionRow]) -> dict[str, Table]:
    """Give the datasets that have rows as tables a question may read."""
    return {
        each.code: Table(
            paths=parts.paths(each.code, newest[each.code]),
            columns=tuple(column.name for column in each.all_columns),
        )
        for each in datasets
        if each.code in newest
    }


def compute(work: Work, *, cluster: Cluster | None = None, now: datetime) -> Computed:
    """Compute indicators over the newest versions of datasets; each result is kept whole or not at all.

    One whose result was made of these versions is not asked again. cluster: the Spark that computes instead
    of DuckDB. Both give the same numbers.
    """
    asked = [one for _row, one in work.indicators]
    read = running.ask(
        declared(work.datasets), [Question(sql=each.sql, most_rows=0) for each in asked], seconds=SECONDS_EACH
    )
    made_of = [
        {name: work.newest[name].number for name in answer.tables if name in work.newest} for answer in read
    ]
    tables = tables_of(work.datasets, work.newest)
    answers = [_without_running(answer, tables) for answer in read]
    open_ones = [
        place
        for place, (row, _one) in enumerate(work.indicators)
        if answers[place] is None and not _is_same(row, Outcome.READY, "", made_of[place])
    ]
    done = _ask([asked[place] for place in open_ones], tables, cluster)
    for place, answer in zip(open_ones, done, strict=True):
        answers[place] = answer
    parts.keep_counts({name: raw for each in done for name, raw in each.counted.items()})
    found = _keep_all(work, answers, made_of, now=now)
    parts.drop_old_counts(each for table in tables.values() for each in table.paths)
    return found


def _without_running(answer: Answer, tables: Mapping[str, Table]) -> Answer | None:
    """Give what is known of a formula from reading it, None when it can be asked."""
    if answer.reason:
        return answer
    if not set(answer.tables) <= set(tables):
        return Answer(reason=Outcome.NO_DATA.value, tables=answer.tables)
    return None


def _ask(
    indicators: Sequence[Indicator], tables: Mapping[str, Table], cluster: Cluster | None
) -> tuple[Answer, ...]:
    """Ask in one process; when that had to be ended, ask one by one, so that one formula stops no other."""
    if not indicators:
        return ()
    counts = "" if cluster else str(parts.counts_folder())
    questions = [
        Question(sql=each.sql, most_rows=results.MOST_ROWS, seconds=SECONDS_EACH) for each in indicators
    ]
    done = running.ask(tables, questions, seconds=SECONDS_ALL, cluster=cluster, counts=counts)
    if not all(answer.reason for answer in done):
        return done
    return tuple(
        running.ask(tables, [each], seconds=SECONDS_EACH, cluster=cluster, counts=counts)[0]
        for each in questions
    )


def _keep_all(
    work: Work, answers: Sequence[Answer | None], made_of: Sequence[Mapping[str, int]], *, now: datetime
) -> Computed:
    ready = no_data = same = 0
    failed = []
    for (row, indicator), answer, numbers in zip(work.indicators, answers, made_of, strict=True):
        if answer is None:
            same += 1
            continue
        outcome, reason, found = _outcome(indicator, answer)
        no_data += outcome is Outcome.NO_DATA
        if _is_same(row, outcome, reason, numbers):
            same += 1
            continue
        with transaction.atomic():
            _keep(row, outcome, reason, found, numbers, answer, now)
        ready += outcome is Outcome.READY
        if outcome is Outcome.FAILED:
            failed.append(f"{indicator.code}: {reason}")
    return Computed(ready=ready, failed=tuple(failed), no_data=no_data, same=same)


def _outcome(indicator: Indicator, answer: Answer) -> tuple[Outcome, str, tuple[SeriesOf, ...]]:
    if answer.reason == Outcome.NO_DATA.value:
        return Outcome.NO_DATA, ", ".join(answer.tables)[:200], ()
    try:
        raise_refusal(answer)
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
