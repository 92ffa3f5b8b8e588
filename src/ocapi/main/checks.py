"""Commands that look at the house itself: manifests, generated pages, texts, migrations, new modules."""

import argparse
import sys
from pathlib import Path


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `check`, `docs`, `messages` and `module` to the command line."""
    groups.add_parser("check", help="check manifests, generated pages and texts").set_defaults(handler=check)
    docs = groups.add_parser("docs", help="write the generated pages under docs/reference")
    docs.set_defaults(handler=write_docs)
    messages = groups.add_parser("messages", help="compile the message catalogs")
    messages.set_defaults(handler=compile_messages)
    module = groups.add_parser("module", help="write the first files of a module")
    module.add_argument("name")
    module.set_defaults(handler=make_module)


def _project() -> Path:
    from django.conf import settings

    return Path(settings.OCAPI.project)


def check(options: argparse.Namespace) -> int:
    """Print every problem of manifests, generated pages and catalogs; exit code 1 when there is one."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.data import ManifestRefused
    from ocapi.main import event_schemas, reference, texts

    problems: list[str] = []
    try:
        registry.check()
    except ManifestRefused as refused:
        problems.extend(refused.problems)
    folder = _project() / "docs" / "reference"
    problems.extend(f"docs/reference/{name} is stale: run `make docs`" for name in reference.stale(folder))
    problems.extend(event_schemas.problems(event_schemas.read(folder), event_schemas.declared()))
    problems.extend(texts.problems(_project()))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} problems" if problems else "manifests, reference pages and texts are in order")
    return 1 if problems else 0


def write_docs(options: argparse.Namespace) -> int:
    """Write the generated pages; prints those that changed."""
    from ocapi.main import reference

    for name in reference.write(_project() / "docs" / "reference"):
        print(f"docs/reference/{name}")
    return 0


def compile_messages(options: argparse.Namespace) -> int:
    """Compile every catalog with Babel; `msgfmt` is not needed."""
    from ocapi.main import texts

    print(f"{texts.compile_all(_project())} catalogs compiled")
    return 0


def make_module(options: argparse.Namespace) -> int:
    """Scaffold a module and say what to do next."""
    from ocapi.main import scaffold

    project = _project()
    try:
        written = scaffold.make(options.name, source=project / "src" / "ocapi",
                                contracts=(project / ".importlinter").read_text())
    except (scaffold.ModuleExists, scaffold.NotAModuleName) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    for path in written:
        print(path.relative_to(project))
    print(
        f"Next: add '{options.name}' to MODULES in main/settings.py and its words to docs/glossary.yaml, "
        "run `make docs`, then `make check`."
    )
    return 0
