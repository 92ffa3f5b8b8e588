"""Small questions to an element of a BPMN file."""

from collections.abc import Iterator

from lxml import etree

from ocapi.lib.bpmn.model import Expression

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OWN = "urn:ocapi:bpmn"  # ours: correlationKey, resultVariable, due, formKey, candidateGroups, assignee
_PICTURES = ("http://www.omg.org/spec/BPMN/20100524/DI", "http://www.omg.org/spec/DD/20100524/DC",
             "http://www.omg.org/spec/DD/20100524/DI")


def local(node: etree._Element) -> str:
    """Give the name of a BPMN element; "" for anything else."""
    return etree.QName(node).localname if is_bpmn(node) else ""


def is_bpmn(node: etree._Element) -> bool:
    """Say whether an element is one of BPMN's own."""
    return isinstance(node.tag, str) and etree.QName(node).namespace == BPMN


def is_picture(node: etree._Element) -> bool:
    """Say whether an element only tells where things are drawn."""
    return isinstance(node.tag, str) and etree.QName(node).namespace in _PICTURES


def children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give the BPMN children of these names, in order."""
    for each in node:
        if local(each) in names:
            yield each


def child(node: etree._Element, name: str) -> etree._Element | None:
    """Give the first child of a name."""
    return next(children(node, name), None)


def content(node: etree._Element | None) -> str:
    """Give the text inside, "" for no element."""
    return "" if node is None else "".join(str(part) for part in node.itertext()).strip()


def text_of(node: etree._Element, name: str) -> str:
    """Give the text of a child, "" when there is none."""
    return content(child(node, name))


def flag(node: etree._Element, name: str, *, default: bool = False) -> bool:
    """Read an attribute as xsd:boolean."""
    given = node.get(name)
    return default if given is None else given.strip() in ("true", "1")


def reference(text: str | None) -> str:
    """Give the local part of a QName: files put their prefix before ids of their own."""
    return (text or "").strip().rpartition(":")[2]


def line_of(node: etree._Element) -> int:
    """Give the line on which an element starts, 0 when it is not known."""
    return node.sourceline if isinstance(node.sourceline, int) else 0


def key_of(node: etree._Element) -> str:
    """Give the id, "" when it has none."""
    return node.get("id") or ""


def own(node: etree._Element, name: str) -> str:
    """Give an attribute of our namespace, "" when it is absent."""
    return (node.get(f"{{{OWN}}}{name}") or "").strip()


def is_plain(text: str) -> bool:
    """Say whether a setting is a text as it stands, not code of another engine."""
    return "${" not in text and "#{" not in text and not text.lstrip().startswith("=")


def own_expression(node: etree._Element, name: str) -> Expression | None:
    """Give an expression in an attribute of our namespace; it is FEEL."""
    text = own(node, name)
    return Expression(text=text, language="feel", line=line_of(node)) if text else None


def expression(node: etree._Element | None) -> Expression | None:
    """Give an expression element, None when it is absent or empty."""
    text = content(node)
    if node is None or not text:
        return None
    return Expression(text=text, language=(node.get("language") or "").strip(), line=line_of(node))
