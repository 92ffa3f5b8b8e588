"""The manifest of the portal."""

from ocapi.kernel.access.data import PARTIES, Cell, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Audience,
    Manifest,
    Mount,
    Navigation,
    PersonalData,
    Tier,
    Title,
)
from ocapi.lib.actor import Assurance

_EVERYBODY = dict.fromkeys(PARTIES, Cell.ALLOW)

OPERATIONS = (
    Operation(
        name="portal.read",
        surface=Surface.PUBLIC,
        resource="page",
        cells=_EVERYBODY,
        note="home, product pages and what a form asks are public",
    ),
    Operation(
        name="portal.own",
        surface=Surface.CITIZEN,
        resource="ownPage",
        min_loa=Assurance.SUBSTANTIAL,
        cells={
            "anonymous": Cell.LOGIN,
            "citizen_self": Cell.ALLOW,
            "represented": Cell.ALLOW,
            "suspended": Cell.DENY,
        },
        note="a shell only: each list on it asks its own operation and writes its own leaf",
    ),
)


def _own(nl: str, en: str, name: str, order: int, icon: str) -> Navigation:
    return Navigation(
        audience=Audience.CITIZEN,
        title=Title(nl=nl, en=en),
        url_name=f"portal:{name}",
        operation="portal.own",
        order=order,
        icon=icon,
    )


def _public(nl: str, en: str, name: str, order: int, operation: str = "portal.read") -> Navigation:
    return Navigation(
        audience=Audience.PUBLIC,
        title=Title(nl=nl, en=en),
        url_name=name,
        operation=operation,
        order=order,
    )


MANIFEST = Manifest(
    name="portal",
    title=Title(nl="Portaal", en="Portal"),
    purpose="The citizen's site: find a service, ask for it, follow it, and see who looked at one's data.",
    layer="journeys",
    kinds=ALL_KINDS,
    mounts=(Mount(prefix="", urls="ocapi.modules.portal.urls", audience=Audience.PUBLIC),),
    operations=OPERATIONS,
    navigation=(
        _public("Diensten", "Services", "portal:services", 10),
        _public("Mijn zaken", "My cases", "portal:cases", 30, "portal.own"),
        _public("Contact", "Contact", "contact", 40),
        _own("Overzicht", "Overview", "own", 10, "home"),
        _own("Mijn zaken", "My cases", "cases", 20, "folder"),
        _own("Berichten", "Messages", "messages", 30, "message"),
        _own("Mijn gegevens", "My data", "data", 40, "person"),
        _own("Wie keek naar mijn gegevens", "Who looked at my data", "consultations", 50, "eye"),
    ),
    personal_data=(
        PersonalData(
            activity=Title(
                nl="Ingevulde tekst bewaren bij een verlopen sessie",
                en="Keeping typed text when a session ends",
            ),
            purpose="portal.keepTyped",
            legal_basis="publicTask",
            categories=("content",),
            subjects=("applicants",),
            retention="parkedText: 30 minutes, encrypted, in the visitor's own session",
        ),
    ),
    standards=("WCAG 2.2 AA", "EN 301 549"),
    carry="none",
    tier=Tier.BRONZE,
)
