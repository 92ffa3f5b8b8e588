"""Subscriptions over HTTP (GS CIM 009 clauses 6.10, 6.11): each application has its own sees no others."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane.context import querying, showing, subscriptions
from ocapi.dataplane.context.attributes import moment
from ocapi.dataplane.context.door import Call, Door, answer, done
from ocapi.dataplane.context.entities import READ, an_object
from ocapi.dataplane.context.errors import Refusal, bad, missing
from ocapi.dataplane.context.notifying import Notifiers
from ocapi.dataplane.context.store import SUBSCRIPTION, document_change, removal
from ocapi.dataplane.context.vocabulary import is_uri
from ocapi.lib import ids

MANAGE = "capture:subscriptions:manage"
BASE = "/ngsi-ld/v1/subscriptions"
MOST = 2_000  # of one organization
NULL = "urn:ngsi-ld:null"


class Subscribing:
    """The endpoints of subscriptions."""

    def __init__(self, notifiers: Notifiers) -> None:
        self._notifiers = notifiers

    def routes(self, door: Door) -> list[Route]:
        """Give the routes of this part."""
        one = f"{BASE}/{{id}}"
        made: tuple[tuple[str, str, Callable[[Call], Any]], ...] = (
            (BASE, "GET", self.list_own),
            (BASE, "POST", self.create),
            (one, "GET", self.retrieve),
            (one, "PATCH", self.update),
            (one, "DELETE", self.delete),
        )
        return [
            Route(path, door.at(MANAGE, handler, writes=method != "GET"), methods=[method])
            for path, method, handler in made
        ]

    async def create(self, call: Call) -> Response:
        """Make a subscription; its receiver must be one the organization approved."""
        call.parameters(frozenset())
        if READ not in call.caller.scopes:
            raise Refusal("", f"scope {READ} is needed too", status=403, title="Forbidden")
        body = dict(an_object(await call.body()))
        name = body.pop("id", None) or f"urn:ngsi-ld:Subscription:{ids.new_uuid(call.moment)}"
        if not is_uri(name):
            raise bad("id: give a URI")
        if call.store.newest(SUBSCRIPTION, name) is not None:
            raise Refusal("AlreadyExists", "there is a subscription of that id")
        if len(call.store.documents(SUBSCRIPTION)) >= MOST:
            raise bad(f"at most {MOST} subscriptions are kept")
        document = self._document(call, body)
        self._checked(call, name, document)
        await call.store.commit([document_change(SUBSCRIPTION, name, None, document)])
        return done(call, status=201, location=f"{BASE}/{quote(name, safe=':')}")

    async def list_own(self, call: Call) -> Response:
        """List the subscriptions of the caller."""
        given = call.parameters(showing.PAGES | {"options"})
        showing.options(given, frozenset({"sysAttrs"}))
        limit, offset, is_counted = querying.window(given)
        held = [
            (name, each)
            for name, each in call.store.documents(SUBSCRIPTION).items()
            if each["client"] == call.caller.client_id
        ]
        if is_counted:
            call.headers["NGSILD-Results-Count"] = str(len(held))
        links = showing.neighbors(
            call, given, limit=limit, offset=offset, has_more=len(held) > offset + limit
        )
        found = [self._shown(call, name, each, given) for name, each in held[offset : offset + limit]]
        return answer(call, found, links=links)

    async def retrieve(self, call: Call) -> Response:
        """Give one subscription with what came of its notifications."""
        given = call.parameters(frozenset({"options"}))
        showing.options(given, frozenset({"sysAttrs"}))
        name, document = self._own(call)
        return answer(call, self._shown(call, name, document, given))

    async def update(self, call: Call) -> Response:
        """Change members of a subscription; the null URI takes one away."""
        call.parameters(frozenset())
        fragment = an_object(await call.body())
        name, old = self._own(call)
        if fragment.get("id", name) != name or fragment.get("type", "Subscription") != "Subscription":
            raise bad("id and type of a subscription do not change")
        body = {**old["body"]}
        for member, each in fragment.items():
            if member in ("id", "@context"):
                continue
            if each == NULL or each is None:
                body.pop(member, None)
            elif isinstance(each, dict) and isinstance(body.get(member), dict):
                body[member] = {**body[member], **each}
            else:
                body[member] = each
        changed = {**old, "body": body, "modifiedAt": call.now}
        if call.is_linked or "link" in call.request.headers:
            changed["context"] = list(call.terms.sources)
        self._checked(call, name, changed)
        await call.store.commit([document_change(SUBSCRIPTION, name, old, changed)])
        return done(call)

    async def delete(self, call: Call) -> Response:
        """End a subscription."""
        call.parameters(frozenset())
        name, document = self._own(call)
        await call.store.commit([removal(SUBSCRIPTION, name, document, now=call.now)])
        return done(call)

    def _document(self, call: Call, body: dict[str, Any]) -> dict[str, Any]:
        kept = {name: each for name, each in body.items() if name not in ("@context", "status")}
        sources = list(call.terms.sources)
        if "jsonldContext" in body:
            sources = [body["jsonldContext"]]
        return {
            "body": kept,
            "context": sources,
            "client": call.caller.client_id,
            "createdAt": call.now,
            "modifiedAt": call.now,
        }

    def _checked(self, call: Call, name: str, document: dict[str, Any]) -> None:
        found = subscriptions.compiled(document, name=name, store=call.store)
        subscriptions.require_approved(found.address, call.caller.part)
        if found.expires_at and found.expires_at <= call.now:
            raise bad("expiresAt: lies in the past")

    def _own(self, call: Call) -> tuple[str, dict[str, Any]]:
        name = call.path("id")
        document = call.store.newest(SUBSCRIPTION, name)
        if document is None or document["client"] != call.caller.client_id:
            raise missing("you have no subscription of that id")
        return name, document

    def _shown(
        self, call: Call, name: str, document: dict[str, Any], given: dict[str, str]
    ) -> dict[str, Any]:
        body = document["body"]
        counts = self._notifiers.counts(call.caller.part.tenant.key, name)
        status = "active" if body.get("isActive", True) else "paused"
        if "expiresAt" in body and moment(body["expiresAt"], "expiresAt") <= call.now:
            status = "expired"
        shown = {"id": name, **body, "status": status, "notification": {**body["notification"], **counts}}
        if "sysAttrs" in given.get("options", ""):
            shown |= {"createdAt": document["createdAt"], "modifiedAt": document["modifiedAt"]}
        return shown
