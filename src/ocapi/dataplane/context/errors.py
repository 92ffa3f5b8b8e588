"""Why a request is refused, by the error types of ETSI GS CIM 009 clause 6.3.2."""

ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"
_STATUS = {
    "InvalidRequest": 400,
    "BadRequestData": 400,
    "ResourceNotFound": 404,
    "AlreadyExists": 409,
    "OperationNotSupported": 422,
    "TooComplexQuery": 403,
    "TooManyResults": 403,
    "InternalError": 500,
    "LdContextNotAvailable": 503,
    "NonexistentTenant": 404,
    "NoMultiTenantSupport": 501,
}
_TITLES = {
    "InvalidRequest": "The request is not well-formed",
    "BadRequestData": "The request's content is not valid",
    "ResourceNotFound": "There is no such resource",
    "AlreadyExists": "It exists already",
    "OperationNotSupported": "This operation is not supported",
    "TooComplexQuery": "The query is too complex",
    "TooManyResults": "The query has too many results",
    "InternalError": "A fault of ours",
    "LdContextNotAvailable": "The @context is not one we hold",
    "NonexistentTenant": "There is no such tenant",
    "NoMultiTenantSupport": "Tenants are told apart by host name",
}


class Refusal(Exception):
    """A request that is not carried out. kind: last part of the error type's IRI, or empty for plain HTTP."""

    def __init__(self, kind: str, detail: str, *, status: int = 0, title: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.status = status or _STATUS[kind]
        self.title = title or _TITLES.get(kind, "")

    def as_content(self) -> dict[str, object]:
        """Give the members of the ProblemDetails."""
        return {
            "type": f"{ERRORS}{self.kind}" if self.kind else "about:blank",
            "title": self.title,
            "detail": self.detail,
            "status": self.status,
        }


def bad(detail: str) -> Refusal:
    """Give the refusal of well-formed content that breaks a rule."""
    return Refusal("BadRequestData", detail)


def invalid(detail: str) -> Refusal:
    """Give the refusal of a request that cannot be read."""
    return Refusal("InvalidRequest", detail)


def missing(detail: str) -> Refusal:
    """Give the refusal of a request for what is not there."""
    return Refusal("ResourceNotFound", detail)
