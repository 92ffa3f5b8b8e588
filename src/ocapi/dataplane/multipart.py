"""Takes the one file out of a form while it arrives, without holding more than a chunk (RFC 7578, RFC 2046).

Other fields of the form are passed over. What a browser sends is read, and nothing more lenient: no nested
parts, no encodings of transfer.
"""

import re
from collections.abc import Iterator

MOST_PARTS = 20
LARGEST_HEAD = 8 << 10  # bytes of the headers of a part
LONGEST_NAME = 200
_BOUNDARY = re.compile(
    r'(?i)multipart/form-data\s*;(?:[^"]*;)?\s*boundary=(?:"([^"\\]{1,70})"|([^\s;"]{1,70})(?![^\s;]))'
)
_FILE_NAME = re.compile(rb'(?i);\s*filename="([^"]*)"')


class BadForm(ValueError):
    """The body is no form with a file."""


class FileOfForm:
    """Gives the content of the first file of a form, chunk by chunk. name: as its sender called it."""

    def __init__(self, content_type: str) -> None:
        found = _BOUNDARY.match(content_type)
        if found is None:
            raise BadForm("no form")
        self._delimiter = b"\r\n--" + (found.group(1) or found.group(2)).encode("ascii", "replace")
        self._held = b"\r\n"  # the first delimiter may stand at the very start
        self._take = self._preamble
        self._parts = 0
        self._skip_line_end = False
        self.name = ""
        self.is_whole = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Give what a chunk of the body holds of the file. Raises BadForm."""
        self._held += chunk
        while True:
            before = (len(self._held), self._take)
            yield from self._take()
            if (len(self._held), self._take) == before:
                return

    def _preamble(self) -> Iterator[bytes]:
        place = self._held.find(self._delimiter)
        if place < 0:
            self._held = self._held[-len(self._delimiter) :]
        else:
            self._held = self._held[place + len(self._delimiter) :]
            self._take = self._after_delimiter
        yield from ()

    def _after_delimiter(self) -> Iterator[bytes]:
        if len(self._held) >= 2:
            if self._held[:2] == b"--":
                self._held, self._take = b"", self._rest
            elif self._held[:2] == b"\r\n":
                self._parts += 1
                if self._parts > MOST_PARTS:
                    raise BadForm("too many parts")
                self._take = self._head
            else:
                raise BadForm("a delimiter is followed by something else")
        yield from ()

    def _head(self) -> Iterator[bytes]:
        end = self._held.find(b"\r\n\r\n")
        if end > LARGEST_HEAD or end < 0 and len(self._held) > LARGEST_HEAD:
            raise BadForm("the headers of a part are too long")
        if end >= 0:
            head, self._held = self._held[:end], self._held[end + 2 :]  # the line end before a delimiter
            named = _FILE_NAME.search(head)
            is_file = named is not None and not self.is_whole and not self.name
            self._skip_line_end = True
            self._take = self._file if is_file else self._other
            if is_file and named is not None:
                self.name = base_name(named.group(1))
        yield from ()

    def _file(self) -> Iterator[bytes]:
        yield from self._content(is_wanted=True)

    def _other(self) -> Iterator[bytes]:
        yield from self._content(is_wanted=False)

    def _content(self, *, is_wanted: bool) -> Iterator[bytes]:
        # The line end after the headers is part of the first delimiter when the part is empty.
        start = 2 if self._skip_line_end else 0
        place = self._held.find(self._delimiter)
        if place >= 0:
            found = self._held[start:place] if place > start else b""
            self._held = self._held[place + len(self._delimiter) :]
            self._take = self._after_delimiter
            self.is_whole = self.is_whole or is_wanted
        elif len(self._held) > len(self._delimiter) + start:
            keep = len(self._held) - len(self._delimiter)
            found, self._held = self._held[start:keep], self._held[keep:]
            self._skip_line_end = False
        else:
            return
        if found and is_wanted:
            yield found

    def _rest(self) -> Iterator[bytes]:
        self._held = b""
        yield from ()


def base_name(raw: bytes) -> str:
    """Give the name of a file without folders and without what is no text."""
    text = raw.decode("utf-8", "replace").replace("%22", '"').replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in text if each.isprintable()).strip()[:LONGEST_NAME]
