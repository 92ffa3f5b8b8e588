"""The worker process: jobs, relay, timers and snapshot, one organization bound at a time."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog

from ocapi.lib import collecting

WAIT_FOR_ROOM_S = 5.0
PINNED = Path("snapshot") / "platform.jwk"
log = structlog.get_logger("worker")


def when_there_is_room(
    work: Callable[[], None], *, faults: tuple[type[Exception], ...], is_full: Callable[[Exception], bool],
    stop: threading.Event,
) -> bool:
    """Do what writes to the disk, and again as long as the disk is full; tells whether it was done.

    faults: what a disk or a database upon it raises; is_full: whether one says so. A worker that ended
    instead would be started over and over, and nothing would say why.
    """
    is_said = False
    while not stop.is_set():
        try:
            work()
        except faults as failure:
            if not is_full(failure):
                raise
            if not is_said:
                reason = str(failure)[:200]
                log.error("the disk is full; this process waits until there is room", reason=reason)
            is_said = True
            stop.wait(WAIT_FOR_ROOM_S)
        else:
            return True
    return False


def _begin(data: Path, public_jwk: object) -> None:
    """Write what the other processes read first.

    The key is public, and pinned by the data plane when it starts: with the first one it needs not wait; a
    new one comes after the snapshot it signs, or a data plane that starts in between would believe it early.
    """
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import codec, durable

    durable.make_directory(data / "snapshot")
    pinned = data / PINNED
    if not pinned.exists():
        durable.write_file(pinned, codec.encode_json(public_jwk))
    durable.make_directory(data / "run")
    rows = [f"{tenant.key} {tenant.hosts[0]}\n" for tenant in tenants.list_tenants() if tenant.hosts]
    durable.write_file(data / "run" / "tenants", "".join(rows).encode())


def _publish(data: Path, public_jwk: object, stop: threading.Event) -> None:
    """Let the data plane learn at once who is not served, and the key of what it learns from."""
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock, codec, durable

    _tell_data_plane(registry.glance_at_all(now=clock.now(), is_stopping=stop.is_set))
    durable.write_file(data / PINNED, codec.encode_json(public_jwk))


def _look_on(go_on: Callable[..., dict[str, tuple[str, ...]]]) -> None:
    from ocapi.lib import clock

    _tell_data_plane(go_on(now=clock.now()))


def _tell_data_plane(withheld: dict[str, tuple[str, ...]]) -> None:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock
    from ocapi.modules.exchange import api as exchange

    for key in tuple(withheld)[:1]:  # one snapshot names them all
        with tenants.bind(key):
            exchange.publish_snapshot(now=clock.now())


def main() -> int:
    """Run the worker loop until SIGTERM; gives the exit code."""
    collecting.pause()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocapi.main.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import DatabaseError

    from ocapi.kernel.jobs.errands import Errands
    from ocapi.kernel.jobs.worker import worker_loop
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import WrongSecret
    from ocapi.lib.tracing import spans
    from ocapi.main import environment, errand, logs, supervisor

    collecting.resume()
    supervisor.end_with_parent()
    logs.configure(lambda: getattr(tenants.find_current(), "key", ""))
    environment.begin_spans("worker", settings.OCAPI)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    data = Path(settings.OCAPI.data)
    try:
        public = tenants.platform_signing_key().public_jwk
    except WrongSecret as refusal:
        print(refusal, file=sys.stderr)
        return 2
    written = partial(
        when_there_is_room, faults=(OSError, DatabaseError), stop=stop,
        is_full=lambda failure: tenants.outage_of(failure) is tenants.Outage.FULL,
    )
    if not written(partial(_begin, data, public)):
        return 0
    if settings.OCAPI.metrics_port:
        from ocapi.main import metrics

        metrics.serve(data, host=settings.OCAPI.metrics_host, port=settings.OCAPI.metrics_port)
    if not written(partial(_publish, data, public, stop)):
        return 0
    rounds = registry.begin_rounds()
    worker_loop(stop, errands=Errands(errand.start), on_sweep=partial(_look_on, rounds.go_on))
    tenants.close_connections()
    spans.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
