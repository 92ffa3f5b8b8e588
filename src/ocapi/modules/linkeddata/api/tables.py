"""A service as one table, for files: its properties as columns and its objects as rows."""

from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import reaching, tables
from ocapi.modules.linkeddata.data import ServiceTable, TableColumn


def list_columns(*, service: str, actor: Actor) -> tuple[TableColumn, ...]:
    """Give the columns of a service by its profile; none while it holds nothing.

    Raises NotAllowed, ServiceNotFound (also for a service about persons).
    """
    return tables.columns_of(reaching.published(service, actor))


def read_table(*, service: str, limit: int, actor: Actor) -> ServiceTable:
    """Give the first objects of a service as rows; a property that is said more than once makes its column
    one of several texts.

    Raises NotAllowed, ServiceNotFound (also for a service about persons), ServiceTooLarge.
    """
    return tables.read(reaching.published(service, actor), limit=limit)
