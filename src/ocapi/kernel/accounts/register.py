"""Bulk loading of the register of local authorities and its change events; loading again changes nothing."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.accounts import organizations
from ocapi.kernel.accounts.data import (
    Identifier,
    LoadReport,
    OrganizationStatus,
    OverlappingIdentifier,
    OwnerKind,
    RegisterEvent,
    RegisterRecord,
)
from ocapi.kernel.accounts.models import ChangeEventPartyRow, ChangeEventRow, IdentifierRow, OrganizationRow
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib import ids
from ocapi.lib.actor import Actor

BATCH = 500  # rows per statement; SQLite allows 32,766 values, an identifier row has 10


def load(
    records: Iterable[RegisterRecord],
    events: Iterable[RegisterEvent],
    *,
    source: str,
    own_key: str,
    actor: Actor,
    now: datetime,
) -> LoadReport:
    """Write organizations, identifiers and events in one transaction; a bad row is reported and left out."""
    with transaction.atomic():
        writer = _Writer(source=source, own_key=own_key, now=now)
        writer.organizations(list(records))
        writer.identifiers()
        writer.events(list(events))
        if writer.made_anything:
            change = Change(
                action="accounts.register.loaded", resource=f"organization-register/{tenants.current().uuid}"
            )
            hand_on(change=change, actor=actor, now=now)
    return writer.report()


class _Writer:
    """Holds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.

    Olds what the register has and what a load adds, so that each table is read once and written in batches.
    """

    def __init__(self, *, source: str, own_key: str, now: datetime) -> None:
        self.source, self.own_key, self.now = source, own_key, now
        self.rows = {row.key: row for row in OrganizationRow.objects.exclude(key=None)}
        self.wanted: list[RegisterRecord] = []
        self.refused: list[tuple[str, str]] = []
        self.counts = {"organizations": 0, "identifiers": 0, "events": 0}

    @property
    def made_anything(self) -> bool:
        return any(self.counts.values())

    def report(self) -> LoadReport:
        return LoadReport(**self.counts, refused=tuple(self.refused))

    def organizations(self, records: list[RegisterRecord]) -> None:
        added, changed = [], []
        for record in records:
            if not self._is_consistent(record):
                continue
            self.wanted.append(record)
            row = self.rows.get(record.key)
            if row is None:
                row = self.rows[record.key] = self._new(record)
                added.append(row)
            elif row.status != record.status.value:
                row.status = record.status.value
                changed.append(row)
        OrganizationRow.objects.bulk_create([row for row in added if row.pk is None], batch_size=BATCH)
        OrganizationRow.objects.bulk_update(changed, ["status"], batch_size=BATCH)
        self.counts["organizations"] = len(added) + len(changed)

    def _new(self, record: RegisterRecord) -> OrganizationRow:
        if record.key == self.own_key:
            # The tenant itself may have its row already, made with the tenant, under no register's key.
            own = OrganizationRow.objects.filter(uuid=tenants.current().uuid).first()
            if own is not None:
                own.key, own.status = record.key, record.status.value
                own.save(update_fields=["key", "status"])
                return own
        uuid = tenants.current().uuid if record.key == self.own_key else ids.new_uuid(self.now)
        return OrganizationRow(
            uuid=uuid, key=record.key, kind=record.kind.value, status=record.status.value, created_at=self.now
        )

    def _is_consistent(self, record: RegisterRecord) -> bool:
        seen: list[Identifier] = []
        try:
            for identifier in record.identifiers:
                organizations.check_no_overlap(seen, identifier)
                seen.append(identifier)
        except OverlappingIdentifier as refusal:
            self.refused.append((record.key, str(refusal)))
            return False
        return True

    def identifiers(self) -> None:
        held: dict[UUID, list[IdentifierRow]] = {}
        of_organizations = IdentifierRow.objects.filter(owner_kind=OwnerKind.ORGANIZATION.value)
        for row in of_organizations:
            held.setdefault(row.owner, []).append(row)
        added: list[IdentifierRow] = []
        ended: list[IdentifierRow] = []
        for record in self.wanted:
            owner = self.rows[record.key].uuid
            for identifier in record.identifiers:
                self._place(record.key, owner, identifier, held.setdefault(owner, []), added, ended)
        IdentifierRow.objects.bulk_update([row for row in ended if row.pk], ["valid_to"], batch_size=BATCH)
        IdentifierRow.objects.bulk_create(added, batch_size=BATCH)
        self.counts["identifiers"] = len(added) + len(ended)

    def _place(
        self,
        key: str,
        owner: UUID,
        identifier: Identifier,
        held: list[IdentifierRow],
        added: list[IdentifierRow],
        ended: list[IdentifierRow],
    ) -> None:
        same = [
            row
            for row in held
            if (row.scheme, row.value, row.language, row.valid_from)
            == (identifier.scheme, identifier.value, identifier.language, identifier.valid_from)
        ]
        if same:
            if same[0].valid_to != identifier.valid_to:
                same[0].valid_to = identifier.valid_to
                ended.append(same[0])
            return
        try:
            organizations.check_no_overlap([organizations.to_identifier(row) for row in held], identifier)
        except OverlappingIdentifier as refusal:
            self.refused.append((key, str(refusal)))
            return
        row = IdentifierRow(
            uuid=ids.new_uuid(self.now),
            owner_kind=OwnerKind.ORGANIZATION.value,
            owner=owner,
            scheme=identifier.scheme,
            value=identifier.value,
            language=identifier.language,
            valid_from=identifier.valid_from,
            valid_to=identifier.valid_to,
            source=identifier.source or self.source,
            edition=identifier.edition,
        )
        held.append(row)
        added.append(row)

    def events(self, events: list[RegisterEvent]) -> None:
        known = set(ChangeEventRow.objects.values_list("key", flat=True))
        fresh = []
        for event in events:
            missing = {*event.originals, *event.resulting} - self.rows.keys()
            if missing:
                self.refused.append((event.key, f"unknown organizations: {', '.join(sorted(missing))}"))
            elif event.key not in known:
                fresh.append(event)
        rows = {
            event.key: ChangeEventRow(
                uuid=ids.new_uuid(self.now),
                key=event.key,
                change_type=event.change_type,
                shape=event.shape,
                on=event.on,
            )
            for event in fresh
        }
        ChangeEventRow.objects.bulk_create(rows.values(), batch_size=BATCH)
        parties = [party for event in fresh for party in self._parties(event, rows[event.key])]
        ChangeEventPartyRow.objects.bulk_create(parties, batch_size=BATCH)
        self.counts["events"] = len(rows)

    def _parties(self, event: RegisterEvent, row: ChangeEventRow) -> Iterable[ChangeEventPartyRow]:
        statuses = {result.key: result.status for result in event.results}
        for key in sorted({*event.originals, *event.resulting}):
            is_result = key in event.resulting
            otherwise = OrganizationStatus.ACTIVE if is_result else OrganizationStatus.ENDED
            yield ChangeEventPartyRow(
                uuid=ids.new_uuid(self.now),
                event=row,
                organization=self.rows[key],
                is_original=key in event.originals,
                is_result=is_result,
                status=statuses.get(key, otherwise).value,
            )
