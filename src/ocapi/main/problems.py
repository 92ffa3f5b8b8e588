"""From any failure in an API to problem+json: one table; no trace, host, file or personal value in it."""

import re
from http import HTTPStatus
from uuid import UUID

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.access.extensions import operations
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Replaced
from ocapi.lib import clock, codec, ids
from ocapi.lib.problem import BELGIF, INPUT, OCAPI, CarriesProblem, Issue, Problem, bad_request

MEDIA_TYPE = "application/problem+json"
REALM = 'Bearer realm="ocapi"'
NOT_FOUND = Problem(
    status=404, type=f"{BELGIF}resourceNotFound", title="Resource not found", detail="no such resource"
)
TOO_LARGE = Problem(
    status=413, type=f"{BELGIF}payloadTooLarge", title="Payload Too Large", detail="the body is too large"
)
SERVER_ERROR = Problem(
    status=500, type=f"{BELGIF}internalServerError", title="Internal Server Error",
    detail="something went wrong on our side; the instance leads support to it",
)
OUTAGES = {
    tenants.Outage.FULL: Problem(
        status=507, type=f"{OCAPI}api:storageFull", title="Insufficient Storage",
        detail="there is no room to keep anything; nothing was changed", headers=(("Retry-After", "60"),),
    ),
    tenants.Outage.AWAY: Problem(
        status=503, type=f"{BELGIF}serviceUnavailable", title="Service Unavailable",
        detail="the database did not answer; send it again with the same Idempotency-Key",
        headers=(("Retry-After", "5"),),
    ),
}
CONFLICTS = re.compile(r"^Invalid(Transition|State)$|(Taken|Conflict|Exists|Incomplete|Closed|Ended)$")
log = structlog.get_logger("rest")


def of_failure(failure: Exception, *, api_name: str) -> Problem:
    """Give the problem of a failure; what nobody foresaw is a 500."""
    if isinstance(failure, CarriesProblem):
        return failure.problem
    if isinstance(failure, NotAllowed):
        return _refusal(failure)
    if isinstance(failure, Replaced):
        return _replaced(failure)
    if isinstance(failure, ValidationError):
        return bad_request(_issue_of(error) for error in failure.errors)
    if isinstance(failure, codec.MalformedInput):
        return _malformed(failure)
    if isinstance(failure, RequestDataTooBig):
        return TOO_LARGE
    if isinstance(failure, HttpError):
        if isinstance(failure.__cause__, codec.MalformedInput):  # ninja hides why it can't read a body
            return _malformed(failure.__cause__)
        return _of_status(failure.status_code, str(failure))
    if isinstance(failure, SuspiciousOperation):
        return bad_request(())
    outage = tenants.outage_of(failure)
    return OUTAGES[outage] if outage else _by_name(failure, api_name)


def of_cause(cause: object) -> Problem:
    """Give the 401 of a token that was refused. cause: `expiredAccessToken` or `invalidAccessToken`."""
    kind = str(cause)
    title = "Expired Access Token" if kind == "expiredAccessToken" else "Invalid Access Token"
    return Problem(
        status=401, type=f"{BELGIF}{kind}", title=title, detail="ask for a new access token",
        headers=(("WWW-Authenticate", f'{REALM}, error="invalid_token"'),),
    )


def _replaced(failure: Replaced) -> Problem:
    heir = failure.succession
    return Problem(
        status=410, type=f"{OCAPI}organization:replaced", title="Replaced",
        detail=f"{heir.new_base_iri} took the place of this organization on {heir.on.isoformat()}; "
               "it can only be read",
    )


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer with a problem; its instance is in the log, and a 404 has none so that all of them are alike."""
    body: dict[str, object] = {"type": problem.type, "title": problem.title, "status": problem.status}
    if problem.detail:
        body["detail"] = problem.detail
    if problem.status != HTTPStatus.NOT_FOUND:
        body["instance"] = f"urn:uuid:{_instance(request, problem)}"
    if problem.scopes:
        body["requiredScopes"] = list(problem.scopes)
    if problem.issues:
        body["issues"] = [_written(issue) for issue in problem.issues]
    response = HttpResponse(codec.encode_json(body), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers:
        response[name] = value
    response["Cache-Control"] = "private, no-store"
    return response


def _instance(request: HttpRequest, problem: Problem) -> UUID:
    trace_id = str(getattr(request, "trace_id", ""))
    try:
        return UUID(trace_id)
    except ValueError:
        made = ids.new_uuid(clock.now())
        log.info("problem", instance=str(made), trace_id=trace_id, status=problem.status, type=problem.type)
        return made


def _written(issue: Issue) -> dict[str, str]:
    known = issue.kind if issue.kind.startswith("urn:") else f"{INPUT}{issue.kind}"
    found = {"type": known, "title": issue.title or _title(issue.kind), "detail": issue.detail,
             "in": issue.place, "name": issue.name}
    return {member: text for member, text in found.items() if text}


def _title(kind: str) -> str:
    words = re.sub(r"(?<!^)([A-Z])", r" \1", kind.rpartition(":")[2]).lower()
    return words[:1].upper() + words[1:]


def _refusal(refused: NotAllowed) -> Problem:
    if refused.reason is Reason.SIGN_IN_NEEDED:
        return Problem(
            status=401, type=f"{BELGIF}noAccessToken", title="No Access Token",
            detail="send a bearer token, or sign in", headers=(("WWW-Authenticate", REALM),),
        )
    if refused.reason is Reason.HIDDEN:
        return NOT_FOUND
    if refused.reason is Reason.SCOPE_MISSING:
        row = operations.find(refused.operation)
        return Problem(
            status=403, type=f"{BELGIF}missingScope", title="Missing Scope",
            detail="the access token lacks a scope", scopes=(row.scope,) if row and row.scope else (),
        )
    detail = "sign in again" if refused.reason is Reason.RISK_TOO_HIGH else "not permitted"
    if refused.reason is Reason.ASSURANCE_TOO_LOW:
        detail = f"sign in with assurance {access.least_assurance(refused.operation).name.lower()} or higher"
    return Problem(status=403, type=f"{BELGIF}missingPermission", title="Missing Permission", detail=detail)


def _issue_of(error: dict[str, object]) -> Issue:
    """Describe a pydantic error without its value. loc: place, name of the argument, then members."""
    location = error.get("loc")
    parts = list(location) if isinstance(location, list | tuple) else []
    place = str(parts[0]) if parts else "body"
    unknown = error.get("type") == "extra_forbidden"
    is_body = place not in ("path", "query", "header")
    return Issue(
        kind="unknownInput" if unknown else "schemaViolation",
        place="body" if is_body else place,
        name=_json_path(parts[2:]) if is_body else ".".join(map(str, parts[1:])),
        detail="this member is not known" if unknown else str(error.get("msg", ""))[:200],
    )


def _json_path(parts: list[object]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _malformed(failure: codec.MalformedInput) -> Problem:
    if failure.reason is codec.Reason.TOO_LARGE:
        return TOO_LARGE
    kind = "unknownInput" if failure.reason is codec.Reason.UNKNOWN_MEMBER else "schemaViolation"
    return bad_request((Issue(kind=kind, place="body", name=failure.path, detail=failure.detail),))


def _of_status(status: int, detail: str) -> Problem:
    if status == HTTPStatus.NOT_FOUND:
        return NOT_FOUND
    if status == HTTPStatus.BAD_REQUEST:
        return bad_request((Issue(kind="schemaViolation", place="body", name="$", detail="not readable"),))
    return Problem(status=status, type=f"{OCAPI}api:refused", title=HTTPStatus(status).phrase, detail=detail)


def _by_name(failure: Exception, api_name: str) -> Problem:
    """Judge an exception of a module by the convention of its name: it states the fact."""
    name = type(failure).__name__
    kind = f"{OCAPI}{api_name}:{name[:1].lower()}{name[1:]}"
    if isinstance(failure, Http404) or (isinstance(failure, LookupError) and name.endswith("NotFound")):
        return NOT_FOUND
    if not type(failure).__module__.startswith("ocapi."):
        return SERVER_ERROR
    if name.endswith("Changed"):
        return Problem(status=412, type=kind, title=_title(name), detail="it was changed in the meantime")
    if CONFLICTS.search(name):
        detail = "its present state does not allow this"
        return Problem(status=409, type=kind, title=_title(name), detail=detail)
    if name == "InvalidCursor":
        said = "not a cursor of this list; follow `next` of the page before"
        return bad_request((Issue(kind="invalidInput", place="query", name="cursor", detail=said),))
    if isinstance(failure, ValueError | LookupError):
        issue = Issue(kind="invalidInput", place="body", name="$", detail=_title(name))
        return bad_request((issue,))
    return SERVER_ERROR
