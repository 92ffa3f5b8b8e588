"""Takes the changes of the kernel apps below, in their own transaction."""

from datetime import datetime

from ocapi.kernel.outbox import writing
from ocapi.kernel.outbox.data import ChangedPersons, ChangeRecorded
from ocapi.kernel.tenants.data import Change
from ocapi.lib.actor import Actor


class OutboxSink:
    """Publishes ChangeRecorded for each change that tenants, accounts or access make."""

    name = "outbox"

    def record(self, *, change: Change, actor: Actor, now: datetime) -> None:
        """Publish one change; a look changes nothing."""
        if change.is_look:
            return
        persons = tuple(str(person) for person in change.about)
        fact = ChangeRecorded(
            action=change.action, resource=change.resource, fields=change.fields,
            personal=ChangedPersons(persons=persons) if persons else None,
        )
        writing.publish((fact,), actor=actor, now=now)
