"""What processes lets others fill: connectors of tasks, decisions, and pages of what runs are about."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable
from uuid import UUID

from ocapi.lib.actor import Actor
from ocapi.lib.registry import Registry
from ocapi.modules.processes.data import DecisionAnswer, Variables


class ConnectorFailed(RuntimeError):
    """The work was not done. error: code for the model's error events; is_final: trying again is useless."""

    def __init__(self, reason: str, *, error: str = "", is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error
        self.is_final = is_final


class StillWaiting(RuntimeError):
    """The work was begun and waits for somebody or something outside; nothing failed.

    It is looked at again when `api.wake_call` is told of its key, and at the latest after `look_again`.
    """

    def __init__(self, look_again: timedelta) -> None:
        super().__init__(str(look_again))
        self.look_again = look_again


class Connector(Protocol):
    """Work outside, done by the worker. inputs and outputs: FEEL type by name, `any` for all types."""

    name: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    timeout_seconds: int
    retries: int

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Do the work and give the outputs; with the same key the effect happens once.

        It is called at least once: again after a crash. Ends within timeout_seconds.
        Raises ConnectorFailed, StillWaiting.
        """

    def check_config(self) -> str:
        """Give an empty text when the connector works here, else what is missing and how to repair it."""


@runtime_checkable
class AsksOutside(Protocol):
    """A connector whose work waits for a system outside, so that the worker need not wait as well."""

    def prepare(
        self, *, values: Variables, key: str, timeout_seconds: int, now: datetime
    ) -> Callable[[], Variables]:
        """Give what does the work of `call`, without the database and bound to no organization.

        Both raise ConnectorFailed; what is given ends within timeout_seconds.
        """


@runtime_checkable
class Withdraws(Protocol):
    """A connector that waits for somebody, and tells them when nobody waits for them any more."""

    def withdraw(self, *, key: str, now: datetime) -> None:
        """Call off what was begun under a key, if it still waits; a key it does not know does nothing.

        It is called at least once after the step is gone: its run was stopped, or went on without it.
        """


class Decider(Protocol):
    """A source of decisions for business rule tasks; the first that knows a decision answers it."""

    name: str

    def knows(self, decision: str) -> bool:
        """Say whether the bound organization has a decision of that name here."""

    def decide(self, decision: str, *, values: Variables, now: datetime) -> DecisionAnswer:
        """Give the answer with its explanation; raises ValueError with the reason when there is none."""


class Subject(Protocol):
    """A module that keeps what runs are about, such as cases, and has a page of each."""

    name: str

    def href(self, reference: str, *, actor: Actor) -> str:
        """Give the address of the page of a reference; empty when it has none, or not for the reader."""

    def persons(self, reference: str) -> tuple[UUID, ...]:
        """Give the persons it is about, for the leaf of who looks at values of a run; never for a screen."""


def page_of(reference: str, *, actor: Actor) -> str:
    """Give the address of what a run is about, or an empty text."""
    return next((found for each in subjects if (found := each.href(reference, actor=actor))), "")


def persons_about(reference: str) -> tuple[UUID, ...]:
    """Give the persons that a run is about, so that they see in their own log who looked at its values."""
    found = (each for kept in subjects for each in kept.persons(reference)) if reference else ()
    return tuple(dict.fromkeys(found))


def decider_of(decision: str) -> Decider | None:
    """Give the source that answers a decision, or None."""
    return next((each for each in deciders if each.knows(decision)), None)


connectors: Registry[Connector] = Registry(Connector)
deciders: Registry[Decider] = Registry(Decider)
subjects: Registry[Subject] = Registry(Subject)
