"""Rules of the house that an import linter can't see; each gives its findings as sentences."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = PROJECT / "src" / "ocapi"

FILE_LINES = 600
FUNCTION_LINES = 60
TEMPLATE_LINES = 150
MUTABLE_CALLS = {"dict", "list", "set", "defaultdict", "OrderedDict", "deque", "Counter"}


def python_files(root: Path) -> Iterator[Path]:
    """Give the files the rules hold for: everything but migrations and tests."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if "migrations" not in parts and "tests" not in parts:
            yield path


def parsed(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Give (dotted name below the package, syntax tree) of each file."""
    for path in python_files(root):
        dotted = ".".join(path.relative_to(root).with_suffix("").parts)
        yield dotted.removesuffix(".__init__"), ast.parse(path.read_text())


def homes() -> dict[str, list[str]]:
    """Give the home of each library that has one."""
    found: dict[str, list[str]] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["ocapi"][
        "homes"
    ]
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """Give the top-level package of every import, also those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


def library_away_from_home(root: Path) -> Iterator[str]:
    """A library with a home is imported elsewhere."""
    known = homes()
    for name, tree in parsed(root):
        for library in imported(tree):
            if library in known and not any(_lives_in(name, home) for home in known[library]):
                yield f"{name} imports {library}, which lives in {known[library] or 'no room at all'}"


def _lives_in(name: str, home: str) -> bool:
    if home.startswith("*."):
        return home[2:] in name.split(".")
    return name == home or name.startswith(f"{home}.")


def oversized(root: Path) -> Iterator[str]:
    """A file over 600 lines, a function over 60, a template over 150."""
    for path in python_files(root):
        lines = path.read_text().count("\n")
        if lines > FILE_LINES:
            yield f"{path.relative_to(root)} has {lines} lines; {FILE_LINES} is the limit"
    for name, tree in parsed(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    yield f"{name}.{node.name} has {length} lines; {FUNCTION_LINES} is the limit"
    for path in sorted(root.rglob("templates/**/*.html")):
        lines = path.read_text().count("\n")
        if lines > TEMPLATE_LINES:
            yield f"{path.relative_to(root)} has {lines} lines; {TEMPLATE_LINES} is the limit"


def module_state(root: Path) -> Iterator[str]:
    """A module-level name in lower case holds something that can change."""
    for name, tree in parsed(root):
        if name.endswith((".urls", "urls", "settings", "idp_settings")):
            continue  # Django reads these by fixed lower-case names
        for node in tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(
                node, ast.AnnAssign) else []
            for target in targets:
                if isinstance(target, ast.Name) and _is_state(target.id) and _is_mutable(node.value):
                    yield f"{name}.{target.id} is mutable and lives as long as the process"


def _is_state(name: str) -> bool:
    return name.islower() and not name.startswith("__")


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
        return True
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in MUTABLE_CALLS


def literal_default_alias(root: Path) -> Iterator[str]:
    """The literal "default" or `using=` outside kernel.tenants: it would reach past the binding."""
    for name, tree in parsed(root):
        if name.startswith(("kernel.tenants", "main.settings", "main.idp")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "using":
                yield f"{name}:{node.value.lineno} passes using="
            if isinstance(node, ast.Subscript) and ast.unparse(node).endswith("connections['default']"):
                yield f"{name}:{node.lineno} asks for connections['default']"
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".using"):
                yield f"{name}:{node.lineno} calls .using()"


def model_lookup_by_name(root: Path) -> Iterator[str]:
    """`apps.get_model` outside migrations goes around the doors."""
    for name, tree in parsed(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("apps.get_model"):
                yield f"{name}:{node.lineno} calls apps.get_model"


def broad_except(root: Path) -> Iterator[str]:
    """`except Exception` anywhere but in the three process loops; cleaning up and raising again is fine."""
    loops = {"kernel.jobs.worker", "kernel.jobs.running", "dataplane.app"}
    for name, tree in parsed(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and name not in loops and not _raises_again(node):
                caught = ast.unparse(node.type) if node.type else "everything"
                if caught in ("Exception", "BaseException", "everything"):
                    yield f"{name}:{node.lineno} catches {caught}"


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def stray_durability_words(root: Path) -> Iterator[str]:
    """The pragma that decides durability is named in one function only."""
    for path in python_files(root):
        name = str(path.relative_to(root))
        if name in ("kernel/tenants/sqlite.py", "kernel/tenants/postgres.py"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"pragma\s+synchronous|synchronous\s*=", line, re.IGNORECASE):
                yield f"{name}:{number} sets synchronous"


def writes_around_the_door(root: Path) -> Iterator[str]:
    """`open(…, "w")`, `write_text` and `write_bytes` outside lib.durable: a power cut could lose them."""
    for name, tree in parsed(root):
        if name.startswith(("lib.durable", "main.scaffold", "main.reference")):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called.endswith((".write_text", ".write_bytes")):
                yield f"{name}:{node.lineno} writes a file with {called}"
            modes = [a.value for a in node.args[1:2] if isinstance(a, ast.Constant)]
            modes += [
                k.value.value for k in node.keywords if k.arg == "mode" and isinstance(k.value, ast.Constant)
            ]
            if called == "open" and any(isinstance(m, str) and set(m) & set("wax") for m in modes):
                yield f"{name}:{node.lineno} opens a file for writing"


def time_around_the_door(root: Path) -> Iterator[str]:
    """The wall clock read outside lib.clock."""
    for name, tree in parsed(root):
        if name == "lib.clock":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and re.fullmatch(
                r"(datetime\.)?datetime\.(now|utcnow)|(datetime\.)?date\.today|time\.time|timezone\.now",
                ast.unparse(node.func),
            ):
                yield f"{name}:{node.lineno} reads the clock"


def foreign_templates(root: Path) -> Iterator[str]:
    """A template that extends or includes another namespace than its own or `ui/`."""
    for path in sorted((root / "modules").rglob("templates/**/*.html")):
        own = path.relative_to(root).parts[1]
        for used in re.findall(r"{%\s*(?:extends|include)\s+[\"']([^\"']+)", path.read_text()):
            if used.partition("/")[0] not in (own, "ui"):
                yield f"{path.relative_to(root)} uses {used}"


def inline_code(root: Path) -> Iterator[str]:
    """Inline script, style or event handler in a template: the content security policy would block it."""
    pattern = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=[\"']|\son[a-z]+=[\"']", re.IGNORECASE)
    for path in sorted(root.rglob("templates/**/*.html")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if pattern.search(line):
                yield f"{path.relative_to(root)}:{number} holds inline code"


def unsafe_markup(root: Path) -> Iterator[str]:
    """`mark_safe`, `|safe` and `autoescape off` outside the listed files."""
    allowed = {"modules/documents/blocks.py", "kernel/ui/templatetags/ui.py", "kernel/ui/charts.py",
               "modules/council/published.py"}
    for path in [*python_files(root), *sorted(root.rglob("templates/**/*.html"))]:
        name = str(path.relative_to(root))
        if name not in allowed and re.search(r"mark_safe\(|\|safe\b|autoescape off", path.read_text()):
            yield f"{name} switches escaping off"


RULES = (
    library_away_from_home,
    oversized,
    module_state,
    literal_default_alias,
    model_lookup_by_name,
    broad_except,
    stray_durability_words,
    writes_around_the_door,
    time_around_the_door,
    foreign_templates,
    inline_code,
    unsafe_markup,
)
