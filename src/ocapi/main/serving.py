"""The web processes: Django is loaded once and each process is a fork of it, with a socket of its own.

A fork shares the memory of what was loaded, so that a second process costs a quarter of the first. A socket
each lets the front door say which process works on what, so that one can be kept free of a flood at one
organization; with a shared socket a request can land behind another while the next process is idle.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from ocapi.lib import collecting, sockets
from ocapi.main import environment, supervisor, urgency


def main() -> int:
    """Load the application, start a process for each socket, and end all when one ends or when told to."""
    settings = environment.read()
    _warm()
    paths = sockets.of_web(Path(settings.data) / "run", settings.workers)
    started = {_fork(path, is_first=place == 0): path for place, path in enumerate(paths)}
    signal.signal(signal.SIGTERM, lambda number, frame: _pass_on(started))
    ended, status = os.wait()
    del started[ended]
    _pass_on(started)
    for pid in started:
        os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _warm() -> None:
    """Load what the first request of each process would, and put it out of the collector's reach."""
    from django.template import engines
    from django.urls import get_resolver

    from ocapi.main import wsgi  # noqa: F401 (the application)

    collecting.pause()  # more is loaded by now than by the application itself
    _ = get_resolver().reverse_dict
    engines.all()
    collecting.resume()  # what is there is never looked at: that writes to its page, and ends the sharing


def _fork(path: Path, *, is_first: bool) -> int:
    pid = os.fork()
    if pid:
        return pid
    supervisor.end_with_parent()
    if not is_first:
        urgency.give_way()
    try:
        _serve(path)
    finally:
        sys.stderr.flush()
        os._exit(1)  # granian leaves by SystemExit when it failed; nothing of the parent's may run here


def _serve(path: Path) -> None:
    """Answer on a socket until told to stop."""
    path.unlink(missing_ok=True)
    server = Server(
        "ocapi.main.wsgi:application", uds=path, uds_permissions=0o600, interface=Interfaces.WSGI,
        workers=1, blocking_threads=1, http=HTTPModes.http1, websockets=False, backlog=4096,
        backpressure=4096, http1_settings=HTTP1Settings(header_read_timeout=5000), workers_kill_timeout=3,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=partial(_application, path.stem), wrap_loader=False)
    os._exit(0)


def _application(name: str) -> Callable[..., Any]:
    """Give the application to the process that answers; it ends with the one that started it."""
    from ocapi.main import wsgi

    supervisor.end_with_parent()
    environment.begin_spans(name, environment.read())
    return wsgi.application


def _pass_on(started: dict[int, Path]) -> None:
    for pid in started:
        os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
