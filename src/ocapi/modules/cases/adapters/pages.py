"""Fills `processes.subjects`: what is about a case leads to it, and shows values of its parties."""

from uuid import UUID

from django.urls import reverse

from ocapi.lib.actor import Actor
from ocapi.modules.cases import api


class CasePages:
    """Finds the page of a case by its reference."""

    name = "cases"

    def href(self, reference: str, *, actor: Actor) -> str:
        """Give its address; empty for a reference of something else, or a reader who may not see cases."""
        case = api.find_case(reference=reference, actor=actor)
        return reverse("cases:detail", kwargs={"case": case}) if case else ""

    def persons(self, reference: str) -> tuple[UUID, ...]:
        """Give its parties; nobody for a reference of something else."""
        return api.persons_about(reference=reference)
