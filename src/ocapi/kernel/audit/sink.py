"""Takes the changes of the kernel apps below, in their own transaction."""

from datetime import datetime

from ocapi.kernel.audit import leaves
from ocapi.kernel.audit.data import Kind
from ocapi.kernel.tenants.data import Change
from ocapi.lib.actor import Actor


class AuditSink:
    """Writes a change leaf for each change that tenants, accounts or access make."""

    name = "audit"

    def record(self, *, change: Change, actor: Actor, now: datetime) -> None:
        """Stage the leaf of one change."""
        leaves.stage(leaves.Act(
            kind=Kind.CHANGE, actor=actor, operation=change.action, resource=change.resource,
            about=change.about, fields=change.fields, at=now,
        ))
