"""Loading definitions: one row per version, idempotent, and no version changes under an open draft."""

from datetime import datetime

from ocapi.lib import codec, ids
from ocapi.modules.forms.data import FormDefinition, FormRefused
from ocapi.modules.forms.models import DraftRow, FormRow


def store(definition: FormDefinition, *, now: datetime) -> bool:
    """Make a definition the current version of its form; gives False when it was that already.

    Raises FormRefused when this version was loaded with other content and drafts of it are open.
    """
    wanted = codec.decode_untyped(codec.encode_json(definition))
    row = FormRow.objects.filter(code=definition.code, version=definition.version).first()
    if row is not None and row.definition == wanted and row.is_current:
        return False
    if row is not None and row.definition != wanted and DraftRow.objects.filter(form=row).exists():
        raise FormRefused(
            (f"{definition.code}: version {definition.version} has open drafts; raise the version",)
        )
    FormRow.objects.filter(code=definition.code, is_current=True).update(is_current=False)
    FormRow.objects.update_or_create(
        code=definition.code,
        version=definition.version,
        defaults={"definition": wanted, "is_current": True, "loaded_at": now},
        create_defaults={
            "uuid": ids.new_uuid(now),
            "definition": wanted,
            "is_current": True,
            "loaded_at": now,
        },
    )
    return True
