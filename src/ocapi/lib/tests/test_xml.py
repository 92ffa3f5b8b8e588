"""XML from outside is parsed without surprises. Not covered: schemas of the formats written in it."""

import pytest

from ocapi.lib import xml

BOMB = b'<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>'


class TestParse:
    def test_gives_the_root(self) -> None:
        root = xml.parse('<?xml version="1.0" encoding="UTF-8"?><a><b>é</b></a>'.encode())
        assert (root.tag, root.findtext("b")) == ("a", "é")

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (BOMB, "doctypeRefused"),
            (BOMB.replace(b"DOCTYPE", b"doctype"), "doctypeRefused"),
            (BOMB.decode().encode("utf-16"), "encodingRefused"),
            (BOMB.decode().encode("utf-16-le"), "encodingRefused"),
            (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "encodingRefused"),
            (b"<a>&x;</a>", "notXml"),
            (b"<a><b></a>", "notXml"),
            (b"", "notXml"),
            (b"<a>" * 201 + b"</a>" * 201, "tooDeep"),
            (b"<a>" * 5000 + b"</a>" * 5000, "notXml"),
            (b" " * (xml.MAX_BYTES + 1), "tooLarge"),
        ],
    )
    def test_refuses_with_the_reason(self, raw: bytes, reason: str) -> None:
        with pytest.raises(xml.MalformedXml) as caught:
            xml.parse(raw)
        assert caught.value.reason == reason
