"""The parts of a flow node: events, loops, scripts, and what goes in and out."""

from collections.abc import Mapping

from lxml import etree

from ocapi.lib.bpmn import model
from ocapi.lib.bpmn.model import Trigger
from ocapi.lib.bpmn.shared import Shared
from ocapi.lib.bpmn.xml_parts import (
    child,
    children,
    content,
    expression,
    flag,
    line_of,
    local,
    own_expression,
    reference,
    text_of,
)

_TIMERS = (("timeDate", "date"), ("timeDuration", "duration"), ("timeCycle", "cycle"))


def read_event(node: etree._Element, shared: Shared) -> model.Event:
    """Read what an event, or a task that sends or receives, waits for or causes."""
    if local(node) in ("sendTask", "receiveTask"):
        return _message(node, node, shared)
    definitions = [each for each in node if local(each).endswith("EventDefinition")]
    if len(definitions) + sum(1 for _each in children(node, "eventDefinitionRef")) > 1:
        return model.Event(trigger=Trigger.MULTIPLE)
    if not definitions:
        has_reference = child(node, "eventDefinitionRef") is not None
        return model.Event(trigger=Trigger.MULTIPLE if has_reference else Trigger.NONE)
    return _definition(node, definitions[0], shared)


def _definition(node: etree._Element, given: etree._Element, shared: Shared) -> model.Event:
    name = local(given).removesuffix("EventDefinition")
    if name not in set(Trigger):
        return model.Event(trigger=Trigger.MULTIPLE)
    trigger = Trigger(name)
    if trigger is Trigger.MESSAGE:
        return _message(node, given, shared)
    if trigger is Trigger.TIMER:
        for element, timer in _TIMERS:
            when = expression(child(given, element))
            if when is not None:
                return model.Event(trigger=trigger, timer=timer, when=when)
        return model.Event(trigger=trigger)
    if trigger is Trigger.SIGNAL:
        key = reference(given.get("signalRef"))
        return model.Event(trigger=trigger, name=shared.signals.get(key, key))
    if trigger is Trigger.ERROR:
        key = reference(given.get("errorRef"))
        return model.Event(trigger=trigger, name=shared.errors.get(key, key))
    if trigger is Trigger.ESCALATION:
        key = reference(given.get("escalationRef"))
        return model.Event(trigger=trigger, name=shared.escalations.get(key, key))
    if trigger is Trigger.LINK:
        return model.Event(trigger=trigger, name=(given.get("name") or node.get("name") or "").strip())
    if trigger is Trigger.CONDITIONAL:
        return model.Event(trigger=trigger, when=expression(child(given, "condition")))
    return model.Event(trigger=trigger, activity=reference(given.get("activityRef")))


def _message(node: etree._Element, given: etree._Element, shared: Shared) -> model.Event:
    key = reference(given.get("messageRef"))
    return model.Event(
        trigger=Trigger.MESSAGE,
        name=shared.messages.get(key, key) or shared.flow_message(node.get("id", "")),
        key=own_expression(node, "correlationKey") or shared.keys.get(key),
    )


def loop_of(node: etree._Element, names: Mapping[str, str]) -> model.Loop | None:
    """Read how often an activity runs, None for once."""
    standard = child(node, "standardLoopCharacteristics")
    if standard is not None:
        maximum = (standard.get("loopMaximum") or "").strip()
        return model.Loop(
            style="standard", condition=expression(child(standard, "loopCondition")),
            is_tested_before=flag(standard, "testBefore"),
            maximum=int(maximum) if maximum.isascii() and maximum.isdigit() and len(maximum) < 10 else 0,
        )
    many = child(node, "multiInstanceLoopCharacteristics")
    if many is None:
        return None
    collection, output = (reference(text_of(many, name)) for name in ("loopDataInputRef",
                                                                      "loopDataOutputRef"))
    return model.Loop(
        style="sequential" if flag(many, "isSequential") else "parallel",
        condition=expression(child(many, "completionCondition")),
        cardinality=expression(child(many, "loopCardinality")),
        collection=names.get(collection, collection), item=_item(many, "inputDataItem"),
        output=names.get(output, output), output_item=_item(many, "outputDataItem"),
    )


def _item(node: etree._Element, name: str) -> str:
    found = child(node, name)
    return "" if found is None else (found.get("name") or found.get("id") or "")


def read_script(node: etree._Element) -> model.Expression | None:
    """Read the script of a script task."""
    found = child(node, "script")
    if found is None or not content(found):
        return None
    return model.Expression(
        text=content(found), language=(node.get("scriptFormat") or "").strip(), line=line_of(found)
    )


def read_io(
    node: etree._Element, names: Mapping[str, str]
) -> tuple[tuple[model.Assignment, ...], tuple[model.Assignment, ...], tuple[str, ...]]:
    """Read what goes in and out: assignments by expression, and what is drawn but not computed."""
    drawn: list[str] = []
    inputs = _assignments(node, "dataInputAssociation", names, drawn)
    outputs = _assignments(node, "dataOutputAssociation", names, drawn)
    return inputs, outputs, tuple(drawn)


def _assignments(
    node: etree._Element, kind: str, names: Mapping[str, str], drawn: list[str]
) -> tuple[model.Assignment, ...]:
    found: list[model.Assignment] = []
    for each in children(node, kind):
        target = reference(text_of(each, "targetRef"))
        change = expression(child(each, "transformation"))
        pairs = [
            (expression(child(given, "from")), reference(text_of(given, "to")))
            for given in children(each, "assignment")
        ] or [(change, names.get(target, target))]
        usable = [model.Assignment(source=source, target=to) for source, to in pairs if source and to]
        found += usable
        if not usable:
            source = reference(text_of(each, "sourceRef"))
            drawn.append(f"{names.get(source, source)} → {names.get(target, target)}")
    return tuple(found)
