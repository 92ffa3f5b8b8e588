"""Text columns by column: which can hold a mark, which do, and the mark written where the doors left none."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.proofs.isolation.holding import House

HERE = Path(__file__).parent


def columns() -> Iterator[tuple[Any, Any]]:
    """Give every text or JSON column of ours with its model."""
    from django.apps import apps
    from django.db import models

    for config in apps.get_app_configs():
        if config.name.startswith("ocapi.") and config.label != "tenants":
            for model in config.get_models():
                for column in model._meta.concrete_fields:
                    if isinstance(column, models.CharField | models.TextField | models.JSONField):
                        yield model, column


def judged() -> dict[tuple[str, str], str]:
    """Give what people decided of each column: `text`, or why it can't hold any."""
    with (HERE / "columns.csv").open(newline="") as file:
        return {(row["table"], row["column"]): row["holds"] for row in csv.DictReader(file)}


def mark_columns(house: House) -> None:
    """Write the mark into every row of a text column that holds none."""

    known = judged()
    for model, column in columns():
        if known.get((model._meta.db_table, column.name)) == "text":
            for row in model.objects.all():
                old = str(getattr(row, column.name))
                if house.marks.mark not in old.lower():
                    setattr(row, column.name, _fitting(house.marks.text("inner", old), column.max_length))
                    row.save(update_fields=[column.name])


def _fitting(text: str, longest: int | None) -> str:
    return text if longest is None else text[-longest:]


def silent(house: House) -> list[str]:
    """Name the text columns that hold no mark of this organization, and those nobody judged."""
    from django.db import connection

    found, known = [], judged()
    for model, column in columns():
        table, name = model._meta.db_table, column.name
        holds = known.get((table, name))
        if holds is None:
            found.append(f"{table}.{name}: not judged")
        elif holds in ("text", "marked"):
            with connection.cursor() as cursor:
                pattern = f"%{house.marks.mark}%"
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE lower(CAST("{column.column}" AS text)) LIKE %s',
                    [pattern],
                )
                if cursor.fetchone()[0] == 0:
                    found.append(f"{table}.{name}: no mark")
    return found
