"""Organizations that come, go, are brought up to date and take each other's place."""

from datetime import datetime, timedelta
from pathlib import Path

from tests.proofs.crash.operations.register import operation


@operation
def organization(key: str, now: datetime) -> None:
    """Make an organization, unless it was made."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import KeyTaken, Kind

    with tenants.unbound():
        try:
            tenants.create(key=key, kind=Kind.MUNICIPALITY, now=now)
        except KeyTaken:
            return


@operation
def farewell(key: str, now: datetime) -> None:
    """Remove an organization, unless it is gone."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import UnknownTenant

    with tenants.unbound():
        try:
            tenants.delete(key=key)
        except UnknownTenant:
            return


@operation
def planned(key: str, now: datetime) -> None:
    """Plan that the second organization takes the place of the first; again changes nothing."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        day = now.date() + timedelta(days=9)
        registry.plan_succession(old="new0", new="new1", on=day, by="uid 1", now=now)


@operation
def agreed(key: str, now: datetime) -> None:
    """Confirm that plan; again changes nothing."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        registry.confirm_succession(old="new0", by="uid 2", now=now)


@operation
def taken_back(key: str, now: datetime) -> None:
    """Take that plan back, unless it was."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import SuccessionFault, SuccessionRefused

    with tenants.unbound():
        try:
            registry.undo_succession(old="new0", now=now)
        except SuccessionRefused as refusal:
            if refusal.fault is not SuccessionFault.NO_PLAN:
                raise


def successions() -> list[str]:
    """Give what holds of the two organizations, and whether the log of each tells of it."""
    from ocapi.kernel.audit.models import LeafRow
    from ocapi.kernel.tenants import api as tenants

    here = {each.key: each for each in tenants.list_tenants()}
    held = tenants.find_succession(here["new0"]) if "new0" in here else None
    if held is None:
        return []
    wanted = {"planned", *(("confirmed",) if held.confirmed_at else ())}
    for key in ("new0", "new1"):
        with tenants.unbound(), tenants.bind(key):
            rows = LeafRow.objects.filter(operation__startswith="tenants.succession.")
            told = {each.rpartition(".")[2] for each in rows.values_list("operation", flat=True)}
            if missing := wanted - told:
                return [f"{key} does not tell that it was {', '.join(sorted(missing))}"]
    return ["agreed"] if held.confirmed_at else ["planned"]


@operation
def upgrade(key: str, now: datetime) -> int:
    """Bring every organization up to this release."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        done = registry.migrate_all()
        assert not done.parked, done.parked
        return len(done.applied)


@operation
def template(key: str, now: datetime) -> None:
    """Build the database that new organizations start from, in a cache of its own."""
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        tenants.build_template(cache=Path(settings.OCAPI.data) / "cache")
