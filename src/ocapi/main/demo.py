"""`ocapi demo`: the organizations, people and past requests a visitor of the demo meets; invented, synthetic."""

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

DAYS = {"monday": "Maandag", "tuesday": "Dinsdag", "wednesday": "Woensdag", "thursday": "Donderdag",
        "friday": "Vrijdag", "saturday": "Zaterdag", "sunday": "Zondag"}


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `demo` to the command line."""
    demo = groups.add_parser("demo", help="make the demo organizations, or bring them up to date")
    demo.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Make what is missing of the demo; a second run changes nothing. Refuses outside OCAPI_DEMO=1."""
    from django.conf import settings

    from ocapi.lib import clock

    if not settings.OCAPI.is_demo:
        print("set OCAPI_DEMO=1: the demo invents people and an identity provider", file=sys.stderr)
        return 2
    folder = Path(settings.OCAPI.project) / "content" / "demo"
    organizations, people = _read(folder)
    now = clock.now()
    for facts in organizations:
        _organization(facts, people, now=now)
        print(f"  {facts.name}", flush=True)
    _identity_provider(organizations, people)
    return 0


def _read(folder: Path) -> "tuple[tuple[_Organization, ...], tuple[_Person, ...]]":
    from ocapi.lib import codec
    from ocapi.main.demo_data import Organizations, People

    organizations = codec.decode_yaml((folder / "organizations.yaml").read_bytes(), Organizations)
    people = codec.decode_yaml((folder / "persons.yaml").read_bytes(), People)
    return organizations.organizations, people.persons
