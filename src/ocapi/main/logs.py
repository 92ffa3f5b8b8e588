"""Log lines of the processes: one JSON object per line on standard error, tracebacks without local values.

Each line bears the organization that is bound and the trace id of its request; what libraries say through
`logging` comes out in the same form.
"""

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

OF_LIBRARIES = ("tenant", "error")  # what a line of `logging` may bring along; a request holds addresses
Line = MutableMapping[str, Any]


def configure(bound: Callable[[], str] = str) -> None:
    """Set structlog and logging up; structlog's own default would print local values with each traceback.

    bound: gives the key of the organization that is bound, or nothing.
    """

    def name_organization(_logger: object, _method: str, line: Line) -> Line:
        if key := bound():
            line.setdefault("tenant", key)
        return line

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        name_organization,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a page that is not there is no warning


def begin_request(trace_id: str) -> None:
    """Put the trace id on every line of this thread from now on."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(trace_id=trace_id)
