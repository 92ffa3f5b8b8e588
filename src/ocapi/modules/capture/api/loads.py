"""The door of capture for files of readings: let one be sent, checked, accepted or given up."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import handed, ids
from ocapi.lib.actor import Actor
from ocapi.modules.capture import queries
from ocapi.modules.capture.data import Load, LoadChoice, LoadPass, Look
from ocapi.modules.capture.services import loads

LOAD = "capture.load_readings"
JOB = "capture.load"
ADD = "capture.add_load"
PASS_LIFE = timedelta(hours=1)
ADDRESS = "/ingest/v1/uploads/"


def hand_pass(*, back: str, again: str = "", actor: Actor, now: datetime) -> LoadPass:
    """Let the actor's browser send one file of readings to the data plane, within the hour.

    back: path of the page of an upload, with `{upload}` where its uuid goes. again: path of the page to
    send another from. Raises NotAllowed.
    """
    access.require(actor, LOAD)
    upload = ids.new_uuid(now)
    told = handed.Pass(
        tenant=tenants.current().key, upload=upload, until=now + PASS_LIFE,
        back=back.replace("{upload}", str(upload)), again=again,
    )
    text = handed.write_pass(told, sealer=tenants.sealer())
    return LoadPass(upload=upload, address=f"{ADDRESS}{text}", largest_bytes=handed.LARGEST)


def list_loads(*, actor: Actor) -> tuple[Load, ...]:
    """Give the newest 50 files of readings, also those nobody went on with yet. Raises NotAllowed."""
    access.require(actor, LOAD)
    return queries.loads()


def get_load(*, upload: UUID, actor: Actor) -> Load:
    """Give one file of readings and how far it is. Raises NotAllowed, LoadNotFound."""
    access.require(actor, LOAD)
    return queries.load(upload)


def look_at(*, upload: UUID, actor: Actor) -> Look:
    """Give the columns and first rows of a file, read in a process of its own within 20 s.

    Raises NotAllowed, LoadNotFound.
    """
    access.require(actor, LOAD)
    return loads.look(upload)


def check_load(
    *, upload: UUID, choice: LoadChoice, about_rows: int, actor: Actor, now: datetime
) -> None:
    """Have a whole file checked by what was chosen; nothing of it counts. Another choice may follow.

    about_rows: for telling how far it is. Raises NotAllowed, LoadNotFound, LoadRefused, LoadMoved.
    """
    access.require(actor, LOAD)
    with transaction.atomic():
        loads.begin(upload=upload, choice=choice, about_rows=about_rows)
        audit.changed(actor=actor, operation=LOAD, resource=f"load/{upload}", now=now, fields=("choice",))
        _go_on(upload, now)


def accept_load(*, upload: UUID, actor: Actor, now: datetime) -> None:
    """Let the readings that were found sound count. Raises NotAllowed, LoadNotFound, LoadMoved."""
    access.require(actor, LOAD)
    with transaction.atomic():
        loads.accept(upload)
        audit.changed(
            actor=actor, operation=LOAD, resource=f"load/{upload}", now=now, fields=("state",),
            outcome="accepted", reference=queries.load_digest(upload),
        )
        _go_on(upload, now, job=ADD)


def cancel_load(*, upload: UUID, actor: Actor, now: datetime) -> None:
    """Give a file up; nothing of it counted.

    Raises NotAllowed, LoadNotFound, LoadMoved once it was accepted.
    """
    access.require(actor, LOAD)
    with transaction.atomic():
        loads.cancel(upload, now=now)
        audit.changed(
            actor=actor, operation=LOAD, resource=f"load/{upload}", now=now, fields=("state",),
            outcome="cancelled",
        )
        _go_on(upload, now)


def carry_on(*, upload: UUID, now: datetime) -> bool:
    """Do the next step of a load; tells whether it goes on. Safe to repeat."""
    return loads.carry_on(upload, now=now)


def sweep_loads(*, now: datetime) -> int:
    """Take away files nobody went on with for two days; gives how many."""
    return loads.sweep(now=now)


def _go_on(upload: UUID, now: datetime, *, job: str = JOB) -> None:
    jobs.enqueue(job=job, arguments={"upload": str(upload)}, due_at=now, key=f"load/{upload}")
