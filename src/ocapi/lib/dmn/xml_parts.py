"""Small questions to an XML element, by local name: five versions of DMN share them."""

from collections.abc import Iterator

from lxml import etree


def local(node: etree._Element) -> str:
    """Give the name without namespace; "" for comments and instructions."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give the children of these names, in order."""
    for each in node:
        if local(each) in names:
            yield each


def child(node: etree._Element, name: str) -> etree._Element | None:
    """Give the first child of a name."""
    return next(children(node, name), None)


def text_of(node: etree._Element, name: str) -> str:
    """Give the text of a child, "" when there is none."""
    found = child(node, name)
    return "" if found is None else "".join(str(part) for part in found.itertext()).strip()


def named_type(node: etree._Element) -> str:
    """Give the type a node declares; DMN 1.1 wrote `feel:string`."""
    return (node.get("typeRef") or "").rpartition(":")[2].strip()


def flag(node: etree._Element, name: str) -> bool:
    """Read an attribute as xsd:boolean."""
    return node.get(name, "false").strip() in ("true", "1")
