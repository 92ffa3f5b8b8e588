"""REST API of public services by the BelGIF guide: public reads with entity tags and cache headers."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from ninja import Router

from ocapi.kernel.access import api as access
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.modules.services import api
from ocapi.modules.services.data import PublicService, ServiceNotFound, ServiceSummary

router = Router(tags=["Services"])

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
CACHE_SECONDS = 60
NOT_FOUND = "urn:problem-type:belgif:resourceNotFound"
BAD_REQUEST = "urn:problem-type:belgif:badRequest"
UNKNOWN_INPUT = "urn:problem-type:belgif:input-validation:unknownInput"
INVALID_INPUT = "urn:problem-type:belgif:input-validation:invalidInput"

Json = dict[str, object]


@router.get("/services", operation_id="listServices", summary="Public services of the organization")
def list_services(request: HttpRequest) -> HttpResponse:
    """Give public services by code; filter `domain`, paging by `cursor` and `pageSize`."""
    access.require(request.actor, "services.read")  # type: ignore[attr-defined]
    problem = _unknown(request, ("domain", "cursor", "pageSize"))
    if problem is not None:
        return problem
    size = request.GET.get("pageSize", str(PAGE_SIZE))
    if not size.isdecimal() or not 1 <= int(size) <= MAX_PAGE_SIZE:
        return _refused(INVALID_INPUT, "pageSize", f"a whole number from 1 to {MAX_PAGE_SIZE}")
    page_size = int(size)
    found = api.page_of_services(
        address_form=request.address_form,
        domain=request.GET.get("domain", ""),  # type: ignore[attr-defined]
        after=request.GET.get("cursor", ""),
        limit=page_size + 1,
    )
    shown = found[:page_size]
    body: Json = {
        "self": request.build_absolute_uri(),
        "pageSize": page_size,
        "items": [_item(request, each) for each in shown],
    }
    if len(found) > page_size:
        query = request.GET.copy()
        query["cursor"] = shown[-1].code
        body["next"] = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return _answer(request, body, tags=("services",))


@router.get("/services/{code}", operation_id="getService", summary="One public service")
def get_service(request: HttpRequest, code: str) -> HttpResponse:
    """Give a public service whole, in the organization's address form."""
    access.require(request.actor, "services.read")  # type: ignore[attr-defined]
    problem = _unknown(request, ())
    if problem is not None:
        return problem
    try:
        service = api.get_service(code=code, address_form=request.address_form)  # type: ignore[attr-defined]
    except ServiceNotFound:
        return _problem(HTTPStatus.NOT_FOUND, NOT_FOUND, "No such public service")
    return _answer(request, _whole(request, service), tags=("services", f"service-{code}"))


@router.get("/refData/domains", operation_id="listDomains", summary="Domains that services are grouped by")
def list_domains(request: HttpRequest) -> HttpResponse:
    """Give the code list of domains."""
    access.require(request.actor, "services.read")  # type: ignore[attr-defined]
    problem = _unknown(request, ())
    if problem is not None:
        return problem
    items = [{"code": d.code, "title": {"nl": d.title_nl, "en": d.title_en}} for d in api.list_domains()]
    return _answer(request, {"self": request.build_absolute_uri(), "items": items}, tags=("domains",))


def _item(request: HttpRequest, service: ServiceSummary) -> Json:
    base = request.build_absolute_uri(request.path).rstrip("/")
    return {
        "href": f"{base}/{service.code}",
        "id": service.code,
        "title": service.title,
        "summary": service.summary,
        "domain": service.domain,
        "topTask": service.top_task,
        "uri": f"{tenants.current().base_iri}/id/dienst/{service.uuid}",
    }


def _whole(request: HttpRequest, service: PublicService) -> Json:
    cost: Json = {"free": service.cost.is_free, "description": service.cost.text}
    if service.cost.amount_cents is not None:
        euros, cents = divmod(service.cost.amount_cents, 100)
        cost["amount"] = {"value": f"{euros}.{cents:02}", "currency": "EUR"}
    body: Json = {
        "self": request.build_absolute_uri(),
        "id": service.code,
        "version": service.version,
        "uri": f"{tenants.current().base_iri}/id/dienst/{service.uuid}",
        "title": service.title,
        "summary": service.summary,
        "description": service.description,
        "domain": service.domain,
        "type": service.type,
        "targetAudiences": service.target_audiences,
        "themes": service.themes,
        "topTask": service.top_task,
        "requirements": [{"title": t.title, "description": t.text} for t in service.for_whom],
        "exceptions": service.exceptions,
        "procedure": [{"title": t.title, "description": t.text} for t in service.procedure],
        "evidence": [{"title": t.title, "description": t.text} for t in service.bring],
        "cost": cost,
        "contactPoint": {"unit": service.contact.unit, "description": service.contact.text},
        "minimumAssurance": service.minimum_assurance,
        "keywords": service.keywords,
        "legalResources": [
            {"title": t.title, **({"url": t.url} if t.url else {})} for t in service.legal_resources
        ],
    }
    if service.term is not None:
        body["term"] = {
            "days": service.term.days,
            "legal": service.term.is_legal,
            "description": service.term.text,
        }
    for name, value in (
        ("lifeEvent", service.life_event),
        ("form", service.form),
        ("caseType", service.case_type),
    ):
        if value:
            body[name] = value
    return body


def _answer(request: HttpRequest, body: Json, *, tags: tuple[str, ...]) -> HttpResponse:
    content = codec.encode_json(body)
    entity_tag = api.entity_tag(content)
    asked = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    is_known = entity_tag in asked or "*" in asked
    response = HttpResponse(
        b"" if is_known else content,
        content_type="application/json",
        status=HTTPStatus.NOT_MODIFIED if is_known else HTTPStatus.OK,
    )
    response["ETag"] = entity_tag
    response["Cache-Control"] = f"public, s-maxage={CACHE_SECONDS}, max-age=0, must-revalidate"
    response["Ocapi-Cache-Tags"] = ",".join(tags)
    response["Content-Language"] = "nl-BE"
    return response


def _unknown(request: HttpRequest, known: tuple[str, ...]) -> HttpResponse | None:
    names = [name for name in request.GET if name not in known]
    return _refused(UNKNOWN_INPUT, names[0], f"known: {', '.join(known) or 'none'}") if names else None


def _refused(kind: str, name: str, detail: str) -> HttpResponse:
    issue = {"type": kind, "in": "query", "name": name, "title": "Input refused", "detail": detail}
    return _problem(HTTPStatus.BAD_REQUEST, BAD_REQUEST, "Bad request", issues=[issue])


def _problem(status: HTTPStatus, kind: str, title: str, **members: object) -> HttpResponse:
    body: Json = {"type": kind, "title": title, "status": int(status), **members}
    return HttpResponse(codec.encode_json(body), status=int(status), content_type="application/problem+json")
