"""Takes the one file out of a form while it arrives, without holding more than a chunk (RFC 7578).

Other fields of the form are passed over. `python_multipart` reads the form; here is what a file of it is.
"""

from collections.abc import Iterator

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

MOST_PARTS = 20
LONGEST_BOUNDARY = 70  # characters, RFC 2046 section 5.1.1
LONGEST_NAME = 200


class BadForm(ValueError):
    """The body is no form with a file."""


class FileOfForm:
    """Gives the content of the first file of a form, chunk by chunk. name: as its sender called it.

    is_whole: the end of the file was seen, with its delimiter.
    """

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 0 < len(boundary) <= LONGEST_BOUNDARY:
            raise BadForm("no form")
        self.name = ""
        self.is_whole = False
        self._parts = 0
        self._is_file = False
        self._header, self._value, self._disposition = bytearray(), bytearray(), b""
        self._found: list[bytes] = []
        self._parser = MultipartParser(boundary, {
            "on_part_begin": self._begin, "on_header_field": self._name_header,
            "on_header_value": self._fill_header, "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers, "on_part_data": self._take, "on_part_end": self._end,
        })

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Give what a chunk of the body holds of the file. Raises BadForm."""
        try:
            self._parser.write(chunk)
        except FormParserError as refusal:
            raise BadForm(str(refusal)) from None
        found, self._found = self._found, []
        yield from found

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise BadForm("too many parts")
        self._disposition = b""

    def _name_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _fill_header(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        options = parse_options_header(self._disposition)[1]
        self._is_file = b"filename" in options and not self.is_whole
        if self._is_file:
            self.name = base_name(options[b"filename"])

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._found.append(data[start:end])

    def _end(self) -> None:
        self.is_whole = self.is_whole or self._is_file
        self._is_file = False


def base_name(raw: bytes) -> str:
    """Give the name of a file without folders and without what is no text."""
    text = raw.decode("utf-8", "replace").replace("%22", '"').replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in text if each.isprintable()).strip()[:LONGEST_NAME]
