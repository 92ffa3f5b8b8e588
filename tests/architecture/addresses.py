"""Addresses that are built: a value in a query is encoded there, whatever it is (OWASP ASVS 5.0.0, 1.2.2)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import rules

ENCODERS = {"quote", "quote_plus", "urlencode"}
_NAMED = re.compile(r"[?&][A-Za-z_-]+=$")
_IN_TEMPLATE = re.compile(r"""[?&;][A-Za-z_-]+=\{\{(?P<value>[^}]*)\}\}""")


def values_in_addresses(root: Path) -> Iterator[str]:
    """Find a value behind `?name=` or `&name=` that is neither encoded, a number nor a constant of ours."""
    for name, tree in rules.parsed(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                for before, after in zip(node.values, node.values[1:], strict=False):
                    if _is_behind_a_name(before) and not _is_safe(after):
                        yield f"{name}:{node.lineno}"
    for path in sorted(root.glob("**/templates/**/*.html")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            for found in _IN_TEMPLATE.finditer(line):
                if "|urlencode" not in found["value"]:
                    yield f"{path.relative_to(root)}:{number}"


def _is_behind_a_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(_NAMED.search(str(node.value)))


def _is_safe(node: ast.expr) -> bool:
    if not isinstance(node, ast.FormattedValue):
        return True
    if node.format_spec is not None and ast.unparse(node.format_spec) == "f'd'":
        return True  # Python refuses to write anything but a whole number so
    return _is_ours(node.value)


def _is_ours(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name in ENCODERS
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper() or name == "hex"  # of a uuid
        case ast.IfExp(body=first, orelse=second):
            return _is_ours(first) and _is_ours(second)
    return isinstance(value, ast.Constant)


RULES = (values_in_addresses,)
