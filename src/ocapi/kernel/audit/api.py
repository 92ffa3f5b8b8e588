"""The door of audit: record consultations and changes, show persons who looked, prove the log, export it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import Scope
from ocapi.kernel.audit import export, inspecting, leaves, queries, sequencer
from ocapi.kernel.audit.data import ConsistencyProof, Head, InclusionProof, Kind, LinePage
from ocapi.kernel.audit.models import SubjectRow
from ocapi.kernel.tenants.extensions import note_erasure
from ocapi.lib import crashpoint
from ocapi.lib.actor import Actor, Subject

SEAL_AFTER = timedelta(seconds=10)  # leaves must be provable within 60 s; a head for each is a flood


def consulted(
    *, actor: Actor, operation: str, about: Iterable[UUID], fields: Iterable[str], resource: str,
    now: datetime, purpose: str = "", legal_basis: str = "", reference: str = "",
) -> UUID:
    """Record that personal data was looked at; call it before the answer leaves. Gives the leaf's uuid.

    about: uuids of the persons concerned. fields: names of the fields shown, never values. resource:
    `kind/uuid`. purpose: the operation's own from the policy table when left out. reference: the case.
    """
    return leaves.stage(leaves.Act(
        kind=Kind.CONSULTATION, actor=actor, operation=operation, at=now, resource=resource,
        about=tuple(about), fields=tuple(fields), purpose=purpose, legal_basis=legal_basis,
        reference=reference,
    ))


def changed(
    *, actor: Actor, operation: str, resource: str, now: datetime, about: Iterable[UUID] = (),
    fields: Iterable[str] = (), reference: str = "", outcome: str = "done",
) -> UUID:
    """Record a change in the transaction that makes it; gives the leaf's uuid.

    resource: `kind/uuid`. fields: names of the columns changed. outcome: code, `done` unless told otherwise.
    """
    return leaves.stage(leaves.Act(
        kind=Kind.CHANGE, actor=actor, operation=operation, at=now, resource=resource, about=tuple(about),
        fields=tuple(fields), reference=reference, outcome=outcome,
    ))


def seal(*, now: datetime) -> Head | None:
    """Give staged leaves their place and sign a head when the log grew or the last head is 60 s old.

    Gives the new head, or None when none was due. Any number of processes may call it at the same time.
    """
    return sequencer.seal(now=now)


def seal_due_at(*, now: datetime) -> datetime | None:
    """Give the instant at which staged leaves should be sealed, or None when none wait."""
    if not sequencer.is_staged():
        return None
    last = sequencer.latest_head_row()
    return now if last is None else max(now, min(last.at, now) + SEAL_AFTER)


def list_consultations(
    *, person: UUID, actor: Actor, now: datetime, cursor: str = "", page_size: int = 20
) -> LinePage:
    """Give who looked at a person's data, newest first, also what is not sequenced yet.

    page_size: 1 to 100. A reader other than the person leaves a consultation leaf of their own.
    Raises NotAllowed, InvalidCursor.
    """
    subject = Subject(kind="person", uuid=person)
    access.require(actor, "audit.read_consultations", Scope(subjects=frozenset({subject})))
    page = queries.lines_about(person=person, cursor=cursor, page_size=min(max(page_size, 1), 100))
    if actor.person != person:
        consulted(
            actor=actor, operation="audit.read_consultations", about=(person,), fields=("consultations",),
            resource=f"person/{person}", now=now,
        )
    return page


def forget_person(*, person: UUID, actor: Actor, now: datetime) -> int:
    """Cut the tie between a person and every leaf about them; the tree stays valid. Gives the ties cut.

    The deletion itself is recorded, without the person. Legal holds are the caller's to respect.
    """
    crashpoint.point("audit.forget.before_commit")
    with transaction.atomic():
        count, _per_model = SubjectRow.objects.filter(person=person).delete()
        note_erasure(person=person, now=now)
        changed(actor=actor, operation="audit.forget_person", resource="auditSubject", now=now)
    crashpoint.point("audit.forget.after_commit")
    return count


def latest_head() -> Head:
    """Give the newest signed head; raises NoHead for an empty log."""
    return queries.latest_head()


def inclusion_proof(*, leaf: UUID) -> InclusionProof:
    """Prove that a leaf stands in the newest head's tree; raises LeafNotFound, NotYetSequenced."""
    return queries.inclusion_proof(leaf=leaf)


def consistency_proof(*, old: int, new: int) -> ConsistencyProof:
    """Prove that the log of `new` leaves begins with that of `old`; raises NoSuchTree."""
    return queries.consistency_proof(old=old, new=new)


def public_keys() -> list[dict[str, str]]:
    """Give the public keys (JWK) under which heads were signed, oldest first."""
    return queries.public_keys()


def recomputed_root(*, size: int) -> bytes:
    """Give the root over the first `size` stored leaves, computed from their bytes and no stored hash.

    Raises NoSuchTree when there are fewer.
    """
    return queries.recomputed_root(size=size)


def list_damage() -> Iterator[str]:
    """Give what somebody changed in the stored log beside its hashed bytes, a line each; work of the system.

    Edits of the hashed bytes show in `recomputed_root`, a shorter log only against an earlier head.
    """
    return inspecting.damage()


def list_head_damage(*, newest: int = 64) -> Iterator[str]:
    """Give what does not hold in the newest head, the tree under it and its newest leaves, a line each.

    Cheap enough for each start; `list_damage` looks at all of the log.
    """
    return inspecting.head_damage(newest=newest)


def list_block_damage(*, turn: int) -> Iterator[str]:
    """Give what does not hold in one block of 256 leaves and the tree up from it, a line each.

    turn: 0, 1, 2 and on; each looks at another block, and once all were looked at they begin anew.
    """
    return inspecting.block_damage(turn=turn)


def export_log(*, folder: Path) -> Head:
    """Write the log up to its newest head into `folder` (docs/standards/audit-log.md); raises NoHead."""
    return export.write(folder=folder)
