"""FEEL inside a process: the names an expression uses are found, so that only those are handed in."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocapi.lib import feel
from ocapi.lib.bpmn.model import Expression
from ocapi.lib.feel import syntax
from ocapi.lib.feel.free_names import calls_outside
from ocapi.lib.feel.functions import BUILT_IN_NAMES, BUILT_INS
from ocapi.lib.feel.names import Known
from ocapi.lib.feel.parser import parse_expression

MAX_TEXT = 20_000  # characters of one expression
_FOREIGN = ("${", "#{")
_TELL_TALES = ("==", "&&", "||", "bpmn:get", "${", "();")  # of Java, JavaScript and XPath
_DEFAULTS = frozenset({"", "http://www.w3.org/1999/xpath"})  # what modellers write when nobody chose


class NotFeel(ValueError):
    """The expression is in another language. detail: which, or its first characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A compiled expression and the variables it reads."""

    text: str
    names: tuple[str, ...]
    code: feel.Expression


def compile_formula(expression: Expression, *, language: str = "", names: Iterable[str] = ()) -> Formula:
    """Compile an expression of a model.

    language: of the file, for an expression that names none. names: variables with spaces in their name.
    Raises NotFeel for another language, FeelSyntaxError for what can't be read.
    """
    text = expression.text.strip()
    spoken = (expression.language or language).strip().lower()
    if text.startswith(_FOREIGN):
        raise NotFeel(text[:80])
    if spoken not in _DEFAULTS and "feel" not in spoken:
        raise NotFeel(expression.language or language)
    text = text.removeprefix("=").strip()
    if len(text) > MAX_TEXT:
        raise feel.FeelSyntaxError("too long", text=text[:100], position=0)
    known = tuple(names)
    try:
        tree = parse_expression(
            text, known=BUILT_IN_NAMES.plus(known), properties=Known(()), types=Known(())
        )
    except feel.FeelSyntaxError:
        if any(each in text for each in _TELL_TALES):
            raise NotFeel(text[:80]) from None
        raise
    if calls_outside(tree):
        raise feel.FeelSyntaxError("external functions never run", text=text[:100], position=0)
    used = tuple(dict.fromkeys(_names(tree)))
    code = feel.compile_expression(text, names=dict.fromkeys((*used, *known)))
    return Formula(text=text, names=used, code=code)


def _names(tree: syntax.Node) -> Iterator[str]:
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += node
        elif isinstance(node, syntax.Name):
            yield node.name
        elif isinstance(node, syntax.Call) and _is_built_in(node.callee):
            waiting.append(node.arguments)
        elif dataclasses.is_dataclass(node):
            waiting += [getattr(node, each.name) for each in dataclasses.fields(node)]


def _is_built_in(callee: syntax.Node) -> bool:
    return isinstance(callee, syntax.Name) and callee.name in BUILT_INS
