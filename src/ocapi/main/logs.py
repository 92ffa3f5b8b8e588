"""Log lines of the processes: one JSON object per line on standard error.

A failure is told by where it happened and of what kind it is, never by its text or by local values: those
may hold what people typed (reliability.md 2.5). Each line bears the organization that is bound and the trace
id of its request; what libraries say through `logging` comes out in the same form.
"""

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

from ocapi.lib.tracing import following

OF_LIBRARIES = (
    "tenant", "error", "operation", "reason", "actor", "finding", "outage", "difference", "count",
)
"""What a line of `logging` may bring along; a request holds addresses."""
LONGEST_CHAIN = 10  # failures told behind one another
Line = MutableMapping[str, Any]


def tell_failure(_logger: object, _method: str, line: Line) -> Line:
    """Put the way to a failure and its kind, and those of what caused it, in the place of the failure."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    told: list[str] = []
    while isinstance(error, BaseException) and len(told) < LONGEST_CHAIN:
        kind = type(error)
        way = "".join(traceback.format_tb(error.__traceback__))
        told.append(f"{way}{kind.__module__}.{kind.__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if told:
        line["exception"] = "\nafter:\n".join(told)
    return line


def configure(bound: Callable[[], str] = str) -> None:
    """Set structlog and logging up; structlog's own default would print local values with each traceback.

    bound: gives the key of the organization that is bound, or nothing.
    """

    def name_work(_logger: object, _method: str, line: Line) -> Line:
        if key := bound():
            line.setdefault("tenant", key)
        if trace_id := following.current():
            line.setdefault("trace_id", trace_id)
        return line

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        name_work,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        tell_failure,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=OF_LIBRARIES), *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(),
        ],
    ))
    logging.getLogger().handlers = [handler]
    logging.getLogger("ocapi").setLevel(logging.INFO)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a page that is not there is no warning


def begin_request(trace_id: str) -> None:
    """Put the trace id on every line of this thread from now on, and with what it sets going."""
    structlog.contextvars.clear_contextvars()
    following.follow(trace_id)
