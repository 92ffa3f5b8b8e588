"""The door of the registry: manifests, settings, content packs, imports and IRIs of the bound
organization.
"""

import importlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.access.extensions import operations
from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import (
    carrying,
    glancing,
    inspection,
    migrating,
    packs,
    succeeding,
    verifying,
)
from ocapi.kernel.registry.backups import records, restoring, taking
from ocapi.kernel.registry.backups.data import BackedUp, Restored
from ocapi.kernel.registry.backups.records import Kept
from ocapi.kernel.registry.carrying import moving, silent
from ocapi.kernel.registry.carrying.data import ArchiveRefused, Exported, Progress
from ocapi.kernel.registry.data import (
    Api,
    Authority,
    AuthorityChange,
    Manifest,
    ManifestRefused,
    Setting,
    Title,
)
from ocapi.kernel.registry.extensions import (
    BackupTarget,
    Loaded,
    manifests,
    setting_followers,
    uri_resolvers,
)
from ocapi.kernel.registry.migrating import Migrated
from ocapi.kernel.registry.models import SettingRow
from ocapi.kernel.registry.succeeding import Standing
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Engine, Succession, Tenant
from ocapi.lib import ids
from ocapi.lib.actor import Actor, system

if TYPE_CHECKING:
    from django.apps import AppConfig

PLATFORM_SETTINGS = (
    Setting(key="name", title=Title(nl="Naam", en="Name"), default=""),
    Setting(key="address_form", title=Title(nl="Aanspreking", en="Address form"), default="informal",
            choices=("formal", "informal")),
    Setting(key="tokens", title=Title(nl="Huisstijl", en="Design tokens"), default=""),
    Setting(key="contact", title=Title(nl="Contact", en="Contact"), default=""),
    Setting(key="tagline", title=Title(nl="Ondertitel", en="Tagline"), default=""),
)
"""Settings of the organization itself, stored under `organization.<key>`."""


class UnknownSetting(LookupError):
    """No manifest declares a setting of that name."""


class SettingRefused(ValueError):
    """The value is none of the choices of the setting."""


IMPORTER = system("registry.import_file")

def register(manifest: Manifest) -> None:
    """Take in a module's manifest at start-up: its operations, providers, handlers and jobs."""
    manifests.add(manifest)
    for operation in manifest.operations:
        operations.add(operation)
    for point, provider in manifest.provides:
        point.add(provider)
    for name in (manifest.handlers, manifest.jobs):
        if name:
            importlib.import_module(name)


def list_manifests() -> Iterable[Manifest]:
    """Give the manifests of all modules, by name."""
    return manifests


def find_manifest(name: str) -> Manifest | None:
    """Give a module's manifest, or None."""
    return manifests.find(name)


def is_mounted(module: str) -> bool:
    """Tell whether a module is mounted on the bound organization, by its kind."""
    manifest = manifests.find(module)
    return manifest is not None and tenants.current().kind in manifest.kinds


def list_apis() -> tuple[Api, ...]:
    """Give the interfaces for other programs of the modules mounted on the bound organization."""
    return tuple(api for manifest in manifests if is_mounted(manifest.name) for api in manifest.apis)


def title_of_scope(code: str) -> Title:
    """Give what a scope allows, its code when no manifest says it."""
    found = (manifest.scopes[code] for manifest in manifests if code in manifest.scopes)
    return next(found, Title(nl=code, en=code))


def check() -> None:
    """Check every manifest; raises ManifestRefused with all problems."""
    found: list[str] = []
    content = Path(settings.OCAPI.project) / "content"
    for manifest in manifests:
        found.extend(inspection.problems_of(manifest, content=content))
    labels = [config.label for config in _own_apps()]
    found.extend(f"{column}: tag it with personal=None or Personal(…)" for column in
                 inspection.untagged_columns(labels))
    if found:
        raise ManifestRefused(tuple(found))


def personal_columns(label: str) -> list[tuple[str, str, str, str, str]]:
    """Give (table, column, category, legal basis, retention) of an app's personal columns."""
    return [(table, column, tag.category, tag.legal_basis, tag.retention)
            for table, column, tag in inspection.personal_columns(label)]


def _own_apps() -> "list[AppConfig]":
    from django.apps import apps

    return [config for config in apps.get_app_configs() if config.name.startswith("ocapi.")]


def _declared(name: str) -> Setting:
    module, _, key = name.partition(".")
    manifest = manifests.find(module)
    declared = PLATFORM_SETTINGS if module == "organization" else manifest.settings if manifest else ()
    for setting in declared:
        if setting.key == key:
            return setting
    raise UnknownSetting(name)


def setting(name: str) -> str:
    """Give the bound organization's value of `<module>.<key>`, or its default; raises UnknownSetting."""
    declared = _declared(name)
    value = SettingRow.objects.filter(name=name).values_list("value", flat=True).first()
    return declared.default if value is None else value


def settings_of(module: str) -> dict[str, str]:
    """Give all settings of a module (or `organization`) by key, in one query, defaults filled in."""
    manifest = manifests.find(module)
    declared = PLATFORM_SETTINGS if module == "organization" else manifest.settings if manifest else ()
    stored = dict(SettingRow.objects.filter(name__startswith=f"{module}.").values_list("name", "value"))
    return {each.key: stored.get(f"{module}.{each.key}", each.default) for each in declared}


def save_setting(*, name: str, value: str, actor: Actor, now: datetime) -> None:
    """Save a setting, leave a change leaf, and let those follow who made something by it; raises
    UnknownSetting, SettingRefused.
    """
    declared = _declared(name)
    if declared.choices and value not in declared.choices:
        raise SettingRefused(f"{name}: use one of {', '.join(declared.choices)}")
    with transaction.atomic():
        before = setting(name)
        SettingRow.objects.update_or_create(
            name=name, defaults={"value": value, "changed_at": now},
            create_defaults={"uuid": ids.new_uuid(now), "value": value, "changed_at": now},
        )
        audit.changed(actor=actor, operation="registry.save_setting", resource=f"setting/{name}", now=now,
                      fields=("value",))
        for follower in setting_followers:
            if follower.setting == name and value != before:
                follower.follow(now=now)


def list_packs() -> tuple[str, ...]:
    """Give the names of the packs that the bound organization loads: the register,
    then those of its modules.
    """
    names = ["local-authorities"]
    for manifest in manifests:
        if tenants.current().kind in manifest.kinds:
            names.extend(name for name in manifest.content if name not in names)
    return tuple(names)


def load_pack(*, name: str, now: datetime) -> Loaded:
    """Load a content pack of the product into the bound organization; what is unchanged is skipped."""
    folder = Path(settings.OCAPI.project) / "content" / name
    return packs.load(packs.read_pack(folder), now=now)


def shipped_local_authorities() -> tuple[tuple[Authority, ...], tuple[AuthorityChange, ...]]:
    """Give the register of local authorities that the product ships; raises PackRefused."""
    return succeeding.register()


def plan_succession(
    *, old: str, new: str, on: date, by: str, now: datetime, is_beyond_register: bool = False
) -> Succession:
    """Note that organization `new` takes the place of `old` (keys) on a day; nothing follows until `confirm`.

    by: account of the machine. is_beyond_register: the shipped register does not know of it yet; one that
    tells another story is never passed over. Leaves a change leaf in both. The same again changes nothing.
    Raises UnknownTenant, SuccessionRefused.
    """
    return succeeding.plan(
        old=old, new=new, on=on, by=by, now=now, is_beyond_register=is_beyond_register
    )


def rehearse_succession(*, old: str, new: str, on: date, is_beyond_register: bool = False) -> None:
    """Raise what `plan_succession` would raise, and write nothing."""
    succeeding.require(
        tenants.by_key(old), tenants.by_key(new), on, is_beyond_register=is_beyond_register
    )


def confirm_succession(*, old: str, by: str, now: datetime) -> Succession:
    """Let a plan hold, by another account than the one that planned it when the policy wants four eyes.

    From its day on, or from now when that is past, `old` can only be read and leads to its successor; until
    then it can be undone. Leaves a change leaf in both. Raises UnknownTenant, SuccessionRefused.
    """
    return succeeding.confirm(old=old, by=by, now=now)


def undo_succession(*, old: str, now: datetime) -> None:
    """Take a plan back before it is in force. Raises UnknownTenant, SuccessionRefused: noPlan, inForce."""
    succeeding.undo(old=old, now=now)


def verify_tenant(*, key: str, now: datetime, tell: Progress = silent) -> tuple[str, ...]:
    """Give what does not hold in an organization as it stands on this disk, a line each; empty when all does.

    Database pages, references, release, invariants, log and its columns, every blob, logs of readings, and
    what does not belong there. Repairs nothing and leaves a leaf. One that `glance_at_all` withheld and that
    proves whole is served again. Raises UnknownTenant.
    """
    with tenants.bind(key) as tenant:
        found = verifying.findings(now=now, tell=tell)
    if not found and tenants.give_back(tenant):
        tell("whole: it is served again")
    return found


def glance_at_all(
    *, now: datetime, is_stopping: Callable[[], bool] = lambda: False
) -> dict[str, tuple[str, ...]]:
    """Look at every organization when the worker starts and stop serving those that were changed by hand.

    Gives what was found, a line each, by key. Cheap: see `glancing` for what it looks at.
    """
    return glancing.glance_at_all(now=now, is_stopping=is_stopping)


def begin_rounds() -> glancing.Rounds:
    """Begin to look at organizations while they are served: each `go_on` looks at the next ones, for some
    100 ms, and stops serving those that were changed by hand.
    """
    return glancing.Rounds()


def list_standings(*, value: str, now: datetime) -> tuple[Standing, ...]:
    """Tell what a key, uuid, host name, IRI, NIS, KBO or OVO code stands for, since and until when, and who
    stands there now.
    """
    return succeeding.standings(value, now=now)


def shipped_file(*, pack: str, path: str) -> bytes:
    """Give a file of a content pack that the product ships; raises PackRefused, KeyError without such a
    file.
    """
    found = packs.read_pack(Path(settings.OCAPI.project) / "content" / pack)
    return {each.path: each.raw for each in packs.verified_files(found)}[path]


def import_file(*, path: Path, format_name: str, now: datetime) -> Loaded:
    """Import a file from outside; bad rows are reported by line and reason and the rest loads."""
    access.require(IMPORTER, "registry.import_content")
    return packs.import_file(path=path, format_name=format_name, now=now)


def page_of_iri(*, kind: str, uuid: str) -> str | None:
    """Give the path of the page that shows a thing of the bound organization, or None."""
    for resolver in uri_resolvers:
        path = resolver.find_path(kind=kind, uuid=uuid)
        if path:
            return path
    return None


def migrate_all(*, tell: Progress = silent) -> Migrated:
    """Bring every organization up to this release: canaries, then waves of 1, 10, 50 and the rest.

    Each is copied first and put back when it fails, lost rows or broken invariants included; it is then
    parked and the rest go on. A canary that fails stops the run. Interrupted, a repetition goes on. Raises
    Busy when another run is at work.
    """
    return migrating.migrate_all(tell=tell)


def export_tenant(*, key: str, target: Path, now: datetime, tell: Progress = silent) -> Exported:
    """Write everything of an organization into a signed archive; work in it goes on meanwhile.

    target: a folder to be, or a file to be when its name ends in .tar; interrupted, there is neither. Leaves
    one change leaf in the organization. Raises UnknownTenant, ArchiveRefused, NotThisRelease.
    """
    with tenants.bind(key):
        return carrying.export(target=target, now=now, tell=tell)


def move_tenant(*, key: str, engine: Engine, now: datetime, tell: Progress = silent) -> Tenant:
    """Move an organization to the other kind of database, with equal rows and log; gives it there.

    Its folder stays. It is not served meanwhile. Interrupted, it is where it was, and a repetition goes on.
    Raises UnknownTenant, AlreadyThere, NoServer, NotThisRelease.
    """
    return moving.move(key=key, engine=engine, now=now, tell=tell)


def import_tenant(
    *, source: Path, now: datetime, code: str = "", key: str = "", hosts: tuple[str, ...] = (),
    trusted: str = "", tell: Progress = silent,
) -> Tenant:
    """Make the organization of an archive in this installation, with the same identifiers, data and log.

    code: the carrying code, needed for an archive of another installation. key, hosts: instead of the
    archive's. trusted: fingerprint of a signer from outside. Interrupted or refused, nothing is there.
    Raises ArchiveRefused, KeyTaken, AlreadyHere, InvalidKey.
    """
    return carrying.take_in(
        source=source, now=now, code=code, key=key, hosts=hosts, trusted=trusted, tell=tell
    )


def back_up(
    *, key: str, target: BackupTarget, now: datetime, is_first: bool = True, tell: Progress = silent
) -> BackedUp:
    """Add the present state of an organization to a target: what it lacks, and a signed record.

    is_first: of a run, which leaves one leaf. Interrupted, the states before are untouched and a repetition
    goes on. Raises UnknownTenant, ArchiveRefused, NotThisRelease.
    """
    with tenants.bind(key):
        return taking.take(target=target, now=now, is_first=is_first, tell=tell)


def list_backups(
    *, target: BackupTarget, trusted: str = "", refused: Callable[[str, ArchiveRefused], None] | None = None
) -> tuple[Kept, ...]:
    """Give the newest record of each organization on a target, by key.

    refused: is told the uuid and why for one whose newest record is no good, so that the others go on; left
    out, that is raised.
    """
    newest: list[Kept] = []
    for uuid in records.list_organizations(target):
        try:
            newest.extend(islice(records.newest_first(target, uuid, trusted=trusted), 1))
        except ArchiveRefused as refusal:
            if refused is None:
                raise
            refused(uuid, refusal)
    return tuple(sorted(newest, key=lambda kept: kept.record.manifest.organization.key))


def restore(
    *, target: BackupTarget, uuid: str, now: datetime, at: datetime | None = None, replace: bool = False,
    trusted: str = "", tell: Progress = silent,
) -> Restored:
    """Put an organization back as a target has it, at an instant or newest; others are not touched.

    replace: take the one that is here away once the backup proved whole. Interrupted, it is absent or whole.
    Raises ArchiveRefused, KeyTaken, AlreadyHere.
    """
    return restoring.restore(
        target=target, uuid=uuid, at=at, replace=replace, trusted=trusted, now=now, tell=tell
    )
