"""The manifest of opendata."""

from ocapi.kernel.access.data import PARTIES, Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Api,
    Audience,
    Command,
    Manifest,
    Mount,
    Navigation,
    Tier,
    Title,
)
from ocapi.kernel.registry.extensions import uri_resolvers
from ocapi.lib.actor import Assurance
from ocapi.modules.capture.extensions import sensor_publishers
from ocapi.modules.opendata.adapters.data_services import DataServices
from ocapi.modules.opendata.adapters.pages import DatasetPages
from ocapi.modules.opendata.adapters.sensor_objects import SensorObjects
from ocapi.modules.opendata.adapters.sensor_series import SensorSeries
from ocapi.modules.opendata.adapters.sensor_switch import SensorSwitch
from ocapi.modules.opendata.adapters.service_list import ServiceList
from ocapi.modules.opendata.events import DatasetPublished, DatasetWithdrawn
from ocapi.modules.opendata.extensions import dataset_sources, linked_sources

_EVERYBODY = dict.fromkeys(PARTIES, Cell.ALLOW)
_STAFF = {
    "anonymous": Cell.LOGIN,
    "clerk": Cell.ALLOW,
    "policy_maker": Cell.ALLOW,
    "dpo": Cell.ALLOW,
    "tenant_admin": Cell.ALLOW,
    "collective_admin": Cell.ALLOW,
}
_PUBLISHERS = {
    "anonymous": Cell.LOGIN,
    "policy_maker": Cell.ALLOW,
    "dpo": Cell.ALLOW,
    "tenant_admin": Cell.ALLOW,
}
_ADMINS = {"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW}

OPERATIONS = (
    Operation(
        name="opendata.read_catalog",
        surface=Surface.PUBLIC,
        resource="dataset",
        cells=_EVERYBODY,
        note="what went through the gate; never a proposal",
    ),
    Operation(
        name="opendata.list_own",
        surface=Surface.DESK,
        resource="dataset",
        cells=_STAFF,
        min_loa=Assurance.SUBSTANTIAL,
        note="titles, states and evidence of publishing; no rows",
    ),
    Operation(
        name="opendata.publish",
        surface=Surface.DESK,
        resource="dataset",
        cells=_PUBLISHERS,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        note="rows as the gate lets them through; near persons a second person approves",
    ),
    Operation(
        name="opendata.approve",
        surface=Surface.DESK,
        resource="dataset",
        cells=_PUBLISHERS,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        four_eyes=True,
        note="never by who proposed it",
    ),
    Operation(
        name="opendata.withdraw",
        surface=Surface.DESK,
        resource="dataset",
        cells=_PUBLISHERS,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        note="by one person: taking out is never wrong",
    ),
    Operation(
        name="opendata.list_sources",
        surface=Surface.DESK,
        resource="harvestSource",
        cells=_STAFF,
        min_loa=Assurance.SUBSTANTIAL,
    ),
    Operation(
        name="opendata.keep_sources",
        surface=Surface.DESK,
        resource="harvestSource",
        cells=_ADMINS,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        note="approves a host that is called from then on",
    ),
)

MANIFEST = Manifest(
    name="opendata",
    title=Title(nl="Open data", en="Open data"),
    purpose="dataset portal, DCAT-AP, publishing through the privacy gate, harvesting in and out",
    layer="domains",
    kinds=ALL_KINDS,
    mounts=(Mount(prefix="", urls="ocapi.modules.opendata.urls", audience=Audience.PUBLIC),),
    apis=(
        Api(
            path="api/3/action",
            title=Title(nl="Catalogus van open data", en="Catalog of open data"),
            standard="CKAN API 3",
        ),
        Api(
            path="open-data/catalog.jsonld",
            title=Title(nl="Catalogus van open data", en="Catalog of open data"),
            standard="DCAT-AP 3",
        ),
    ),
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.PUBLIC,
            title=Title(nl="Open data", en="Open data"),
            url_name="opendata:catalog",
            operation="opendata.read_catalog",
            order=35,
        ),
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Open data", en="Open data"),
            url_name="opendata:desk",
            operation="opendata.list_own",
            order=83,
            icon="book",
            hint=Title(
                nl="Deel gegevens met iedereen, veilig en volgens de standaard.",
                en="Share data with everybody, safely and by the standard.",
            ),
        ),
    ),
    events_out=(DatasetPublished, DatasetWithdrawn),
    extension_points=("dataset_sources", "linked_sources"),
    provides=(
        (dataset_sources, SensorSeries),
        (dataset_sources, ServiceList),
        (dataset_sources, DataServices),
        (linked_sources, SensorObjects),
        (sensor_publishers, SensorSwitch),
        (uri_resolvers, DatasetPages),
    ),
    jobs="ocapi.modules.opendata.jobs",
    commands=(
        Command(
            name="harvest",
            help="harvest every active source now",
            function="ocapi.modules.opendata.commands.harvest",
        ),
        Command(
            name="renew",
            help="renew the rows of the organization's own datasets now",
            function="ocapi.modules.opendata.commands.renew",
        ),
    ),
    standards=(
        "DCAT-AP 3.0.1",
        "DCAT-AP-VL 2.0",
        "DCAT-AP HVD 3.0",
        "LDES",
        "TREE",
        "Hydra",
        "CKAN action API 3",
        "Parquet 2.10",
        "GeoJSON (RFC 7946)",
    ),
    carry="whole",
    tier=Tier.BRONZE,
)
