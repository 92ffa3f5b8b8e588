"""The product, loaded once and forked per case: starting anew takes milliseconds, dying is as hard as ever.

Run inside the product's settings. `prepare` fills the data folder; `serve` reads one JSON line per process to
fork: `{socket, arm, plant, count}`. The child connects to the socket and does what its lines ask.
"""

import collections
import faulthandler
import json
import os
import signal
import socket
import sys
import time
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

LOADED_FIRST = (
    "ocapi.dataplane.context.history", "ocapi.dataplane.context.store", "ocapi.dataplane.query",
    "ocapi.kernel.tenants.resealing", "ocapi.lib.columns.readings", "ocapi.lib.egress",
    "ocapi.modules.documents.adapters.typst_pdf", "ocapi.modules.cases.tests.factories",
    "ocapi.modules.forms.tests.test_crash", "ocapi.modules.processes.tests.factories",
    "ocapi.kernel.registry.carrying.checking", "ocapi.kernel.registry.backups.restoring",
    "ocapi.dataplane.context.changes", "ocapi.kernel.tenants.router", "encodings.utf_16_be",
    "aiohttp", "nats.js.client", "numpy", "typst", "cryptography.hazmat.backends.openssl.backend",
)
"""What a process of the product loads when it first needs it, before the fork instead of once per case."""


class PostBox:
    """Plays the e-mail channel: everybody has an address, and each letter is written down durably outside."""

    name = "email"

    def find_address(self, *, person: object) -> str:
        return "noor@example.org"

    def deliver(self, *, parcel: Any) -> Any:
        from ocapi.modules.notify.data import DeliveryState, Outcome

        return Outcome(state=DeliveryState.SENT)

    def check_config(self) -> str:
        return ""


def prepare() -> None:
    """Make the organization every case starts with: content, a form, processes; and one left behind."""
    from django.conf import settings
    from django.core.management import call_command

    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants import binding
    from ocapi.kernel.tenants.data import Kind
    from ocapi.modules.cases.tests.factories import load_content
    from ocapi.modules.forms.tests import factories as forms
    from ocapi.modules.processes.tests import factories as processes
    from ocapi.modules.processes.tests.test_api import MESSAGE, WAIT_DAY, A
    from tests.proofs.crash import operations

    now = operations.NOW
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key=operations.KEY, kind=Kind.MUNICIPALITY, now=now)
    behind = tenants.create(key="behind", kind=Kind.MUNICIPALITY, now=now)
    with binding.bind(behind):
        call_command("migrate", "jobs", "0001_initial", database=behind.alias, verbosity=0)
    with tenants.bind(operations.KEY):
        load_content()
        with forms.connected(forms.FakeRegister()):
            forms.loaded()
        processes.deployed(WAIT_DAY + '<receiveTask id="r" messageRef="m"/>' + A, "s>t", "t>r", "r>a", "a>e",
                           shared=MESSAGE, key="proof")
        processes.deployed('<userTask id="a" name="v1"/>', "s>a", "a>e", key="moving")
    _make_guests(now)
    tenants.close_connections()


def _make_guests(now: datetime) -> None:
    """Leave the archive of an organization that is not here, and the backup of one that was lost."""
    from django.conf import settings

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.registry.tests import carried
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind

    home = Path(settings.OCAPI.data)
    (home / "archives").mkdir()
    (home / "targets").mkdir()
    for key in ("guest", "lost"):
        tenants.create(key=key, kind=Kind.MUNICIPALITY, is_demo=True, now=now)
        with tenants.bind(key):
            carried.fill()
        if key == "guest":
            registry.export_tenant(key=key, target=home / "guest.tar", now=now)
        else:
            registry.back_up(key=key, target=FolderTarget(home / "targets" / key), now=now)
        tenants.delete(key=key)


def serve() -> None:
    """Fork one process per line until the input ends."""
    _equip()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            faulthandler.register(signal.SIGUSR1)  # who waits for it in vain asks where it stands
            _child(wanted)
            os._exit(0)
        print(child, flush=True)


def _equip() -> None:
    from django.db.migrations.loader import MigrationLoader

    from ocapi.kernel.jobs.extensions import job
    from ocapi.modules.forms.tests.factories import FakeRegister, prefill_sources
    from ocapi.modules.notify.extensions import channels

    channels._providers["email"] = PostBox()
    prefill_sources.add(FakeRegister())

    def fail(*, now: object) -> None:
        raise RuntimeError("planted")

    job("proof.fail")(fail)
    for name in LOADED_FIRST:
        import_module(name)
    MigrationLoader(None)  # the modules of every migration
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a second thread would not be in what is forked"


def _child(wanted: dict[str, Any]) -> None:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import crashpoint
    from tests.proofs.crash import operations

    passed: collections.Counter[str] = collections.Counter()
    if wanted["count"]:
        crashpoint.point = lambda name: passed.update([name])
    elif wanted["arm"]:
        crashpoint.point = crashpoint._armed(wanted["arm"])
    is_early = _plant(wanted["plant"])
    with socket.socket(socket.AF_UNIX) as outside, tenants.bind(operations.KEY):
        outside.connect(wanted["socket"])
        with outside.makefile("rw") as talk:
            for line in talk:
                asked = json.loads(line)
                if is_early and asked["name"] == "case":
                    talk.write('{"answer": null}\n')
                    talk.flush()
                answer = _answer(operations.OPERATIONS, asked, passed)
                if not (is_early and asked["name"] == "case"):
                    talk.write(json.dumps(answer) + "\n")
                    talk.flush()


def _answer(known: Any, asked: dict[str, Any], passed: "collections.Counter[str]") -> dict[str, Any]:
    from tests.proofs.crash.operations import NOW

    if asked["name"] == "passed":
        return {"answer": dict(passed)}
    if asked["name"] == "pause":
        time.sleep(asked["seconds"])
        return {"answer": None}
    try:
        return {"answer": known[asked["name"]](asked["key"], NOW + timedelta(minutes=asked["minutes"]))}
    except Exception as failure:  # whatever it is, the client must see it and not a silence
        import traceback

        return {"error": "".join(traceback.format_exception(failure)[-3:])[-900:]}


def _plant(name: str) -> bool:
    """Plant a fault of the canaries; tells whether cases are acknowledged before they are done."""
    if name == "repetition forgotten":
        from ocapi.modules.cases.services import records

        records.find_repeated = lambda **_given: None
        records.remember = lambda *_row, **_given: None
    if name == "no subscriber":
        from ocapi.kernel.jobs import relay

        relay._to_subscribers = lambda *_fact: None
    return name == "acknowledged before commit"


if __name__ == "__main__":
    import django

    django.setup()
    {"prepare": prepare, "serve": serve}[sys.argv[1]]()
    print("{}")
