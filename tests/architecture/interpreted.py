"""Texts read as patterns or formats come from the code; secrets are never compared letter by letter."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import rules

SAID = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "npgettext"}
PATTERN_HOMES = {"dataplane.context.qlanguage", "lib.cql2.judging", "lib.feel.patterns", "lib.shacl.checks"}
"""Where patterns of organizations and visitors are read, by RE2 alone: it takes linear time."""
FORMAT_HOMES = {
    "kernel.registry.carrying.readme", "kernel.tenants.statements", "lib.dmn.parts", "main.scaffold",
    "modules.linkeddata.messages",
}
"""Where a text of the code is kept in a name the rule can't follow: a file beside it or an own table."""
_SECRET = re.compile(r"(?:^|[._])(hmac|mac|signature|secret|password|passcode|nonce|csrf|otp)s?(?:\(\))?$")
_READING = re.compile(r"(re2?)\.(compile|match|search|subn?|fullmatch|findall|finditer|split)")


def patterns_from_data(root: Path) -> Iterator[str]:
    """A pattern made of more than literals, own constants and `re.escape`, outside the homes of RE2."""
    for name, scope, own in _scopes(root):
        for node in ast.walk(scope):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = _READING.fullmatch(ast.unparse(node.func))
            is_home = called is not None and called[1] == "re2" and name in PATTERN_HOMES
            if called and not is_home and not _is_own(node.args[0], own):
                yield f"{name}:{node.lineno} reads a text as a pattern"


def formats_from_data(root: Path) -> Iterator[str]:
    """`str.format` and `%` on a text that is neither a literal, an own constant nor a translation."""
    for name, scope, own in _scopes(root):
        for node in ast.walk(scope):
            if _is_formatted(node, own) and name not in FORMAT_HOMES:
                yield f"{name}:{node.lineno} reads a text as a format"


def _is_formatted(node: ast.AST, own: set[str]) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return isinstance(node.right, ast.Dict | ast.Tuple) and not _is_own(node.left, own)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr not in ("format", "format_map") or ast.unparse(node.func).startswith("sql."):
        return False
    return not _is_own(node.func.value, own)


def _scopes(root: Path) -> Iterator[tuple[str, ast.AST, set[str]]]:
    """Give each function (methods too, with what is nested in it) and, apart, what stands outside of all."""
    for name, tree in rules.parsed(root):
        outside, inside = list[ast.stmt](), list[ast.stmt]()
        _divide(tree.body, outside, inside)
        own = _own_names(ast.Module(body=outside, type_ignores=[]))
        yield name, ast.Module(body=outside, type_ignores=[]), own
        for each in inside:
            named = {node.arg for node in ast.walk(each) if isinstance(node, ast.arg)}
            yield name, each, own - named | _own_names(each)


def _divide(body: list[ast.stmt], outside: list[ast.stmt], inside: list[ast.stmt]) -> None:
    for each in body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            inside.append(each)
        elif isinstance(each, ast.ClassDef):
            _divide(each.body, outside, inside)
        else:
            outside.append(each)


def _own_names(scope: ast.AST) -> set[str]:
    """Give the names that are only ever given texts of the code."""
    own, other = set[str](), set[str]()
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            names = {each.id for each in node.targets if isinstance(each, ast.Name)}
            (own if _is_own(node.value, own) else other).update(names)
        elif isinstance(node, ast.arg):
            other.add(node.arg)
    return own - other


def _is_own(node: ast.expr, own: set[str]) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name.isupper() or name in own
        case ast.Attribute(value=of, attr=name):
            return name.isupper() or (name == "pattern" and _is_own(of, own))
        case ast.Subscript(value=of) | ast.Call(func=ast.Attribute(value=of, attr="get")):
            return _is_own(of, own)
        case ast.Call(func=called):
            return ast.unparse(called) in SAID | {"re.escape"}
        case ast.JoinedStr(values=parts):
            return all(isinstance(each, ast.Constant) or _is_own(each.value, own) for each in parts)  # type: ignore[attr-defined]
        case ast.BinOp(left=left, right=right):
            return _is_own(left, own) and _is_own(right, own)
        case ast.IfExp(body=left, orelse=right):
            return _is_own(left, own) and _is_own(right, own)
        case ast.Dict(values=values):
            return all(_is_own(each, own) for each in values)
    return False


def secrets_compared_openly(root: Path) -> Iterator[str]:
    """`==`, `!=` or `in` on a secret, its code or its proof: how long that takes tells how much was right.

    Such a value is compared by `hmac.compare_digest` or the library; comparing with a literal tells nothing.
    """
    for name, tree in rules.parsed(root):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In):
                continue
            sides = [node.left, *node.comparators]
            are_said = any(isinstance(side, ast.Constant) for side in sides)
            if not are_said and any(_SECRET.search(ast.unparse(side)) for side in sides):
                yield f"{name}:{node.lineno} compares a secret in the open"


RULES = (patterns_from_data, formats_from_data, secrets_compared_openly)
