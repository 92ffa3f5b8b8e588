"""Working copies of forms: one row per form, changed under a revision, a version once it is published."""

import re
from dataclasses import replace
from datetime import datetime

from ocapi.lib import clock, codec, ids
from ocapi.modules.forms.data import (
    Design,
    DesignChanged,
    DesignNotFound,
    EditRefused,
    Finding,
    FormDefinition,
    FormLine,
    FormNotFound,
    FormRefused,
    Severity,
    VersionLine,
)
from ocapi.modules.forms.models import DesignRow, FormRow
from ocapi.modules.forms.services import definitions, inspection, loading, messages, writing

MAX_BYTES = 512 << 10  # of one definition as JSON
MOST_FORMS = 1_000
MOST_VERSIONS = 500
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)


def findings(definition: FormDefinition) -> tuple[Finding, ...]:
    """Give everything the linter has to say, what stops publishing first."""
    return _sorted(
        (
            *definitions.findings(definition),
            *inspection.warnings(definition),
            *inspection.advice(definition),
        )
    )


def findings_here(definition: FormDefinition) -> tuple[Finding, ...]:
    """Give the same, and whether the bound organization can handle what is sent."""
    return _sorted((*findings(definition), *inspection.of_case_type(definition)))


def _sorted(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    once = {(each.at, each.text, *each.values.values()): each for each in found}
    return tuple(sorted(once.values(), key=lambda each: each.severity is not Severity.ERROR))


def require_code(code: str) -> None:
    """Refuse a code that is no address: small letters, digits and dashes."""
    if not _CODE.fullmatch(code) or len(code) > definitions.MAX_CODE:
        raise EditRefused("codeRefused")


def lines() -> tuple[FormLine, ...]:
    """Give every form, by code."""
    rows = FormRow.objects.order_by("code", "-loaded_at", "-id")[:MOST_FORMS]
    designs = {row.code: row for row in DesignRow.objects.order_by("code")[:MOST_FORMS]}
    found: dict[str, FormLine] = {}
    newest: dict[str, FormRow] = {}
    for row in rows:
        newest.setdefault(row.code, row)
        if row.is_current:
            found[row.code] = FormLine(
                code=row.code,
                title=loading.held(row).title,
                current=row.version,
                origin=row.origin,
                is_in_design=row.code in designs,
                changed_at=row.loaded_at,
                newer="" if newest[row.code].id == row.id else newest[row.code].version,
            )
    for code, design in designs.items():
        if code not in found:
            title = _definition(design).title
            found[code] = FormLine(
                code=code, title=title, current="", origin="", is_in_design=True, changed_at=design.changed_at
            )
    return tuple(found[code] for code in sorted(found))


def versions(code: str) -> tuple[VersionLine, ...]:
    """Give the versions of a form, newest first."""
    rows = FormRow.objects.filter(code=code).order_by("-loaded_at", "-id")[:MOST_VERSIONS]
    return tuple(
        VersionLine(
            version=row.version,
            sha256=row.sha256,
            origin=row.origin,
            is_current=row.is_current,
            loaded_at=row.loaded_at,
        )
        for row in rows
    )


def version(code: str, version: str) -> FormDefinition:
    """Give one version; raises FormNotFound."""
    row = FormRow.objects.filter(code=code, version=version).first()
    if row is None:
        raise FormNotFound(f"{code} {version}")
    return loading.held(row)


def find(code: str, *, lock: bool = False) -> DesignRow | None:
    """Give the row of a working copy, or None."""
    rows = DesignRow.objects.select_for_update() if lock else DesignRow.objects
    return rows.filter(code=code).first()


def design_of(code: str) -> Design:
    """Give the working copy; the current version when nothing was changed yet. Raises DesignNotFound."""
    row = find(code)
    if row is not None:
        return told(row)
    current = FormRow.objects.filter(code=code, is_current=True).first()
    if current is None:
        raise DesignNotFound(code)
    definition = loading.held(current)
    return Design(
        definition=definition,
        base=current.version,
        revision=0,
        changed_at=None,
        findings=findings_here(definition),
    )


def told(row: DesignRow) -> Design:
    """Give a working copy as others see it."""
    definition = _definition(row)
    return Design(
        definition=definition,
        base=row.base,
        revision=row.revision,
        changed_at=row.changed_at,
        findings=findings_here(definition),
    )


def _definition(row: DesignRow) -> FormDefinition:
    return codec.convert(row.definition, FormDefinition)


def keep(definition: FormDefinition, *, base: str, revision: int, now: datetime) -> DesignRow:
    """Write the working copy under the next revision; raises DesignChanged, EditRefused (too large)."""
    plain = writing.plain(definition)
    if len(codec.encode_json(plain)) > MAX_BYTES:
        raise EditRefused("tooLarge")
    row = find(definition.code, lock=True)
    if (row.revision if row else 0) != revision:
        raise DesignChanged(design_of(definition.code))
    if row is None:
        return DesignRow.objects.create(
            uuid=ids.new_uuid(now),
            code=definition.code,
            base=base,
            definition=plain,
            revision=1,
            changed_at=now,
        )
    row.definition, row.revision, row.changed_at = plain, revision + 1, now
    row.save(update_fields=["definition", "revision", "changed_at"])
    return row


def publish(row: DesignRow, *, now: datetime) -> FormDefinition:
    """Make the working copy the current version and let go of it; raises FormRefused with every error."""
    definition = replace(_definition(row), version=_next_version(row.code, now))
    errors = [each for each in findings_here(definition) if each.severity is Severity.ERROR]
    if errors:
        raise FormRefused(tuple(messages.plainly(each) for each in errors))
    loading.store(definition, origin=loading.DESK, now=now)
    row.delete()
    return definition


def _next_version(code: str, now: datetime) -> str:
    year = clock.local_day(now).year
    taken = set(FormRow.objects.filter(code=code).values_list("version", flat=True))
    return next(text for number in range(1, MOST_VERSIONS + 2) if (text := f"{year}.{number}") not in taken)
