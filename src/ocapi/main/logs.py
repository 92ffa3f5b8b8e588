"""Log lines of the processes: one JSON object per line on standard error, tracebacks without local values."""

import sys

import structlog


def configure() -> None:
    """Set structlog up; its own default would print the values of local variables with each traceback."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
