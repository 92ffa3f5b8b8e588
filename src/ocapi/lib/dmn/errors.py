"""Why a model is refused, and what is wrong in a model that can still be used."""

from dataclasses import dataclass


class ModelRefused(ValueError):
    """The model can't be used. reason: a code; element: its id or name; detail: what stood there."""

    def __init__(self, reason: str, *, element: str = "", detail: str = "") -> None:
        super().__init__(": ".join(part for part in (reason, element, detail) if part))
        self.reason = reason
        self.element = element
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in one element; whatever needs it is null. detail: the words of the parser.

    owner: name of the decision or function it stands in, empty outside them.
    """

    element: str
    reason: str
    detail: str = ""
    owner: str = ""
