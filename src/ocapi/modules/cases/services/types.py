"""Case types from content packs: a new version beside the old ones, which cases under way keep."""

import hashlib
from datetime import datetime

from ocapi.lib import codec, ids
from ocapi.modules.cases import definitions
from ocapi.modules.cases.models import CaseTypeRow


def load(raw: bytes, *, now: datetime) -> bool:
    """Store a case type and make it current; gives False when these bytes are current already.

    Raises MalformedInput, CaseTypeRefused.
    """
    made = definitions.read(raw)
    digest = hashlib.sha256(raw).hexdigest()
    row = CaseTypeRow.objects.filter(code=made.code, sha256=digest).first()
    if row is not None and row.is_current:
        return False
    CaseTypeRow.objects.filter(code=made.code, is_current=True).update(is_current=False)
    if row is not None:
        row.is_current, row.loaded_at = True, now
        row.save(update_fields=["is_current", "loaded_at"])
        return True
    CaseTypeRow.objects.create(
        uuid=ids.new_uuid(now), code=made.code, version=made.version, sha256=digest,
        definition=codec.decode_untyped(codec.encode_json(made)), is_current=True, loaded_at=now,
    )
    return True
