"""The APIs: one per name, made of the routers of modules, with one guard around every operation.

A module offers `rest.py` with `router`, and where its API is called differently `API_NAME`; `VERSION` is the
full version of the contract. An operation that is not the caller's to see answers as if it did not exist.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any

import pydantic
import structlog
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.utils import check_csrf

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.registry import api as registry
from ocapi.lib import clock, codec
from ocapi.lib.actor import Actor, Capacity
from ocapi.lib.problem import BELGIF, Issue, Problem, bad_request
from ocapi.main import openapi, problems
from ocapi.modules.exchange import api as exchange
from ocapi.modules.exchange.data import TokenRefused

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
JSON = "application/json"
PATCHES = frozenset({JSON, "application/merge-patch+json"})
LARGEST_BODY = 1 << 20
KERNEL = ("audit",)
log = structlog.get_logger("rest")

Run = Callable[..., HttpResponse]


class StrictParser(Parser):
    """Reads bodies through the one door for outside input."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Decode the body within limits, each member once (RFC 7493); raises MalformedInput."""
        return codec.decode_unique(request.body, max_bytes=LARGEST_BODY)


class PlainRenderer(BaseRenderer):
    """Writes answers without null: what is absent is left out."""

    media_type = JSON

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Encode an answer."""
        return codec.encode_json(_without_null(data))


class GuardedApi(NinjaAPI):
    """An API whose every operation passes the guard and whose every failure becomes a problem."""

    def __init__(self, *, name: str, module: str, title: str, version: str) -> None:
        super().__init__(
            title=title, version=version, urls_namespace=f"api-{name}", openapi_url=None, docs_url=None,
            parser=StrictParser(), renderer=PlainRenderer(),
        )
        self.name = name
        self.module = module

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Answer a failure with a problem; one that nobody foresaw is logged with its trace."""
        problem = problems.of_failure(exc, api_name=self.name)
        if problem in problems.OUTAGES.values():
            log.warning("nothing can be kept", api=self.name, status=problem.status)
        elif problem.status >= 500:
            log.error("api failed", api=self.name, trace_id=getattr(request, "trace_id", ""), exc_info=exc)
        return problems.answer(request, problem)


def apis() -> Iterable[tuple[str, NinjaAPI]]:
    """Give every API with its name, in order of name."""
    found = [(name, "", importlib.import_module(f"ocapi.kernel.{name}.rest")) for name in KERNEL]
    for manifest in registry.list_manifests():
        place = f"ocapi.modules.{manifest.name}.rest"
        if importlib.util.find_spec(place) is not None:
            offered = importlib.import_module(place)
            found.append((getattr(offered, "API_NAME", manifest.name), manifest.name, offered))
    found.sort(key=lambda row: row[0])
    return [(name, _api(name, module, offered)) for name, module, offered in found]


def openapi_documents() -> dict[str, str]:
    """Give the OpenAPI 3.0.3 document of every API as YAML, by file name."""
    return {f"{name}.yaml": openapi.document(api, name=name) for name, api in apis()}


def _api(name: str, module: str, offered: Any) -> GuardedApi:
    router: Router = offered.router
    title = getattr(offered, "TITLE", name.capitalize())
    api = GuardedApi(name=name, module=module, title=title, version=getattr(offered, "VERSION", "1.0.0"))
    api.add_router("", router)
    for view in router.path_operations.values():
        for operation in view.operations:
            _refuse_unknown_members(operation)
    # ninja copies a router's operations when it makes the addresses; only decorators reach the copies.
    api.add_decorator(partial(_guarded, api=api), mode="view")
    api.add_router("", _own_pages(api))
    return api


def _own_pages(api: GuardedApi) -> Router:
    """Make what every API has: its document, and a problem for addresses that lead nowhere."""
    router = Router()

    @router.get("/doc/openapi.yaml", include_in_schema=False)
    def document(request: HttpRequest) -> HttpResponse:
        text = openapi.document(api, name=api.name)
        return HttpResponse(text, content_type="application/yaml; charset=utf-8")

    @router.api_operation(
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], "/{path:rest}", include_in_schema=False
    )
    def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
        return problems.answer(request, problems.NOT_FOUND)

    return router


def _guarded(run: Run, *, api: GuardedApi) -> Run:
    """Put the guard before an operation; `run` is the bound method of the operation it belongs to."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    if not operation.include_in_schema:
        return run
    query = _query_names(operation)

    @wraps(run)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        refusal = _refusal(request, operation, api, query)
        return refusal if refusal is not None else run(request, **values)

    return guarded


def _refusal(
    request: HttpRequest, operation: Operation, api: GuardedApi, query: frozenset[str]
) -> HttpResponse | None:
    """Check what holds for every operation, in the order of least knowledge given away."""
    answer = partial(problems.answer, request)
    if api.module and not registry.is_mounted(api.module):
        return answer(problems.NOT_FOUND)
    try:
        by_session = _identify(request)
    except TokenRefused as refused:
        return answer(problems.of_cause(refused.kind))
    if by_session and request.method not in SAFE and check_csrf(request) is not None:
        return answer(Problem(
            status=403, type=f"{BELGIF}missingPermission", title="Missing Permission",
            detail="send the CSRF token of this session",
        ))
    unknown = [name for name in request.GET if name not in query]
    if unknown:
        return answer(bad_request(
            Issue(kind="unknownInput", place="query", name=name, detail="this parameter is not known")
            for name in unknown
        ))
    return _unfit(request, operation, answer)


def _unfit(
    request: HttpRequest, operation: Operation, answer: Callable[[Problem], HttpResponse]
) -> HttpResponse | None:
    if not _is_acceptable(request, operation):
        return answer(_plain(406, "Not Acceptable", f"this answers {JSON}"))
    body = any(model.__ninja_param_source__ == "body" for model in operation.models)
    if body and int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        return answer(problems.TOO_LARGE)
    expected = PATCHES if request.method == "PATCH" else frozenset({JSON})
    if body and request.content_type not in expected:
        return answer(_plain(415, "Unsupported Media Type", f"send {' or '.join(sorted(expected))}"))
    return None


def _plain(status: int, title: str, detail: str) -> Problem:
    return Problem(status=status, type="about:blank", title=title, detail=detail)


def _is_acceptable(request: HttpRequest, operation: Operation) -> bool:
    answers_json = any(
        isinstance(model, type)
        for status, model in operation.response_models.items() if status in (200, 201, 202)
    )
    accepted = request.headers.get("Accept", "")
    return not answers_json or not accepted or request.accepts(JSON) or request.accepts(problems.MEDIA_TYPE)


def _identify(request: HttpRequest) -> bool:
    """Put `actor` and `now` on the request; tells whether a session says who it is. Raises TokenRefused."""
    if not hasattr(request, "now"):
        request.now = clock.now()  # type: ignore[attr-defined]
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind:
        if kind.lower() != "bearer":
            raise TokenRefused("invalidAccessToken")
        request.actor = exchange.actor_of_token(  # type: ignore[attr-defined]
            token=token.strip(), now=request.now, trace_id=getattr(request, "trace_id", "")  # type: ignore[attr-defined]
        )
        return False
    actor: Actor = getattr(request, "actor", None) or accounts.actor_of(request)
    request.actor = actor  # type: ignore[attr-defined]
    return actor.capacity is not Capacity.ANONYMOUS


def _query_names(operation: Operation) -> frozenset[str]:
    names: set[str] = set()
    for model in operation.models:
        if model.__ninja_param_source__ == "query":
            names |= set(getattr(model, "__ninja_flatten_map__", {}))
    return frozenset(names)


def _refuse_unknown_members(operation: Operation) -> None:
    """Make the body types of an operation refuse members they do not declare, inner types first."""
    for model in operation.models:
        if model.__ninja_param_source__ == "body":
            for inner in _reachable(model):
                inner.model_config["extra"] = "forbid"
                inner.model_rebuild(force=True)
            model.model_rebuild(force=True)


def _reachable(model: type[pydantic.BaseModel]) -> list[type[pydantic.BaseModel]]:
    found: list[type[pydantic.BaseModel]] = []

    def visit(kind: Any) -> None:
        for argument in getattr(kind, "__args__", ()):
            visit(argument)
        if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel) and kind not in found:
            for field in kind.model_fields.values():
                visit(field.annotation)
            found.append(kind)

    for field in model.model_fields.values():
        visit(field.annotation)
    return found


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(item) if isinstance(item, _NESTED) else item
                for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_null(item) for item in value]
    return value


_NESTED = (dict, list, tuple)


