"""The door of the portal: what the citizen's pages do that is more than one call of a lower module."""

from datetime import datetime
from uuid import UUID

from ocapi.lib.actor import Actor
from ocapi.modules.portal import services
from ocapi.modules.portal.data import Sent


def send(*, draft: UUID, actor: Actor, now: datetime, address_form: str) -> Sent:
    """Send a form: its submission, case, receipt letter and message come into being together, or none does.

    Sending the same draft again gives the same case. Raises DraftIncomplete(problems), DraftNotFound,
    NotAllowed, CaseTypeMissing.
    """
    return services.send(draft=draft, actor=actor, now=now, address_form=address_form)
