"""The start of the worker. Not covered: its loop, see the jobs."""

import errno
import threading
from collections.abc import Callable

import pytest
import structlog

from ocapi.main import worker


def is_full(failure: Exception) -> bool:
    return isinstance(failure, OSError) and failure.errno == errno.ENOSPC


def started(work: Callable[[], None], stop: threading.Event) -> bool:
    return worker.when_there_is_room(work, faults=(OSError,), is_full=is_full, stop=stop)


def failing(times: int, number: int = errno.ENOSPC) -> tuple[Callable[[], None], list[int]]:
    """Give work that fails so many times, and the list of its attempts."""
    attempts: list[int] = []

    def work() -> None:
        attempts.append(number)
        if len(attempts) <= times:
            raise OSError(number, "no")

    return work, attempts


class TestStart:
    def test_waits_while_the_disk_is_full_and_says_so_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(worker, "WAIT_FOR_ROOM_S", 0.0)
        work, attempts = failing(3)
        with structlog.testing.capture_logs() as lines:
            assert started(work, threading.Event())
        assert len(attempts) == 4
        assert [line["event"][:16] for line in lines] == ["the disk is full"]

    def test_ends_when_it_is_asked_to_while_it_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(worker, "WAIT_FOR_ROOM_S", 0.0)
        stop = threading.Event()
        work, attempts = failing(99)

        def stopping() -> None:
            if len(attempts) == 2:
                stop.set()
            work()

        assert not started(stopping, stop)
        assert len(attempts) == 3

    def test_fails_for_any_other_reason(self) -> None:
        work, attempts = failing(1, errno.EACCES)
        with pytest.raises(PermissionError):
            started(work, threading.Event())
        assert len(attempts) == 1
