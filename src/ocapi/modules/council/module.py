"""The manifest of council."""

from ocapi.kernel.access.data import PARTIES, Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    LOCAL,
    Audience,
    Command,
    Manifest,
    Mount,
    Navigation,
    PersonalData,
    Setting,
    Tier,
    Title,
    rest_api,
)
from ocapi.kernel.registry.extensions import uri_resolvers
from ocapi.lib.actor import Assurance
from ocapi.modules.council.adapters.pages import CouncilPages
from ocapi.modules.council.events import DocumentPublished

_SECRETARIES = {"anonymous": Cell.LOGIN, "clerk": Cell.ALLOW, "tenant_admin": Cell.ALLOW}

OPERATIONS = (
    Operation(
        name="council.read_public",
        surface=Surface.PUBLIC,
        resource="publication",
        cells=dict.fromkeys(PARTIES, Cell.ALLOW),
        note="published documents and the names of mandate holders are public by law",
    ),
    Operation(
        name="council.read",
        surface=Surface.DESK,
        resource="meeting",
        cells={**_SECRETARIES, "policy_maker": Cell.ALLOW, "dpo": Cell.ALLOW},
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CONSULTATION,
        purpose="council.record",
        note="closed points and drafts too",
    ),
    Operation(
        name="council.write",
        surface=Surface.DESK,
        resource="meeting",
        cells=_SECRETARIES,
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        purpose="council.record",
    ),
    Operation(
        name="council.publish",
        surface=Surface.DESK,
        resource="publication",
        cells=_SECRETARIES,
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        purpose="council.record",
        four_eyes=True,
        note="never by the person who prepared it",
    ),
    Operation(
        name="council.set_up",
        surface=Surface.DESK,
        resource="mandate",
        cells={"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "clerk": Cell.ALLOW},
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        purpose="council.record",
    ),
)

MANIFEST = Manifest(
    name="council",
    title=Title(nl="Zittingen en besluiten", en="Meetings and decisions"),
    purpose="Meetings, decisions, votes and mandates of governing bodies, published as linked data.",
    layer="domains",
    kinds=LOCAL,
    mounts=(
        Mount(prefix="", urls="ocapi.modules.council.public_urls", audience=Audience.PUBLIC),
        Mount(prefix="desk/zittingen/", urls="ocapi.modules.council.desk_urls", audience=Audience.DESK),
    ),
    apis=(
        rest_api("council", Title(nl="Zittingen en besluiten", en="Meetings and decisions")),
    ),
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Zittingen", en="Meetings"),
            url_name="council-desk:meetings",
            operation="council.read",
            order=45,
            icon="calendar",
            hint=Title(
                nl="Agenda, stemming, besluit en bekendmaking.", en="Agenda, vote, decision, publication."
            ),
        ),
        Navigation(
            audience=Audience.PUBLIC,
            title=Title(nl="Besluiten", en="Decisions"),
            url_name="council:overview",
            operation="council.read_public",
            order=40,
            icon="document",
        ),
    ),
    settings=(
        Setting(
            key="unit_iri",
            title=Title(nl="IRI van de bestuurseenheid", en="IRI of the administrative unit"),
            default="",
        ),
        Setting(
            key="area_iri",
            title=Title(nl="IRI van het werkingsgebied", en="IRI of the territory"),
            default="",
        ),
    ),
    events_out=(DocumentPublished,),
    provides=((uri_resolvers, CouncilPages),),
    jobs="ocapi.modules.council.jobs",
    commands=(
        Command(
            name="report-to",
            help="say where publications are reported to the supervisor (LBLOD)",
            function="ocapi.modules.council.commands.report_to",
        ),
    ),
    personal_data=(
        PersonalData(
            activity=Title(nl="Zittingen, besluiten en mandaten", en="Meetings, decisions and mandates"),
            purpose="council.record",
            legal_basis="legalObligation",
            categories=("identification", "content", "staff"),
            subjects=("mandateHolders", "inhabitants", "staff"),
            retention="permanent",
            recipients=("public", "supervisor"),
        ),
    ),
    standards=(
        "OSLO besluit-publicatie",
        "OSLO mandatendatabank",
        "LBLOD",
        "RDFa 1.1",
        "LDES",
        "TREE",
        "BelGIF REST guide 2026-06-12",
    ),
    carry="whole",
    tier=Tier.BRONZE,
)
