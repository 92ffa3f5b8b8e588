"""DMN 1.2 to 1.5: decision models from XML, compiled, with an explanation per decision table."""

from ocapi.lib.dmn.engine import Answer, Model, UnknownDecision, load
from ocapi.lib.dmn.errors import ModelRefused, Problem
from ocapi.lib.dmn.explaining import MatchedRule, SeenInput, TableAnswer

__all__ = [
    "Answer", "MatchedRule", "Model", "ModelRefused", "Problem", "SeenInput", "TableAnswer",
    "UnknownDecision", "load",
]
