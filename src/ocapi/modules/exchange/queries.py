"""Reads of machine accounts and of the register's stand-in, to `data`."""

from uuid import UUID

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.modules.exchange.data import Application, ApplicationKey, ApplicationNotFound, ApplicationState
from ocapi.modules.exchange.models import ApplicationRow, StubPersonRow

STUB_CONTEXT = "exchange.stub_person"


def application(row: ApplicationRow) -> Application:
    """Give a row as data."""
    return Application(
        uuid=row.uuid, client_id=row.client_id, name=row.name, owner=row.owner,
        keys=tuple(ApplicationKey(**key) for key in row.keys), scopes=tuple(row.scopes),
        state=ApplicationState(row.state), created_at=row.created_at, revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def list_applications() -> tuple[Application, ...]:
    """Give every machine account: active ones first, newest first."""
    rows = ApplicationRow.objects.order_by("state", "-created_at", "-id")
    return tuple(application(row) for row in rows)


def get_application(uuid: UUID) -> Application:
    """Give a machine account, or raise ApplicationNotFound."""
    row = ApplicationRow.objects.filter(uuid=uuid).first()
    if row is None:
        raise ApplicationNotFound(str(uuid))
    return application(row)


def find_active(client_id: str) -> Application | None:
    """Find the active machine account with that client id."""
    row = ApplicationRow.objects.filter(client_id=client_id, state=ApplicationState.ACTIVE.value).first()
    return application(row) if row else None


def stub_lookup(national_number: str) -> str:
    """Give the keyed hash under which the stand-in keeps a person."""
    return tenants.keyed_hash(national_number, salt=STUB_CONTEXT).hex()


def find_stub_person(national_number: str) -> dict[str, str] | None:
    """Give the values the stand-in keeps of a person, by path, or None."""
    row = StubPersonRow.objects.filter(lookup=stub_lookup(national_number)).first()
    if row is None:
        return None
    text = tenants.decrypt(bytes(row.payload), context=STUB_CONTEXT)
    return codec.decode_json(text.encode(), dict[str, str])
