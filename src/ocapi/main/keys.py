"""`ocapi keys`: replace keys while everything runs, and tell how far that is."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocapi.kernel.tenants.data import Progress

TURN_S = 1.0  # seconds of work between two lines of progress


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands about keys."""
    keys = groups.add_parser("keys", help="replace keys, and tell how far that is")
    named = keys.add_subparsers(required=True)
    rotate = named.add_parser(
        "rotate", help="new keys for one organization, or for all and the installation; the worker goes on"
    )
    rotate.add_argument(
        "--wait", action="store_true", help="do the work here, until no value is under an old data key"
    )
    rotate.set_defaults(handler=_rotate)
    reseal = named.add_parser(
        "reseal", help="wrap every key under OCAPI_SECRET, where OCAPI_SECRET_ALSO is the one before it"
    )
    reseal.set_defaults(handler=_reseal)
    status = named.add_parser("status", help="live keys, and values not under the newest")
    status.set_defaults(handler=_status)


def _rotate(options: argparse.Namespace) -> int:
    from ocapi.kernel.jobs import standing
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import actor, clock

    speaker = actor.system("keys.rotate")
    if not options.tenant:
        tenants.rotate_platform_keys(now=clock.now())
        print("installation: new signing key")
    for key in _bound_one_by_one(options.tenant):
        tenants.rotate_keys(actor=speaker, now=clock.now())
        standing.begin_rotating(now=clock.now())
        print(f"{key}: new data key and signing key", flush=True)
    for key in _bound_one_by_one(options.tenant) if options.wait else ():
        _work(key)
    return 0


def _reseal(options: argparse.Namespace) -> int:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import actor, clock

    speaker = actor.system("keys.reseal")
    print(f"installation: {tenants.replace_platform_secret(now=clock.now())} keys")
    for key in _bound_one_by_one(options.tenant):
        print(f"{key}: {tenants.replace_secret(actor=speaker, now=clock.now())} keys", flush=True)
    left = sum(tenants.keys_under_other_secret(each) for each in (None, *tenants.list_tenants()))
    print(f"{left} keys left under the other secret" if left else "all keys are under OCAPI_SECRET: restart "
          "every process without OCAPI_SECRET_ALSO, and keep the old secret with the backups made under it")
    return 1 if left else 0


def _work(key: str) -> None:
    """Seal the values of the bound organization anew until its old data keys are retired."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Resume
    from ocapi.lib import actor, clock

    resume: Resume | None = Resume()
    while resume is not None and len((told := tenants.rotation_progress()).data_keys) > 1:
        left = sum(told.left.values())
        print(f"{key}: {left} values left", flush=True)
        if not left and resume.due_at is not None:
            time.sleep(max(0.0, _seconds_until(resume.due_at)))  # every process reads its keys anew meanwhile
        resume = tenants.go_on_rotating(
            since=resume, actor=actor.system("keys.rotate"), now=clock.now(), budget_s=TURN_S
        )
    print(f"{key}: old data keys retired", flush=True)


def _seconds_until(instant: datetime) -> float:
    from ocapi.lib import clock

    return (instant - clock.now()).total_seconds()


def _status(options: argparse.Namespace) -> int:
    from ocapi.kernel.tenants import api as tenants

    for key in _bound_one_by_one(options.tenant):
        other = tenants.keys_under_other_secret(tenants.current())
        under = f", under the other secret: {other} keys" if other else ""
        print(f"{key:32} {_in_words(tenants.rotation_progress())}{under}")
    return 0


def _in_words(told: "Progress") -> str:
    left = ", ".join(f"{name} {count}" for name, count in told.left.items() if count) or "none"
    live = f"data keys {len(told.data_keys)}, signing keys {len(told.signing_keys)}"
    return f"{live}, not under the newest: {left}"


def _bound_one_by_one(only: str | None) -> Iterator[str]:
    from ocapi.kernel.tenants import api as tenants

    for key in [only] if only else [tenant.key for tenant in tenants.list_tenants()]:
        with _bound(key):
            yield key


@contextmanager
def _bound(key: str) -> Iterator[None]:
    from ocapi.kernel.tenants import api as tenants

    with tenants.bind(key):
        yield
    tenants.close_connections()
