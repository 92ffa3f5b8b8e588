"""Versions of forms: one row per version, idempotent, and none changes once somebody may have used it."""

from datetime import datetime

from ocapi.lib import codec, ids
from ocapi.modules.forms.data import FormDefinition, FormRefused
from ocapi.modules.forms.models import DraftRow, FormRow
from ocapi.modules.forms.services import writing

PACK, DESK = "pack", "desk"


def store(definition: FormDefinition, *, origin: str, now: datetime) -> bool:
    """Keep a version, and make it the current one; gives False when nothing changed.

    A version of a pack does not take the place of one that was made at the desk: the organization deviates,
    and finds the new version in its list. Raises FormRefused when this version was stored with other content
    and drafts of it are open.
    """
    row = FormRow.objects.filter(code=definition.code, version=definition.version).first()
    is_same = row is not None and held(row) == definition
    deviates = (
        origin == PACK and FormRow.objects.filter(code=definition.code, is_current=True, origin=DESK).exists()
    )
    if is_same and row is not None and (row.is_current or deviates):
        return _pinned(row, definition)
    if row is not None and not is_same and DraftRow.objects.filter(form=row).exists():
        raise FormRefused(
            (f"{definition.code}: version {definition.version} has open drafts; raise the version",)
        )
    if not deviates:
        FormRow.objects.filter(code=definition.code, is_current=True).update(is_current=False)
    values = {
        "definition": writing.plain(definition),
        "sha256": writing.sha256(definition),
        "origin": origin,
        "is_current": not deviates,
        "loaded_at": now,
    }
    FormRow.objects.update_or_create(
        code=definition.code,
        version=definition.version,
        defaults=values,
        create_defaults={"uuid": ids.new_uuid(now), **values},
    )
    return True


def held(row: FormRow) -> FormDefinition:
    """Give the definition a row holds, also one stored before a member was added."""
    return codec.convert(row.definition, FormDefinition)


def _pinned(row: FormRow, definition: FormDefinition) -> bool:
    """Write the hash of a version that was stored before versions had one; gives False."""
    if not row.sha256:
        FormRow.objects.filter(id=row.id).update(sha256=writing.sha256(definition))
    return False
