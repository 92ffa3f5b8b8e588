"""The manifest of insight."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
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
from ocapi.kernel.registry.extensions import content_loaders, import_formats
from ocapi.lib.actor import Assurance
from ocapi.modules.insight import events
from ocapi.modules.insight.adapters.importing import FORMATS
from ocapi.modules.insight.adapters.open_figures import OpenFigures
from ocapi.modules.insight.adapters.open_questions import OpenQuestions
from ocapi.modules.insight.adapters.packs import (
    DashboardsLoader,
    DatasetRowsLoader,
    DatasetsLoader,
    DomainsLoader,
    IndicatorsLoader,
    OwnDomains,
)
from ocapi.modules.opendata.extensions import dataset_sources
from ocapi.modules.services.extensions import domain_sources

STAFF = {
    "anonymous": Cell.LOGIN,
    "citizen_self": Cell.DENY,
    "citizen_other": Cell.DENY,
    "represented": Cell.DENY,
    "supplier": Cell.DENY,
    "suspended": Cell.DENY,
}
READERS = {
    **STAFF,
    "clerk": Cell.ALLOW,
    "policy_maker": Cell.ALLOW,
    "dpo": Cell.ALLOW,
    "tenant_admin": Cell.ALLOW,
    "collective_admin": Cell.ALLOW,
    "peer_system": Cell.ALLOW,
}
MAKERS = {
    **STAFF,
    "clerk": Cell.DENY,
    "policy_maker": Cell.ALLOW,
    "dpo": Cell.DENY,
    "tenant_admin": Cell.DENY,
    "collective_admin": Cell.ALLOW,
    "peer_system": Cell.DENY,
}
EVERYBODY = dict.fromkeys((*READERS, *MAKERS), Cell.ALLOW)

OPERATIONS = (
    Operation(
        name="insight.read_open_indicators",
        surface=Surface.PUBLIC,
        resource="indicator",
        cells=EVERYBODY,
        note="only indicators whose definition is open, only counts of at least five, ten for movement",
    ),
    Operation(
        name="insight.read_indicators",
        surface=Surface.DESK,
        resource="indicator",
        min_loa=Assurance.SUBSTANTIAL,
        scope="insight:indicators:read",
        cells=READERS,
        note="counts without persons; small groups can't be read or computed",
    ),
    Operation(
        name="insight.write_note",
        surface=Surface.DESK,
        resource="indicator",
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        cells=MAKERS,
    ),
    Operation(
        name="insight.edit_indicators",
        surface=Surface.DESK,
        resource="indicator",
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        cells=MAKERS,
        note="formulas, dashboards and outlines for maps of the own organization",
    ),
    Operation(
        name="insight.ask_question",
        surface=Surface.DESK,
        resource="dataset",
        min_loa=Assurance.SUBSTANTIAL,
        cells=MAKERS,
        note="read-only questions over open datasets, bounded; never over counts of persons",
    ),
    Operation(
        name="insight.compute_indicators",
        surface=Surface.COMMAND,
        resource="indicator",
        cells={"tenant_admin": Cell.ALLOW},
        note="done by the worker and at the command line",
    ),
    Operation(
        name="insight.read_figures",
        surface=Surface.DESK,
        resource="figures",
        min_loa=Assurance.SUBSTANTIAL,
        scope="insight:figures:read",
        note="counts without persons; groups under five can't be read or computed",
        cells={
            "anonymous": Cell.LOGIN,
            "citizen_self": Cell.DENY,
            "citizen_other": Cell.DENY,
            "represented": Cell.DENY,
            "clerk": Cell.DENY,
            "policy_maker": Cell.ALLOW,
            "dpo": Cell.DENY,
            "tenant_admin": Cell.DENY,
            "collective_admin": Cell.ALLOW,
            "supplier": Cell.DENY,
            "peer_system": Cell.ALLOW,
            "suspended": Cell.DENY,
        },
    ),
)

MANIFEST = Manifest(
    name="insight",
    title=Title(nl="Beleid in cijfers", en="Insight"),
    purpose="What the service requests of an organization and of its peers say, small groups unreadable.",
    layer="journeys",
    kinds=ALL_KINDS,
    mounts=(
        Mount(prefix="desk/beleid/", urls="ocapi.modules.insight.urls", audience=Audience.DESK),
        Mount(prefix="cijfers/", urls="ocapi.modules.insight.urls.public", audience=Audience.PUBLIC),
    ),
    apis=(
        rest_api("insight", Title(nl="Beleid in cijfers", en="Insight")),
    ),
    scopes={
        "insight:figures:read": Title(
            nl="Cijfers over aanvragen lezen",
            en="read figures of requests",
        ),
        "insight:indicators:read": Title(
            nl="Indicatoren lezen",
            en="read indicators",
        ),
    },
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Beleid in cijfers", en="Policy figures"),
            url_name="insight:overview",
            operation="insight.read_figures",
            order=60,
            icon="chart",
            hint=Title(
                nl="Aanvragen per dienst, domein en gemeente.",
                en="Requests by service, domain and municipality.",
            ),
        ),
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Indicatoren", en="Indicators"),
            url_name="insight:indicators",
            operation="insight.read_indicators",
            order=61,
            icon="chart",
            hint=Title(
                nl="Hoe de gemeente het doet, per domein, met doel en vergelijking.",
                en="How the municipality does, by domain, with target and comparison.",
            ),
        ),
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Dashboards", en="Dashboards"),
            url_name="insight:dashboards",
            operation="insight.read_indicators",
            order=62,
            icon="chart",
            hint=Title(
                nl="Startpagina's per rol en eigen dashboards.",
                en="Start pages by role and own dashboards.",
            ),
        ),
    ),
    events_out=(events.FiguresPublished, events.ComparisonPublished),
    events_in=(
        EventIn(event_type="be.ocapi.cases.case.received.v1", handler="insight.count_received"),
        EventIn(event_type="be.ocapi.cases.case.decided.v1", handler="insight.count_decided"),
        EventIn(event_type="be.ocapi.cases.case.closed.v1", handler="insight.count_closed"),
        EventIn(event_type="be.ocapi.insight.figures.published.v1", handler="insight.take_figures"),
        EventIn(event_type="be.ocapi.insight.comparison.published.v1", handler="insight.take_comparison"),
    ),
    provides=(
        (content_loaders, DomainsLoader),
        (content_loaders, DatasetsLoader),
        (content_loaders, DatasetRowsLoader),
        (content_loaders, IndicatorsLoader),
        (content_loaders, DashboardsLoader),
        (domain_sources, OwnDomains),
        (dataset_sources, OpenFigures),
        (dataset_sources, OpenQuestions),
        *((import_formats, each) for each in FORMATS),
    ),
    handlers="ocapi.modules.insight.handlers",
    jobs="ocapi.modules.insight.jobs",
    commands=(
        Command(
            name="rebuild",
            help="count the figures again from the facts in the outbox",
            function="ocapi.modules.insight.commands.rebuild",
        ),
        Command(
            name="compute",
            help="compute the indicators whose formula or data are new",
            function="ocapi.modules.insight.commands.compute",
        ),
        Command(
            name="load",
            help="load a CSV file as the newest version of a dataset",
            function="ocapi.modules.insight.commands.load",
        ),
        Command(
            name="forecast",
            help="foretell an indicator by statsmodels (an extra), beside the forecast of the screens",
            function="ocapi.modules.insight.commands.forecast",
        ),
        Command(
            name="outlines",
            help="load the borders of municipalities for maps",
            function="ocapi.modules.insight.commands.outlines",
        ),
    ),
    content=("smart-city-domains", "indicators"),
    personal_data=(
        PersonalData(
            activity=Title(nl="Notities bij cijfers", en="Notes on figures"),
            purpose="insight.write_note",
            legal_basis="publicTask",
            categories=("staff",),
            subjects=("members of staff",),
            retention="noteRetention: until the writer removes the note, or the writer is erased",
            recipients=("colleagues who may read indicators",),
        ),
    ),
    standards=("BelGIF REST guide 2026-06-12", "CloudEvents 1.0"),
    carry="whole",
    tier=Tier.BRONZE,
)
