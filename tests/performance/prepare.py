"""Fills a data folder through the product's own doors: a municipality with services, people and cases.

Run as a program inside the product's settings: `fill`, `cases COUNT SEED`, `clerk`, `helper SEED`,
`organizations FIRST LAST`. The last line it prints is JSON. Everything in it is invented.
"""

import json
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

BATCH = 20  # cases per outer transaction: filling is not what is measured, and a worker works beside it
CASE_TYPES = ("kapvergunning", "verhuizing", "attest-van-woonst")
STREETS = ("Kerkstraat", "Molenweg", "Lindelaan", "Stationsplein")


def _django() -> None:
    import django

    django.setup()


def fill() -> dict[str, str]:
    """Make the platform and the organization `bench` with all content packs."""
    from django.conf import settings

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind
    from ocapi.lib import clock
    from tests.performance.product import KEY

    now = clock.now()
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, now=now)
    with tenants.bind(KEY):
        for name in registry.list_packs():
            registry.load_pack(name=name, now=now)
        _name_it(now)
    tenants.close_connections()
    return {}


def _name_it(now: datetime) -> None:
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import actor

    values = {"organization.name": "Gemeente Meetstad", "organization.tagline": "Alles op de klok"}
    for name, value in values.items():
        registry.save_setting(name=name, value=value, actor=actor.system("bench"), now=now)


def cases(count: int, seed: int) -> dict[str, str]:
    """Let cases of the past year come in, the same ones for the same seed."""
    from django.db import transaction

    from ocapi.kernel.accounts.testing import a_person
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock
    from tests.performance.product import KEY

    chance, now = random.Random(seed), clock.now()
    with tenants.bind(KEY):
        people = [a_person(now=now, given_name=f"Voornaam{n}", family_name=f"Familie{n}") for n in range(50)]
        for start in range(0, count, BATCH):
            with transaction.atomic():
                for _number in range(start, min(start + BATCH, count)):
                    _case(chance.choice(people), chance, now)
    tenants.close_connections()
    return {}


def _case(person: object, chance: random.Random, now: datetime, *, days: int | None = None) -> None:
    from ocapi.lib.actor import Actor, Assurance, Capacity, Subject
    from ocapi.modules.cases import api as cases
    from ocapi.modules.cases.data import AnsweredFact

    case_type = chance.choice(CASE_TYPES)
    place = f"{chance.choice(STREETS)} {chance.randrange(1, 200)}"
    name = person.display_name  # type: ignore[attr-defined]
    uuid = person.uuid  # type: ignore[attr-defined]
    cases.create(
        case_type=case_type, applicant=Subject(kind="person", uuid=uuid), applicant_name=name,
        answers=(AnsweredFact(section="request", field="place", label="Adres", value=place, source=""),),
        attachments=(), service=case_type, channel="portal", address_form="informal",
        now=now - timedelta(days=chance.randrange(1, 360) if days is None else days),
        actor=Actor(capacity=Capacity.CITIZEN, assurance=Assurance.HIGH, person=uuid, display_name=name,
                    trace_id="bench"),
    )


def clerk() -> dict[str, str]:
    """Sign a new clerk in, a regular user with the rights of the role; gives the cookie of the session."""
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.middleware import cookie_name
    from ocapi.kernel.accounts.testing import a_person, signed_in
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import actor, clock
    from ocapi.lib.actor import Capacity
    from tests.performance.product import KEY

    now = clock.now()
    with tenants.bind(KEY):
        person = a_person(now=now, given_name="Mira", family_name="Meetlint")
        accounts.grant_role(person=person.uuid, code="clerk", unit="", actor=actor.system("bench"), now=now)
        session = signed_in(SessionStore(), person=person.uuid, capacity=Capacity.STAFF, now=now)
    tenants.close_connections()
    name = cookie_name(settings.SESSION_COOKIE_NAME, key=KEY, is_secure=False, is_path_prefixed=False)
    return {"cookie": f"{name}={session.session_key}"}


def helper(seed: int) -> dict[str, str]:
    """Stay, and receive one case of today for each line read; each is answered by a line."""
    from ocapi.kernel.accounts.testing import a_person
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock
    from tests.performance.product import KEY

    chance = random.Random(seed)
    with tenants.bind(KEY):
        person = a_person(now=clock.now(), given_name="Later", family_name="Gekomen")
        print("ready", flush=True)
        for _line in sys.stdin:
            _case(person, chance, clock.now(), days=0)
            print("done", flush=True)
    return {}


def organizations(first: int, last: int) -> dict[str, list[float]]:
    """Create organizations from the template, as `ocapi tenant create` does."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind
    from ocapi.lib import clock

    seconds = []
    for number in range(first, last + 1):
        began = perf_counter()
        tenants.create(key=f"o{number}", kind=Kind.MUNICIPALITY, now=clock.now())
        seconds.append(round(perf_counter() - began, 4))
    tenants.close_connections()
    return {"seconds": seconds}


def main(arguments: list[str]) -> int:
    """Run one step."""
    _django()
    steps = {"fill": fill, "cases": cases, "clerk": clerk, "helper": helper, "organizations": organizations}
    numbers = [int(each) for each in arguments[1:]]
    print(json.dumps(steps[arguments[0]](*numbers)))  # type: ignore[operator]
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
