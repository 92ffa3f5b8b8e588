"""What the readers share: rows of a foreign table by the names of its columns, numbers as Dutch tools
write them.
"""

from collections.abc import Iterator
from pathlib import Path

from ocapi.kernel.registry.extensions import BadRow
from ocapi.lib import codec

LARGEST = 64 << 20  # bytes


class WrongRow(ValueError):
    """A row can't be read; the text says why, without the value."""


def table(path: Path, *, needs: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of a CSV file with their line; raises MalformedInput, and WrongRow when a column is
    missing.
    """
    if path.stat().st_size > LARGEST:
        raise WrongRow(f"the file is larger than {LARGEST >> 20} MiB")
    header, rows = codec.decode_csv(path.read_bytes().removeprefix(b"\xef\xbb\xbf"), max_bytes=LARGEST)
    for name in needs:
        if name not in header:
            raise WrongRow(f"the column {name!r} is missing")
    for row in rows:
        if len(row.cells) == len(header):
            yield row.line, dict(zip(header, row.cells, strict=True))
        else:
            yield row.line, {}


def dutch_number(text: str) -> float:
    """Read `46.769` as forty-six thousand and `706,62` with decimals; raises WrongRow."""
    plain = text.replace(".", "").replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        raise WrongRow("a number is expected") from None


def whole(text: str) -> int:
    """Read a whole number; raises WrongRow."""
    if not text.lstrip("-").isdecimal():
        raise WrongRow("a whole number is expected")
    return int(text)


class Refused:
    """Collects rows that were not read, the first hundred with their reason."""

    MOST = 100

    def __init__(self) -> None:
        self.rows: list[BadRow] = []
        self.count = 0

    def add(self, line: int, failure: object) -> None:
        """Note a row that was refused."""
        self.count += 1
        if len(self.rows) < self.MOST:
            self.rows.append(BadRow(line=line, reason=str(failure)))
