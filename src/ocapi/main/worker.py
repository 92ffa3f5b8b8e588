"""The worker process: jobs, relay, timers and snapshot, one organization bound at a time."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from ocapi.lib import collecting

WAIT_FOR_ROOM_S = 5.0
log = structlog.get_logger("worker")


def when_there_is_room(
    work: Callable[[], None], *, is_full: Callable[[Exception], bool], stop: threading.Event
) -> bool:
    """Do what writes to the disk, and again as long as the disk is full; tells whether it was done.

    A worker that ended instead would be started over and over, and nothing would say why.
    """
    is_said = False
    while not stop.is_set():
        try:
            work()
        except Exception as failure:  # of the disk or of a database upon it
            if not is_full(failure):
                raise
            if not is_said:
                log.error("the disk is full; this process waits until there is room", data=str(failure)[:200])
            is_said = True
            stop.wait(WAIT_FOR_ROOM_S)
        else:
            return True
    return False


def main() -> int:
    """Run the worker loop until SIGTERM; gives the exit code."""
    collecting.pause()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocapi.main.settings")
    import django

    django.setup()
    from django.conf import settings

    from ocapi.kernel.jobs.worker import worker_loop
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import WrongSecret
    from ocapi.lib import clock, codec, durable
    from ocapi.lib.tracing import spans
    from ocapi.main import environment, logs, supervisor
    from ocapi.modules.exchange import api as exchange

    collecting.resume()
    supervisor.end_with_parent()
    logs.configure(lambda: getattr(tenants.find_current(), "key", ""))
    environment.begin_spans("worker", settings.OCAPI)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    data = Path(settings.OCAPI.data)
    pinned = data / "snapshot" / "platform.jwk"
    try:
        signing = tenants.platform_signing_key()
    except WrongSecret as refusal:
        print(refusal, file=sys.stderr)
        return 2

    def begin() -> None:
        # public, and pinned by the data plane when it starts: with the first one it needs not wait; a new one
        # comes after the snapshot it signs, or a data plane that starts in between would believe it too early
        durable.make_directory(data / "snapshot")
        if not pinned.exists():
            durable.write_file(pinned, codec.encode_json(signing.public_jwk))
        durable.make_directory(data / "run")
        rows = [f"{tenant.key} {tenant.hosts[0]}\n" for tenant in tenants.list_tenants() if tenant.hosts]
        durable.write_file(data / "run" / "tenants", "".join(rows).encode())

    def is_full(failure: Exception) -> bool:
        return tenants.outage_of(failure) is tenants.Outage.FULL

    if not when_there_is_room(begin, is_full=is_full, stop=stop):
        return 0
    if settings.OCAPI.metrics_port:
        from ocapi.main import metrics

        metrics.serve(data, host=settings.OCAPI.metrics_host, port=settings.OCAPI.metrics_port)

    def publish() -> None:
        for key in tuple(registry.glance_at_all(now=clock.now(), is_stopping=stop.is_set))[:1]:
            with tenants.bind(key):
                exchange.publish_snapshot(now=clock.now())  # the data plane learns at once who is not served
        durable.write_file(pinned, codec.encode_json(signing.public_jwk))

    if not when_there_is_room(publish, is_full=is_full, stop=stop):
        return 0
    worker_loop(stop)
    tenants.close_connections()
    spans.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
