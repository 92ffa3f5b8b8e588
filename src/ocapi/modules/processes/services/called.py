"""What a step is called: its name in the drawing, else what it is, in the words of the reader."""

from django.utils.translation import gettext as _

from ocapi.lib.bpmn import StepTable
from ocapi.lib.bpmn.model import Trigger
from ocapi.lib.bpmn.table import Step


def step(table: StepTable, node: str) -> str:
    """Give what a reader calls a step; one that the drawing does not hold any more keeps its id."""
    found = table.steps.get(node)
    return plainly(found) if found else node


def plainly(found: Step) -> str:
    """Give the name of a step, or its kind when it has none, such as `Start` or `Choice`."""
    trigger = "" if found.trigger is Trigger.NONE else f":{found.trigger.value}"
    return found.name or kind(f"{found.kind.value}{trigger}")


def apart(found: Step) -> str:
    """Give what tells a step from others in a list to choose from: two without a name differ by their id."""
    return found.name or f"{plainly(found)} ({found.id})"


def kinds() -> dict[str, str]:
    """Give the kinds of elements by the name of their XML element."""
    return {
        "process": _("Workflow"), "startEvent": _("Start"), "endEvent": _("End of the way"),
        "intermediateThrowEvent": _("Event that is sent"),
        "intermediateCatchEvent": _("Event that is awaited"),
        "boundaryEvent": _("Event at the border"), "task": _("Step"), "userTask": _("Task for somebody"),
        "manualTask": _("Work by hand"), "serviceTask": _("Coupling"), "sendTask": _("Send a message"),
        "receiveTask": _("Await a message"), "scriptTask": _("Calculation"),
        "businessRuleTask": _("Decision by rules"), "exclusiveGateway": _("Choice"),
        "parallelGateway": _("At the same time"), "inclusiveGateway": _("One or more ways"),
        "eventBasedGateway": _("Whichever comes first"), "complexGateway": _("Complex gateway"),
        "subProcess": _("Part with steps of its own"), "eventSubProcess": _("Part that starts by an event"),
        "transaction": _("Transaction"), "adHocSubProcess": _("Part without order"),
        "callActivity": _("Other workflow"), "sequenceFlow": _("Arrow"), "participant": _("Pool"),
        "lane": _("Lane"), "textAnnotation": _("Note"), "dataObjectReference": _("Data"),
    }


def kind(code: str) -> str:
    """Give the name of a kind, `startEvent:timer` as start with what it waits for."""
    name, _mark, trigger = code.partition(":")
    said = kinds().get(name, name)
    return f"{said} ({triggers().get(trigger, trigger)})" if trigger else said


def triggers() -> dict[str, str]:
    """Give what an event is about."""
    return {
        "timer": _("term"), "message": _("message"), "signal": _("signal"), "error": _("error"),
        "escalation": _("escalation"), "compensate": _("undoing"), "cancel": _("cancelling"),
        "conditional": _("condition"), "link": _("link"), "terminate": _("stops everything"),
        "multiple": _("several"),
    }
