"""Commands of the platform itself; modules bring theirs by manifest."""

import argparse
import importlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ocapi import modules
from ocapi.lib import collecting
from ocapi.main import backups, carrying, checks, content, demo, harness, keys, succeeding

Handler = Callable[[argparse.Namespace], int]


def run(arguments: list[str]) -> int:
    """Parse and run; a known refusal, a setting too, is one line on standard error and exit code 2."""
    from ocapi.main import environment

    try:
        return _parsed_and_run(arguments)
    except environment.SettingRefused as refusal:
        return _refuse(str(refusal))


def _parsed_and_run(arguments: list[str]) -> int:
    asked = harness.find(arguments)
    if asked is not None:
        return harness.run(asked, arguments)
    parser = argparse.ArgumentParser(
        prog="ocapi", description="The open city platform.",
        epilog=f"Modules bring commands of their own: {', '.join(modules_with_commands())}. "
        "`ocapi MODULE --help` lists them.",
    )
    parser.add_argument("--tenant", metavar="KEY", help="the organization to work in")
    groups = parser.add_subparsers(dest="group", required=True, metavar="COMMAND")
    _platform_commands(groups)
    content.add(groups)
    checks.add(groups)
    demo.add(groups)
    keys.add(groups)
    harness.add(groups)
    group = _group_of(arguments)
    if not group or group in groups.choices:
        options = parser.parse_args(arguments)  # before Django, so that a wrong option answers at once
        if getattr(options, "needs_django", True):  # the supervisor stays small: it never loads Django
            _set_up()
        return _run(options)
    _set_up()
    _module_commands(groups)
    return _run(parser.parse_args(arguments))


def modules_with_commands() -> tuple[str, ...]:
    """Give the modules that bring commands, known by their files: help has no time to load Django."""
    places = Path(modules.__file__).parent.glob("*/commands*")
    return tuple(sorted(each.parent.name for each in places if each.stem == "commands"))


def _group_of(arguments: list[str]) -> str:
    """Give the first word that is neither an option nor the organization; "" without one."""
    is_value = False
    for each in arguments:
        if not is_value and not each.startswith("-"):
            return each
        is_value = each == "--tenant"
    return ""


def _set_up() -> None:
    collecting.pause()
    import django

    django.setup()
    collecting.resume()


def _run(options: argparse.Namespace) -> int:
    handler: Handler = options.handler
    if not getattr(options, "needs_django", True):
        return handler(options)
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Busy, Replaced, TemplateMissing, UnknownTenant, WrongSecret

    try:
        if not getattr(options, "needs_tenant", False):
            return handler(options)
        if not options.tenant:
            return _refuse("say in which organization: ocapi --tenant KEY …")
        with tenants.bind(options.tenant):
            return handler(options)
    except UnknownTenant as refusal:
        return _refuse(f"{refusal}; `ocapi tenant list` shows the organizations")
    except (TemplateMissing, WrongSecret, Busy, Replaced) as refusal:
        return _refuse(str(refusal))


def _module_commands(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from ocapi.kernel.registry import api as registry

    for manifest in registry.list_manifests():
        if not manifest.commands:
            continue
        group = groups.add_parser(manifest.name, help=manifest.purpose).add_subparsers(required=True)
        for command in manifest.commands:
            place = f"It works in one organization: `ocapi --tenant KEY {manifest.name} {command.name} …`."
            parser = group.add_parser(
                command.name, help=command.help, description=f"{command.help[0].upper()}{command.help[1:]}.",
                epilog=place if command.needs_tenant else None,
            )
            module, _, name = command.function.rpartition(".")
            loaded = importlib.import_module(module)
            if hasattr(loaded, f"{name}_arguments"):
                getattr(loaded, f"{name}_arguments")(parser)
            parser.set_defaults(handler=getattr(loaded, name), needs_tenant=command.needs_tenant)


def _platform_commands(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    tenant = groups.add_parser("tenant", help="make, list, carry and remove organizations").add_subparsers(
        required=True
    )
    create = tenant.add_parser("create", help="make an organization from the template")
    create.add_argument("key")
    create.add_argument("--kind", default="municipality")
    create.add_argument("--host", action="append", default=[])
    create.set_defaults(handler=_tenant_create)
    tenant.add_parser("list", help="list the organizations").set_defaults(handler=_tenant_list)
    carrying.add(tenant)
    succeeding.add(tenant)
    delete = tenant.add_parser("delete", help="remove an organization and all it holds")
    delete.add_argument("key")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    delete.set_defaults(handler=_tenant_delete)
    groups.add_parser("migrate", help="bring organizations up to this release").set_defaults(handler=_migrate)
    backups.add(groups)
    template = groups.add_parser("template", help="the database new organizations start from")
    template.add_subparsers(required=True).add_parser("build").set_defaults(handler=_template_build)
    groups.add_parser("up", help="run web, worker and data plane until Ctrl-C").set_defaults(
        handler=_up, needs_django=False
    )
    groups.add_parser("nginx", help="print nginx's configuration for production").set_defaults(
        handler=_nginx, needs_django=False
    )
    groups.add_parser("unit", help="print the systemd service for production").set_defaults(
        handler=_unit, needs_django=False
    )
    shipping = groups.add_parser("log-shipping", help="print what makes systemd send the lines elsewhere")
    shipping.add_argument("--to", required=True, metavar="URL", help="of systemd-journal-remote, https alone")
    shipping.set_defaults(handler=_log_shipping, needs_django=False)
    migrations = groups.add_parser("makemigrations", help="write migrations for changed models")
    migrations.add_argument("apps", nargs="*")
    migrations.add_argument("--check", action="store_true", help="fail when one is missing")
    migrations.set_defaults(handler=_make_migrations)


def _tenant_create(options: argparse.Namespace) -> int:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import InvalidKey, KeyTaken, Kind, TemplateMissing
    from ocapi.lib import clock

    try:
        kind = Kind(options.kind)
    except ValueError:
        return _refuse(f"kind {options.kind!r} is unknown; use one of {', '.join(Kind)}")
    try:
        tenant = tenants.create(key=options.key, kind=kind, hosts=tuple(options.host), now=clock.now())
    except (InvalidKey, KeyTaken, TemplateMissing) as refusal:
        return _refuse(str(refusal))
    print(f"{tenant.key}: {tenant.kind}, http://{tenant.hosts[0]}, uuid {tenant.uuid}")
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from django.conf import settings

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock

    tenants.prepare_platform(now=clock.now())
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    done = registry.migrate_all(tell=carrying.tell)
    for key, applied in done.applied.items():
        print(f"{key}: {', '.join(applied)}")
    for key, reason in done.parked.items():
        print(f"{key}: PARKED, as it was before: {reason}", file=sys.stderr)
    if done.stopped_by:
        return _refuse(f"stopped: {done.stopped_by} is a canary; repair what it shows, then repeat")
    return 1 if done.parked else 0


def _tenant_list(options: argparse.Namespace) -> int:
    from ocapi.kernel.tenants import api as tenants

    for tenant in tenants.list_tenants():
        print(
            f"{tenant.key:32} {tenant.kind:18} {tenant.state:10} {tenant.engine:9} {','.join(tenant.hosts)}"
        )
    return 0


def _tenant_delete(options: argparse.Namespace) -> int:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import UnknownTenant

    if (
        not options.yes
        and input(f"Remove {options.key!r} and all its data? Type the key again: ") != options.key
    ):
        return _refuse("nothing removed")
    try:
        tenants.delete(key=options.key)
    except UnknownTenant as refusal:
        return _refuse(str(refusal))
    print(f"{options.key}: removed")
    return 0


def _template_build(options: argparse.Namespace) -> int:
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock

    tenants.prepare_platform(now=clock.now())
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    return 0


def _make_migrations(options: argparse.Namespace) -> int:
    from django.core.management import call_command

    from ocapi.kernel.tenants import api as tenants

    with tempfile.TemporaryDirectory() as folder, tenants.scratch(Path(folder)):
        try:
            call_command("makemigrations", *options.apps, check_changes=options.check)
        except SystemExit:
            return _refuse("a model changed without a migration: run `ocapi makemigrations`")
    return 0


def _up(options: argparse.Namespace) -> int:
    from ocapi.main import environment, supervisor

    return supervisor.up(environment.read())


def _nginx(options: argparse.Namespace) -> int:
    from ocapi.main import environment, nginx

    print(nginx.configuration(environment.read()))
    return 0


def _unit(options: argparse.Namespace) -> int:
    from ocapi.main import environment, units

    print(units.unit(environment.read()), end="")
    return 0


def _log_shipping(options: argparse.Namespace) -> int:
    from ocapi.main import units

    try:
        print(units.shipping(options.to), end="")
    except ValueError as refusal:
        return _refuse(str(refusal))
    return 0


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
