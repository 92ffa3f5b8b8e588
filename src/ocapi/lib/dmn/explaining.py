"""Why an answer is what it is: the rules that matched and the inputs they saw, as plain data for JSON."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRule:
    """A rule that matched. number: its place in the table, from 1; remarks: what stands beside it."""

    id: str
    number: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenInput:
    """An input of the table and its value, written as FEEL."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAnswer:
    """One evaluation of one decision table. decision: id of the decision or knowledge model it stands in;
    hit_policy: U A P F R O C with the aggregation behind it; output: written as FEEL.
    """

    decision: str
    table: str
    hit_policy: str
    inputs: tuple[SeenInput, ...]
    rules: tuple[MatchedRule, ...]
    output: str

    def as_json(self) -> dict[str, object]:
        """Give it as JSON can hold it: text, whole numbers, lists and objects."""
        return asdict(self)
