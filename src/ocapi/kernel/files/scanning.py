"""The scanner that is always there: looks at structure, so that what pretends to be a document stays out."""

from pathlib import Path

from ocapi.kernel.files.data import MediaType
from ocapi.kernel.files.extensions import Verdict

# The industry's harmless test string, cut in two so that this source file is not itself reported.
TEST_SIGNATURE = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ACTIVE_PDF = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile")


class StructureScanner:
    """Refuses the anti-virus test string and PDF files that carry scripts,
    launch actions or embedded files.
    """

    name = "structure"

    def scan(self, *, path: Path, media_type: MediaType) -> Verdict:
        content = path.read_bytes()
        if TEST_SIGNATURE in content:
            return Verdict.INFECTED
        if media_type is MediaType.PDF and any(_names(content, key) for key in ACTIVE_PDF):
            return Verdict.INFECTED
        return Verdict.CLEAN


def _names(content: bytes, key: bytes) -> bool:
    at = content.find(key)
    while at >= 0:
        following = content[at + len(key): at + len(key) + 1]
        if not following.isalnum():
            return True
        at = content.find(key, at + 1)
    return False
