"""Why an element is not executed, in words: each code has its sentence and what to do instead."""

from ocapi.lib.bpmn.model import Finding

TEXTS: dict[str, tuple[str, str]] = {
    "notMarked": ("the process is not marked as executable", "set isExecutable to true once it is complete"),
    "noNodes": ("the process is empty", "a pool without a process describes a partner"),
    "noStart": ("nothing starts it: nothing is inside, or all is in a circle", "add a start event"),
    "severalStarts": ("more than one start event without trigger", "keep one, or give the others a trigger"),
    "tooLarge": ("the process has too many elements", "move parts to processes of their own and call them"),
    "idMissing": ("the element has no id", "save the file with a modeller that writes ids"),
    "doubleId": ("the id occurs twice", "give every element an id of its own"),
    "idTooLong": ("the id is longer than 200 characters", "give it a shorter one"),
    "nameTooLong": ("the message or signal has a name of more than 200 characters", "shorten it"),
    "notExecuted": ("this kind of element is not executed", "draw it with tasks, gateways and events"),
    "adHoc": ("an ad-hoc sub-process has no order to execute", "use parallel tasks or an event sub-process"),
    "complexGateway": ("a complex gateway has no fixed meaning", "use inclusive or parallel gateways"),
    "choreography": ("a choreography is between organizations", "draw the part of each as a process"),
    "conditionalEvent": ("conditional events are not executed", "use a signal or message event"),
    "multipleEvent": ("an event with several definitions is not executed", "draw an event for each"),
    "compensation": (
        "an event sub-process for compensation is not executed",
        "attach a compensation event with a handler to the activity",
    ),
    "compensationHandler": (
        "the compensation event has no activity that compensates, or has flows",
        "connect it by an association to one activity for compensation beside it",
    ),
    "compensatesNothing": (
        "no compensation event leads to this activity for compensation", "connect one, or remove the activity"
    ),
    "compensationUnknown": (
        "what is to be compensated has nothing to compensate it, or stands elsewhere",
        "name an activity of the same level with a compensation event",
    ),
    "cancelMisplaced": (
        "a cancel event belongs to a transaction", "put it inside a transaction, or on its border"
    ),
    "cancelNotCaught": ("the transaction has no cancel event on its border", "attach one"),
    "instantiatingGateway": ("an event gateway can't start a process", "use start events"),
    "notFeel": (
        "the expression is not FEEL", 'write it in FEEL, such as: amount > 100 and status = "open"'
    ),
    "expressionRefused": ("the FEEL expression can't be read", "correct it at the place named"),
    "scriptMissing": ("the script task has no script", "add a FEEL expression"),
    "connectorMissing": (
        "the task names no connector", "set implementation to urn:ocapi:connector:NAME, NAME from the list"
    ),
    "decisionMissing": (
        "the task names no decision", "set implementation to urn:ocapi:decision:NAME"
    ),
    "connectorUnknown": ("the platform has no connector of that name", "choose one from the list"),
    "decisionUnknown": ("no decision of that name is known", "deploy it, or correct the name"),
    "inputMissing": (
        "the connector needs an input that the task does not give", "add an input of that name"
    ),
    "factUnknown": (
        "no fact of the platform has that type and member", "name it TYPE#MEMBER, both from the list"
    ),
    "factSent": (
        "a drawing can't send a fact of the platform", "give the message a name of its own"
    ),
    "formUnknown": ("no form of that key is known", "load it, or correct the key"),
    "formTooMuch": (
        "the form asks what a task can't ask, such as a file", "take that question out, or use another form"
    ),
    "calledMissing": ("the call activity names no process", "set calledElement to the id of a process"),
    "messageMissing": ("the message has no name", "refer to a message with a name, or draw one message flow"),
    "signalMissing": ("the signal has no name", "refer to a signal with a name"),
    "timerMissing": ("the timer says no date, duration or cycle", "add one, such as P14D"),
    "timerRefused": ("the timer can't be read", "use ISO 8601: P14D, R3/PT1H or 2027-01-31T12:00:00Z"),
    "timerTooOften": (
        "the timer goes off more than once a minute, without an end",
        "let it wait a minute or more, such as R/PT1H, or say how often, such as R3/PT10S",
    ),
    "linkMissing": ("the link has no counterpart of the same name", "name one throwing and one catching"),
    "conditionMissing": (
        "a flow out of the gateway has no condition", "add a condition, or make it the default flow"
    ),
    "defaultUnknown": ("the default flow is no flow out of this element", "choose one of its flows"),
    "flowBroken": ("the flow connects to nothing here", "connect it to two elements of the same level"),
    "flowMisplaced": ("no flow may go in or out here", "remove the flow"),
    "boundaryLost": ("the boundary event is attached to no activity", "attach it"),
    "boundaryNone": ("a boundary event needs a trigger", "choose timer, message, signal or error"),
    "triggerMisplaced": ("this trigger has no meaning on this event", "choose another trigger"),
    "eventTarget": (
        "after an event gateway come events that wait", "let each flow go to a catching event or receive task"
    ),
    "loopWithoutNumber": ("nothing tells how many times", "set a cardinality or a list"),
    "loopMisplaced": ("this element can't be repeated", "repeat a task or sub-process"),
    "extension": ("settings of another product are kept but not used", ""),
    "vendorAttribute": ("an attribute of another product is kept but not used", ""),
    "foreignElement": ("an element of another product is kept but not used", ""),
    "documentation": ("kept as documentation", ""),
    "dataAsDocumentation": ("data drawn without an expression is kept as documentation", ""),
    "passesAtOnce": ("a task without kind is passed at once", "make it a user task if somebody must act"),
}


def told(finding: Finding) -> str:
    """Give one line: element, kind, line, reason, and what to do instead."""
    sentence, remedy = TEXTS[finding.reason]
    detail = f" [{' '.join(finding.detail.split())[:160]}]" if finding.detail else ""
    advice = f"; {remedy}" if remedy else ""
    return f"{finding.element[:80] or '-'} {finding.kind} (line {finding.line}): {sentence}{detail}{advice}"
