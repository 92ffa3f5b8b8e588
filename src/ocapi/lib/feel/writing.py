"""A syntax tree back into text, with every operator in parentheses: parsing it gives the same tree."""

from collections.abc import Callable
from typing import Any

from ocapi.lib.feel import syntax
from ocapi.lib.feel.numbers import plain
from ocapi.lib.feel.showing import quoted


def write(node: syntax.Node) -> str:
    """Give the text of an expression."""
    return _WRITERS[type(node)](node)


def write_tests(node: syntax.Tests) -> str:
    """Give the text of the cell of a decision table."""
    if not node.tests:
        return "-"
    listed = ", ".join(_test(test) for test in node.tests)
    return f"not({listed})" if node.negated else listed


def _test(node: syntax.Node) -> str:
    return f"{node.operator} {write(node.end)}" if isinstance(node, syntax.UnaryRange) else write(node)


def _literal(node: syntax.Literal) -> str:
    if node.value is None:
        return "null"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return quoted(node.value) if isinstance(node.value, str) else plain(node.value)


def _call(node: syntax.Call) -> str:
    arguments = [write(argument) for argument in node.arguments]
    if node.names is not None:
        arguments = [f"{name}: {text}" for name, text in zip(node.names, arguments, strict=True)]
    callee = write(node.callee)
    if isinstance(node.callee, syntax.FunctionNode | syntax.If | syntax.For | syntax.Quantified):
        callee = f"({callee})"
    return f"{callee}({', '.join(arguments)})"


def _chain(node: syntax.Chain) -> str:
    return "(" + write(node.first) + "".join(f" {sign} {write(each)}" for sign, each in node.rest) + ")"


def _if(node: syntax.If) -> str:
    branches = "".join(f"if {write(test)} then {write(then)} else " for test, then in node.branches)
    return f"({branches}{write(node.otherwise)})"


def _iterators(iterators: tuple[syntax.Iterator, ...]) -> str:
    return ", ".join(
        f"{each.name} in {write(each.source)}" + (f"..{write(each.until)}" if each.until is not None else "")
        for each in iterators
    )


def _context(node: syntax.ContextNode) -> str:
    return "{" + ", ".join(f"{quoted(key)}: {write(value)}" for key, value in node.entries) + "}"


def _range(node: syntax.RangeNode) -> str:
    opening, closing = "[" if node.low_included else "(", "]" if node.high_included else ")"
    return f"{opening}{write(node.low)}..{write(node.high)}{closing}"


def _type(node: syntax.TypeNode) -> str:
    if node.keys:
        fields = zip(node.keys, node.parts, strict=True)
        return "context<" + ", ".join(f"{key}: {_type(part)}" for key, part in fields) + ">"
    if node.result is not None:
        return f"function<{', '.join(map(_type, node.parts))}>->{_type(node.result)}"
    return f"{node.name}<{', '.join(map(_type, node.parts))}>" if node.parts else node.name


def _function(node: syntax.FunctionNode) -> str:
    parameters = ", ".join(
        each.name if each.type is None else f"{each.name}: {_type(each.type)}" for each in node.parameters
    )
    return f"(function({parameters}){' external' if node.external else ''} {write(node.body)})"


_WRITERS: dict[type, Callable[[Any], str]] = {
    syntax.Literal: _literal,
    syntax.AtLiteral: lambda node: f"@{quoted(node.text)}",
    syntax.Name: lambda node: node.name,
    syntax.Path: lambda node: f"{write(node.source)}.{node.name}",
    syntax.Filter: lambda node: f"{write(node.source)}[{write(node.condition)}]",
    syntax.Call: _call,
    syntax.Negation: lambda node: f"(-{write(node.operand)})",
    syntax.Chain: _chain,
    syntax.Comparison: lambda node: f"({write(node.left)} {node.operator} {write(node.right)})",
    syntax.Logic: lambda node: "(" + f" {node.operator} ".join(map(write, node.operands)) + ")",
    syntax.Between: lambda node: f"({write(node.value)} between {write(node.low)} and {write(node.high)})",
    syntax.In: lambda node: f"({write(node.value)} in ({', '.join(map(_test, node.tests))}))",
    syntax.InstanceOf: lambda node: f"({write(node.value)} instance of {_type(node.type)})",
    syntax.If: _if,
    syntax.For: lambda node: f"(for {_iterators(node.iterators)} return {write(node.result)})",
    syntax.Quantified: lambda node: (
        f"({node.quantifier} {_iterators(node.iterators)} satisfies {write(node.condition)})"
    ),
    syntax.ListNode: lambda node: "[" + ", ".join(map(write, node.items)) + "]",
    syntax.ContextNode: _context,
    syntax.RangeNode: _range,
    syntax.UnaryRange: lambda node: f"({node.operator} {write(node.end)})",
    syntax.FunctionNode: _function,
}
