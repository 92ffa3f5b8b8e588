"""What the platform knows of exchange."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Audience,
    Manifest,
    Mount,
    Navigation,
    PersonalData,
    Setting,
    Title,
    rest_api,
)
from ocapi.lib.actor import Assurance
from ocapi.modules.exchange.adapters.national_register_stub import NationalRegisterStub, NoNationalRegister
from ocapi.modules.exchange.events import ApplicationRegistered, ApplicationRevoked
from ocapi.modules.exchange.extensions import authentic_sources

ADMINS = {
    "anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW,
    "suspended": Cell.DENY,
}

MANIFEST = Manifest(
    name="exchange",
    title=Title(nl="Gegevensuitwisseling", en="Data exchange"),
    purpose="machine accounts and access tokens, authentic sources, policy snapshot of the data plane",
    layer="engine 2",
    kinds=ALL_KINDS,
    mounts=(Mount(prefix="", urls="ocapi.modules.exchange.urls", audience=Audience.DESK),),
    apis=(
        rest_api("audit", Title(nl="Logboek: bewijzen", en="Log: proofs")),
        rest_api("webhooks", Title(nl="Webhooks", en="Webhooks")),
    ),
    scopes={
        "audit:proofs:read": Title(
            nl="Bewijzen van het logboek lezen",
            en="read proofs of the log",
        ),
        "jobs:deadJobs:read": Title(
            nl="Vastgelopen taken bekijken",
            en="read jobs that gave up",
        ),
        "jobs:deadJobs:write": Title(
            nl="Vastgelopen taken opnieuw starten",
            en="start jobs that gave up again",
        ),
        "jobs:deliveries:read": Title(
            nl="Leveringen van webhooks bekijken",
            en="read deliveries of webhooks",
        ),
        "jobs:deliveries:write": Title(
            nl="Leveringen van webhooks opnieuw sturen",
            en="send deliveries of webhooks again",
        ),
        "jobs:follows:write": Title(
            nl="Gebeurtenissen van een andere organisatie volgen",
            en="follow events of another organization",
        ),
        "jobs:subscriptions:write": Title(
            nl="Webhooks aanmaken en stoppen",
            en="make and end webhooks",
        ),
    },
    operations=(
        Operation(
            name="exchange.list_applications", surface=Surface.DESK, resource="application", cells=ADMINS,
            min_loa=Assurance.SUBSTANTIAL,
        ),
        Operation(
            name="exchange.register_application", surface=Surface.DESK, resource="application", cells=ADMINS,
            min_loa=Assurance.HIGH, leaf=Leaf.CHANGE,
        ),
        Operation(
            name="exchange.revoke_application", surface=Surface.DESK, resource="application", cells=ADMINS,
            min_loa=Assurance.HIGH, leaf=Leaf.CHANGE,
        ),
        Operation(
            name="exchange.list_webhooks", surface=Surface.DESK, resource="webhookSubscription", cells=ADMINS,
            min_loa=Assurance.SUBSTANTIAL, note="leads to the page; what it does asks the operations of jobs",
        ),
        Operation(
            name="exchange.consult_national_register", surface=Surface.DESK, resource="person", personal=True,
            min_loa=Assurance.SUBSTANTIAL, leaf=Leaf.CONSULTATION, purpose="prefill",
            note="citizens for themselves, staff for a case; the purpose of the caller goes into the leaf",
            cells={
                "anonymous": Cell.LOGIN, "citizen_self": Cell.OWN, "citizen_other": Cell.HIDE,
                "represented": Cell.OWN, "clerk": Cell.ALLOW, "suspended": Cell.DENY,
            },
        ),
    ),
    navigation=(
        Navigation(
            audience=Audience.DESK, title=Title(nl="Koppelingen", en="Applications"),
            url_name="exchange:applications", operation="exchange.list_applications", order=80, icon="key",
            hint=Title(
                nl="Toepassingen die met onze API werken.",
                en="Applications that work with our API.",
            ),
        ),
        Navigation(
            audience=Audience.DESK, title=Title(nl="Webhooks", en="Webhooks"), url_name="exchange:webhooks",
            operation="exchange.list_webhooks", order=81, icon="bell",
            hint=Title(
                nl="Wie bericht krijgt, en wat niet aankwam.",
                en="Who is told of facts, and what did not arrive.",
            ),
        ),
    ),
    settings=(
        Setting(
            key="national_register", title=Title(nl="Rijksregister", en="National register"), default="stub",
            choices=("stub", "off"),
        ),
    ),
    events_out=(ApplicationRegistered, ApplicationRevoked),
    extension_points=("authentic_sources",),
    provides=((authentic_sources, NationalRegisterStub), (authentic_sources, NoNationalRegister)),
    jobs="ocapi.modules.exchange.jobs",
    personal_data=(
        PersonalData(
            activity=Title(
                nl="Stand-in voor het Rijksregister met verzonnen personen",
                en="Stand-in for the national register, with invented persons",
            ),
            purpose="demo", legal_basis="publicTask", categories=("identification",),
            subjects=("invented persons",), retention="demo",
        ),
    ),
    standards=("RFC 6749", "RFC 7523", "RFC 8414", "RFC 9068", "BelGIF REST guide"),
    carry="whole",
)
