"""The only door to time: edges ask here once and pass `now` on; everything below takes it as an argument."""

import time as _time
from collections.abc import Callable
from contextvars import ContextVar, Token
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def _system_instant() -> datetime:
    return datetime.now(UTC)


_source: ContextVar[Callable[[], datetime]] = ContextVar("ocapi_clock", default=_system_instant)


def now() -> datetime:
    """Give the present instant, aware and in UTC, with microseconds."""
    return _source.get()()


def monotonic() -> float:
    """Give seconds on a clock that never jumps; only differences mean something."""
    return _time.monotonic()


def cpu_seconds() -> float:
    """Give the CPU seconds (user + system) this process has used."""
    return _time.process_time()


def sleep(seconds: float) -> None:
    """Pause this thread; for the process loops only, never inside a request."""
    _time.sleep(seconds)


def local_day(instant: datetime) -> date:
    """Give the civil day in Europe/Brussels on which an aware instant falls."""
    return instant.astimezone(BRUSSELS).date()


class Travelling:
    """Context manager for tests: `now()` answers `instant` until the block ends."""

    def __init__(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError("travel needs an aware instant")
        self.instant = instant

    def __enter__(self) -> "Travelling":
        self._token: Token[Callable[[], datetime]] = _source.set(lambda: self.instant)
        return self

    def __exit__(self, *exc: object) -> None:
        _source.reset(self._token)
