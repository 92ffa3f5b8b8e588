"""What a manifest must hold to be true; `ocapi check` prints every problem with where and how to repair
it.
"""

import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import apps

from ocapi.kernel.access.data import Operation
from ocapi.kernel.registry.data import Manifest
from ocapi.kernel.tenants.fields import Personal, Tagged


def problems_of(manifest: Manifest, *, content: Path) -> Iterator[str]:
    """Give each thing wrong with a manifest, as one sentence."""
    yield from _names(manifest)
    yield from _operations(manifest)
    yield from _scopes(manifest)
    yield from _navigation(manifest)
    yield from _events(manifest)
    yield from _modules_named(manifest)
    yield from _personal_data(manifest)
    yield from _files(manifest, content)


def _names(manifest: Manifest) -> Iterator[str]:
    for label, text in (("title.nl", manifest.title.nl), ("title.en", manifest.title.en),
                        ("purpose", manifest.purpose)):
        if not text.strip():
            yield f"{manifest.name}: {label} is empty; say in a few words what the module is"
    if not manifest.kinds:
        yield f"{manifest.name}: kinds is empty; name the kinds of organization it is mounted on"


def _operations(manifest: Manifest) -> Iterator[str]:
    for operation in manifest.operations:
        if not operation.name.startswith(f"{manifest.name}."):
            yield f"{manifest.name}: operation {operation.name} must start with '{manifest.name}.'"
        if not operation.cells:
            yield f"{manifest.name}: operation {operation.name} allows nobody; fill its cells"
        if operation.personal and not operation.purpose:
            yield f"{manifest.name}: operation {operation.name} reads personal data; name its purpose"


def _scopes(manifest: Manifest) -> Iterator[str]:
    asked = {operation.scope for operation in manifest.operations if operation.scope}
    for scope in sorted(asked - set(manifest.scopes)):
        yield f"{manifest.name}: scopes does not say what {scope} allows; add it in a few words"


def _navigation(manifest: Manifest) -> Iterator[str]:
    declared = {operation.name for operation in manifest.operations}
    for link in manifest.navigation:
        if link.operation not in declared:
            asked = f"navigation {link.url_name} asks for {link.operation}"
            yield f"{manifest.name}: {asked}, which it does not declare"


def _events(manifest: Manifest) -> Iterator[str]:
    for fact in manifest.events_out:
        if not getattr(fact, "event_type", "").startswith(f"be.ocapi.{manifest.name}."):
            yield f"{manifest.name}: event {fact.__name__} must have a type be.ocapi.{manifest.name}.…"
        if "not when" not in (fact.__doc__ or ""):
            yield f"{manifest.name}: event {fact.__name__} must say when it is emitted, and 'not when'"


def _modules_named(manifest: Manifest) -> Iterator[str]:
    named = [mount.urls for mount in manifest.mounts]
    named += [name for name in (manifest.handlers, manifest.jobs) if name]
    named += [command.function.rpartition(".")[0] for command in manifest.commands]
    for name in named:
        try:
            importlib.import_module(name)
        except ImportError as failure:
            yield f"{manifest.name}: {name} can't be imported ({failure})"


def personal_columns(label: str) -> Iterator[tuple[str, str, Personal]]:
    """Give (table, column, tag) of each personal column of an app."""
    for model in apps.get_app_config(label).get_models():
        for column in model._meta.local_fields:
            tag = column.personal if isinstance(column, Tagged) else None
            if tag is not None:
                yield model._meta.db_table, column.name, tag


def untagged_columns(labels: Iterable[str]) -> Iterator[str]:
    """Give each own column without a tag, as app.Model.column; `id` and `uuid` need none."""
    for label in labels:
        for model in apps.get_app_config(label).get_models():
            for column in model._meta.local_fields:
                if column.name not in ("id", "uuid") and not isinstance(column, Tagged):
                    yield f"{label}.{model.__name__}.{column.name}"


def _personal_data(manifest: Manifest) -> Iterator[str]:
    categories = {category for row in manifest.personal_data for category in row.categories}
    for table, column, tag in personal_columns(manifest.name):
        if tag.category not in categories:
            held = f"{table}.{column} holds {tag.category}"
            yield f"{manifest.name}: {held}, which personal_data does not declare"
    for row in manifest.personal_data:
        for label, text in (
            ("purpose", row.purpose),
            ("legal_basis", row.legal_basis),
            ("retention", row.retention),
        ):
            if not text.strip():
                yield f"{manifest.name}: personal_data '{row.activity.en}' has no {label}"


def _files(manifest: Manifest, content: Path) -> Iterator[str]:
    home = Path(importlib.import_module(f"ocapi.modules.{manifest.name}").__file__ or "").parent
    for name in ("README.md", "quality.yaml"):
        if not (home / name).exists():
            yield f"{manifest.name}: {name} is missing"
    for pack in manifest.content:
        if not (content / pack / "pack.yaml").exists():
            yield f"{manifest.name}: content pack {pack} does not exist"


def kernel_problems(operations: Iterable[Operation]) -> Iterator[str]:
    """Give problems of operations that no manifest owns."""
    for operation in operations:
        if "." not in operation.name:
            yield f"operation {operation.name} must be named <module>.<verb>"
