"""Words for what stands in a drawing: parts that change, couplings, the modeller's own."""

from django.utils.translation import gettext as _

from ocapi.modules.processes.api.labelling import kind, kinds, triggers

__all__ = ["addable", "advice", "connector", "input_of", "kind", "kinds", "palette", "part", "triggers"]


def part(code: str) -> str:
    """Give the name of a part of an element that changed."""
    return {
        "name": _("name"), "kind": _("kind"), "event": _("event"), "loop": _("repetition"),
        "implementation": _("coupling or decision"), "called": _("workflow that is called"),
        "script": _("calculation"), "due": _("term"), "inputs": _("inputs"), "outputs": _("outputs"),
        "groups": _("who does it"), "form": _("form"), "condition": _("condition"), "source": _("from"),
        "target": _("to"), "default": _("default way"), "scope": _("place"), "result": _("result"),
        "attached_to": _("place"), "interrupting": _("interrupts or not"), "isExecutable": _("executable"),
    }.get(code, code)


def connector(name: str) -> str:
    """Give the name of a coupling."""
    return {
        "rest": _("Call another system"), "event": _("Publish an event"), "notify": _("Send a message"),
        "documents": _("Make a letter"), "rules": _("Ask a decision by name"), "mock": _("Only pretend"),
        "forms": _("Ask somebody a form"), "cases.decide": _("Decide a case"),
        "cases.close": _("Close a case"),
    }.get(name, name)


def input_of(name: str) -> tuple[str, str]:
    """Give what an input of a coupling is called, and how it can be filled in, in FEEL."""
    return {
        "connection": (_("System, from the list of connections"), '"politie"'),
        "method": (_("Method (GET, POST, PUT, PATCH or DELETE)"), '"POST"'),
        "path": (_("Path under its address"), '"/meldingen"'),
        "body": (_("What is sent along"), "{nummer: reference}"),
        "name": (_("Name of the event"), '"vergunning.klaar"'),
        "reference": (_("Reference, such as the number of the case"), "reference"),
        "person": (_("Person (uuid)"), "applicant"),
        "topic": (_("Topic of the message"), '"case_decided"'),
        "values": (_("Values for its placeholders"), "{title: event_name}"),
        "link": (_("Link in the message"), '"/mijn/"'),
        "template": (_("Letter (its code)"), '"receipt"'),
        "about": (_("Person the letter is about (uuid)"), "applicant"),
        "decision": (_("Name of the decision"), '"Kapvergunning"'),
        "facts": (_("What it decides by"), "{aantal: 12}"),
        "form": (_("Form (its code)"), '"nazicht"'),
        "case": (_("Case"), "case"),
        "outcome": (_("Outcome (its code)"), '"granted"'),
        "motivation": (_("Reasons, in plain words"), '"De aanvraag is volledig."'),
    }.get(name, (name, ""))


def advice(code: str) -> str:
    """Say what a reader of a drawing will miss at an element."""
    return {
        "unnamed": _("Give it a name, so that everybody knows what happens here."),
        "loose": _("No arrow touches this step. Draw one to it and one from it."),
        "nothingLeadsHere": _("No arrow leads here: it begins together with the start. Draw an arrow to it."),
        "systemUnlisted": _("The system this calls is in no list yet. Add it to the connections first."),
        "leadsNowhere": _("No arrow leaves here: the way ends here. Draw an arrow to what comes next."),
    }[code]


def addable() -> tuple[tuple[str, str], ...]:
    """Give what can be added after an element from the keyboard: type of the modeller and name.

    A type is perhaps followed by a bar and what its event waits for.
    """
    return tuple(
        (f"bpmn:{code[:1].upper()}{code[1:]}{'|' if trigger else ''}{trigger.capitalize()}",
         kind(f"{code}:{trigger}" if trigger else code))
        for code, trigger in (
            ("userTask", ""), ("serviceTask", ""), ("businessRuleTask", ""), ("scriptTask", ""),
            ("callActivity", ""), ("receiveTask", ""), ("exclusiveGateway", ""), ("parallelGateway", ""),
            ("inclusiveGateway", ""), ("eventBasedGateway", ""), ("intermediateCatchEvent", "timer"),
            ("intermediateCatchEvent", "message"), ("boundaryEvent", "timer"), ("boundaryEvent", "message"),
            ("boundaryEvent", "error"), ("endEvent", ""),
        )
    )


def palette() -> dict[str, str]:
    """Give the modeller's own texts by their English original, as bpmn-js asks for them."""
    return {
        "Activate hand tool": _("Move the sheet"), "Activate lasso tool": _("Choose several elements"),
        "Activate create/remove space tool": _("Make or remove room"),
        "Activate global connect tool": _("Draw arrows"), "Create start event": _("Add a start"),
        "Create end event": _("Add an end"), "Create intermediate/boundary event": _("Add an event"),
        "Create gateway": _("Add a choice"), "Create task": _("Add a step"),
        "Create data object reference": _("Add data"), "Create data store reference": _("Add a data store"),
        "Create expanded sub-process": _("Add a part with steps of its own"),
        "Create pool/participant": _("Add a pool"), "Create group": _("Add a group"),
        "Append task": _("Add a step"), "Append gateway": _("Add a choice"),
        "Append end event": _("Add an end"), "Append intermediate/boundary event": _("Add an event"),
        "Append text annotation": _("Add a note"), "Add text annotation": _("Add a note"),
        "Change element": _("Change the kind"), "Change type": _("Change the kind"),
        "Connect to other element": _("Draw an arrow from here"),
        "Connect using sequence/message flow or association": _("Draw an arrow from here"),
        "Connect using association": _("Draw a dotted line from here"),
        "Delete": _("Remove"), "Remove": _("Remove"), "Search": _("Search"),
        "Search in diagram": _("Search in the drawing"), "Append element": _("Add an element"),
        "Create element": _("Add an element"), "Task": _("Step"), "User task": _("Task for somebody"),
        "Service task": _("Coupling"), "Business rule task": _("Decision by rules"),
        "Script task": _("Calculation"), "Send task": _("Send a message"),
        "Receive task": _("Await a message"), "Manual task": _("Work by hand"),
        "Call activity": _("Other workflow"), "Sub-process (collapsed)": _("Part, folded"),
        "Sub-process (expanded)": _("Part, unfolded"), "Exclusive gateway": _("Choice"),
        "Parallel gateway": _("At the same time"), "Inclusive gateway": _("One or more ways"),
        "Event-based gateway": _("Whichever comes first"), "Complex gateway": _("Complex gateway"),
        "Start event": _("Start"), "End event": _("End of the way"),
        "Timer start event": _("Start at a moment"),
        "Message start event": _("Start by a message"), "Signal start event": _("Start by a signal"),
        "Message end event": _("End with a message"), "Error end event": _("End with an error"),
        "Terminate end event": _("End that stops everything"),
        "Timer intermediate catch event": _("Wait for a term"),
        "Message intermediate catch event": _("Await a message"),
        "Message intermediate throw event": _("Send a message"),
        "Signal intermediate catch event": _("Await a signal"),
        "Signal intermediate throw event": _("Send a signal"),
        "Timer boundary event": _("Term at the border"), "Message boundary event": _("Message at the border"),
        "Error boundary event": _("Error at the border"),
        "Timer boundary event (non-interrupting)": _("Term at the border, the work goes on"),
        "Sequence flow": _("Arrow"), "Default flow": _("Default way"),
        "Conditional flow": _("Way with a condition"),
        "Loop": _("Repeat while"), "Parallel multi-instance": _("For each, at the same time"),
        "Sequential multi-instance": _("For each, one by one"),
        "Add lane above": _("Lane above"), "Add lane below": _("Lane below"),
        "Divide into two lanes": _("Two lanes"), "Divide into three lanes": _("Three lanes"),
        "Toggle non-interrupting": _("Interrupts or not"),
    }
