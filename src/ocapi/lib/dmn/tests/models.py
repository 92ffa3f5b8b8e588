"""Decision models as text, for the tests of DMN."""

from collections.abc import Sequence
from html import escape

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(body: str, *, namespace: str = "urn:test", version: str = NAMESPACE) -> bytes:
    """Give a model file around some elements."""
    return f'<definitions xmlns="{version}" namespace="{namespace}" name="test">{body}</definitions>'.encode()


def inputs(**types: str) -> str:
    """Give input data by name and type; the id is the name behind i_."""
    return "".join(
        f'<inputData id="i_{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'
        for name, kind in types.items()
    )


def decision(name: str, logic: str, *needs: str, type_ref: str = "") -> str:
    """Give a decision. needs: ids of input data (i_…), decisions (d_…) or functions (k_…)."""
    kinds = {"i": ("information", "Input"), "d": ("information", "Decision"), "k": ("knowledge", "Knowledge")}
    requirements = ""
    for need in needs:
        kind, required = kinds[need.rpartition("#")[2][0]]
        href = need if "#" in need else f"#{need}"
        requirements += f'<{kind}Requirement><required{required} href="{href}"/></{kind}Requirement>'
    declared = f' typeRef="{type_ref}"' if type_ref else ""
    inner = f'<variable name="{name}"{declared}/>{requirements}{logic}'
    return f'<decision id="d_{name}" name="{name}">{inner}</decision>'


def literal(text: str) -> str:
    """Give a literal expression."""
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def table(
    columns: Sequence[str], rules: Sequence[Sequence[str]], *, policy: str = "UNIQUE",
    outputs: str = "<output id='o'/>", attributes: str = "",
) -> str:
    """Give a decision table; the last cells of a rule are its outputs."""
    heads = "".join(
        f'<input id="c{place}"><inputExpression><text>{escape(text)}</text></inputExpression></input>'
        for place, text in enumerate(columns)
    )
    rows = ""
    tags = ["inputEntry"] * len(columns) + ["outputEntry"] * 9
    for number, cells in enumerate(rules, 1):
        made = "".join(
            f"<{tag}><text>{escape(text)}</text></{tag}>"
            for tag, text in zip(tags, cells, strict=False)
        )
        rows += f'<rule id="r{number}">{made}</rule>'
    return f'<decisionTable id="t" hitPolicy="{policy}" {attributes}>{heads}{outputs}{rows}</decisionTable>'
