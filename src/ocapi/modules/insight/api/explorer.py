"""Questions over datasets: read-only, over open and permitted data, bounded in time, memory and size."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.lib.columns import running
from ocapi.lib.columns.running import Question
from ocapi.modules.insight import results
from ocapi.modules.insight.api.indicators import get_dataset
from ocapi.modules.insight.data.indicators import (
    Dataset,
    DatasetNotFound,
    FormulaNotRun,
    Indicator,
    QueryNotFound,
    QueryNotOpen,
    QueryResult,
    SavedQuery,
    SeriesOf,
    ShownAs,
)
from ocapi.modules.insight.queries import indicators as queries
from ocapi.modules.insight.services import computing
from ocapi.modules.insight.services import indicators as services
from ocapi.modules.insight.services import notes as note_services

ASK = "insight.ask_question"
EDIT = "insight.edit_indicators"
MOST_ROWS = 1_000
SECONDS = 2.0
ROWS_SHOWN = 50


def list_askable(*, actor: Actor) -> tuple[Dataset, ...]:
    """Give the datasets a question may read: those with rows that are no counts of persons. Raises
    NotAllowed.
    """
    access.require(actor, ASK)
    newest = queries.newest_versions()
    return tuple(each for each in queries.datasets() if not each.is_personal and each.code in newest)


def ask_question(*, sql: str, actor: Actor) -> QueryResult:
    """Answer one SELECT over datasets. Raises NotAllowed, FormulaNotRun with the reason."""
    return _asked(sql, list_askable(actor=actor), most_rows=MOST_ROWS)


def _asked(sql: str, datasets: tuple[Dataset, ...], *, most_rows: int) -> QueryResult:
    tables = computing.tables_of(datasets, queries.newest_versions())
    (answer,) = running.ask(
        tables, [Question(sql=sql, most_rows=most_rows, seconds=SECONDS)], seconds=SECONDS + 1
    )
    if answer.reason:
        raise FormulaNotRun(answer.reason, answer.what)
    return QueryResult(
        columns=answer.columns,
        types=answer.types,
        rows=tuple(tuple(None if cell is None else str(cell) for cell in row) for row in answer.rows),
        is_cut=answer.is_cut,
        tables=answer.tables,
    )


def read_rows(*, dataset: str, area: str, actor: Actor) -> QueryResult:
    """Give the first rows of the newest version of a dataset, of one municipality when it is named.

    Raises NotAllowed, DatasetNotFound (also for counts of persons, whose rows nobody reads), FormulaNotRun.
    """
    found, _versions = get_dataset(code=dataset, actor=actor)
    if found.is_personal:
        raise DatasetNotFound(dataset)
    if dataset not in queries.newest_versions():
        raise FormulaNotRun("noRows")
    columns = ", ".join(f'"{each.name}"' for each in found.columns)
    condition = f" WHERE nis_now = '{area}'" if area and found.area and area.isalnum() else ""
    sql = f'SELECT {columns} FROM "{found.code}"{condition} ORDER BY "{found.period}" DESC'
    return _asked(sql, (found,), most_rows=ROWS_SHOWN)


def preview(*, indicator: Indicator, actor: Actor, now: datetime) -> tuple[SeriesOf, ...]:
    """Compute a definition without keeping it, as it would be shown. Raises NotAllowed, FormulaNotRun."""
    access.require(actor, EDIT)
    found = services.check([indicator], queries.datasets())[indicator.code]
    if isinstance(found, FormulaNotRun):
        raise found
    newest = queries.newest_versions()
    missing = [name for name in found.tables if name not in newest]
    if missing:
        raise FormulaNotRun("noRows", missing[0])
    question = Question(sql=indicator.sql, most_rows=results.MOST_ROWS, seconds=SECONDS)
    (answer,) = running.ask(computing.tables_of(queries.datasets(), newest), [question], seconds=SECONDS + 1)
    if answer.reason:
        raise FormulaNotRun(answer.reason, answer.what)
    return results.series(indicator, answer)


def save_indicator(*, indicator: Indicator, actor: Actor, now: datetime) -> Indicator:
    """Keep a definition of the own organization as its next version. Raises NotAllowed, FormulaNotRun,
    CodeTaken.
    """
    access.require(actor, EDIT)
    with transaction.atomic():
        return services.save_own(indicator, queries.datasets(), actor=actor, now=now)


def list_queries(*, actor: Actor) -> tuple[SavedQuery, ...]:
    """Give the questions that were kept, by title. Raises NotAllowed."""
    access.require(actor, ASK)
    return queries.saved_queries()


def get_query(*, query: UUID, actor: Actor) -> SavedQuery:
    """Give a question that was kept. Raises NotAllowed, QueryNotFound."""
    access.require(actor, ASK)
    return queries.saved_query(query)


def save_query(*, title: str, sql: str, shown_as: ShownAs, actor: Actor, now: datetime) -> UUID:
    """Keep a question that can be answered. Raises NotAllowed, FormulaNotRun, TextMissing."""
    answer = _asked(sql, list_askable(actor=actor), most_rows=1)
    with transaction.atomic():
        return note_services.save_query(title=title, sql=sql, shown_as=shown_as, answer=answer, now=now)


def offer_query(*, query: UUID, actor: Actor, now: datetime) -> None:
    """Offer the answer of a kept question to opendata, whose gate and second person decide.

    Raises NotAllowed, QueryNotFound, FormulaNotRun, QueryNotOpen.
    """
    access.require(actor, EDIT)
    kept = get_query(query=query, actor=actor)
    answer = _asked(kept.sql, list_askable(actor=actor), most_rows=1)
    closed = [each.code for each in queries.datasets() if each.code in answer.tables and not each.is_open]
    if closed:
        raise QueryNotOpen(closed[0])
    with transaction.atomic():
        note_services.offer_query(query=query, actor=actor, now=now)


def list_offered(*, actor: Actor) -> tuple[SavedQuery, ...]:
    """Give the questions whose answers are offered as open data. Raises NotAllowed."""
    access.require(actor, ASK)
    return queries.offered_queries()


def read_offered(*, query: UUID, most_rows: int, actor: Actor) -> QueryResult:
    """Answer an offered question from open data. Raises NotAllowed, QueryNotFound, FormulaNotRun."""
    kept = get_query(query=query, actor=actor)
    if not kept.is_offered:
        raise QueryNotFound(str(query))
    askable = tuple(each for each in list_askable(actor=actor) if each.is_open)
    return _asked(kept.sql, askable, most_rows=most_rows)


def remove_query(*, query: UUID, actor: Actor) -> None:
    """Take a kept question away. Raises NotAllowed."""
    access.require(actor, ASK)
    with transaction.atomic():
        note_services.remove_query(query=query)
