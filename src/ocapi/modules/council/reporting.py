"""Tells the supervisor of publications: the notification of LBLOD, one per document.

Source: LBLOD documentation for vendors, automatic submission; Decreet Lokaal Bestuur, article 330.
Off until an operator says where to: `ocapi --tenant KEY council report-to`.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeAlias
from urllib.parse import urlsplit

from django.db import transaction

from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs.extensions import Outside
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import actor as actors
from ocapi.lib import codec, egress, ids
from ocapi.modules.council import published, queries, releasing
from ocapi.modules.council.data import DocumentKind, Refused, SubmissionState
from ocapi.modules.council.models import ReportingRow, SubmissionRow

CONTEXT = "https://lblod.data.gift/contexts/automatische-melding/v1/context.json"
SENT_STATUS = "http://lblod.data.gift/concepts/f6330856-e261-430f-b949-8e510d20d0ff"
KEY_CONTEXT = "council.reporting_key"
LIMITS = egress.Limits(connect_seconds=5.0, total_seconds=20.0, max_bytes=64 << 10)
REPORT = "council.report"
FIRST_ERROR, FIRST_SERVER_ERROR, TOO_MANY = 400, 500, 429

Send: TypeAlias = Callable[..., egress.Answer]


def report_to(*, endpoint: str, publisher: str, key: str, now: datetime) -> None:
    """Keep where to report; an empty endpoint switches it off. Raises Refused."""
    if not endpoint:
        ReportingRow.objects.all().delete()
        return
    parts = urlsplit(endpoint)
    problems = []
    if parts.scheme != "https" or not parts.hostname:
        problems.append(("endpoint", "notAnAddress"))
    if not publisher.startswith(("http://", "https://")):
        problems.append(("publisher", "notAnAddress"))
    if not key.strip():
        problems.append(("key", "missing"))
    if problems:
        raise Refused(*problems)
    sealed = tenants.encrypt(key.strip(), context=KEY_CONTEXT)
    with transaction.atomic():
        ReportingRow.objects.all().delete()
        ReportingRow.objects.create(
            uuid=ids.new_uuid(now), endpoint=endpoint, publisher=publisher, sealed_key=sealed
        )


def body(row: SubmissionRow, *, publisher: str, key: str) -> dict[str, object]:
    """Give the notification of a publication: the address of its page, never of an overview."""
    release = row.release
    made = releasing.draft(release.meeting, DocumentKind(release.kind), release.item, release.document)
    return {
        "@context": CONTEXT,
        "href": f"{made.names.base}{releasing.path_of(release)}",
        "organization": made.names.unit,
        "publisher": {"uri": publisher, "key": key},
        "status": SENT_STATUS,
        "submittedResource": published.submitted_resource(made),
    }


def report(*, now: datetime, send: Send = egress.send) -> Outside | None:
    """Give the report of what waits longest, None when nothing does; what does not come through waits on."""
    target = ReportingRow.objects.order_by("id").first()
    row = next(iter(queries.waiting_submissions(limit=1)), None)
    if target is None or row is None:
        return None
    audit.consulted(  # what is reported is public, what it is made of names people
        actor=actors.system(REPORT),
        operation="council.read",
        about=(),
        fields=("documents", "decisions"),
        resource=f"release/{row.release.uuid}",
        now=now,
        legal_basis="legalObligation",
    )
    key = tenants.decrypt(bytes(target.sealed_key), context=KEY_CONTEXT)
    parts = urlsplit(target.endpoint)
    allowed = egress.AllowedDestinations(
        destinations=(egress.Destination(host=parts.hostname or "", ports=frozenset({parts.port or 443})),)
    )
    ask = partial(
        send,
        method="POST",
        url=target.endpoint,
        headers={"Content-Type": "application/json"},
        body=codec.encode_json(body(row, publisher=target.publisher, key=key)),
        allowed=allowed,
        limits=LIMITS,
    )
    return Outside(ask=ask, settle=partial(_settle, row))


def _settle(row: SubmissionRow, answer: Callable[[], egress.Answer], *, now: datetime) -> None:
    """Note what came of a report; when the endpoint dealt with it the next one follows at once."""
    try:
        given = answer()
    except (egress.EgressFailed, egress.DestinationRefused) as failure:
        _note(row, SubmissionState.WAITING, str(failure), now=now)
        return
    if given.status >= FIRST_SERVER_ERROR or given.status == TOO_MANY:
        _note(row, SubmissionState.WAITING, f"answer {given.status}", now=now)
        return
    _answered(row, given, now=now)
    jobs.enqueue(job=REPORT, arguments={}, due_at=now, key="recurring")


def _answered(row: SubmissionRow, answer: egress.Answer, *, now: datetime) -> None:
    if answer.status >= FIRST_ERROR:
        _note(row, SubmissionState.REFUSED, f"answer {answer.status}", now=now)
        return
    try:
        told = codec.decode_untyped(answer.body)
    except codec.MalformedInput:
        told = {}
    submission = told.get("submission", "") if isinstance(told, dict) else ""
    job = told.get("job", "") if isinstance(told, dict) else ""
    SubmissionRow.objects.filter(id=row.id).update(
        state=SubmissionState.SENT.value,
        submission=str(submission)[:500],
        job=str(job)[:500],
        problem="",
        changed_at=now,
    )


def _note(row: SubmissionRow, state: SubmissionState, problem: str, *, now: datetime) -> None:
    SubmissionRow.objects.filter(id=row.id).update(state=state.value, problem=problem[:200], changed_at=now)
