"""Reads: versions of decision models and their files."""

from uuid import UUID

from ocapi.lib import codec
from ocapi.modules.rules import data
from ocapi.modules.rules.models import ModelVersionRow

MAX_MODELS = 1_000


def version(row: ModelVersionRow) -> data.ModelVersion:
    """Give a version as data."""
    cases = codec.decode_untyped(row.cases.encode())
    return data.ModelVersion(
        uuid=row.uuid, key=row.key, version=row.version, sha256=row.file.sha256,
        decisions=tuple(row.decisions), cases=len(cases) if isinstance(cases, list) else 0,
    )


def models() -> tuple[data.ModelVersion, ...]:
    """Give the newest version of every model, by key."""
    rows = ModelVersionRow.objects.select_related("file").filter(is_current=True).order_by("key")
    return tuple(version(row) for row in rows[:MAX_MODELS])


def versions(key: str) -> tuple[data.ModelVersion, ...]:
    """Give the versions of a model, newest first."""
    rows = ModelVersionRow.objects.select_related("file").filter(key=key).order_by("-version")
    return tuple(version(row) for row in rows[:100])


def row_of(model: UUID) -> ModelVersionRow:
    """Give the row of a version; raises DecisionNotFound."""
    row = ModelVersionRow.objects.select_related("file").filter(uuid=model).first()
    if row is None:
        raise data.DecisionNotFound(str(model))
    return row


def file(*, key: str, version: int) -> bytes:
    """Give a version's file; raises DecisionNotFound."""
    row = ModelVersionRow.objects.select_related("file").filter(key=key, version=version).first()
    if row is None:
        raise data.DecisionNotFound(f"{key} {version}")
    return bytes(row.file.xml)
