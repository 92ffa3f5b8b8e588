"""The door of tenants: bind an organization, find, make and remove them, and use keys of the bound one."""

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.signing import TimestampSigner
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from ocapi.kernel.tenants import (
    binding,
    closing,
    keyring,
    keys,
    outages,
    provision,
    rotation,
    sealing,
    statements,
    succession,
    tables,
    template,
)
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import Kind, Progress, Resume, Tenant
from ocapi.kernel.tenants.directory import directory
from ocapi.lib.actor import Actor
from ocapi.lib.sealed import Sealer

T = TypeVar("T")

current = binding.current
find_current = binding.find_current
unbound = binding.unbound
SigningKey = keyring.SigningKey
Statement = statements.Statement
Insert = statements.Insert
together = statements.together
read_uuid = statements.uuid
read_instant = statements.instant
OwnKeys = keys.OwnKeys
list_tables = tables.list_tables
read_rows = tables.read_rows
load_rows = tables.load_rows
count_rows = tables.count_rows
loading = tables.loading
reading_snapshot = tables.reading_snapshot
applied_migrations = tables.applied_migrations
present_tables = tables.present_tables
own_keys = keyring.own_keys
wrap_own = keys.wrap_own
unwrap_own = keys.unwrap_own
installation_mac = keys.installation_mac
is_installation_mac = keys.is_installation_mac
free_bytes = provision.free_bytes
Outage = outages.Outage
outage_of = outages.outage_of
held = tables.held
make_useless = tables.make_useless
prepare_engine = provision.prepare_engine
set_state = provision.set_state
transplant = provision.transplant
take_database_away = provision.take_database_away
plan_succession = succession.plan
require_succession_possible = succession.require_possible
confirm_succession = succession.confirm
undo_succession = succession.undo
find_succession = succession.find
lifted = closing.lifted


@contextmanager
def bind(key: str) -> Iterator[Tenant]:
    """Bind the organization with that key for a block; raises UnknownTenant, or WrongTenant when nested."""
    with binding.bind(directory.by_key(key)) as tenant:
        yield tenant


@contextmanager
def bind_tenant(tenant: Tenant) -> Iterator[Tenant]:
    """Bind an organization already looked up, for a block."""
    with binding.bind(tenant):
        yield tenant


def by_key(key: str) -> Tenant:
    """Give the organization with that key, or raise UnknownTenant."""
    return directory.by_key(key)


def by_host(host: str) -> Tenant:
    """Give the organization served under that host name (no port), or raise UnknownTenant."""
    return directory.by_host(host)


def find_heir(tenant: Tenant, *, at: datetime) -> Tenant | None:
    """Give the last of those that took each other's place by an instant; None: nobody, or not here."""
    return directory.find_heir(tenant, at=at)


def list_hosts(tenant: Tenant) -> tuple[tuple[str, datetime, datetime | None], ...]:
    """Give every host name an organization was ever served under, from and until when, oldest first."""
    from ocapi.kernel.tenants.models import HostRow

    rows = HostRow.objects.using(PLATFORM).filter(tenant__uuid=tenant.uuid).order_by("valid_from", "name")
    return tuple(rows.values_list("name", "valid_from", "valid_until"))


def list_tenants() -> tuple[Tenant, ...]:
    """Give every organization of this installation, by key."""
    return directory.all()


def create(
    *, key: str, kind: Kind, now: datetime, base_iri: str = "", hosts: tuple[str, ...] = (),
    is_reference: bool = False, is_demo: bool = False,
) -> Tenant:
    """Create an organization from the template, with keys of its own; content comes by jobs afterwards.

    base_iri: fixed for life; when empty `https://<key>.<base domain>`, and on one's own machine the address
    it is served at, so that each of its IRIs leads somewhere. hosts: names it is served under.
    Raises InvalidKey, KeyTaken (key or host), TemplateMissing. Cut short, it leaves nothing that is served
    and can be repeated.
    """
    return provision.create(
        key=key, kind=kind, base_iri=base_iri or _address(key),
        hosts=hosts or (f"{key}.localhost",), is_reference=is_reference, is_demo=is_demo, now=now,
    )


def _address(key: str) -> str:
    told = settings.OCAPI
    if told.base_domain == "localhost":
        return f"http://{key}.localhost:{told.port}"
    return f"https://{key}.{told.base_domain}"


def adopt(
    *, tenant: Tenant, own: keys.OwnKeys, fill: Callable[[], None], now: datetime
) -> Tenant:
    """Take in an organization made elsewhere, with its identity; `fill` loads database and folder.

    Whole or absent: what `fill` raises undoes everything. Raises InvalidKey, KeyTaken, AlreadyHere,
    TemplateMissing.
    """
    return provision.adopt(tenant=tenant, own=own, fill=fill, now=now)


def known_migrations() -> frozenset[str]:
    """Give every migration of this release, as `app.name`."""
    from ocapi.kernel.tenants import upgrading

    return frozenset(f"{app}.{name}" for app, name in upgrading.known())


def rebuild_at(migrations: Iterable[str]) -> None:
    """Make the bound organization's database anew, empty, with these migrations (`app.name`) only."""
    from ocapi.kernel.tenants import upgrading

    upgrading.rebuild_at(migrations)


def migrate_bound() -> None:
    """Apply this release's migrations to the bound organization, which nobody uses yet."""
    from ocapi.kernel.tenants import upgrading

    upgrading.migrate_bound()


def require_this_release() -> None:
    """Raise NotThisRelease when the bound organization lacks a migration of this release."""
    tables.require_this_release(known_migrations())


def platform_public_keys() -> tuple[bytes, ...]:
    """Give every public key the installation signed with, retired ones too (DER, SubjectPublicKeyInfo)."""
    from ocapi.kernel.tenants.models import KeyRow

    rows = KeyRow.objects.using(PLATFORM).filter(tenant__isnull=True, purpose="signing").order_by("id")
    return tuple(base64.b64decode(row.public) for row in rows)


def has_signed(*, kid: str, message: bytes, signature: bytes) -> bool:
    """Tell whether the bound organization signed a message (ES256) with its key `kid`, a retired one too."""
    from ocapi.kernel.tenants.models import KeyRow

    rows = KeyRow.objects.using(PLATFORM).filter(tenant__uuid=binding.current().uuid, purpose="signing")
    public = rows.filter(kid=kid).values_list("public", flat=True).first()
    return public is not None and keyring.is_signed(message, signature, by=base64.b64decode(public))


def delete(*, key: str) -> None:
    """Remove an organization and all it holds; there is no way back but a backup. Raises UnknownTenant."""
    provision.delete(tenant=directory.by_key(key))


def forget() -> None:
    """Drop what this process remembers of organizations: after import, move or deletion elsewhere."""
    directory.forget()


def folder() -> Path:
    """Give the folder of the bound organization."""
    return provision.folder(binding.current().key)


def signer(salt: str) -> TimestampSigner:
    """Give a signer whose key belongs to the bound organization; values of another one do not verify."""
    return keys.signer(salt)


def keyed_hash(value: str, *, salt: str) -> bytes:
    """Give a keyed SHA-256 under the bound organization, to look up what is stored encrypted."""
    return keyring.keyed_hash(value, salt=salt)


def encrypt(value: str, *, context: str) -> bytes:
    """Encrypt a column value for the bound organization; `context` names its table and row kind."""
    return sealing.encrypt(value, context=context)


def decrypt(stored: bytes, *, context: str) -> str:
    """Undo `encrypt`; raises InvalidTag for a value of another organization or context."""
    return sealing.decrypt(stored, context=context)


def sealer() -> Sealer:
    """Give what seals values for files and addresses that the data plane opens too."""
    return Sealer((settings.OCAPI.secret, settings.OCAPI.secret_also))


def signing_key() -> SigningKey:
    """Give the bound organization's signing key: log heads and receipts."""
    return keyring.ring.signing_key(binding.current().uuid)


def platform_signing_key() -> SigningKey:
    """Give the installation's signing key: policy snapshots and access tokens."""
    return keyring.ring.signing_key(None)


def signing_keys() -> tuple[SigningKey, ...]:
    """Give the bound organization's published signing keys, newest first: one, or two during a rotation."""
    return keyring.ring.signing_keys(binding.current().uuid)


def platform_signing_keys() -> tuple[SigningKey, ...]:
    """Give the installation's published signing keys, newest first: one, or two during a rotation."""
    return keyring.ring.signing_keys(None)


def rotate_keys(*, actor: Actor, now: datetime) -> None:
    """Begin to replace the bound organization's keys; one that is being rotated already gets no third.

    New values are sealed under the new key at once, everything stays readable, and `go_on_rotating` does
    the rest. Writes a change.
    """
    rotation.start(actor=actor, now=now)


def rotate_platform_keys(*, now: datetime) -> None:
    """Begin to replace the installation's signing key; the next `go_on_rotating` after its time ends it."""
    rotation.start_platform(now=now)


def go_on_rotating(*, since: Resume, actor: Actor, now: datetime, budget_s: float) -> Resume | None:
    """Seal values anew for about `budget_s`, retire keys nothing uses; gives how to go on, None at the end.

    since: what the last call gave, or an empty Resume. Raises UnknownVault.
    """
    return rotation.go_on(since=since, actor=actor, now=now, budget_s=budget_s)


def rotation_progress() -> Progress:
    """Tell how far the rotation of the bound organization's keys is."""
    return rotation.progress()


def replace_secret(*, actor: Actor, now: datetime) -> int:
    """Wrap the bound organization's keys under the present secret; gives how many were under the other one.

    Everything stays readable at each moment; killed anywhere, a repetition goes on. Raises WrongSecret.
    """
    from ocapi.kernel.tenants import resealing

    return resealing.reseal_bound(actor=actor, now=now)


def replace_platform_secret(*, now: datetime) -> int:
    """Wrap the installation's own keys under the present secret; gives how many were under the other one."""
    from ocapi.kernel.tenants import resealing

    return resealing.reseal_platform(now=now)


def keys_under_other_secret(owner: Tenant | None) -> int:
    """Tell how many keys of an organization (None: the installation) the present secret does not wrap."""
    from ocapi.kernel.tenants import resealing

    return resealing.count_left(owner.uuid if owner else None)


def prepare_platform(*, now: datetime) -> None:
    """Bring the platform database up to date and make its keys when absent; safe to repeat."""
    from ocapi.kernel.tenants.models import KeyRow

    if settings.OCAPI.store == "postgres":
        from ocapi.kernel.tenants import postgres

        postgres.prepare_platform()
    template.migrate_platform()
    with transaction.atomic(using=PLATFORM):
        if not KeyRow.objects.using(PLATFORM).filter(tenant__isnull=True).exists():
            keys.make_key_rows(tenant=None, now=now)


def upgrade(
    tenant: Tenant, *, wanted: frozenset[str], begin: Callable[[], Callable[[], None]]
) -> tuple[str, ...]:
    """Apply migrations (`app.name`) to an organization that lacks some; gives which.

    begin: called before, while it is bound; what it gives is called afterwards. On SQLite both see a copy
    that is migrated first: a failure there leaves the organization as it is. Raises Busy, and what failed.
    """
    from ocapi.kernel.tenants import upgrading

    named = frozenset((app, name) for app, _, name in (each.partition(".") for each in wanted))
    return upgrading.upgrade(tenant, wanted=named, begin=begin)


def park(tenant: Tenant, reason: str) -> None:
    """Stop serving an organization that could not be brought up, until `release`."""
    from ocapi.kernel.tenants import upgrading

    upgrading.park(tenant, reason)


def release(tenant: Tenant) -> None:
    """Serve an organization again that `park` stopped; any other stays as it is."""
    from ocapi.kernel.tenants import upgrading

    upgrading.release(tenant)


def withhold(tenant: Tenant, reason: str) -> None:
    """Stop serving an organization that was changed by hand, until `give_back`."""
    from ocapi.kernel.tenants import upgrading

    upgrading.withhold(tenant, reason)


def is_withheld(tenant: Tenant) -> bool:
    """Tell whether an organization is not served because it was changed by hand; asks no database."""
    from ocapi.kernel.tenants import provision

    return provision.is_withheld(tenant)


def give_back(tenant: Tenant) -> bool:
    """Serve an organization again that `withhold` stopped; tells whether it was. Any other stays as it is."""
    from ocapi.kernel.tenants import upgrading

    return upgrading.give_back(tenant)


def build_template(*, cache: Path) -> None:
    """Build the database that new organizations are copied from; `cache` keeps it by its migrations' hash."""
    if settings.OCAPI.store == "postgres":
        from ocapi.kernel.tenants import postgres

        postgres.record_template(kept=template.statements_path(cache))
        return
    template.build(cache=cache)


scratch = template.scratch


def after_commit(act: Callable[[], None]) -> None:
    """Run `act` once when the bound organization's transaction has committed; at once outside one.

    Handing in the same function again in that transaction changes nothing.
    """
    bound = connections[DEFAULT_DB_ALIAS]
    for waiting in bound.run_on_commit:  # savepoints it depends on, function, whether it may fail
        if waiting[1] is act and waiting[0] <= set(bound.savepoint_ids):
            return  # whatever undoes that one undoes this one too
    transaction.on_commit(act)


def close_connections() -> None:
    """Close every database connection this thread holds: after a fork, after an outage (the next use opens
    a new one), and at the end of a process.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()


class _Cached:
    """A value per organization that is computed once and dropped when its cache generation rises."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], tuple[int, object]] = {}

    def get(self, name: str, generation: int, compute: Callable[[], T]) -> T:
        slot = (binding.current().key, name)
        held = self._values.get(slot)
        if held is None or held[0] != generation:
            held = (generation, compute())
            self._values[slot] = held
        return held[1]  # type: ignore[return-value]


_cached = _Cached()


def cached(name: str, *, generation: int, compute: Callable[[], T]) -> T:
    """Give `compute()` for the bound organization, remembered until `generation` differs from last time."""
    return _cached.get(name, generation, compute)
