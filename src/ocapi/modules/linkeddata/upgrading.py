"""Another version of a service's profile: what changes, which objects fit it, and taking it into use.

Objects are not rewritten. What was written by the old version is read, shown and published by it for ever;
what is written from now on is judged by the new one. So both are served, each with its own context.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from ocapi.kernel.outbox import api as outbox
from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.lib.profile import changes
from ocapi.lib.profile.model import Profile
from ocapi.modules.linkeddata import checking, profiles, queries
from ocapi.modules.linkeddata.data import Access, ClassNotFound, ObjectRefused, Upgrade
from ocapi.modules.linkeddata.events import ServiceUpgraded
from ocapi.modules.linkeddata.models import ProfileRow, ServiceRow, VersionRow

MAX_EXAMPLES = 10


def report(service: ServiceRow, new: Profile, *, base: str) -> Upgrade:
    """Say what changes and which objects fit the new version; writes nothing."""
    fitting = 0
    reasons: Counter[tuple[str, str]] = Counter()
    examples: list[tuple[str, str]] = []
    # what is said about persons is not read to count it
    rules = checking.Rules(new, base, f"{base}{profiles.context_path(service.code)}")
    objects = () if service.access == Access.PERSONAL else queries.newest(service)
    for row, content, _digest in objects:
        try:
            checking.check(content, rules, term=row.term, iri=row.iri)
        except ObjectRefused as refused:
            reasons.update(_reasons(refused))
            examples.append((row.iri, refused.issues[0].name))
        except ClassNotFound:
            reasons[row.term, "classRemoved"] += 1
            examples.append((row.iri, row.term))
        else:
            fitting += 1
        del examples[MAX_EXAMPLES:]
    old = profiles.of(service)
    return Upgrade(
        service=service.code,
        before=old.digest,
        after=new.digest,
        changes=changes.between(old, new),
        fitting=fitting,
        reasons=tuple((where, why, count) for (where, why), count in sorted(reasons.items())),
        examples=tuple(examples),
    )


def _reasons(refused: ObjectRefused) -> Iterable[tuple[str, str]]:
    return {(each.name, each.kind.rpartition(":")[2]) for each in refused.issues}


def apply(service: ServiceRow, new: Profile, *, files: dict[str, bytes], actor: Actor, now: datetime) -> None:
    """Take the new version into use; the service is locked. Emits ServiceUpgraded."""
    before = service.profile
    pinned, _made = ProfileRow.objects.get_or_create(
        digest=new.digest,
        defaults={
            "uuid": ids.new_uuid(now),
            "name": new.name,
            "pinned_at": now,
            "files": {name: raw.decode() for name, raw in files.items()},
        },
    )
    VersionRow.objects.filter(service=service, profile=None).update(profile=before)
    VersionRow.objects.filter(service=service, profile=pinned).update(profile=None)
    service.profile = pinned
    service.save(update_fields=("profile",))
    fact = ServiceUpgraded(service=service.code, before=before.digest, after=new.digest)
    outbox.publish(fact, actor=actor, now=now)
