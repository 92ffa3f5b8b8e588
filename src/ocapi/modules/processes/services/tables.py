"""Step tables of deployed processes: compiled once per version and process, and kept."""

from dataclasses import dataclass
from uuid import UUID

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import bpmn
from ocapi.lib.bpmn import StepTable
from ocapi.lib.kept import Kept
from ocapi.modules.processes.data import ProcessNotFound
from ocapi.modules.processes.models import DefinitionRow
from ocapi.modules.processes.services.statements import CURRENT

KEPT = 200  # tables, about 0.1 MB each


class Tables:
    """Step tables by the uuid of a version, which never changes and is no other organization's."""

    def __init__(self, most: int) -> None:
        self._kept: Kept[StepTable] = Kept(most)

    def get(self, definition: str) -> StepTable:
        """Give the table of a version; raises ProcessNotFound."""
        return self._kept.get(definition, _compile)


TABLES = Tables(KEPT)


def _compile(definition: str) -> StepTable:
    row = DefinitionRow.objects.select_related("model").filter(uuid=UUID(definition)).first()
    if row is None:
        raise ProcessNotFound(definition)
    for process in bpmn.inspect(bytes(row.model.xml)).processes:
        if process.id == row.key and process.table is not None:
            return process.table
    raise ProcessNotFound(row.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a process, as far as beginning an instance needs it."""

    id: int
    uuid: UUID
    key: str
    version: int


def current(key: str) -> Version:
    """Give the newest version of a process, or raise ProcessNotFound."""
    found = CURRENT.row(key)
    if found is None:
        raise ProcessNotFound(key)
    number, uuid, key, version = found
    return Version(id=number, uuid=tenants.read_uuid(uuid), key=key, version=version)


def version_of(row: DefinitionRow) -> Version:
    """Give the version a row holds."""
    return Version(id=row.id, uuid=row.uuid, key=row.key, version=row.version)
