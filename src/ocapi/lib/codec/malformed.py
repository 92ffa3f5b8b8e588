"""Why outside input was refused: one error, one list of reason codes."""

from enum import StrEnum


class Reason(StrEnum):
    """The codes an API answer names; never translated, never renumbered."""

    TOO_LARGE = "tooLarge"
    TOO_DEEP = "tooDeep"
    TOO_MANY_MEMBERS = "tooManyMembers"
    NOT_UTF8 = "notUtf8"
    NOT_JSON = "notJson"
    NOT_YAML = "notYaml"
    NOT_CSV = "notCsv"
    NOT_XML = "notXml"
    NUL_CHARACTER = "nulCharacter"
    DUPLICATE_MEMBER = "duplicateMember"
    UNKNOWN_MEMBER = "unknownMember"
    MISSING_MEMBER = "missingMember"
    WRONG_TYPE = "wrongType"
    INVALID_VALUE = "invalidValue"
    ALIAS_REFUSED = "aliasRefused"


class MalformedInput(ValueError):
    """Outside input breaks a rule.

    reason: the code. path: where, `$.applicant.ssin` for JSON and YAML, `line 12` for CSV.
    detail: for developers, in English, without the value itself.
    """

    def __init__(self, reason: Reason, *, path: str = "$", detail: str = "") -> None:
        super().__init__(f"{reason.value} at {path}: {detail}")
        self.reason = reason
        self.path = path
        self.detail = detail


def require_size(raw: bytes, max_bytes: int) -> None:
    """Refuse more bytes than allowed."""
    if len(raw) > max_bytes:
        raise MalformedInput(Reason.TOO_LARGE, detail=f"more than {max_bytes} bytes")


def require_utf8(raw: bytes) -> str:
    """Give the text of UTF-8 bytes, without byte order mark; names the line of the first wrong byte."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise MalformedInput(Reason.NOT_UTF8, path="line 1", detail="this is UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = raw.count(b"\n", 0, failure.start) + 1
        detail = f"byte {failure.start} is not UTF-8; save it as UTF-8"
        raise MalformedInput(Reason.NOT_UTF8, path=f"line {line}", detail=detail) from None
