"""Which trace the work at hand belongs to; the id stands in log lines, facts and jobs, spans or no spans.

The id is the reference number of the request it began with. W3C's trace context is spoken between our own
processes only and never taken from outside (conventions §3): what a sender says of traces is dropped.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PARENT = "traceparent"
_ID = re.compile(r"[0-9a-f]{32}")
_WRITTEN = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01")
_current: ContextVar[str] = ContextVar("trace", default="")


def current() -> str:
    """Give the id of the trace this work belongs to, or nothing."""
    return _current.get()


def follow(trace_id: str) -> None:
    """Let what comes next in this thread or task belong to a trace."""
    _current.set(trace_id)


@contextmanager
def within(trace_id: str) -> Iterator[None]:
    """Let a block belong to a trace, or to none."""
    token = _current.set(trace_id)
    try:
        yield
    finally:
        _current.reset(token)


def digits(trace_id: str) -> str:
    """Give the 32 hexadecimal digits under which W3C knows a trace; nothing when the id has another form.

    Example: `0190a5e0-7b1c-7c3a-9d2e-8f1a2b3c4d5e` gives `0190a5e07b1c7c3a9d2e8f1a2b3c4d5e`.
    """
    found = trace_id.replace("-", "").lower()
    return found if _ID.fullmatch(found) and found.strip("0") else ""


def write_parent(trace: str, span: str) -> str:
    """Give the value of `traceparent` (W3C Trace Context, version 00, sampled)."""
    return f"00-{trace}-{span}-01"


def read_parent(value: str) -> tuple[str, str]:
    """Give trace and span of a `traceparent` that one of our processes wrote; two empty ones of any other."""
    found = _WRITTEN.fullmatch(value)
    if found is None or not found[1].strip("0") or not found[2].strip("0"):
        return "", ""
    return found[1], found[2]
