"""Fills `linkeddata.report_desks`: a report of a wrong value is a case of who keeps the data."""

from datetime import datetime, timedelta

from ocapi.kernel.registry import api as registry
from ocapi.lib.actor import Actor
from ocapi.modules.cases import api
from ocapi.modules.cases.data import AnsweredFact
from ocapi.modules.linkeddata.data import ReportingNotFound, ReportReceipt, TooManyReports, ValueReport

CASE_TYPE = "onjuist-gegeven"
MOST_A_DAY = 20  # reports of one subject; our own bound: more than somebody checks with care


class ValueReports:
    """Makes a case of each report; the reporter follows it among their own cases."""

    name = "cases"

    def is_open(self) -> bool:
        """Tell whether the case type of reports is loaded here."""
        return api.has_case_type(code=CASE_TYPE)

    def receive(self, *, report: ValueReport, actor: Actor, now: datetime) -> ReportReceipt:
        """File the case with the report as its answers; the same report within 31 days is the same case."""
        if actor.subject is None:
            raise ReportingNotFound
        answers = _answers(report)
        recent = api.count_received(
            case_type=CASE_TYPE, applicant=actor.subject, since=now - timedelta(days=1)
        )
        if recent >= MOST_A_DAY:
            raise TooManyReports
        made = api.create(
            case_type=CASE_TYPE, applicant=actor.subject,
            applicant_name=actor.represents_name or actor.display_name, answers=answers, attachments=(),
            service="", channel="portal", actor=actor, now=now, idempotency_key=repr(answers),
            address_form=registry.setting("organization.address_form"),
        )
        return ReportReceipt(reference=made.reference, uuid=made.uuid)


def _answers(report: ValueReport) -> tuple[AnsweredFact, ...]:
    said = (
        ("object", "Object", report.title),
        ("iri", "Naam op het web", report.iri),
        ("service", "Datadienst", report.service),
        ("version", "Versie", str(report.version)),
        ("property", "Eigenschap", report.label),
        ("property_iri", "Eigenschap op het web", report.property),
        ("value", "Waarde nu", report.value or "(leeg)"),
        ("proposed", "Juiste waarde volgens de melder", report.proposed or "(weet de melder niet)"),
        ("explanation", "Hoe de melder dat weet", report.explanation),
    )
    return tuple(
        AnsweredFact(section="report", field=code, label=label, value=value) for code, label, value in said
    )
