"""Fills `processes.subjects`: a task about a case leads to the case."""

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
