"""`make module NAME=x`: the files every module starts with, from one set of texts."""

from pathlib import Path

FILES = {
    "__init__.py": '"""{title}: say in one sentence what this module is."""\n',
    "apps.py": '''from django.apps import AppConfig


class {klass}Config(AppConfig):
    name = "ocapi.modules.{name}"
    label = "{name}"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.{name}.module import MANIFEST

        registry.register(MANIFEST)
''',
    "module.py": '''"""What the platform knows of {name}."""

from ocapi.kernel.registry.data import ALL_KINDS, Manifest, Title

MANIFEST = Manifest(
    name="{name}",
    title=Title(nl="{title}", en="{title}"),
    purpose="say what it is for",
    layer="domains",
    kinds=ALL_KINDS,
)
''',
    "data.py": '"""What others may know of {name}: frozen dataclasses, enums and exceptions."""\n',
    "api.py": '"""The door of {name}: keyword-only functions, data in and out."""\n',
    "README.md": """# {name}

What it is: say it in two sentences.

Words it owns (nl / en): -

What it never does: -

Example: -
""",
    "quality.yaml": """tier: bronze
rules:
  readme: "exempt: scaffolded, not written yet"
  manifest: "done"
  glossary: "exempt: owns no word yet"
  access: "exempt: has no operation yet"
  personal_data_tags: "exempt: has no column yet"
  dutch_complete: "exempt: has no text yet"
  accessibility: "exempt: has no page yet"
  api_tests: "exempt: has no operation yet"
""",
    "tests/__init__.py": "",
}


class ModuleExists(ValueError):
    """There is a module of that name already."""


class NotAModuleName(ValueError):
    """A module is named by one plain lower-case noun, and its row stands in `.importlinter`."""


def make(name: str, *, source: Path, contracts: str) -> list[Path]:
    """Write the first files of a module; gives their paths. Raises ModuleExists, NotAModuleName."""
    if not name.isidentifier() or not name.islower() or f"({name})" not in contracts:
        raise NotAModuleName(
            f"{name!r}: use one plain noun and give it a row in .importlinter contract 2 first"
        )
    home = source / "modules" / name
    if home.exists():
        raise ModuleExists(f"{home} exists")
    written = []
    for where, text in FILES.items():
        path = home / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(name=name, klass=name.capitalize(), title=name.capitalize()))
        written.append(path)
    return written
