"""Takes out of a picture what it tells beside itself: place, device, author, remarks, small earlier copies.

By the structure of the format alone, while the bytes stream: the picture is not decoded and not one of its
bits changes, so it stays usable as evidence. From the first thing that does not fit the format, or is more
than a picture has, the bytes pass as they came; no program shows such a picture's remarks. PDF is not
touched: taking its metadata out would break the signatures that letters and plans bear.
Sources: ITU-T T.81, annex B (JPEG); W3C PNG, third edition, section 11; OWASP ASVS 5.0.0, 14.2.8.
"""

from collections.abc import Iterable, Iterator

from ocapi.kernel.files.data import MediaType

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_TELLING = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
JPEG_KEPT = (b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")
"""Application segments without which the colors would differ."""
JPEG_APP, JPEG_REMARK, JPEG_SCAN, JPEG_END = range(0xE0, 0xF0), 0xFE, 0xDA, 0xD9
JPEG_ALONE = (0x00, 0x01, *range(0xD0, 0xD9))
"""Second bytes of markers that have no segment, and none that may stand between segments."""
ORIENTATION = 0x0112
PIECE = 1 << 16  # bytes
MOST_FILL = 64  # bytes before a marker that only fill
MOST_PARTS = 20_000
"""Parts of a picture that are looked at: cameras and programs make some hundreds, a trap a million."""


def stripped(chunks: Iterable[bytes], media_type: MediaType) -> Iterator[bytes]:
    """Give the bytes of a file without what its type keeps beside the picture; other types as they come.

    Holds at most one segment (64 KiB in JPEG) or one remark's header at a time.
    """
    if media_type is MediaType.JPEG:
        return _jpeg(_Reader(chunks))
    if media_type is MediaType.PNG:
        return _png(_Reader(chunks))
    return iter(chunks)


class _Reader:
    """Reads an exact number of bytes from chunks of any size; what one read costs follows its own size."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held, self._at = b"", 0

    def take(self, size: int) -> bytes:
        """Give `size` bytes, fewer at the end."""
        missing = size - (len(self._held) - self._at)
        if missing > 0:
            parts = [self._held[self._at:]]
            while missing > 0 and (more := next(self._chunks, b"")):
                parts.append(more)
                missing -= len(more)
            self._held, self._at = b"".join(parts), 0
        taken = self._held[self._at:self._at + size]
        self._at += len(taken)
        return taken

    def put_back(self, given: bytes) -> None:
        """Let bytes be taken again: the last ones that were."""
        if len(given) <= self._at:
            self._at -= len(given)
        else:
            self._held, self._at = given + self._held[self._at:], 0

    def pieces(self, size: int) -> Iterator[bytes]:
        """Give the next `size` bytes in pieces as they come."""
        while size > 0 and (piece := self.take(min(size, PIECE))):
            size -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        """Give all that is left."""
        held, self._held, self._at = self._held[self._at:], b"", 0
        if held:
            yield held
        yield from self._chunks


def _png(reader: _Reader) -> Iterator[bytes]:
    yield reader.take(len(PNG_HEAD))
    for _part in range(MOST_PARTS):
        head = reader.take(8)
        kind = head[4:]
        if len(head) < 8 or not kind.isalpha():  # not built as the format asks
            yield head
            break
        size = int.from_bytes(head[:4], "big") + 4  # with its checksum
        if kind in PNG_TELLING:
            for _piece in reader.pieces(size):
                pass
            continue
        yield head
        yield from reader.pieces(size)
        if kind == b"IEND":
            return  # what stands behind the end is no part of the picture
    yield from reader.rest()


def _jpeg(reader: _Reader) -> Iterator[bytes]:
    yield reader.take(2)
    for _part in range(MOST_PARTS):
        marker = reader.take(2)
        for _fill in range(MOST_FILL):
            if marker != b"\xff\xff":
                break
            marker = b"\xff" + reader.take(1)
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] in JPEG_ALONE:
            yield marker
            break
        if marker[1] == JPEG_END:
            yield marker
            return  # some cameras add a second picture or a film behind the end
        length = reader.take(2)
        size = int.from_bytes(length, "big") - 2
        if len(length) < 2 or size < 0:
            yield marker + length
            break
        body = reader.take(size)
        if marker[1] in JPEG_APP and not body.startswith(JPEG_KEPT):
            if (turned := _orientation(body)) not in (0, 1):
                yield _turned(turned)  # else the picture would lie on its side
        elif marker[1] != JPEG_REMARK:
            yield marker + length + body
        if marker[1] == JPEG_SCAN:
            yield from _scan(reader)
    yield from reader.rest()


def _scan(reader: _Reader) -> Iterator[bytes]:
    """Give the coded picture up to the next marker, which stays to be read."""
    size = 256  # little at first: a scan may be empty
    while piece := reader.take(size):
        size = min(2 * size, PIECE)
        if piece.endswith(b"\xff"):
            piece += reader.take(1)
        at = next((at for at in _markers(piece)), -1)
        if at >= 0:
            reader.put_back(piece[at:])
            yield piece[:at]
            return
        yield piece


def _markers(piece: bytes) -> Iterator[int]:
    at = piece.find(b"\xff")
    while 0 <= at < len(piece) - 1:
        if piece[at + 1] not in (0x00, *range(0xD0, 0xD8)):
            yield at
        at = piece.find(b"\xff", at + 1)


def _orientation(body: bytes) -> int:
    """Give how the picture has to be turned by its Exif block, 0 when it says nothing."""
    if not body.startswith(b"Exif\0\0"):
        return 0
    block = body[6:]
    if block[:4] not in (b"II*\0", b"MM\0*"):
        return 0

    def number(at: int, size: int) -> int:
        return int.from_bytes(block[at:at + size], "little" if block[:1] == b"I" else "big")

    first = number(4, 4)
    for index in range(min(number(first, 2), 1000)):
        entry = first + 2 + 12 * index
        if number(entry, 2) == ORIENTATION:
            found = number(entry + 8, 2)
            return found if found <= 8 else 0
    return 0


def _turned(orientation: int) -> bytes:
    """Make the Exif segment that says how to turn the picture, and nothing else."""
    entry = ORIENTATION.to_bytes(2, "big") + b"\0\x03\0\0\0\x01" + orientation.to_bytes(2, "big") + b"\0\0"
    block = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"
    return b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
