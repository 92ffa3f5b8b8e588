"""The one reader of the environment: typed, with defaults, refusing what it does not understand."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ocapi.lib.columns import shelves
from ocapi.lib.members import membership
from ocapi.lib.members.membership import Membership
from ocapi.lib.tracing import spans
from ocapi.main import encryption, vault

PROJECT = Path(__file__).resolve().parents[3]


class SettingRefused(ValueError):
    """A setting in the environment has a value OCAPI can't use; the message says what it may be."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r}: {expected}")
        self.name = name


@dataclass(slots=True, kw_only=True)
class Environment:
    """The settings of an installation.

    data: folder of databases and files. secret: at least 32 characters; every key is wrapped or derived from
    it. secret_also: another one that still opens, while the secret is being replaced. store: sqlite, or
    postgres with database_url. base_domain: under it an organization's IRIs stand.
    open_tenants: databases one thread keeps open. upload_bytes: largest file a citizen may send.
    metrics_host, metrics_port: where the operator reads figures; port 0 gives none. traces: percent of the
    requests whose steps are recorded. mqtt_host, mqtt_port: where devices publish; port 0 gives none.
    mqtt_certificate, mqtt_key: PEM files of its TLS.
    spark_master: of the Spark that computes indicators; empty leaves them to DuckDB. spark_address: where
    its machines find the worker. membership: the data plane processes that share the series, None for one;
    member_disk: the folder of its own such a process writes on. shelf: the store that keeps files of readings
    for other machines; empty when all see the folder of data.
    """

    data: str
    host: str
    port: int
    secret: str
    secret_also: str
    store: str
    database_url: str
    base_domain: str
    is_demo: bool
    is_debug: bool
    workers: int
    open_tenants: int
    upload_bytes: int
    metrics_host: str
    metrics_port: int
    traces: int
    mqtt_host: str
    mqtt_port: int
    mqtt_certificate: str
    mqtt_key: str
    mail_url: str
    bus_url: str
    spark_master: str
    spark_address: str
    membership: Membership | None
    member_disk: str
    shelf: str
    assets: str
    project: str


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "0")
    if value not in ("0", "1", ""):
        raise SettingRefused(name, value, "use 1 or 0")
    return value == "1"


def _number(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    value = env.get(name) or str(default)
    if not value.isdecimal() or not low <= int(value) <= high:
        raise SettingRefused(name, value, f"use a whole number from {low} to {high}")
    return int(value)


def read(env: Mapping[str, str] | None = None) -> Environment:
    """Read the settings from `env` (the process environment when left out); raises SettingRefused.

    What is secret may stand in a file: see `vault`.
    """
    try:
        env = vault.filled_in(os.environ if env is None else env)
    except vault.SecretRefused as refusal:
        raise SettingRefused(refusal.name, "…", str(refusal)) from None
    store = env.get("OCAPI_STORE") or "sqlite"
    if store not in ("sqlite", "postgres"):
        raise SettingRefused("OCAPI_STORE", store, "use sqlite or postgres")
    database_url = env.get("OCAPI_DATABASE_URL", "")
    if store == "postgres" and not database_url:
        raise SettingRefused("OCAPI_DATABASE_URL", "", "give the server's address when OCAPI_STORE=postgres")
    try:
        database_url = encryption.database(database_url) if database_url else ""
    except ValueError as refusal:
        raise SettingRefused("OCAPI_DATABASE_URL", "…", str(refusal)) from None  # it holds a password
    data = Path(env.get("OCAPI_DATA") or PROJECT / "var").absolute()
    is_demo = _flag(env, "OCAPI_DEMO")
    if _flag(env, "OCAPI_DEBUG") and not is_demo:
        raise SettingRefused("OCAPI_DEBUG", "1", "only a demo may show how it works inside")
    if not is_demo and (plain := encryption.plain_addresses(env)):
        name, remedy = next(iter(plain.items()))
        raise SettingRefused(name, "…", f"readable on the way: {remedy}")
    return Environment(
        data=str(data),
        host=env.get("OCAPI_HOST") or "127.0.0.1",
        port=_number(env, "OCAPI_PORT", 8000, low=1, high=65535),
        secret=_secret(env, data, is_demo=is_demo),
        secret_also=_long_enough("OCAPI_SECRET_ALSO", env.get("OCAPI_SECRET_ALSO", "")),
        store=store,
        database_url=database_url,
        base_domain=env.get("OCAPI_BASE_DOMAIN") or "localhost",
        is_demo=is_demo,
        is_debug=_flag(env, "OCAPI_DEBUG"),
        workers=_number(env, "OCAPI_WORKERS", 2, low=1, high=64),
        open_tenants=_number(env, "OCAPI_OPEN_TENANTS", 64 if store == "sqlite" else 20, low=2, high=1000),
        upload_bytes=_number(env, "OCAPI_UPLOAD_BYTES", 20 << 20, low=1 << 10, high=1 << 30),
        metrics_host=env.get("OCAPI_METRICS_HOST") or "127.0.0.1",
        metrics_port=_number(env, "OCAPI_METRICS_PORT", 0, low=0, high=65535),
        traces=_number(env, "OCAPI_TRACES", 0, low=0, high=100),
        mqtt_host=env.get("OCAPI_MQTT_HOST") or "127.0.0.1",
        mqtt_port=_number(env, "OCAPI_MQTT_PORT", 0, low=0, high=65535),
        mqtt_certificate=env.get("OCAPI_MQTT_CERTIFICATE", ""),
        mqtt_key=env.get("OCAPI_MQTT_KEY", ""),
        mail_url=env.get("OCAPI_MAIL_URL", ""),
        bus_url=env.get("OCAPI_BUS_URL", ""),
        spark_master=_master(env.get("OCAPI_SPARK_MASTER", "")),
        spark_address=env.get("OCAPI_SPARK_ADDRESS") or "127.0.0.1",
        membership=_membership(env),
        member_disk=_member_disk(env, data),
        shelf=_shelf(env.get("OCAPI_SHELF", "")),
        assets=env.get("OCAPI_ASSETS") or str(PROJECT / "build" / "assets"),
        project=str(PROJECT),
    )


def _membership(env: Mapping[str, str]) -> Membership | None:
    given = env.get("OCAPI_MEMBERS", "")
    try:
        return membership.read(
            given, own=env.get("OCAPI_MEMBER", ""), drained=env.get("OCAPI_MEMBERS_DRAINED", "")
        )
    except membership.BadMembers as refusal:
        raise SettingRefused("OCAPI_MEMBERS", given, str(refusal)) from None


def _member_disk(env: Mapping[str, str], data: Path) -> str:
    given = env.get("OCAPI_MEMBER_DISK", "")
    if bool(given) != bool(env.get("OCAPI_MEMBER")):
        expected = "a member has a name and a disk: set OCAPI_MEMBER and OCAPI_MEMBER_DISK together"
        raise SettingRefused("OCAPI_MEMBER_DISK", given, expected)
    if given and Path(given).absolute().is_relative_to(data):
        raise SettingRefused("OCAPI_MEMBER_DISK", given, "use a folder outside OCAPI_DATA, which is shared")
    return given


def _shelf(given: str) -> str:
    try:
        if given:
            shelves.require(given)
    except shelves.BadShelf as refusal:
        raise SettingRefused("OCAPI_SHELF", "…", str(refusal)) from None  # it may hold a key
    return given


def _master(given: str) -> str:
    if given and not given.startswith(("local", "spark://", "yarn", "k8s://")):
        raise SettingRefused("OCAPI_SPARK_MASTER", given, "use local[2], spark://host:port, yarn or k8s://…")
    return given


def _long_enough(name: str, given: str) -> str:
    if given and len(given) < 32:
        raise SettingRefused(name, "…", "use at least 32 characters")
    return given


def _secret(env: Mapping[str, str], data: Path, *, is_demo: bool) -> str:
    given = _long_enough("OCAPI_SECRET", env.get("OCAPI_SECRET", ""))
    if given:
        return given
    # A demo on a laptop makes its own; a real installation has to bring one from its vault.
    kept = data / "secret"
    if kept.exists():
        return kept.read_text().strip()
    if is_demo:
        return ""
    raise SettingRefused(
        "OCAPI_SECRET", "", "set it to at least 32 random characters, or OCAPI_DEMO=1 for a demo"
    )


def begin_spans(process: str, settings: Environment) -> None:
    """Record the steps of a process when that is asked for."""
    spans.begin(process, folder=Path(settings.data) / "run" / "traces", percent=settings.traces)
