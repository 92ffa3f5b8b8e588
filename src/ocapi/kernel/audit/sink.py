"""Takes the changes and looks of the kernel apps below, in their own transaction."""

from datetime import datetime

from ocapi.kernel.audit import leaves
from ocapi.kernel.audit.data import Kind
from ocapi.kernel.tenants.data import Change
from ocapi.lib.actor import Actor


class AuditSink:
    """Writes a leaf for each change or look that tenants, accounts or access make."""

    name = "audit"

    def record(self, *, change: Change, actor: Actor, now: datetime) -> None:
        """Stage the leaf of one change."""
        kind = Kind.CONSULTATION if change.is_look else Kind.CHANGE
        leaves.stage(leaves.Act(
            kind=kind, actor=actor, operation=change.action, resource=change.resource, about=change.about,
            fields=change.fields, at=now,
        ))
