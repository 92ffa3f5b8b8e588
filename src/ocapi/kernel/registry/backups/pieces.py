"""Files as pieces named by their hash: what did not change since the last time is there already."""

import hashlib
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import IO

from ocapi.kernel.registry.backups.data import OBJECTS, PieceList
from ocapi.kernel.registry.backups.targets import add_proved, prove_kept
from ocapi.kernel.registry.carrying.data import TABLES, ArchiveRefused, Reason
from ocapi.kernel.registry.carrying.sinks import HELD_BYTES, Part
from ocapi.kernel.registry.extensions import BackupTarget
from ocapi.lib import codec, crashpoint

PIECE_BYTES = 4 << 20
TURNS = 256  # passes in which each piece that is there already is read back once: 4 h at one a minute
CUT_MASK = 0x1FF  # a row ends a piece once in 512 times, by its own content: rows before it shift nothing


def place_of(sha256: str) -> str:
    """Give the name of a piece on a target."""
    return f"{OBJECTS}/{sha256[:2]}/{sha256}"


class PieceSink:
    """Takes the files of an archive apart into pieces and adds those the target lacks.

    turn: number of the pass; it chooses which of the pieces that are there already are read back.
    """

    def __init__(self, target: BackupTarget, *, turn: int = 0) -> None:
        self._target = target
        self._turn = turn % TURNS
        self._index = tempfile.SpooledTemporaryFile(HELD_BYTES)  # noqa: SIM115 (closed when the block ends)
        self.added = 0
        self.added_bytes = 0

    def put(self, name: str, chunks: Iterable[bytes]) -> Part:
        """Add the pieces of a file and note it in the index."""
        kept = self.keep(name, chunks, by_row=name.startswith(f"{TABLES}/"))
        self._index.write(codec.encode_json(kept) + b"\n")
        return Part(name=name, size=kept.size, sha256=kept.sha256)

    def keep(self, name: str, chunks: Iterable[bytes], *, by_row: bool = False) -> PieceList:
        """Add the pieces of a file."""
        digest, size, pieces = hashlib.sha256(), 0, []
        for piece in _by_row(chunks) if by_row else _by_size(chunks):
            digest.update(piece)
            size += len(piece)
            sha256 = hashlib.sha256(piece).hexdigest()
            pieces.append(sha256)
            if not self._is_kept(sha256, piece):
                crashpoint.point("backup.chunk.before_add")
                add_proved(self._target, place_of(sha256), piece)
                crashpoint.point("backup.chunk.after_add")
                self.added += 1
                self.added_bytes += len(piece)
        return PieceList(name=name, size=size, sha256=digest.hexdigest(), pieces=tuple(pieces))

    def _is_kept(self, sha256: str, piece: bytes) -> bool:
        """Tell whether the target holds a piece; by its size, and by its bytes when it is this piece's turn.

        So one that was cut short is found at the next pass, and other bytes within TURNS passes.
        """
        size = self._target.size_of(place_of(sha256))
        if size is None:
            return False
        if size != len(piece):
            raise ArchiveRefused(
                Reason.TARGET_LIES, place=place_of(sha256), detail=f"it keeps {size} bytes of {len(piece)}"
            )
        if int(sha256[:8], 16) % TURNS == self._turn:
            prove_kept(self._target, place_of(sha256), piece)
        return True

    def keep_index(self) -> PieceList:
        """Add the index itself."""
        self._index.seek(0)
        return self.keep("index", _read(self._index))

    def finish(self) -> None:
        """Do nothing: the record that follows makes it whole."""

    def __enter__(self) -> "PieceSink":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()


def _read(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(PIECE_BYTES), b"")


def _by_size(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= PIECE_BYTES:
            yield bytes(held[:PIECE_BYTES])
            del held[:PIECE_BYTES]
    if held:
        yield bytes(held)


def _by_row(rows: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for row in rows:
        held += row
        if zlib.crc32(row) & CUT_MASK == 0 or len(held) >= PIECE_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def read_pieces(target: BackupTarget, file: PieceList) -> Iterator[bytes]:
    """Give a file's bytes piece by piece, each proved to be what its name says.

    Raises ArchiveRefused: missing, changed - with the piece's place on the target.
    """
    digest = hashlib.sha256()
    for sha256 in file.pieces:
        piece = target.read(place_of(sha256))
        if hashlib.sha256(piece).hexdigest() != sha256:
            raise ArchiveRefused(Reason.CHANGED, place=place_of(sha256), detail=f"a piece of {file.name}")
        digest.update(piece)
        yield piece
    if digest.hexdigest() != file.sha256:
        raise ArchiveRefused(Reason.CHANGED, place=file.name, detail="its pieces make another file")
