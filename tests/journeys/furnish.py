"""Run in a process of its own: makes the organizations that journeys visit, waits until the worker has done
what their invented past asks, or lets time pass for sessions.

Use: python -m tests.journeys.furnish make MONTHS KEY... | settle KEY... | age KEY MINUTES
"""

import argparse
import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ocapi.lib import clock

SETTLE_S = 90
AUTHORITIES = frozenset({"aalter", "aalter-voor-2019", "knesselare", "hamme"})
CONCEPTS = Path(__file__).with_name("concepts.ttl")


def make(months: int, keys: list[str]) -> int:
    """Make the platform and these demo organizations, with so many months of invented requests; 0 for the
    whole past.
    """
    from django.conf import settings

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.main import demo, demo_past
    from ocapi.modules.linkeddata import api as linkeddata
    from ocapi.modules.linkeddata import authorities

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

    authorities.public_bodies = lambda: authorities.local_authorities(keys=AUTHORITIES)
    demo.read = read_wanted  # type: ignore[assignment]
    demo._fill_side_by_side = lambda unfilled: demo.run(argparse.Namespace(fill=unfilled))
    if months:
        demo_past.MONTHS, demo_past.LONG_MEMORY = months, {}
    failed = demo.run(argparse.Namespace(fill=None))
    for key in keys:
        with tenants.bind(key):
            registry.import_file(path=CONCEPTS, format_name="", now=clock.now())
            linkeddata.load_register(
                service="bestuurseenheden", things=authorities.local_authorities(keys=AUTHORITIES),
                now=clock.now(), actor=linkeddata.LOADER,
            )
            if key == "aalter":
                _open_data(clock.now())
            _task_form()
    return failed


def _open_data(now: datetime) -> None:
    """Share the services and a bicycle series, let counts wait, withdraw one, and harvest a neighbor."""
    from ocapi.modules.opendata import api as opendata
    from ocapi.modules.opendata.data import Column, ColumnKind, Ground, SourceKind
    from ocapi.modules.opendata.extensions import dataset_sources
    from ocapi.modules.opendata.tests import factories, test_harvest

    places, system = factories.Offering(), factories.SYSTEM
    counts = (
        Column(name="wijk", label="Wijk", is_group=True),
        Column(name="aantal", label="Aantal abonnementen", kind=ColumnKind.INTEGER, is_count=True),
    )
    rows = (("Centrum", 412), ("Noord", 88), ("Zuid", 3), ("Kern", 27))
    places.add("wijken", factories.a_table(counts, rows), title="Abonnees per wijk", is_aggregate=True)
    places.add("oud", factories.a_table())
    dataset_sources.add(places)  # in this process only: the pages show what came of it
    offers = [
        ("test", "fietstellers", "Fietstellers in Aalter", "TRAN"), ("test", "oud", "Oude laadpalen", "ENER"),
        ("test", "wijken", "Abonnees van de bibliotheek per wijk", "EDUC"),
    ]
    offers += [
        (each.source, each.code, each.title, each.theme)
        for each in opendata.list_offers(actor=system, now=now) if each.source == "capture"
    ]
    for source, code, title, theme in offers:
        about = factories.an_about(
            title=title, theme=theme, contact_email="opendata@example.org",
            hvd="mobility" if code == "fietstellers" else "",
            used_by=(("Fietskaart van de Fietsersbond", "https://example.org/kaart"),),
        )
        opendata.propose(
            source=source, code=code, about=about, ground=Ground.REUSE, motive="Inwoners vragen ernaar.",
            actor=system, now=now,
        )
    old = next(each for each in opendata.list_own(actor=system) if each.offer == "oud")
    opendata.withdraw(dataset=old.uuid, actor=system, now=now)
    elsewhere = opendata.add_source(
        title="Gemeente Elders", address=test_harvest.ADDRESS, kind=SourceKind.DCAT, actor=system, now=now
    )
    seen = [
        *test_harvest.some(24), factories.a_dataset("https://data.elders.be/id/zonder", title=()),
        factories.a_dataset("https://data.elders.be/id/mager", publisher=None, keywords=(), distributions=()),
    ]
    answer = factories.Elsewhere({test_harvest.ADDRESS: test_harvest.turtle(test_harvest.page(seen))})
    opendata.harvest(source=elsewhere, now=now, fetch=answer)


def _task_form() -> None:
    """Load a form that a task of a workflow asks; no citizen sees it."""
    from ocapi.modules.forms import api as forms
    from ocapi.modules.forms.tests.factories import a_form

    asked = [
        {"code": "aantal", "type": "integer", "label": "Hoeveel mensen komen er?", "required": True},
        {"code": "veilig", "type": "yes_no", "label": "Is de straat veilig af te sluiten?", "required": True},
    ]
    made = a_form(code="nazicht-straatfeest", sections=[{"code": "a", "title": "Nazicht", "fields": asked}])
    forms.load_form(definition=forms.read_definition(value=made), now=clock.now())


def settle(keys: list[str]) -> int:
    """Wait until nothing is due: a year of invented requests gives the worker a busy first minute, in which
    it writes to the same file as the pages do.
    """
    for _ in range(SETTLE_S):
        if not any(_is_busy(key) for key in keys):
            break
        clock.sleep(1)
    return 0


def _is_busy(key: str) -> bool:
    from ocapi.kernel.jobs.models import JobRow
    from ocapi.kernel.outbox import api as outbox
    from ocapi.kernel.tenants import api as tenants

    with tenants.bind(key):
        is_behind = bool(outbox.list_since(sequence=outbox.position(reader="relay"), limit=1))
        return is_behind or JobRow.objects.filter(state="waiting", due_at__lte=clock.now()).exists()


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
    if command == "age":
        sys.exit(age(rest[0], int(rest[1])))
    sys.exit(settle(rest) if command == "settle" else make(int(rest[0]), rest[1:]))
