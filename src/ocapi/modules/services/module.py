"""The manifest of services."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    LOCAL,
    Audience,
    Command,
    Manifest,
    Mount,
    Navigation,
    Setting,
    Tier,
    Title,
    rest_api,
)
from ocapi.kernel.registry.extensions import (
    content_loaders,
    import_formats,
    setting_followers,
    uri_resolvers,
)
from ocapi.lib.actor import Assurance
from ocapi.modules.linkeddata.extensions import version_pages
from ocapi.modules.services.adapters.lpdc import ConceptFormat, InstanceFormat, InstanceVersions, ServicePages
from ocapi.modules.services.adapters.packs import LifeEventLoader, PackDomains, ServiceLoader
from ocapi.modules.services.adapters.settings import SearchInForm
from ocapi.modules.services.extensions import domain_sources

OPERATIONS = (
    Operation(
        name="services.read",
        surface=Surface.PUBLIC,
        resource="publicService",
        note="product texts are public, also for machines",
        cells={
            "anonymous": Cell.ALLOW,
            "citizen_self": Cell.ALLOW,
            "citizen_other": Cell.ALLOW,
            "represented": Cell.ALLOW,
            "clerk": Cell.ALLOW,
            "policy_maker": Cell.ALLOW,
            "dpo": Cell.ALLOW,
            "tenant_admin": Cell.ALLOW,
            "collective_admin": Cell.ALLOW,
            "supplier": Cell.ALLOW,
            "peer_system": Cell.ALLOW,
            "suspended": Cell.ALLOW,
        },
    ),
    Operation(
        name="services.read_catalog",
        surface=Surface.DESK,
        resource="serviceConcept",
        min_loa=Assurance.SUBSTANTIAL,
        note="working material of the staff, no personal data",
        cells={
            "anonymous": Cell.LOGIN,
            "clerk": Cell.ALLOW,
            "policy_maker": Cell.ALLOW,
            "dpo": Cell.ALLOW,
            "tenant_admin": Cell.ALLOW,
            "collective_admin": Cell.ALLOW,
            "suspended": Cell.DENY,
        },
    ),
    Operation(
        name="services.write_instance",
        surface=Surface.DESK,
        resource="serviceInstance",
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        note="local instances become public product pages; no personal data",
        cells={"anonymous": Cell.LOGIN, "clerk": Cell.ALLOW, "tenant_admin": Cell.ALLOW},
    ),
)

MANIFEST = Manifest(
    name="services",
    title=Title(nl="Diensten", en="Public services"),
    purpose="The public service catalogue: own product texts, and what the regional catalogue offers.",
    layer="registers",
    kinds=LOCAL,
    mounts=(
        Mount(prefix="desk/diensten/", urls="ocapi.modules.services.urls", audience=Audience.DESK),
        Mount(prefix="", urls="ocapi.modules.services.public_urls", audience=Audience.PUBLIC),
    ),
    settings=(
        Setting(
            key="authority_iri",
            default="",
            title=Title(nl="IRI van de bevoegde overheid", en="IRI of the competent authority"),
        ),
        Setting(
            key="area_code",
            default="",
            title=Title(
                nl="Code van het grondgebied (NUTS of LAU)", en="Code of the territory (NUTS or LAU)"
            ),
        ),
    ),
    apis=(
        rest_api("services", Title(nl="Diensten", en="Public services")),
    ),
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Dienstencatalogus", en="Service catalogue"),
            url_name="services:catalog",
            operation="services.read_catalog",
            order=40,
            icon="book",
            hint=Title(
                nl="Concepten en instanties uit de Vlaamse catalogus.",
                en="Concepts and instances of the regional catalogue.",
            ),
        ),
    ),
    extension_points=("domain_sources",),
    provides=(
        (content_loaders, ServiceLoader),
        (content_loaders, LifeEventLoader),
        (import_formats, ConceptFormat),
        (import_formats, InstanceFormat),
        (uri_resolvers, ServicePages),
        (version_pages, InstanceVersions),
        (setting_followers, SearchInForm),
        (domain_sources, PackDomains),
    ),
    commands=(
        Command(
            name="reindex",
            help="put every service into search again",
            function="ocapi.modules.services.commands.reindex",
        ),
        Command(
            name="publish",
            help="publish the product pages in the feed of services",
            function="ocapi.modules.services.commands.publish",
        ),
    ),
    content=("public-services",),
    standards=("CPSV-AP 3.2.0", "IPDC-LPDC", "LDES", "TREE", "BelGIF REST guide 2026-06-12"),
    carry="whole",
    tier=Tier.BRONZE,
)
