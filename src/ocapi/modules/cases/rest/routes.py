"""Operations of the API; each makes one call of the door and writes its answer down."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Subject
from ocapi.lib.problem import InputRefused, Issue, revision_of
from ocapi.modules.cases import api, data
from ocapi.modules.cases.data import AnsweredFact, CaseDetail, CaseSummary, WorklistFilter
from ocapi.modules.cases.rest import bodies

router = Router(tags=["Cases"])
MAX_KEY = 200


@router.get(
    "/cases", response=bodies.Cases, operation_id="listCases",
    summary="Cases, the nearest term first", by_alias=True,
    openapi_extra={"x-ocapi-operation": "cases.worklist"},
)
def list_cases(
    request: HttpRequest,
    cursor: str = "",
    page_size: int = Query(20, alias="pageSize", ge=1, le=100),
    status: list[str] = Query([]),
    case_type: list[str] = Query([], alias="caseType"),
    assignee: UUID | None = None,
    overdue: bool = False,
    reference: str = Query("", max_length=30),
    sort: str = "dueOn",
) -> bodies.Cases:
    """Give a page of cases; filters are joined by AND, repeated values of one filter by OR."""
    page = api.list_worklist(
        filter=WorklistFilter(
            status=tuple(status),
            case_type=tuple(case_type),
            assignee=assignee,
            overdue=overdue,
            q=_only_reference(reference),
            sort=sort,
        ),
        cursor=cursor,
        page_size=page_size,
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
    )
    base = request.build_absolute_uri(request.path)
    return bodies.Cases(
        self=request.build_absolute_uri(), items=[_item(each, f"{base}/{each.uuid}") for each in page.items],
        page_size=page.page_size, next=_page_link(request, page.next_cursor),
        prev=_page_link(request, page.previous_cursor),
    )


@router.post(
    "/cases", response={201: bodies.Case}, operation_id="createCase",
    summary="File a whole case", by_alias=True,
    openapi_extra={"x-ocapi-operation": "cases.create"},
)
def create_case(
    request: HttpRequest, response: HttpResponse, body: bodies.NewCase,
    idempotency_key: str = Header("", alias="Idempotency-Key", max_length=MAX_KEY),
) -> tuple[int, bodies.Case]:
    """File a case with its parties, answers and files: all or nothing; the same key gives the same case."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        made = api.create(
            case_type=body.case_type, applicant=Subject(kind=body.applicant.kind, uuid=body.applicant.id),
            applicant_name=body.applicant.name, service=body.service, channel=body.channel,
            answers=tuple(AnsweredFact(**each.model_dump()) for each in body.answers),
            attachments=tuple(body.attachments), actor=actor, now=now, idempotency_key=idempotency_key,
            address_form=getattr(request, "address_form", "informal"),
        )
    except data.CaseTypeNotFound as unknown:
        raise _unknown_reference("$.caseType") from unknown
    except data.AttachmentNotFound as unknown:
        raise _unknown_reference("$.attachments") from unknown
    href = f"{request.build_absolute_uri(request.path)}/{made.uuid}"
    response["Location"], response["ETag"] = href, made.etag
    # what was just filed is given back to who filed it, who need not hold the scope to read cases
    return 201, _filed(made, body, href)


@router.get(
    "/cases/{uuid:case_id}", response=bodies.Case, operation_id="getCase",
    summary="One case", by_alias=True,
    openapi_extra={"x-ocapi-operation": "cases.read"},
)
def get_case(request: HttpRequest, response: HttpResponse, case_id: UUID) -> bodies.Case:
    """Give a case with all it holds, and its version in ETag."""
    found = api.get_case(case=case_id, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    response["ETag"] = found.etag
    return _whole(found, request.build_absolute_uri(request.path))


@router.patch(
    "/cases/{uuid:case_id}", response=bodies.Item, operation_id="updateCase",
    summary="Assign a case", by_alias=True,
    openapi_extra={"x-ocapi-operation": "cases.assign"},
)
def update_case(
    request: HttpRequest, response: HttpResponse, case_id: UUID, body: bodies.CasePatch,
    if_match: str = Header("", alias="If-Match"),
) -> bodies.Item:
    """Change the handler of the version named in If-Match (RFC 7386 merge patch)."""
    revision = revision_of(if_match)
    if "assignee" not in body.model_fields_set:
        raise InputRefused(
            (Issue(kind="schemaViolation", place="body", name="$", detail="nothing to change"),)
        )
    made = api.assign(
        case=case_id, to=body.assignee, actor=request.actor, now=request.now, revision=revision)  # type: ignore[attr-defined]
    response["ETag"] = made.etag
    return _item(made, request.build_absolute_uri(request.path))


@router.post(
    "/cases/{uuid:case_id}/decisions", response={201: bodies.Item}, operation_id="decideCase",
    summary="Decide a case", by_alias=True, openapi_extra={"x-ocapi-operation": "cases.decide"},
)
def decide_case(
    request: HttpRequest, response: HttpResponse, case_id: UUID, body: bodies.NewDecision,
    if_match: str = Header("", alias="If-Match"),
    idempotency_key: str = Header("", alias="Idempotency-Key", max_length=MAX_KEY),
) -> tuple[int, bodies.Item]:
    """Record the decision on the version named in If-Match, and send the letter."""
    made = api.decide(
        case=case_id, outcome=body.outcome, motivation=body.motivation, revision=revision_of(if_match),
        idempotency_key=idempotency_key, actor=request.actor, now=request.now,  # type: ignore[attr-defined]
    )
    href = request.build_absolute_uri(request.path).removesuffix("/decisions")
    response["Location"], response["ETag"] = href, made.etag
    return 201, _item(made, href)


@router.get(
    "/refData/caseStatuses", response=bodies.CaseStatuses, operation_id="listCaseStatuses",
    summary="Statuses a case can have", by_alias=True,
    openapi_extra={"x-ocapi-operation": "cases.read_code_lists"},
)
def list_case_statuses(request: HttpRequest) -> bodies.CaseStatuses:
    """Give the code list of statuses of all current case types."""
    access.require(request.actor, "cases.read_code_lists")  # type: ignore[attr-defined]
    return bodies.CaseStatuses(
        self=request.build_absolute_uri(),
        items=[bodies.CaseStatus(code=each.code, label={"nl": each.label}) for each in api.list_statuses()],
    )


def _only_reference(text: str) -> str:
    """Refuse what can't be a case reference: names are searched for in bodies only (conventions.md 3.11)."""
    if text and not any(each.isdigit() for each in text):
        raise data.InvalidParameter("reference", allowed="a case reference, or a part of one with digits")
    return text


def _page_link(request: HttpRequest, cursor: str) -> str | None:
    if not cursor:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _unknown_reference(name: str) -> InputRefused:
    return InputRefused((Issue(kind="referencedResourceNotFound", place="body", name=name),))


def _item(case: CaseSummary, href: str) -> bodies.Item:
    return bodies.Item(
        href=href, id=case.uuid, reference=case.reference, title=case.title, case_type=case.case_type,
        status=case.status, received_on=case.received_on, due_on=case.due_on, service=case.service or None,
        channel=case.channel, assignee=case.assignee, outcome=case.outcome or None, overdue=case.is_overdue,
    )


def _filed(case: CaseSummary, body: bodies.NewCase, href: str) -> bodies.Case:
    return bodies.Case(
        self=href,
        id=case.uuid,
        reference=case.reference,
        title=case.title,
        case_type=case.case_type,
        status=case.status,
        received_on=case.received_on,
        due_on=case.due_on,
        days_left=case.days_left,
        overdue=case.is_overdue,
        service=case.service or None,
        channel=case.channel,
        assignee=case.assignee,
        outcome=case.outcome or None,
        applicant=body.applicant,
        answers=body.answers,
        attachments=[],
        letters=[],
        history=[],
    )


def _whole(case: CaseDetail, href: str) -> bodies.Case:
    decision = case.decision
    return bodies.Case(
        self=href,
        id=case.uuid,
        reference=case.reference,
        title=case.title,
        case_type=case.case_type,
        status=case.status,
        received_on=case.received_on,
        due_on=case.due_on,
        days_left=case.days_left,
        overdue=case.is_overdue,
        service=case.service or None,
        channel=case.channel,
        assignee=case.assignee,
        outcome=case.outcome or None,
        applicant=bodies.Applicant(kind=case.applicant_kind, id=case.applicant, name=case.applicant_name),
        answers=[
            bodies.Answer(
                section=each.section, field=each.field, label=each.label, value=each.value, source=each.source
            )
            for each in case.answers
        ],
        attachments=[
            bodies.Attachment(
                id=each.file, name=each.name, size_bytes=each.size_bytes, added_at=each.added_at
            )
            for each in case.attachments
        ],
        letters=[
            bodies.Letter(id=each.document, template=each.template, title=each.title, sent_at=each.sent_at)
            for each in case.documents
        ],
        history=[
            bodies.Event(action=each.action.value, status=each.status, at=each.at) for each in case.history
        ],
        decision=bodies.DecisionMade(
            outcome=decision.outcome, motivation=decision.motivation, decided_at=decision.decided_at
        )
        if decision
        else None,
    )
