"""Systems outside that processes may call: kept per organization, called through the one egress client."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlsplit

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs.extensions import Outside
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import egress, ids
from ocapi.lib.codec import MalformedInput
from ocapi.lib.feel import as_json
from ocapi.lib.feel.natives import NotAValue
from ocapi.modules.processes import data
from ocapi.modules.processes.extensions import ConnectorFailed
from ocapi.modules.processes.models import ConnectionRow

SECRETS = "processes.connection"
TEST = "processes.test_connection"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
MAX_CONNECTIONS = 200
_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,59}")
_OURS = frozenset({"idempotency-key", "content-type", "content-length", "host", "accept", "cookie",
                   "transfer-encoding", "connection"})
_LARGEST = 256 << 10  # bytes of an answer


def listed() -> tuple[data.Connection, ...]:
    """Give every connection, by code."""
    rows = ConnectionRow.objects.defer("secret").order_by("code")[:MAX_CONNECTIONS]
    return tuple(told(row) for row in rows)


def row_of(code: str) -> ConnectionRow:
    """Give the row of a connection, or raise ConnectionNotFound."""
    row = ConnectionRow.objects.filter(code=code).first()
    if row is None:
        raise data.ConnectionNotFound(code)
    return row


def told(row: ConnectionRow) -> data.Connection:
    """Give a connection as data, without its secret."""
    return data.Connection(
        code=row.code, title=row.title, base_url=row.base_url, header=row.header, has_secret=bool(row.header),
        is_internal=row.is_internal, tested_at=row.tested_at, outcome=row.outcome,
    )


def save(given: data.Connection, *, secret: str, is_new: bool, now: datetime) -> ConnectionRow:
    """Keep a connection; an empty secret leaves the one that is there. Raises ConnectionRefused."""
    _check(given, secret)
    held = ConnectionRow.objects.filter(code=given.code).first()
    if is_new and held is not None:
        raise data.ConnectionRefused("code", "taken")
    row = held or ConnectionRow(uuid=ids.new_uuid(now), code=given.code, secret=_sealed(""))
    has_moved = urlsplit(row.base_url)[:2] != urlsplit(given.base_url)[:2]
    if given.header and not secret and (not row.header or has_moved):
        raise data.ConnectionRefused("secret", "missing")  # a secret never goes to another place than its own
    row.title, row.base_url, row.header = given.title, given.base_url.rstrip("/"), given.header
    row.is_internal, row.tested_at, row.outcome = given.is_internal, None, ""
    if secret or not given.header:
        row.secret = _sealed(secret if given.header else "")
    row.save()
    return row


def _sealed(secret: str) -> bytes:
    return tenants.encrypt(secret, context=SECRETS)


def _check(given: data.Connection, secret: str) -> None:
    if not _CODE.fullmatch(given.code):
        raise data.ConnectionRefused("code", "spelling")
    if not given.title.strip() or len(given.title) > 200:
        raise data.ConnectionRefused("title", "missing")
    if given.header and (not _HEADER.fullmatch(given.header) or given.header.lower() in _OURS):
        raise data.ConnectionRefused("header", "spelling")
    if len(secret) > 2_000 or not secret.isascii() or (secret and not secret.isprintable()):
        raise data.ConnectionRefused("secret", "spelling")
    parts = urlsplit(given.base_url)
    if len(given.base_url) > 500 or parts.query or parts.fragment:
        raise data.ConnectionRefused("base_url", "malformed")
    try:
        egress.check_url(given.base_url, _allowed(given.base_url, is_internal=given.is_internal))
    except (egress.DestinationRefused, ValueError) as refusal:
        reason = refusal.reason.value if isinstance(refusal, egress.DestinationRefused) else "malformed"
        raise data.ConnectionRefused("base_url", reason) from None


def _allowed(base_url: str, *, is_internal: bool) -> egress.AllowedDestinations:
    parts = urlsplit(base_url)
    port = parts.port or egress.DEFAULT_PORTS.get(parts.scheme, 443)
    return egress.AllowedDestinations(destinations=(egress.Destination(
        host=parts.hostname or "", ports=frozenset({port}), internal=is_internal,
        plain=is_internal and parts.scheme == "http",
    ),))


def prepare(
    code: str, *, method: str, path: str, body: data.Value, key: str, seconds: int
) -> Callable[[], dict[str, data.Value]]:
    """Give a call of a connection, which gives `status` and `body`; both raise ConnectorFailed.

    The call itself needs no database. path: stays under the base address. key: goes along as
    `Idempotency-Key`, the same at each try. A body travels as JSON; an answer that is no JSON comes back as
    text. Source: draft-ietf-httpapi-idempotency-key.
    """
    try:
        row = row_of(code)
    except data.ConnectionNotFound:
        raise ConnectorFailed("connectionUnknown", is_final=True) from None
    if method not in METHODS:
        raise ConnectorFailed("methodRefused", is_final=True)
    send = _prepared(row, method=method, path=path, body=body, key=key, seconds=seconds)
    return partial(_called, send)


def _called(send: Callable[[], egress.Answer]) -> dict[str, data.Value]:
    answer = send()
    found: dict[str, data.Value] = {"status": answer.status, "body": _read(answer)}
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise ConnectorFailed(f"http{answer.status}")
    if answer.status >= 400:
        raise ConnectorFailed(f"http{answer.status}", error=str(answer.status), is_final=True)
    return found


def _prepared(
    row: ConnectionRow, *, method: str, path: str, body: data.Value, key: str, seconds: int
) -> Callable[[], egress.Answer]:
    headers = {"Accept": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    if row.header:
        headers[row.header] = tenants.decrypt(bytes(row.secret), context=SECRETS)
    sent = b"" if body is None else _written(body)
    if sent:
        headers["Content-Type"] = "application/json"
    return partial(_sent, partial(
        egress.send, method=method, url=address(row.base_url, path), headers=headers, body=sent,
        allowed=_allowed(row.base_url, is_internal=row.is_internal),
        limits=egress.Limits(connect_seconds=min(5.0, seconds), total_seconds=seconds, max_bytes=_LARGEST),
    ))


def _sent(send: Callable[[], egress.Answer]) -> egress.Answer:
    try:
        return send()
    except egress.DestinationRefused as refusal:
        raise ConnectorFailed(refusal.reason.value, is_final=True) from None
    except egress.EgressFailed as failure:
        raise ConnectorFailed(
            "timeout" if failure.reason is egress.Failure.TIMED_OUT else failure.reason.value
        ) from None


def address(base_url: str, path: str) -> str:
    """Give the address of a path under a base address; raises ConnectorFailed for one that leaves it."""
    plain, _mark, query = path.partition("?")
    parts = [each for each in plain.split("/") if each]
    if any(each in (".", "..") or "\\" in each or "%2e" in each.lower() for each in parts):
        raise ConnectorFailed("pathRefused", is_final=True)
    if len(path) > 1_500 or any(character <= " " for character in query):
        raise ConnectorFailed("pathRefused", is_final=True)
    ending = "/" if plain.endswith("/") and parts else ""
    made = "/".join([base_url.rstrip("/"), *(quote(each, safe="%:@!$&'()*+,;=~") for each in parts)]) + ending
    return f"{made}?{quote(query, safe='=&%:@!$()*+,;~/?-._')}" if query else made


def _written(body: data.Value) -> bytes:
    try:
        return as_json.to_json(body)
    except NotAValue as refusal:
        raise ConnectorFailed("notAValue", is_final=True) from refusal


def _read(answer: egress.Answer) -> data.Value:
    if not answer.body:
        return None
    try:
        if "json" in answer.headers.get("content-type", ""):
            return as_json.from_json(answer.body, max_bytes=_LARGEST)
        return answer.body.decode()
    except (MalformedInput, UnicodeDecodeError):
        raise ConnectorFailed("answerUnreadable", is_final=True) from None


def ask_test(code: str, *, now: datetime) -> None:
    """Let the worker try a connection; raises ConnectionNotFound."""
    row = row_of(code)
    row.tested_at, row.outcome = None, "asked"
    row.save(update_fields=["tested_at", "outcome"])
    jobs.enqueue(job=TEST, arguments={"code": code}, due_at=now, key=f"{TEST}:{code}")


def test(code: str, *, now: datetime) -> Outside | None:
    """Give the call of the base address with GET, which notes what came back; None for one that is gone."""
    row = ConnectionRow.objects.filter(code=code).first()
    if row is None:
        return None
    ask = _prepared(row, method="GET", path="", body=None, key="", seconds=10)
    return Outside(ask=ask, settle=partial(_tested, code))


def _tested(code: str, answer: Callable[[], egress.Answer], *, now: datetime) -> None:
    try:
        outcome = str(answer().status)
    except ConnectorFailed as failure:
        outcome = failure.reason
    ConnectionRow.objects.filter(code=code).update(tested_at=now, outcome=outcome[:40])
