"""Who takes the place of whom, by the shipped register too; and what an old identifier stands for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from ocapi.kernel.access.extensions import operations
from ocapi.kernel.registry import local_authorities, packs
from ocapi.kernel.registry.data import AuthorityChange
from ocapi.kernel.registry.local_authorities import Register
from ocapi.kernel.registry.models import SettingRow
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Succession, SuccessionFault, SuccessionRefused, Tenant
from ocapi.lib import clock
from ocapi.lib.actor import system

ACTOR = system("registry.succeed")
OPERATION = "registry.succeed"
ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an identifier stands for. scheme: key, uuid, host, iriBase, kbo, nis, ovo or iri.

    organization: key of who had it. valid_from, valid_to: days in Brussels, empty when not known or not
    ended. heirs: keys of who stands there now, the last of each chain. is_here: it is an organization of
    this installation.
    """

    scheme: str
    value: str
    organization: str
    valid_from: date | None
    valid_to: date | None
    heirs: tuple[str, ...]
    is_here: bool


def plan(*, old: str, new: str, on: date, by: str, now: datetime, is_beyond_register: bool) -> Succession:
    """Note a succession; see `registry.api.plan_succession`."""
    former, heir = tenants.by_key(old), tenants.by_key(new)
    require(former, heir, on, is_beyond_register=is_beyond_register)
    return tenants.plan_succession(
        old=former, new=heir, new_name=_name_of(heir), on=on, by=by, actor=ACTOR, now=now
    )


def require(old: Tenant, new: Tenant, on: date, *, is_beyond_register: bool) -> None:
    """Raise SuccessionRefused when this can't be, or when the shipped register tells another story."""
    tenants.require_succession_possible(old=old, new=new, on=on)
    authorities, changes = register()
    if old.key not in {each.key for each in authorities}:
        return
    ending = _ending_of(old.key, changes)
    if ending is None:
        if not is_beyond_register:
            raise SuccessionRefused(SuccessionFault.NOT_IN_REGISTER, detail=old.key)
        return
    if (ending.date, new.key in _going_on(ending)) != (on, True):
        told = f"{old.key} became {', '.join(_going_on(ending))} on {ending.date.isoformat()}"
        raise SuccessionRefused(SuccessionFault.REGISTER_DIFFERS, detail=told)


def confirm(*, old: str, by: str, now: datetime) -> Succession:
    """Let a plan hold; see `registry.api.confirm_succession`."""
    operation = operations.find(OPERATION)
    assert operation is not None
    return tenants.confirm_succession(
        old=tenants.by_key(old), by=by, needs_second=operation.four_eyes, actor=ACTOR, now=now
    )


def undo(*, old: str, now: datetime) -> None:
    """Take a plan back; see `registry.api.undo_succession`."""
    tenants.undo_succession(old=tenants.by_key(old), actor=ACTOR, now=now)


def register() -> Register:
    """Give the register of local authorities that the product ships."""
    folder = Path(settings.OCAPI.project) / "content" / "local-authorities"
    return local_authorities.shipped(packs.read_pack(folder))


def standings(value: str, *, now: datetime) -> tuple[Standing, ...]:
    """Tell what an identifier, host name or IRI stands for, here and in the shipped register."""
    here = {each.key: each for each in tenants.list_tenants()}
    found = [each for tenant in here.values() for each in _here(tenant, value, now)]
    authorities, changes = register()
    digits = value.replace(".", "").replace(" ", "")
    for authority in authorities:
        found.extend(
            Standing(
                scheme=each.scheme, value=each.value, organization=authority.key, valid_from=each.valid_from,
                valid_to=each.valid_to, heirs=last_of(authority.key, changes),
                is_here=authority.key in here,
            )
            for each in authority.identifiers
            if each.scheme != "name" and each.value in (value, digits)
        )
    return tuple(found)


def _here(tenant: Tenant, value: str, now: datetime) -> Iterator[Standing]:
    ends = tenant.succession.begins_at if tenant.succession else None
    own: list[tuple[str, str, datetime | None, datetime | None]] = [
        ("key", tenant.key, None, ends), ("uuid", str(tenant.uuid), None, ends),
    ]
    if value.startswith(f"{tenant.base_iri}/"):
        own.append(("iriBase", value, None, ends))
    own.append(("iriBase", tenant.base_iri, None, ends))
    own.extend(("host", name, since, until or ends) for name, since, until in tenants.list_hosts(tenant))
    heir = tenants.find_heir(tenant, at=now)
    for scheme, known, since, until in own:
        if known == value.lower() or known == value:
            yield Standing(
                scheme=scheme, value=known, organization=tenant.key,
                valid_from=clock.local_day(since) if since else None,
                valid_to=clock.local_day(until) if until else None,
                heirs=(heir.key,) if heir else (), is_here=True,
            )


def _name_of(tenant: Tenant) -> str:
    with tenants.bind_tenant(tenant):
        named = SettingRow.objects.filter(name="organization.name").values_list("value", flat=True).first()
    authority = next((each for each in register()[0] if each.key == tenant.key), None)
    known = [each.value for each in authority.identifiers if each.scheme == "name"] if authority else []
    return named or next(iter(known), tenant.key)


def _ending_of(key: str, changes: Iterable[AuthorityChange]) -> AuthorityChange | None:
    ending = (
        change for change in changes
        if any((each.organization, each.status) == (key, ENDED) for each in change.results)
    )
    return max(ending, key=lambda change: change.date, default=None)


def _going_on(change: AuthorityChange) -> tuple[str, ...]:
    """Give who goes on after a change; a district that appears is a part and takes nobody's place."""
    return tuple(
        each.organization for each in change.results
        if each.status != ENDED and each.organization != change.district
    )


def last_of(key: str, changes: Iterable[AuthorityChange]) -> tuple[str, ...]:
    changes, waiting, last, seen = tuple(changes), [key], [], {key}
    while waiting:
        each = waiting.pop()
        ending = _ending_of(each, changes)
        if ending is None:
            last.append(each)
            continue
        following = [heir for heir in _going_on(ending) if heir not in seen]
        seen.update(following)
        waiting.extend(following)
    return tuple(sorted(set(last) - {key}))
