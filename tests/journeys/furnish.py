"""Run in a process of its own: makes the organizations that journeys visit, or lets time pass for sessions.

Use: python -m tests.journeys.furnish make KEY...   or   python -m tests.journeys.furnish age KEY MINUTES
"""

import argparse
import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ocapi.lib import clock


def make(keys: list[str]) -> int:
    """Make the platform and these demo organizations, as `ocapi demo` does for all of them."""
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants
    from ocapi.main import demo

    tenants.prepare_platform(now=clock.now())
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    read = demo.read

    def read_wanted(folder: Path) -> object:
        organizations, people = read(folder)
        wanted = tuple(
            replace(person, memberships=tuple(m for m in person.memberships if m.organization in keys))
            for person in people
        )
        return tuple(each for each in organizations if each.key in keys), wanted

    demo.read = read_wanted  # type: ignore[assignment]
    return demo.run(argparse.Namespace(fill=None))


def age(key: str, minutes: int) -> int:
    """Make every session of an organization look as if nothing was asked of it for so long."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from ocapi.kernel.accounts.sessions import SLOT
    from ocapi.kernel.tenants import api as tenants

    with tenants.bind(key):
        for row in Session.objects.all():
            store = SessionStore(row.session_key)
            if SLOT not in store:
                continue
            seen = datetime.fromisoformat(store[SLOT]["seen_at"]) - timedelta(minutes=minutes)
            store[SLOT] = {**store[SLOT], "seen_at": seen.isoformat()}
            store.save()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocapi.main.settings")
    import django

    django.setup()
    command, *rest = sys.argv[1:]
    sys.exit(make(rest) if command == "make" else age(rest[0], int(rest[1])))
