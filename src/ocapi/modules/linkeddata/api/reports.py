"""Reports of wrong values: who may read an object and has a file of their own may say what is wrong in it.

The terms follow the OSLO profile of the generic facility for reports (generieke terugmeldfaciliteit).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import Scope
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import profiles, queries, reaching, showing
from ocapi.modules.linkeddata.data import (
    Access,
    ObjectNotFound,
    ObjectVersion,
    ReportingNotFound,
    ReportReceipt,
    ReportRefused,
    ShownProperty,
    ValueReport,
)
from ocapi.modules.linkeddata.extensions import ReportDesk, report_desks
from ocapi.modules.linkeddata.models import ObjectRow

REPORT = "linkeddata.report"
MAX_PROPOSED = 1_000  # characters of what the value should be
MAX_EXPLANATION = 4_000  # characters of how the reporter knows


def takes_reports() -> bool:
    """Tell whether the bound organization takes reports of wrong values."""
    return any(each.is_open() for each in report_desks)


def list_reportable(*, uuid: UUID, term: str, actor: Actor, now: datetime) -> tuple[ShownProperty, ...]:
    """Give every property of which something can be reported: what the object says, then what it lacks.

    Raises NotAllowed, ObjectNotFound, ReportingNotFound; leaves a leaf when the object is about a person.
    """
    _desk()
    row = _reportable(uuid=uuid, term=term, actor=actor)
    return _properties(row, _read(row, actor=actor, now=now))


def report_value(
    *,
    uuid: UUID,
    term: str,
    service: str = "",
    property: str,
    value: str,
    proposed: str,
    explanation: str,
    actor: Actor,
    now: datetime,
) -> ReportReceipt:
    """Report that a value of the newest version is wrong, or missing (value empty).

    property: its IRI. value: as shown. The same report again gives the same receipt. Raises NotAllowed,
    ObjectNotFound, ReportRefused, ReportingNotFound, TooManyReports.
    """
    desk = _desk()
    row = _reportable(uuid=uuid, term=term, service=service, actor=actor)
    version = _read(row, actor=actor, now=now)
    found = next((each for each in _properties(row, version) if each.iri == property), None)
    if found is None:
        raise ReportRefused("property", _("This object has no such property."))
    if value not in {each.text for each in found.values} | {""}:
        raise ReportRefused("value", _("This value is no longer there. Look at the object again."))
    report = ValueReport(
        iri=version.iri,
        title=version.title or version.term,
        path=f"/doc/{version.term}/{version.uuid}",
        service=row.service.title,
        version=version.sequence,
        property=property,
        label=found.label,
        value=value,
        proposed=_bounded("proposed", proposed, most=MAX_PROPOSED),
        explanation=_bounded("explanation", explanation, most=MAX_EXPLANATION),
    )
    if not report.explanation:
        raise ReportRefused("explanation", _("Say how you know that this is wrong."))
    with transaction.atomic():
        receipt = desk.receive(report=report, actor=actor, now=now)
        audit.changed(
            actor=actor,
            operation=REPORT,
            resource=f"linkedObject/{row.uuid}",
            now=now,
            about=(actor.subject.uuid,) if actor.subject else (),
            fields=(found.label,),
            reference=receipt.reference,
        )
    return receipt


def _desk() -> ReportDesk:
    for each in report_desks:
        if each.is_open():
            return each
    raise ReportingNotFound


def _reportable(*, uuid: UUID, term: str, actor: Actor, service: str = "") -> ObjectRow:
    """Give an object to who may both read it and report; who may not read it learns nothing of it."""
    access.require(actor, REPORT, Scope(subjects=frozenset({actor.subject} if actor.subject else ())))
    row = queries.object_row(uuid=uuid, service=service, term=term)
    access.require(actor, reaching.READ[Access(row.service.access)])
    if row.is_deleted:
        raise ObjectNotFound(str(uuid))
    return row


def _read(row: ObjectRow, *, actor: Actor, now: datetime) -> ObjectVersion:
    if row.service.access == Access.PERSONAL:
        audit.consulted(
            actor=actor,
            operation=reaching.READ[Access.PERSONAL],
            about=(),
            fields=("content",),
            resource=f"linkedObject/{row.uuid}",
            now=now,
        )
    return queries.version_of(row)


def _properties(row: ObjectRow, version: ObjectVersion) -> tuple[ShownProperty, ...]:
    said = showing.properties(row.service, version)
    names = {each.iri for each in said}
    owner = profiles.of_version(row.service, version.profile).find_class(version.term)
    lacking = tuple(
        ShownProperty(label=each.label, description=each.description, values=(), iri=each.iri)
        for each in (owner.properties if owner else ())
        if each.iri not in names
    )
    return (*said, *lacking)


def _bounded(member: str, text: str, *, most: int) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise ReportRefused(member, _("Use at most {most} characters.").format(most=most))
    return text
