"""The decider `rules`: business rule tasks ask the decision models of the organization."""

from datetime import datetime

from ocapi.lib import actor
from ocapi.modules.processes.data import DecisionAnswer, Variables
from ocapi.modules.rules import api as rules


class RulesDecider:
    """Fills `deciders` with what rules answers, by the newest version of each model."""

    name = "rules"

    def knows(self, decision: str) -> bool:
        """Say whether a model answers it."""
        return rules.knows(decision=decision)

    def decide(self, decision: str, *, values: Variables, now: datetime) -> DecisionAnswer:
        """Give the answer with the rules that fired; raises DecisionFailed, DecisionNotFound."""
        found = rules.evaluate(
            decision=decision, facts=values, actor=actor.system("processes.decide"), now=now
        )
        return DecisionAnswer(value=found.value, explanation=found.explanation())

    def check_config(self) -> str:
        """Give an empty text: it needs no setting."""
        return ""
