"""The jobs that the kernel itself brings."""

from datetime import datetime, time, timedelta

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import neighbors, queue, relay, running, webhooks
from ocapi.kernel.jobs.extensions import Outside, job, jobs
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Resume
from ocapi.lib import actor

ROTATE_KEYS = "jobs.rotate_keys"
ROTATE_S = 0.1  # seconds of work per turn: a visit has 0.2


def register() -> None:
    """Register the kernel's own jobs; a second call changes nothing."""
    if jobs.find(relay.HANDLE) is not None:
        return
    job(relay.HANDLE)(handle)
    job(neighbors.HANDLE)(handle_foreign)
    job(relay.BUS, is_atomic=False)(relay_to_bus)
    job(webhooks.HANDSHAKE, is_atomic=False, is_outside=True)(shake_hands)
    job(ROTATE_KEYS, every=timedelta(hours=1), is_atomic=False)(rotate_keys)
    job("jobs.remove_ended_sessions", every=timedelta(hours=1))(remove_ended_sessions)
    job("jobs.sign_daily_head", at=time(3, 30), is_atomic=False)(sign_daily_head)


def handle(*, handler: str, event: str, now: datetime) -> None:
    """Let a handler deal with a fact."""
    running.handle(handler=handler, event=event)


def handle_foreign(*, handler: str, received: str, now: datetime) -> None:
    """Let a handler deal with a fact of another organization."""
    running.handle_foreign(handler=handler, received=received)


def relay_to_bus(*, now: datetime) -> None:
    """Send new facts to the bus."""
    while outbox.relay_to_bus():
        pass


def shake_hands(*, subscription: str, now: datetime) -> Outside | None:
    """Ask a new subscriber whether it agrees."""
    return webhooks.shake_hands(subscription=subscription)


def sign_daily_head(*, now: datetime) -> None:
    """Sign a head also when nothing was logged, so that a quiet log shows that it is still whole."""
    audit.seal(now=now)


def remove_ended_sessions(*, now: datetime) -> None:
    """Remove what is kept of sessions that are over: whose they were is personal data without a use."""
    accounts.remove_ended_sessions(now=now)


def begin_rotating(*, now: datetime) -> None:
    """Let the worker go on with a rotation of keys now."""
    queue.put(job=ROTATE_KEYS, arguments={}, due_at=now, key="rotation")
    tenants.after_commit(outbox.ring_worker)


def rotate_keys(*, now: datetime, vault: str = "", after: str = "") -> None:
    """Go on with a rotation of keys that was begun; the hourly turn takes up one that was left lying."""
    resume = tenants.go_on_rotating(
        since=Resume(vault=vault, after=after), actor=actor.system(ROTATE_KEYS), now=now, budget_s=ROTATE_S
    )
    if resume is not None:
        queue.put(
            job=ROTATE_KEYS, arguments={"vault": resume.vault, "after": resume.after},
            due_at=resume.due_at or now, key="rotation",
        )
