"""Values that are sealed while their keys and the installation's secret are replaced."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from tests.proofs.crash.operations.register import home, operation


@operation
def sealing(key: str, now: datetime) -> None:
    """Keep a value sealed, where national numbers stand; it is the client's key."""
    from django.db import transaction

    from ocapi.kernel.accounts import persons
    from ocapi.kernel.accounts.models import NationalNumberRow, PersonRow
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import ids

    if NationalNumberRow.objects.filter(lookup=key.encode()).exists():
        return
    with transaction.atomic():
        person = PersonRow.objects.create(
            uuid=uuid5(NAMESPACE_URL, key), given_name="", family_name="", created_at=now
        )
        NationalNumberRow.objects.create(
            uuid=ids.new_uuid(now), person=person, lookup=key.encode(),
            ciphertext=tenants.encrypt(key, context=persons.CONTEXT),
        )


@operation
def rotation(key: str, now: datetime) -> None:
    """Begin to replace the keys; one that is being rotated gets no third."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import actor

    tenants.rotate_keys(actor=actor.system("proof"), now=now)


@operation
def rewrapping(key: str, now: datetime) -> None:
    """Go on with it, two values per transaction, until there is nothing to do before a later time."""
    from ocapi.kernel.tenants import rotation as rotating
    from ocapi.kernel.tenants.data import Resume
    from ocapi.lib import actor

    resume: Resume | None = Resume()
    while resume is not None and (resume.due_at is None or resume.due_at <= now):
        resume = rotating.go_on(since=resume, actor=actor.system("proof"), now=now, budget_s=0, batch=2)


@operation
def lookup(key: str, now: datetime) -> None:
    """Write down a keyed hash, by which what is sealed is found; again changes nothing."""
    if not (home() / "lookup").exists():
        (home() / "lookup").write_text(keyed_hash())


def keyed_hash() -> str:
    """Give the hash of a fixed text, under the key by which what is sealed is found."""
    from ocapi.kernel.tenants import api as tenants

    return tenants.keyed_hash("crash", salt="proof").hex()


@operation
def resealing(key: str, now: datetime) -> None:
    """Wrap every key under the other secret, as an operator does who replaces it; both open meanwhile."""
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.keyring import ring
    from ocapi.lib import actor

    before, after = settings.OCAPI.secret, settings.OCAPI.secret_also
    assert after, "the proof is to start the product with OCAPI_SECRET_ALSO"
    settings.OCAPI.secret, settings.OCAPI.secret_also = after, before
    try:
        tenants.replace_platform_secret(now=now)
        tenants.replace_secret(actor=actor.system("proof"), now=now)
        left = tenants.keys_under_other_secret(tenants.current()) + tenants.keys_under_other_secret(None)
        assert left == 0, f"{left} keys left"
    finally:
        settings.OCAPI.secret, settings.OCAPI.secret_also = before, after
        ring.forget(tenants.current().uuid)
