"""The limit of a list: the same rows by raw SQL, one durable consultation row, msgspec, nothing else.

It reads the database file of the arm under test and writes its rows beside it, so that both acknowledge after
the same promise. Told by the environment: BENCH_DATABASE, BENCH_LEAVES.
"""

import os
import sqlite3
from urllib.parse import parse_qs

import msgspec

_COLUMNS = (
    "uuid", "reference", "case_type_code", "status", "received_on", "due_on", "service", "channel",
    "assignee", "outcome",
)
_NAMES = ("id", "reference", "caseType", "status", "receivedOn", "dueOn", "service", "channel", "assignee",
          "outcome")
_ORDERS = {"dueOn": "due_on, id", "-receivedOn": "received_on DESC, id DESC"}
_rows = sqlite3.connect(f"file:{os.environ['BENCH_DATABASE']}?mode=ro", uri=True, isolation_level=None)
_leaves = sqlite3.connect(os.environ["BENCH_LEAVES"], isolation_level=None)
_leaves.execute("PRAGMA journal_mode = wal")
_leaves.execute("PRAGMA synchronous = full")
_leaves.execute("CREATE TABLE IF NOT EXISTS leaf (id INTEGER PRIMARY KEY, about BLOB)")
_encoder = msgspec.json.Encoder()


async def application(scope, receive, send):
    """Answer `/?sort=…&pageSize=…` with {"items": [...]}."""
    if scope["type"] != "http":
        return
    query = parse_qs(scope["query_string"].decode())
    order = _ORDERS[query.get("sort", ["dueOn"])[0]]
    size = int(query.get("pageSize", ["100"])[0])
    found = _rows.execute(f"SELECT {', '.join(_COLUMNS)} FROM cases_case ORDER BY {order} LIMIT ?", (size,))
    items = [dict(zip(_NAMES, row, strict=True)) for row in found]
    body = _encoder.encode({"items": items})
    _leaves.execute("INSERT INTO leaf (about) VALUES (?)", (body[:2000],))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
