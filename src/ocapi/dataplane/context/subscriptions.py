"""A subscription: what it wants to be told of, and in which form (ETSI GS CIM 009 clause 5.2.12)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ocapi.dataplane.context import contexts, querying
from ocapi.dataplane.context.attributes import moment
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import Refusal, bad
from ocapi.dataplane.context.rendering import CONCISE, NORMALIZED, SIMPLIFIED, View
from ocapi.dataplane.context.store import Store
from ocapi.dataplane.context.vocabulary import Terms, is_uri
from ocapi.lib import egress
from ocapi.lib.snapshot import Receiver, TenantPart

TRIGGERS = frozenset(
    {
        "entityCreated",
        "entityUpdated",
        "entityDeleted",
        "attributeCreated",
        "attributeUpdated",
        "attributeDeleted",
    }
)
USUAL = frozenset({"attributeCreated", "attributeUpdated"})
FORMS = {"normalized": NORMALIZED, "concise": CONCISE, "keyValues": SIMPLIFIED, "simplified": SIMPLIFIED}
MEMBERS = frozenset(
    {
        "id",
        "type",
        "subscriptionName",
        "description",
        "entities",
        "watchedAttributes",
        "notificationTrigger",
        "timeInterval",
        "q",
        "geoQ",
        "scopeQ",
        "csf",
        "isActive",
        "notification",
        "expiresAt",
        "throttling",
        "lang",
        "jsonldContext",
        "@context",
        "status",
        "datasetId",
        "createdAt",
        "modifiedAt",
        "localOnly",
    }
)
_NOTIFICATION = frozenset(
    {
        "attributes",
        "format",
        "endpoint",
        "sysAttrs",
        "pick",
        "omit",
        "showChanges",
        "onlyChanged",
        "status",
        "timesSent",
        "timesFailed",
        "lastNotification",
        "lastSuccess",
        "lastFailure",
        "join",
        "joinLevel",
    }
)
_ENDPOINT = frozenset({"uri", "accept", "receiverInfo", "notifierInfo", "timeout", "cooldown"})
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VALUE = re.compile(r"[\x20-\x7e]{0,1024}")
_OURS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "link", "te"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription ready for use. watched: IRIs, empty for all. Times in seconds, 0 for none."""

    id: str
    client: str
    query: querying.Query
    watched: frozenset[str]
    triggers: frozenset[str]
    view: View
    address: str
    accept: str
    headers: tuple[tuple[str, str], ...]
    is_paused: bool
    expires_at: str
    throttling_s: float
    interval_s: float
    timeout_s: float
    cooldown_s: float

    def wants(self, old: Entity | None, new: Entity | None, changed: Mapping[str, str]) -> bool:
        """Tell whether a change of an entity is to be told; changed: kind of trigger by attribute's IRI."""
        entity = new or old
        if entity is None or not self.query.fits(entity):
            return False
        happened = {kind for name, kind in changed.items() if not self.watched or name in self.watched}
        if happened and "entityUpdated" in self.triggers:
            return True
        if not self.watched:
            if old is None:
                happened.add("entityCreated")
            elif new is None:
                happened.add("entityDeleted")
        return bool(happened & self.triggers)


def changed_attributes(old: Entity | None, new: Entity | None) -> dict[str, str]:
    """Give which attributes a change made, changed or took away."""
    before = old.attributes if old else {}
    after = new.attributes if new else {}
    found = {name: "attributeDeleted" for name in before if name not in after}
    for name, held in after.items():
        if name not in before:
            found[name] = "attributeCreated"
        elif held != before[name]:
            found[name] = "attributeUpdated"
    return found


def compiled(document: Mapping[str, Any], *, name: str, store: Store) -> Subscription:
    """Read a subscription as it was sent; raises Refusal with what is wrong."""
    body: Mapping[str, Any] = document["body"]
    terms = contexts.terms_of(document["context"], store)
    if body.get("type") != "Subscription":
        raise bad('type: give "Subscription"')
    _known(body, MEMBERS, "")
    query = querying.from_body(body, terms)
    watched = _names(body, "watchedAttributes", terms)
    if "entities" not in body and not watched:
        raise bad("a subscription has entities or watchedAttributes")
    interval = _seconds(body.get("timeInterval", 0), "timeInterval")
    if interval and ("watchedAttributes" in body or "throttling" in body or "notificationTrigger" in body):
        raise bad("timeInterval does not go with watchedAttributes, throttling or notificationTrigger")
    notification = body.get("notification")
    if not isinstance(notification, dict) or not isinstance(notification.get("endpoint"), dict):
        raise bad("notification: give an object with an endpoint")
    _known(notification, _NOTIFICATION, "notification.")
    endpoint = notification["endpoint"]
    _known(endpoint, _ENDPOINT, "notification.endpoint.")
    expires = moment(body["expiresAt"], "expiresAt") if "expiresAt" in body else ""
    if not isinstance(body.get("isActive", True), bool):
        raise bad("isActive: true or false")
    return Subscription(
        id=name,
        client=document["client"],
        query=query,
        watched=watched,
        triggers=_triggers(body),
        view=_view(body, notification, terms),
        address=_address(endpoint),
        accept=_accept(endpoint),
        headers=_headers(endpoint),
        is_paused=not body.get("isActive", True),
        expires_at=expires,
        throttling_s=_seconds(body.get("throttling", 0), "throttling"),
        interval_s=interval,
        timeout_s=min(_seconds(endpoint.get("timeout", 5_000), "timeout") / 1000 or 5.0, 20.0),
        cooldown_s=_seconds(endpoint.get("cooldown", 60_000), "cooldown") / 1000,
    )


def approved(address: str, part: TenantPart) -> egress.AllowedDestinations:
    """Give the one destination the organization approved for an address; none when it approved none."""
    parts = urlsplit(address)
    port = parts.port or egress.DEFAULT_PORTS.get(parts.scheme, 443)
    wanted = Receiver(host=(parts.hostname or "").lower(), port=port)
    return egress.AllowedDestinations(
        destinations=tuple(
            egress.Destination(
                host=each.host,
                ports=frozenset({each.port}),
                internal=each.is_internal,
                plain=each.is_internal,
            )
            for each in part.receivers
            if (each.host, each.port) == (wanted.host, wanted.port)
        )
    )


def require_approved(address: str, part: TenantPart) -> None:
    """Refuse an address the organization did not approve; raises Refusal."""
    try:
        egress.check_url(address, approved(address, part))
    except egress.DestinationRefused as refusal:
        raise bad(
            f"notification.endpoint.uri: {refusal.reason.value}; the organization approves receivers first"
        ) from None


def _known(body: Mapping[str, Any], members: frozenset[str], place: str) -> None:
    unknown = sorted(set(body) - members)
    if unknown:
        raise bad(f"{place}{unknown[0][:80]}: no member of a subscription")
    for name in ("showChanges", "join", "joinLevel", "csf", "notifierInfo"):
        if body.get(name) not in (None, False, [], "none"):
            raise Refusal("OperationNotSupported", f"{place}{name} is not supported")


def _triggers(body: Mapping[str, Any]) -> frozenset[str]:
    if "notificationTrigger" not in body:
        return USUAL
    found = frozenset(querying.texts(body["notificationTrigger"], "notificationTrigger"))
    if found - TRIGGERS:
        raise bad(f"notificationTrigger: one or more of {', '.join(sorted(TRIGGERS))}")
    return found


def _names(body: Mapping[str, Any], member: str, terms: Terms) -> frozenset[str]:
    if member not in body:
        return frozenset()
    return frozenset(terms.expand(each) for each in querying.texts(body[member], member))


def _view(body: Mapping[str, Any], notification: Mapping[str, Any], terms: Terms) -> View:
    form = notification.get("format", "normalized")
    if form not in FORMS:
        raise bad("notification.format: normalized, concise, simplified or keyValues")
    pick, omit = (
        frozenset(querying.texts(notification[name], name)) if name in notification else frozenset()
        for name in ("pick", "omit")
    )
    return View(
        terms=terms,
        form=FORMS[form],
        with_system=notification.get("sysAttrs") is True,
        language=str(body.get("lang", "")),
        attributes=_names(notification, "attributes", terms),
        pick=pick,
        omit=omit,
    )


def _address(endpoint: Mapping[str, Any]) -> str:
    address = endpoint.get("uri")
    if not is_uri(address) or not isinstance(address, str):
        raise bad("notification.endpoint.uri: give an address")
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in ("http", "https") or parts.username or parts.fragment:
        raise bad("notification.endpoint.uri: give an https address; MQTT is not supported")
    return address


def _accept(endpoint: Mapping[str, Any]) -> str:
    found = endpoint.get("accept", "application/json")
    if found not in ("application/json", "application/ld+json"):
        raise bad("notification.endpoint.accept: application/json or application/ld+json")
    return str(found)


def _headers(endpoint: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    raw = endpoint.get("receiverInfo", [])
    if not isinstance(raw, list) or len(raw) > 20:
        raise bad("notification.endpoint.receiverInfo: give a list of key and value")
    found = []
    for each in raw:
        name, value = (each.get("key"), each.get("value")) if isinstance(each, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise bad("notification.endpoint.receiverInfo: give a list of key and value")
        if not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value) or name.lower() in _OURS:
            raise bad("notification.endpoint.receiverInfo: not a header a client may set")
        found.append((name, value))
    return tuple(found)


def _seconds(raw: object, name: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw < 1e9:
        raise bad(f"{name}: give a number from 0")
    return float(raw)
