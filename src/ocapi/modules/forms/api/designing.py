"""The part of the door for who designs forms: working copies, versions, the linter, files."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.lib.actor import Actor
from ocapi.modules.forms.data import (
    Design,
    DesignChanged,
    DesignNotFound,
    Difference,
    Edit,
    EditRefused,
    Exported,
    Finding,
    FormDefinition,
    FormLine,
    FormRefused,
    LoosePage,
    VersionLine,
    Words,
)
from ocapi.modules.forms.extensions import CaseKind
from ocapi.modules.forms.services import designs, editing, inspection, loose, messages, schema, writing

READ, DESIGN, PUBLISH = "forms.read_designs", "forms.design", "forms.publish"
LARGEST_FILE = 1 << 20  # bytes of a file that is imported
LARGEST_YAML = 128 << 10  # a form of 20 pages in YAML has 25 kB


def lint(*, raw: bytes) -> tuple[Finding, ...]:
    """Give everything the linter says of a form in a file, errors first. Raises MalformedInput."""
    return designs.findings(_read(raw))


def _read(raw: bytes) -> FormDefinition:
    """Read JSON, or the YAML of a content file, which takes 40 times as long and is held smaller."""
    if raw.lstrip()[:1] == b"{":
        value: object = codec.decode_untyped(raw, max_bytes=LARGEST_FILE)
    else:
        value = codec.decode_yaml(raw, object, max_bytes=LARGEST_YAML)
    return codec.convert(value, FormDefinition)


def told(finding: Finding) -> str:
    """Say what the linter found and how to repair it, in the language of the reader."""
    return messages.told(finding)


def plainly(finding: Finding) -> str:
    """Say the same in English, after the code of where it stands, for a terminal."""
    return messages.plainly(finding)


def list_forms(*, actor: Actor) -> tuple[FormLine, ...]:
    """Give every form with its current version and whether somebody designs it. Raises NotAllowed."""
    access.require(actor, READ)
    return designs.lines()


def list_case_kinds(*, actor: Actor) -> tuple[CaseKind, ...]:
    """Give the kinds of cases a form of the bound organization can become, by code. Raises NotAllowed."""
    access.require(actor, READ)
    return inspection.kinds_of_cases()


def list_versions(*, form: str, actor: Actor) -> tuple[VersionLine, ...]:
    """Give the versions of a form, newest first; empty for a form that was never published."""
    access.require(actor, READ)
    return designs.versions(form)


def get_version(*, form: str, version: str, actor: Actor) -> FormDefinition:
    """Give one version of a form. Raises FormNotFound, NotAllowed."""
    access.require(actor, READ)
    return designs.version(form, version)


def get_design(*, form: str, actor: Actor) -> Design:
    """Give the working copy with what the linter says; the current version while nothing was changed.

    Raises DesignNotFound, NotAllowed.
    """
    access.require(actor, READ)
    return designs.design_of(form)


def begin_design(*, form: str, title: Words, actor: Actor, now: datetime) -> Design:
    """Begin a new form with one empty section. Raises EditRefused (codeRefused, codeTaken), NotAllowed."""
    access.require(actor, DESIGN)
    designs.require_code(form)
    with transaction.atomic():
        if designs.find(form) is not None or designs.versions(form):
            raise EditRefused("codeTaken")
        definition = FormDefinition(code=form, version="0", title=title, sections=(), submit_label="Verstuur")
        row = designs.keep(definition, base="", revision=0, now=now)
        _changed(actor, DESIGN, form, now)
    return designs.told(row)


def edited(*, definition: FormDefinition, edit: Edit) -> FormDefinition:
    """Give a definition as an edit would make it; nothing is kept. Raises EditRefused."""
    return editing.edited(definition, edit)


def example(
    *, definition: FormDefinition, section: str, actor: Actor, now: datetime, address_form: str
) -> LoosePage:
    """Give one section of a definition as a citizen sees it, with also what is asked only sometimes.

    section: a code; one that is no section gives them all. A definition the linter refuses is drawn as far
    as it can be. Raises NotAllowed.
    """
    access.require(actor, READ)
    return loose.example(definition, section=section, now=now, address_form=address_form)


def edit_design(*, form: str, edit: Edit, revision: int, actor: Actor, now: datetime) -> Design:
    """Change the working copy, beginning one from the current version when there is none.

    Anything that can be drawn is kept, also what the linter refuses to publish. Raises DesignChanged(theirs)
    when `revision` is not the newest, EditRefused, DesignNotFound, NotAllowed; then nothing is changed.
    """
    access.require(actor, DESIGN)
    with transaction.atomic():
        held = designs.design_of(form)
        definition = editing.edited(held.definition, edit)
        row = designs.keep(definition, base=held.base, revision=revision, now=now)
        _changed(actor, DESIGN, form, now)
    return designs.told(row)


def discard_design(*, form: str, actor: Actor, now: datetime) -> None:
    """Throw the working copy away; published versions stay. Raises DesignNotFound, NotAllowed."""
    access.require(actor, DESIGN)
    with transaction.atomic():
        row = designs.find(form, lock=True)
        if row is None:
            raise DesignNotFound(form)
        row.delete()
        _changed(actor, DESIGN, form, now)


def publish_design(*, form: str, revision: int, actor: Actor, now: datetime) -> FormDefinition:
    """Make the working copy the version citizens fill in from now on; open drafts keep theirs.

    Raises FormRefused with what the linter found, DesignChanged, DesignNotFound, NotAllowed.
    """
    access.require(actor, PUBLISH)
    with transaction.atomic():
        row = designs.find(form, lock=True)
        if row is None:
            raise DesignNotFound(form)
        if row.revision != revision:
            raise DesignChanged(designs.told(row))
        published = designs.publish(row, now=now)
        _changed(actor, PUBLISH, form, now)
    return published


def differences(*, old: FormDefinition, new: FormDefinition) -> tuple[Difference, ...]:
    """Give what differs between two versions, by code of section or field."""
    return editing.differences(old, new)


def export_design(*, form: str, version: str, actor: Actor) -> Exported:
    """Give a version, or the working copy when `version` is empty, as a file that `import_design` takes.

    Raises FormNotFound, DesignNotFound, NotAllowed.
    """
    access.require(actor, READ)
    definition = designs.version(form, version) if version else designs.design_of(form).definition
    name = f"{form}-{version or 'ontwerp'}.json"
    return Exported(name=name, raw=codec.encode_json(writing.plain(definition)))


def export_schema(*, form: str, version: str, actor: Actor) -> Exported:
    """Give the JSON Schema (2020-12) of the answers of a version, or of the working copy."""
    access.require(actor, READ)
    definition = designs.version(form, version) if version else designs.design_of(form).definition
    return Exported(
        name=f"{form}-{version or 'ontwerp'}.schema.json", raw=codec.encode_json(schema.of_form(definition))
    )


def import_design(*, raw: bytes, actor: Actor, now: datetime) -> Design:
    """Take a file, JSON or YAML, as the working copy of the form it holds.

    Raises MalformedInput, FormRefused with everything that makes it unusable, DesignChanged when somebody
    designs that form already, EditRefused, NotAllowed; then nothing is kept.
    """
    access.require(actor, DESIGN)
    if len(raw) > LARGEST_FILE:
        raise EditRefused("tooLarge")
    definition = _read(raw)
    designs.require_code(definition.code)
    problems = tuple(messages.told(each) for each in designs.findings(definition) if each.severity == "error")
    if problems:
        raise FormRefused(problems)
    with transaction.atomic():
        current = next((each.version for each in designs.versions(definition.code) if each.is_current), "")
        row = designs.keep(definition, base=current, revision=0, now=now)
        _changed(actor, DESIGN, definition.code, now)
    return designs.told(row)


def try_out(
    *,
    definition: FormDefinition,
    raw: Mapping[str, Sequence[str]] | None,
    actor: Actor,
    now: datetime,
    address_form: str,
) -> LoosePage:
    """Give a definition on one page as a citizen sees it, with what was filled in; nothing is kept.

    A definition the linter refuses is drawn as far as it can be. Raises NotAllowed.
    """
    access.require(actor, READ)
    return loose.page(
        definition, raw, now=now, address_form=address_form, allow_synthetic=tenants.current().is_demo
    )


def _changed(actor: Actor, operation: str, form: str, now: datetime) -> None:
    audit.changed(actor=actor, operation=operation, resource=f"form/{form}", fields=("definition",), now=now)
