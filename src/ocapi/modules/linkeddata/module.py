"""The manifest of linkeddata."""

from ocapi.kernel.access.data import PARTIES, Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Api,
    Audience,
    Command,
    EventIn,
    Manifest,
    Mount,
    Navigation,
    PersonalData,
    Tier,
    Title,
    rest_api,
)
from ocapi.kernel.registry.extensions import content_loaders, import_formats, uri_resolvers
from ocapi.lib.actor import Assurance
from ocapi.modules.linkeddata.adapters.packs import ProfileLoader
from ocapi.modules.linkeddata.adapters.pages import ObjectDocuments
from ocapi.modules.linkeddata.adapters.standards import StandardsFormat
from ocapi.modules.linkeddata.events import ObjectChanged, ServiceCreated, ServiceUpgraded

_EVERYBODY = dict.fromkeys(PARTIES, Cell.ALLOW)
_STAFF = {
    "anonymous": Cell.LOGIN,
    "clerk": Cell.ALLOW,
    "policy_maker": Cell.ALLOW,
    "dpo": Cell.ALLOW,
    "tenant_admin": Cell.ALLOW,
    "collective_admin": Cell.ALLOW,
    "peer_system": Cell.ALLOW,
}
_KEEPERS = {
    "anonymous": Cell.LOGIN,
    "clerk": Cell.ALLOW,
    "tenant_admin": Cell.ALLOW,
    "peer_system": Cell.ALLOW,
}
_HANDLERS = {"anonymous": Cell.LOGIN, "clerk": Cell.ALLOW, "peer_system": Cell.ALLOW}
_REPORTERS = {
    **dict.fromkeys(PARTIES, Cell.DENY),
    "anonymous": Cell.LOGIN,
    "citizen_self": Cell.OWN,
    "citizen_other": Cell.HIDE,
    "represented": Cell.OWN,
    "clerk": Cell.ALLOW,
}

OPERATIONS = (
    Operation(
        name="linkeddata.list_services",
        surface=Surface.PUBLIC,
        resource="dataService",
        cells=_EVERYBODY,
        note="shows the services whose objects the caller may read",
    ),
    Operation(
        name="linkeddata.read_open",
        surface=Surface.PUBLIC,
        resource="linkedObject",
        cells=_EVERYBODY,
        note="open services; for the others the door asks read_internal or read_personal",
    ),
    Operation(
        name="linkeddata.read_internal",
        surface=Surface.REST,
        resource="linkedObject",
        cells=_STAFF,
        min_loa=Assurance.SUBSTANTIAL,
        scope="linkeddata:objects:read",
        note="services for the organization itself; no personal data",
    ),
    Operation(
        name="linkeddata.read_personal",
        surface=Surface.REST,
        resource="linkedObject",
        cells=_HANDLERS,
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CONSULTATION,
        purpose="linkedData",
        scope="linkeddata:personal:read",
    ),
    Operation(
        name="linkeddata.write",
        surface=Surface.REST,
        resource="linkedObject",
        cells=_KEEPERS,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        scope="linkeddata:objects:write",
    ),
    Operation(
        name="linkeddata.write_personal",
        surface=Surface.REST,
        resource="linkedObject",
        cells=_HANDLERS,
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        purpose="linkedData",
        scope="linkeddata:personal:write",
    ),
    Operation(
        name="linkeddata.report",
        surface=Surface.PUBLIC,
        resource="valueReport",
        cells=_REPORTERS,
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        purpose="reportedValues",
        note="of an object that the reporter may read; the door asks the operation of its service too",
    ),
    Operation(
        name="linkeddata.load_standards",
        surface=Surface.DESK,
        resource="standardsRegister",
        cells={"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW},
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        note="puts a public register of standards in place of the one before; no personal data",
    ),
)

MANIFEST = Manifest(
    name="linkeddata",
    title=Title(nl="Linked data", en="Linked data"),
    purpose="an application profile in, a running data service out: validation, versions, formats, access",
    layer="engine 2",
    kinds=ALL_KINDS,
    mounts=(Mount(prefix="", urls="ocapi.modules.linkeddata.urls", audience=Audience.PUBLIC),),
    apis=(
        rest_api("linkeddata", Title(nl="Datadiensten", en="Linked data")),
        Api(
            path="geo",
            title=Title(nl="Open data op de kaart", en="Open data on the map"),
            standard="OGC API Features",
        ),
        Api(
            path="sparql",
            title=Title(nl="Vragen over open gegevens", en="Questions about open data"),
            standard="SPARQL 1.1 Protocol",
        ),
    ),
    scopes={
        "linkeddata:objects:read": Title(
            nl="Objecten van interne datadiensten lezen",
            en="read objects of internal data services",
        ),
        "linkeddata:objects:write": Title(
            nl="Objecten van datadiensten schrijven",
            en="write objects of data services",
        ),
        "linkeddata:personal:read": Title(
            nl="Objecten met persoonsgegevens lezen",
            en="read objects with personal data",
        ),
        "linkeddata:personal:write": Title(
            nl="Objecten met persoonsgegevens schrijven",
            en="write objects with personal data",
        ),
    },
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Datadiensten", en="Data services"),
            url_name="linkeddata:overview",
            operation="linkeddata.read_internal",
            order=82,
            icon="book",
            hint=Title(
                nl="Gegevens volgens Vlaamse standaarden, voor mens en machine.",
                en="Data by Flemish standards, for people and machines.",
            ),
        ),
    ),
    events_out=(ObjectChanged, ServiceCreated, ServiceUpgraded),
    events_in=(
        EventIn(
            event_type="be.ocapi.linkeddata.object.changed.v1",
            handler="ocapi.modules.linkeddata.handlers.keep_full_pages",
        ),
        EventIn(
            event_type="be.ocapi.linkeddata.object.changed.v1",
            handler="ocapi.modules.linkeddata.handlers.keep_index",
        ),
    ),
    handlers="ocapi.modules.linkeddata.handlers",
    jobs="ocapi.modules.linkeddata.jobs",
    extension_points=("report_desks", "version_pages"),
    provides=(
        (uri_resolvers, ObjectDocuments),
        (content_loaders, ProfileLoader),
        (import_formats, StandardsFormat),
    ),
    content=("data-services",),
    commands=(
        Command(
            name="create",
            help="make a data service of a profile",
            function="ocapi.modules.linkeddata.commands.create",
        ),
        Command(
            name="lint",
            help="say what is wrong in profiles",
            needs_tenant=False,
            function="ocapi.modules.linkeddata.commands.lint",
        ),
        Command(
            name="load-authorities",
            help="fill the service of public bodies with all that the shipped registers know",
            function="ocapi.modules.linkeddata.commands.load_authorities",
        ),
        Command(
            name="follow",
            help="bring what a feed elsewhere (LDES) has new into a service",
            function="ocapi.modules.linkeddata.commands.follow",
        ),
        Command(
            name="add-view",
            help="give the feed of a service one more view: by group of objects, or by class",
            function="ocapi.modules.linkeddata.commands.add_view",
        ),
        Command(
            name="upgrade",
            help="compare a service with another version of its profile, and take it into use",
            function="ocapi.modules.linkeddata.commands.upgrade",
        ),
        Command(
            name="rebuild",
            help="make the features and the index for questions (SPARQL) anew from the objects",
            function="ocapi.modules.linkeddata.commands.rebuild",
        ),
        Command(
            name="show", help="show the data services", function="ocapi.modules.linkeddata.commands.show"
        ),
    ),
    personal_data=(
        PersonalData(
            activity=Title(nl="Datadiensten over personen", en="Data services about persons"),
            purpose="linkedData",
            legal_basis="publicTask",
            categories=("content",),
            subjects=("inhabitants",),
            retention="serviceDefined",
        ),
        PersonalData(
            activity=Title(nl="Meldingen van foute gegevens", en="Reports of wrong values"),
            purpose="reportedValues",
            legal_basis="publicTask",
            categories=("content",),
            subjects=("reporters",),
            retention="caseRetention: the case that the report becomes",
        ),
    ),
    standards=(
        "OSLO",
        "SHACL",
        "JSON-LD 1.1",
        "RDF 1.1",
        "LDES",
        "TREE",
        "SPARQL 1.1",
        "OGC API Features 1 + 2",
        "CQL2",
        "BelGIF REST guide 2026-06-12",
    ),
    carry="whole",
    tier=Tier.BRONZE,
)
