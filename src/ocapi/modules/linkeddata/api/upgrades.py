"""Another version of a profile for a service that runs."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from ocapi.kernel.registry import api as registry
from ocapi.lib.actor import Actor
from ocapi.lib.profile import reader
from ocapi.modules.linkeddata import reaching, services, upgrading
from ocapi.modules.linkeddata.data import ProfileRefused, Upgrade

SHIPPED = "data-services"  # the content pack with profiles of our own


def upgrade_service(
    *, service: str, folder: Path | None, is_applied: bool, actor: Actor, now: datetime
) -> Upgrade:
    """Compare a service with another version of its profile, and take it into use when `is_applied`.

    folder: with the profile; None for the one the product ships under the service's code. Content comes from
    an operator at the command line, so no policy is asked. Raises NotAProfile, ProfileRefused,
    ServiceNotFound. Emits ServiceUpgraded when applied; the same version again changes nothing.
    """
    if folder is None:
        files = {reader.OWN: registry.shipped_file(pack=SHIPPED, path=f"{service}.yaml")}
    else:
        files = reader.files_of(folder)
    new = reader.read(files, name=folder.name if folder else service)
    if not new.is_usable:
        raise ProfileRefused(tuple((e.code, e.where, e.detail) for e in new.findings if e.is_fatal))
    with transaction.atomic():
        held = services.locked(service)
        found = upgrading.report(held, new, base=reaching.base())
        if is_applied and found.before != found.after:
            upgrading.apply(held, new, files=reader.pinned(files), actor=actor, now=now)
    return found
