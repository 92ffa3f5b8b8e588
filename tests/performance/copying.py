"""Many finished instances for `bench process`: rows of those there are, copied by the database itself."""

from typing import Any

from django.db import connection, models


def double(count: int) -> int:
    """Copy the first instances with all their rows under other ids and keys; gives how many more."""
    from ocapi.modules.processes.models import HistoryRow, InstanceRow, ScopeRow, TaskRow, VariableRow

    numbers = InstanceRow.objects.order_by("id").values_list("id", flat=True)[:count]
    first, last = numbers[0], numbers[count - 1]
    ids = InstanceRow.objects.aggregate(models.Max("id"))["id__max"]
    shift = ids - first + 1
    with connection.cursor() as cursor:
        for model in (InstanceRow, ScopeRow, VariableRow, HistoryRow, TaskRow):
            own = "id" if model is InstanceRow else "instance_id"
            columns = [each.column for each in model._meta.concrete_fields
                       if each.column != "id" or model is InstanceRow]
            given = [_value(each, shift) for each in columns]
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(map(_quoted, columns))})"
                f" SELECT {', '.join(given)} FROM {model._meta.db_table}"
                f" WHERE {own} BETWEEN {first} AND {last} ORDER BY id"
            )
        for each in connection.ops.sequence_reset_sql(_no_style(), [InstanceRow]):
            cursor.execute(each)
    return count


def _value(column: str, shift: int) -> str:
    if column in ("id", "instance_id"):
        return f"{column} + {shift}"
    if column == "uuid":
        return "lower(hex(randomblob(16)))" if connection.vendor == "sqlite" else "gen_random_uuid()"
    return f"business_key || '-{shift}'" if column == "business_key" else _quoted(column)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _no_style() -> Any:
    from django.core.management.color import no_style

    return no_style()
