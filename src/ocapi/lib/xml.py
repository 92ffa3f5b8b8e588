"""The one XML parser: no DOCTYPE, no entities, no network, bounded in size and depth."""

import re

from lxml import etree

MAX_BYTES = 16 << 20
MAX_DEPTH = 200
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS = frozenset({b"utf-8", b"us-ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252"})


class MalformedXml(ValueError):
    """The document is refused. reason: tooLarge | tooDeep | doctypeRefused | encodingRefused | notXml."""

    def __init__(self, reason: str, *, line: int = 0, detail: str = "") -> None:
        super().__init__(f"{reason} at line {line}: {detail}" if line else reason)
        self.reason = reason
        self.line = line
        self.detail = detail


def parse(raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> etree._Element:
    """Parse a document and give its root element, or raise MalformedXml.

    A DOCTYPE is refused before parsing, wherever it stands: internal entities would still expand. Encodings
    in which those bytes could hide (UTF-16, UTF-7 and the like) are refused first.
    """
    if len(raw) > max_bytes:
        raise MalformedXml("tooLarge", detail=f"more than {max_bytes} bytes")
    declared = _ENCODING.match(raw.removeprefix(b"\xef\xbb\xbf"))
    if raw[:2] in _UTF16_MARKS or b"\0" in raw or (declared and declared[1].lower() not in _ENCODINGS):
        raise MalformedXml("encodingRefused", line=1, detail="save the document as UTF-8")
    if (place := raw.upper().find(b"<!DOCTYPE")) >= 0:
        raise MalformedXml("doctypeRefused", line=raw.count(b"\n", 0, place) + 1)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as failure:
        raise MalformedXml("notXml", line=failure.lineno or 0, detail=failure.msg or "") from None
    _require_depth(root, max_depth)
    return root


def _require_depth(root: etree._Element, max_depth: int) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > max_depth:
            raise MalformedXml("tooDeep", line=element.sourceline or 0, detail=f"deeper than {max_depth}")
