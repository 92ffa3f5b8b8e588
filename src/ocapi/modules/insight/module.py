"""The manifest of insight."""

from ocapi.kernel.access.data import Cell, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Audience,
    Command,
    EventIn,
    Manifest,
    Mount,
    Navigation,
    Tier,
    Title,
)
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.lib.actor import Assurance
from ocapi.modules.insight import events
from ocapi.modules.insight.adapters.open_figures import OpenFigures
from ocapi.modules.insight.adapters.packs import DomainsLoader, OwnDomains
from ocapi.modules.opendata.extensions import dataset_sources
from ocapi.modules.services.extensions import domain_sources

OPERATIONS = (
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
    mounts=(Mount(prefix="desk/beleid/", urls="ocapi.modules.insight.urls", audience=Audience.DESK),),
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
        (content_loaders, DomainsLoader), (domain_sources, OwnDomains), (dataset_sources, OpenFigures),
    ),
    handlers="ocapi.modules.insight.handlers",
    jobs="ocapi.modules.insight.jobs",
    commands=(
        Command(
            name="rebuild",
            help="count the figures again from the facts in the outbox",
            function="ocapi.modules.insight.commands.rebuild",
        ),
    ),
    content=("smart-city-domains",),
    standards=("BelGIF REST guide 2026-06-12", "CloudEvents 1.0"),
    carry="whole",
    tier=Tier.BRONZE,
)
