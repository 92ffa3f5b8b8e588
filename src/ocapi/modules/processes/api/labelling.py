"""Names of steps, for lists over the runs of several processes."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.modules.processes.services import labels
from ocapi.modules.processes.services.called import kind, kinds, triggers

__all__ = ["kind", "kinds", "names_of_steps", "triggers"]


def names_of_steps(*, places: AbstractSet[tuple[UUID, str]], actor: Actor) -> dict[tuple[UUID, str], str]:
    """Give what the drawing calls each step, by run and id in the drawing. Raises NotAllowed.

    What it is stands for a step without a name, and the id for one of a run that is unknown.
    """
    access.require(actor, "processes.read_definitions")
    return labels.names(places)
