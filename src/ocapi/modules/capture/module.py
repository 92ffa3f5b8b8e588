"""The manifest of capture."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Api,
    Audience,
    Command,
    Manifest,
    Mount,
    Navigation,
    Setting,
    Title,
)
from ocapi.kernel.registry.extensions import content_loaders, folder_checks, import_formats
from ocapi.kernel.tenants.extensions import sealed_files
from ocapi.lib.actor import Assurance
from ocapi.modules.capture import api
from ocapi.modules.capture.adapters.bike_counts import BikeCounts
from ocapi.modules.capture.adapters.broker_passwords import BrokerPasswords
from ocapi.modules.capture.adapters.inbox_check import InboxCheck
from ocapi.modules.capture.adapters.packs import SeriesLoader

STAFF = {
    "anonymous": Cell.LOGIN, "citizen_self": Cell.DENY, "clerk": Cell.ALLOW, "policy_maker": Cell.ALLOW,
    "dpo": Cell.ALLOW, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW,
}

ADMINS = {
    "anonymous": Cell.LOGIN, "citizen_self": Cell.DENY, "tenant_admin": Cell.ALLOW,
    "collective_admin": Cell.ALLOW,
}

OPERATIONS = (
    Operation(name="capture.read_streams", surface=Surface.DESK, resource="stream", cells=STAFF),
    Operation(name="capture.manage_sensors", surface=Surface.DESK, resource="stream", cells=ADMINS,
              min_loa=Assurance.SUBSTANTIAL, leaf=Leaf.CHANGE,
              note="what is known of a sensor, its rules, its calibrations; never its readings"),
    Operation(name="capture.load_readings", surface=Surface.DESK, resource="load", cells=ADMINS,
              min_loa=Assurance.SUBSTANTIAL, leaf=Leaf.CHANGE,
              note="a file of readings: sent by a pass, checked, accepted or given up"),
    Operation(name="capture.list_streams", surface=Surface.DATAPLANE, resource="stream",
              cells={"peer_system": Cell.ALLOW}, scope="capture:streams:read"),
    Operation(name="capture.write_observations", surface=Surface.DATAPLANE, resource="observation",
              cells={"peer_system": Cell.ALLOW}, scope="capture:observations:write"),
    Operation(name="capture.read_entities", surface=Surface.DATAPLANE, resource="entity",
              cells={"peer_system": Cell.ALLOW}, scope="capture:entities:read",
              note="NGSI-LD: entities, their history, types, attributes and contexts"),
    Operation(name="capture.write_entities", surface=Surface.DATAPLANE, resource="entity",
              cells={"peer_system": Cell.ALLOW}, scope="capture:entities:write",
              note="NGSI-LD: entities, their history and contexts"),
    Operation(name="capture.manage_subscriptions", surface=Surface.DATAPLANE, resource="contextSubscription",
              cells={"peer_system": Cell.ALLOW}, scope="capture:subscriptions:manage",
              note="NGSI-LD: an application sees and changes only its own; reading entities is asked too"),
)

MANIFEST = Manifest(
    name="capture",
    title=Title(nl="Metingen", en="Capture"),
    purpose="Streams of readings and the hourly rows they roll up into.",
    layer="engine 2",
    kinds=ALL_KINDS,
    mounts=(Mount(prefix="desk/sensoren/", urls="ocapi.modules.capture.urls", audience=Audience.DESK),),
    apis=(
        Api(
            path="ngsi-ld/v1",
            title=Title(nl="Toestand van de stad", en="State of the city"),
            standard="NGSI-LD (ETSI GS CIM 009)",
        ),
        Api(
            path="sta/v1.1",
            title=Title(nl="Sensoren en metingen", en="Sensors and observations"),
            standard="SensorThings 1.1 (OGC 18-088)",
        ),
        Api(path="ingest/v1/streams", title=Title(nl="Reeksen van metingen", en="Series of readings")),
    ),
    scopes={
        "capture:entities:read": Title(
            nl="Toestand en metingen van sensoren lezen",
            en="read the state and readings of sensors",
        ),
        "capture:entities:write": Title(
            nl="Toestand en metingen van sensoren schrijven",
            en="write the state and readings of sensors",
        ),
        "capture:observations:write": Title(
            nl="Metingen aan reeksen toevoegen",
            en="add readings to series",
        ),
        "capture:streams:read": Title(
            nl="Reeksen van metingen bekijken",
            en="list series of readings",
        ),
        "capture:subscriptions:manage": Title(
            nl="Abonnementen op veranderingen beheren",
            en="manage subscriptions to changes",
        ),
    },
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Sensoren", en="Sensors"),
            url_name="capture:streams",
            operation="capture.read_streams",
            order=65,
            icon="chart",
            hint=Title(
                nl="Tellingen en metingen, met bron en kwaliteit.",
                en="Counts and measurements, with source and quality.",
            ),
        ),
    ),
    settings=(
        Setting(
            key="receivers",
            title=Title(
                nl="Ontvangers van meldingen over sensoren (computernamen, met komma's ertussen)",
                en="Approved receivers of notifications (hosts, commas between)",
            ),
            default="",
        ),
        Setting(
            key="raw_days",
            title=Title(
                nl="Dagen dat losse metingen bewaard blijven van sensoren die het niet zeggen (leeg: altijd)",
                en="Days single readings are kept of sensors that do not say so (empty: for ever)",
            ),
            default="",
        ),
        Setting(
            key="brokers",
            title=Title(
                nl="Brokers waaruit metingen komen (MQTT), met de onderwerpen per meetreeks",
                en="Brokers that readings are taken from (MQTT), with the topics of each datastream",
            ),
            default="",
        ),
    ),
    commands=(
        Command(
            name="brokers",
            help="show or replace the brokers of MQTT that readings are taken from",
            function="ocapi.modules.capture.commands.brokers",
        ),
        Command(
            name="tiers",
            help="show or declare how long single readings, hours and days of a sensor are kept",
            function="ocapi.modules.capture.commands.tiers",
        ),
        Command(
            name="replace-disk",
            help="go on without the disk of a member of the data plane, from what was collected",
            function="ocapi.modules.capture.commands.replace_disk",
            needs_tenant=False,
        ),
        Command(
            name="upload",
            help="load a CSV or Parquet file of readings, or preview it; take an upload back",
            function="ocapi.modules.capture.commands.upload",
            needs_tenant=False,
        ),
        Command(
            name="simulate",
            help="play a city of sensors: print its requests, or send them to a SensorThings service",
            function="ocapi.modules.capture.commands.simulate",
            needs_tenant=False,
        ),
    ),
    extension_points=("sensor_publishers",),
    provides=(
        (content_loaders, SeriesLoader), (import_formats, BikeCounts), (folder_checks, InboxCheck),
        (sealed_files, BrokerPasswords),
    ),
    jobs="ocapi.modules.capture.jobs",
    content=("bike-counts",),
    snapshot_part=api.snapshot_part,
)
