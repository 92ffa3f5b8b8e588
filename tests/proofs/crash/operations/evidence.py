"""The log of consultations, and its export for the independent verifier."""

from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from tests.proofs.crash.operations.register import operation


@operation
def consultation(key: str, now: datetime) -> None:
    """Log that somebody was looked at."""
    from ocapi.kernel.audit import api as audit
    from ocapi.lib import actor

    audit.consulted(actor=actor.system("proof"), operation="cases.read", about=(uuid5(NAMESPACE_URL, key),),
                    fields=("name",), resource=f"proof/{key}", now=now)


@operation
def seal(key: str, now: datetime) -> None:
    """Put leaves in their place and sign a head."""
    from ocapi.kernel.audit import api as audit

    audit.seal(now=now)


@operation
def forgetting(key: str, now: datetime) -> None:
    """Cut the ties of the person of that key."""
    from ocapi.kernel.audit import api as audit
    from ocapi.lib import actor

    audit.forget_person(person=uuid5(NAMESPACE_URL, key), actor=actor.system("proof"), now=now)


@operation
def export(key: str, now: datetime) -> str:
    """Write the log where the independent verifier reads it; gives the folder, empty without a head."""
    from django.conf import settings

    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.audit.data import NoHead

    folder = Path(settings.OCAPI.data) / "exported"
    try:
        audit.export_log(folder=folder)
    except NoHead:
        return ""
    return str(folder)
