"""FEEL, the expression language of DMN 1.2 to 1.5: text to syntax tree to closures, within fixed limits.

No host object is reachable, nothing of Python is called by a name from a model, and time comes in as an
argument. What can't be computed is null with a recorded reason; only a spent budget stops an evaluation.
"""

from ocapi.lib.feel.budget import Limits, Run
from ocapi.lib.feel.errors import BudgetExceeded, Fault, FeelSyntaxError, Issue
from ocapi.lib.feel.expression import (
    Expression,
    Outcome,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
)
from ocapi.lib.feel.natives import NotAValue, to_feel
from ocapi.lib.feel.parser import parse_expression, parse_unary_tests

__all__ = [
    "BudgetExceeded", "Expression", "Fault", "FeelSyntaxError", "Issue", "Limits", "NotAValue", "Outcome",
    "Run", "UnaryTests", "compile_expression", "compile_unary_tests", "parse_expression", "parse_unary_tests",
    "to_feel",
]
