"""Reactions of processes: to what they asked of a person, and to any fact a drawing waits for."""

from collections.abc import Mapping
from dataclasses import dataclass

from ocapi.kernel.jobs.extensions import handles, watches
from ocapi.lib.codec import JsonValue
from ocapi.lib.envelope import Meta
from ocapi.modules.processes import api


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOccasion:
    """The occasion a form was asked under."""

    occasion: str


@handles("be.ocapi.forms.request.answered.v1", reads=OfOccasion)
def go_on_with_answer(fact: OfOccasion, meta: Meta) -> None:
    """Let the step go on that asked for the form."""
    api.wake_call(occasion=fact.occasion, now=meta.occurred_at)


@watches(api.awaited_types)
def take_up(members: Mapping[str, JsonValue], meta: Meta) -> None:
    """Hand a fact to every run that waits for it, and to the processes that start with it."""
    api.take_up_fact(members=members, meta=meta)
