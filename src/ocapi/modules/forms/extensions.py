"""What others tell forms: sources that know an answer already, and what becomes of a form that was sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ocapi.lib.actor import Actor, Subject
from ocapi.lib.registry import Registry
from ocapi.modules.forms.data import FieldType, PrefillState, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRef:
    """A field that asks a source: the path is the fact wanted, the type is what it must be read as."""

    form: str
    field: str
    type: FieldType
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefilled:
    """A source's answer for one field; `value` only with state ok or stale."""

    field: str
    state: PrefillState
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFact:
    """A fact a source knows, and how a question for it is recognized in a form that does not prefill it.

    labels: whole Dutch labels in lower case. autocomplete: HTML tokens.
    """

    path: str
    labels: tuple[str, ...] = ()
    autocomplete: tuple[str, ...] = ()
    types: tuple[FieldType, ...] = ()


class PrefillSource(Protocol):
    """Knows answers about a subject. A source that is down answers `sourceDown`; it never raises for that."""

    name: str
    title: str  # as people know it, in Dutch
    knows: tuple[KnownFact, ...]

    def fetch(
        self,
        *,
        fields: tuple[FieldRef, ...],
        subject: Subject,
        actor: Actor,
        purpose: str,
        reference: str,
        now: datetime,
    ) -> tuple[Prefilled, ...]:
        """Give what is known of each field, all in one consultation; a field left out counts as empty.

        purpose: why the form asks, in words. reference: `draft/<uuid>`, for the leaf the source writes.
        """


prefill_sources: Registry[PrefillSource] = Registry(PrefillSource)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKind:
    """A kind of case that a form can become once it was sent. title: as staff know it, in Dutch."""

    code: str
    title: str


class CaseKinds(Protocol):
    """Knows which kinds of cases forms of the bound organization can become."""

    name: str

    def listed(self) -> tuple[CaseKind, ...]:
        """Give them by code; one that is left out is refused as the case type of a form."""


case_kinds: Registry[CaseKinds] = Registry(CaseKinds)
