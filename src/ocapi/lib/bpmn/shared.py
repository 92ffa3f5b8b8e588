"""What the elements of one file refer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ocapi.lib.bpmn.model import Expression, MessageFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Names by id of what stands beside the processes; language: of expressions that name none."""

    language: str = ""
    messages: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    escalations: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, Expression] = field(default_factory=dict)
    message_flows: tuple[MessageFlow, ...] = ()

    def flow_message(self, element: str) -> str:
        """Give the name of the one message flow that touches an element, which names a nameless message."""
        found = [each.id for each in self.message_flows if element in (each.source, each.target)]
        return f"flow:{found[0]}" if len(found) == 1 and found[0] else ""
