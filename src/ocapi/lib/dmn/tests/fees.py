"""A small decision model for tests of what stores or asks models."""

NS = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def fees(*, low: str = "10", name: str = "leges", extra: str = "", decision: str = "Leges") -> bytes:
    """Give a model with one table: a fee by surface."""
    rules = "".join(
        f'<rule id="r{n}"><inputEntry><text>{test}</text></inputEntry>'
        f"<outputEntry><text>{value}</text></outputEntry></rule>"
        for n, (test, value) in enumerate([("&lt; 50", low), ("&gt;= 50", "25.50")])
    )
    return (
        f'<definitions xmlns="{NS}" namespace="urn:{name}" name="{name}">{extra}'
        '<inputData id="i" name="oppervlakte"><variable name="oppervlakte" typeRef="number"/></inputData>'
        f'<decision id="d" name="{decision}"><variable name="{decision}" typeRef="number"/>'
        '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
        '<decisionTable id="t" hitPolicy="UNIQUE"><input label="oppervlakte"><inputExpression>'
        f"<text>oppervlakte</text></inputExpression></input><output/>{rules}</decisionTable></decision>"
        "</definitions>"
    ).encode()
