"""Name, declared type and first bytes must agree before a file is taken."""

import unicodedata

from ocapi.kernel.files.data import EXTENSIONS, MediaType

MAGIC = {
    MediaType.PDF: b"%PDF-",
    MediaType.JPEG: b"\xff\xd8\xff",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
}
NAME_LENGTH = 120


def type_of_name(name: str) -> MediaType | None:
    """Give the media type a file name claims by its extension, or None."""
    extension = name.rpartition(".")[2].lower()
    return next((kind for kind, known in EXTENSIONS.items() if extension in known), None)


def type_of_content(head: bytes) -> MediaType | None:
    """Give the media type the first bytes prove, or None."""
    return next((kind for kind, magic in MAGIC.items() if head.startswith(magic)), None)


def clean_name(name: str) -> str:
    """Give the last part of a name without control characters, direction marks or path, at most 120 long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    if len(kept) <= NAME_LENGTH:
        return kept
    stem, dot, extension = kept.rpartition(".")
    return stem[: NAME_LENGTH - len(extension) - 1] + dot + extension
