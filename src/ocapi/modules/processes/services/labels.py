"""What the drawing calls the steps at which runs stand."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from ocapi.modules.processes.models import InstanceRow
from ocapi.modules.processes.services import called
from ocapi.modules.processes.services.tables import TABLES


def names(places: AbstractSet[tuple[UUID, str]]) -> dict[tuple[UUID, str], str]:
    """Give the name of each step of a run, its kind where the drawing gives none; in one statement."""
    runs = InstanceRow.objects.filter(uuid__in={run for run, _node in places})
    versions = dict(runs.values_list("uuid", "definition__uuid"))
    return {
        (run, node): called.step(TABLES.get(str(versions[run])), node) if run in versions else node
        for run, node in places
    }
