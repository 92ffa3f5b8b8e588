"""Loads the register of Flemish local authorities: our own pack, and the CSV of administrative units."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import (
    EventResult,
    Identifier,
    LoadReport,
    OrganizationKind,
    OrganizationStatus,
    RegisterEvent,
    RegisterRecord,
)
from ocapi.kernel.registry.data import Authority, AuthorityChange
from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.kernel.registry.packs import Pack, verified_files
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import actor, codec, identifiers
from ocapi.lib.kept import Kept

KINDS = {
    "municipality": OrganizationKind.MUNICIPALITY, "psw_centre": OrganizationKind.PSW_CENTRE,
    "district": OrganizationKind.DISTRICT,
}
CLASSES = {
    "Gemeente": OrganizationKind.MUNICIPALITY, "OCMW": OrganizationKind.PSW_CENTRE,
    "District": OrganizationKind.DISTRICT, "OCMW vereniging": OrganizationKind.ASSOCIATION,
    "Autonoom gemeentebedrijf": OrganizationKind.AGENCY, "Autonoom provinciebedrijf": OrganizationKind.AGENCY,
}
LOADER = actor.system("registry.load_pack")
MAX_BYTES = 16 << 20
ESTABLISHMENT = "establishmentUnit"
Register = tuple[tuple[Authority, ...], tuple[AuthorityChange, ...]]
_registers: Kept[Register] = Kept(most=1)  # by the hash of the files; reading them takes 0.4 s


@dataclass(frozen=True, slots=True, kw_only=True)
class _Organizations:
    organizations: tuple[Authority, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    change_events: tuple[AuthorityChange, ...]


def shipped(pack: Pack) -> Register:
    """Give the authorities and their changes of a pack; raises PackRefused when a file differs."""
    files = {file.kind: file.raw for file in verified_files(pack)}
    units, changes = files[OrganizationsLoader.name], files[ChangeEventsLoader.name]

    def read(_digest: str) -> Register:
        return (
            codec.decode_yaml(units, _Organizations).organizations,
            codec.decode_yaml(changes, _Changes).change_events,
        )

    return _registers.get(hashlib.sha256(units + changes).hexdigest(), read)


class OrganizationsLoader:
    """Loads `organizations` files: every identifier with its validity."""

    name = "organizations"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        read = codec.decode_yaml(file.raw, _Organizations)
        records = [_record(each, source=f"{file.pack}@{file.version}") for each in read.organizations]
        report = accounts.load_local_authorities(
            records, (), source=file.pack, actor=LOADER, now=now, own_key=tenants.current().key
        )
        return _loaded(report)


class ChangeEventsLoader:
    """Loads `changeEvents` files: the mergers, so that old identifiers go on resolving."""

    name = "changeEvents"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        read = codec.decode_yaml(file.raw, _Changes)
        events = [_event(each) for each in read.change_events]
        return _loaded(accounts.load_local_authorities((), events, source=file.pack, actor=LOADER, now=now))


class AdministrativeUnits:
    """Imports a table of administrative units (uri, label, classification, status, kbo, ovo, nis, …)."""

    name = "administrative-units"
    title = "Administrative units of Flanders (CSV)"

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        return head.lstrip(b"\xef\xbb\xbf").startswith(b"uri,label,classification,status,kbo")

    def load(self, *, path: Path, now: datetime) -> Loaded:
        header, rows = codec.decode_csv(path.read_bytes(), max_bytes=MAX_BYTES)
        records: list[RegisterRecord] = []
        lines: dict[str, int] = {}
        refused: list[BadRow] = []
        warnings: list[BadRow] = []
        for row in rows:
            cells = dict(zip(header, row.cells, strict=False))
            reason = _reason_to_refuse(cells, len(header), len(row.cells))
            if reason:
                refused.append(BadRow(line=row.line, reason=reason))
                continue
            if warning := _warning(cells):
                warnings.append(BadRow(line=row.line, reason=warning))
            lines[_key(cells)] = row.line
            records.append(_record_of_row(cells))
        report = accounts.load_local_authorities(records, (), source=self.name, actor=LOADER, now=now)
        refused += [BadRow(line=lines.get(key, 0), reason=reason) for key, reason in report.refused]
        done = _loaded(report)
        return Loaded(
            written=done.written, unchanged=done.unchanged, refused=tuple(refused), warnings=tuple(warnings)
        )


def _reason_to_refuse(cells: dict[str, str], expected: int, found: int) -> str:
    if found != expected:
        return f"{found} cells where the header has {expected}"
    if not cells["uri"].startswith("http"):
        return f"uri {cells['uri']!r} is not an IRI"
    if not cells["label"]:
        return "label is empty"
    try:
        if cells["kbo"]:
            _number_scheme(cells["kbo"])
    except identifiers.InvalidIdentifier as failure:
        return f"kbo {cells['kbo']!r}: {failure.fault.value}"
    return ""


def _warning(cells: dict[str, str]) -> str:
    number = cells["kbo"]
    if not number:
        return ""
    if _number_scheme(number) == ESTABLISHMENT:
        return f"kbo {number}: the number of an establishment unit; kept as such"
    warning = identifiers.import_kbo(number).warning
    return f"kbo {number}: {warning.value}; kept" if warning else ""


def _number_scheme(number: str) -> str:
    """Tell what the column `kbo` holds: districts have no enterprise number of their own, but a unit's."""
    try:
        identifiers.parse_establishment(number)
    except identifiers.InvalidIdentifier:
        identifiers.import_kbo(number)
        return "kbo"
    return ESTABLISHMENT


def _key(cells: dict[str, str]) -> str:
    # An IRI is opaque and longer than a key may be; its hash names the row as well.
    return hashlib.sha256(cells["uri"].encode()).hexdigest()


def _record_of_row(cells: dict[str, str]) -> RegisterRecord:
    found = [Identifier(scheme="iri", value=cells["uri"]), Identifier(scheme="name", value=cells["label"])]
    if cells["kbo"]:
        found.append(Identifier(scheme=_number_scheme(cells["kbo"]), value=cells["kbo"]))
    found += [Identifier(scheme=name, value=cells[name]) for name in ("ovo", "nis") if cells.get(name)]
    ended = cells["status"] == "Niet Actief"
    return RegisterRecord(
        key=_key(cells), kind=CLASSES.get(cells["classification"], OrganizationKind.ASSOCIATION),
        status=OrganizationStatus.ENDED if ended else OrganizationStatus.ACTIVE, identifiers=tuple(found),
    )


def _record(each: Authority, *, source: str) -> RegisterRecord:
    return RegisterRecord(
        key=each.key,
        kind=KINDS[each.kind],
        status=OrganizationStatus(each.status),
        identifiers=tuple(
            Identifier(
                scheme=found.scheme,
                value=found.value,
                valid_from=found.valid_from,
                valid_to=found.valid_to,
                edition=found.edition,
                source=source,
            )
            for found in each.identifiers
        ),
    )


def _event(each: AuthorityChange) -> RegisterEvent:
    return RegisterEvent(
        key=each.key,
        change_type=each.type,
        on=each.date,
        originals=each.original,
        resulting=each.resulting,
        results=tuple(
            EventResult(key=r.organization, status=OrganizationStatus(r.status)) for r in each.results
        ),
        shape=each.shape,
    )


def _loaded(report: LoadReport) -> Loaded:
    refused = tuple(BadRow(line=0, reason=f"{key}: {reason}") for key, reason in report.refused)
    return Loaded(written=report.organizations + report.events, unchanged=0, refused=refused)
