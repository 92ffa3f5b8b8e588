"""From codes of processes to the words of the desk."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.access import api as access
from ocapi.kernel.ui.data import Cell, NavigationItem
from ocapi.lib import identifiers
from ocapi.lib.actor import Actor
from ocapi.lib.codec import Reason
from ocapi.lib.feel import Run, showing
from ocapi.lib.feel.natives import to_feel
from ocapi.lib.feel.numbers import plain
from ocapi.lib.feel.temporal import Date
from ocapi.modules.processes.data import Finding, InstanceLine, InstanceState
from ocapi.modules.processes.views import faults, refusals

_NATIONAL = re.compile(r"(?<!\d)\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}(?!\d)")
_PLACE = re.compile(r"at line (?P<line>\d+), column (?P<column>\d+)(?P<rest>.*)", re.DOTALL)  # of the parser
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # showing a value asks no clock


def tabs(current: str, actor: Actor) -> tuple[NavigationItem, ...]:
    """Give the parts of these pages that the reader may see."""
    parts = (
        ("overview", _("Workflows"), "processes.read_definitions"),
        ("tasks", _("Tasks"), "processes.list_tasks"),
        ("incidents", _("Stuck"), "processes.list_incidents"),
        ("planned", _("Planned"), "processes.list_jobs"),
        ("groups", _("Who does what"), "processes.list_groups"),
        ("drawings", _("Drawings"), "processes.read_drawings"),
        ("connections", _("Connections"), "processes.list_connections"),
    )
    return tuple(
        NavigationItem(label=label, href=reverse(f"processes:{code}"), current=code == current)
        for code, label, operation in parts if access.may(actor, operation)
    )


def file(raw: bytes) -> HttpResponse:
    """Give a BPMN file as it is; no browser draws or runs it as a page."""
    response = HttpResponse(raw, content_type="application/xml")
    response["Content-Disposition"] = 'attachment; filename="tekening.bpmn"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def value(found: object) -> str:
    """Give a value as FEEL writes it."""
    return showing.literal(Run(now=_EPOCH), to_feel(found))


def words(found: object) -> str:
    """Give a value as people read it: a list and a context one part per line, an amount with a comma."""
    if found is None or found == "":
        return "–"
    if isinstance(found, bool):
        return _("Yes") if found else _("No")
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return "\n".join(words(each) for each in found) or "–"
    if isinstance(found, dict):
        return "\n".join(f"{name}: {words(each)}" for name, each in found.items()) or "–"
    if isinstance(found, Decimal):
        return plain(found).replace(".", ",")
    if isinstance(found, Date):
        return f"{found.day:02}/{found.month:02}/{found.year}"
    return value(found)


def masked(text: str) -> str:
    """Give a text with each national number in it shown by its last two digits."""
    return _NATIONAL.sub(_mask, text)


def _mask(found: "re.Match[str]") -> str:
    try:
        return identifiers.mask_insz(identifiers.parse_insz(found[0], allow_synthetic=True).digits)
    except identifiers.InvalidIdentifier:
        return found[0]


def state(found: InstanceState) -> Cell:
    """Give the state of a run as a badge."""
    return {
        InstanceState.RUNNING: Cell(text=_("Running"), tone="info"),
        InstanceState.SUSPENDED: Cell(text=_("Stands still"), tone="warning"),
        InstanceState.COMPLETED: Cell(text=_("Finished"), tone="success"),
        InstanceState.CANCELLED: Cell(text=_("Stopped early"), tone="neutral"),
    }[found]


def line_state(found: InstanceLine) -> Cell:
    """Give the state of a run in a list; that it got stuck comes before that it runs."""
    if found.is_stuck and found.state is InstanceState.RUNNING:
        return Cell(text=_("Stuck"), tone="error")
    return state(found.state)


def passage(what: str) -> str:
    """Say what happened at a node."""
    return {
        "waiting": _("Waits"), "left": _("Done"), "caught": _("Event arrived"), "incident": _("Got stuck"),
        "retried": _("Tried again"), "skipped": _("Skipped"),
        "relocated": _("Put elsewhere by two colleagues"),
        "corrected": _("Value corrected by two colleagues"), "undoing": _("Being undone"),
        "ended": _("End of the way"), "terminated": _("Ended everything"),
    }.get(what, what)


def incident(reason: str) -> str:
    """Say why a step got stuck; what has no sentence of its own keeps its code."""
    return {
        "noFlow": _("None of the conditions after this gateway holds."),
        "conditionNotBoolean": _("A condition gave something else than yes or no."),
        "stepBudget": _("The process goes round without waiting for anything."),
        "connectorUnknown": _("The coupling this step names does not exist any more."),
        "timeout": _("The coupled system did not answer in time."),
        "inputType": _("A value for the coupled system has the wrong type."),
        "outputType": _("The coupled system answered with a value of the wrong type."),
        "expressionFailed": _("An expression could not be computed."),
        "expressionBudget": _("An expression took too long."),
        "notATime": _("The timer got no date, duration or cycle."),
        "decisionFailed": _("The decision gave no answer."),
        "decisionUnknown": _("The decision this step names is not known."),
        "processUnknown": _("The process this step calls is not known."),
        "errorNotCaught": _("An error was thrown that nothing catches."),
        "keyMissing": _("The key of the message is missing or too long."),
        "keyTooLong": _("The key of the message is missing or too long."),
        "notAList": _("The repetition got no list or number, or one that is too long."),
        "noPlainStart": _("Choose with which event it starts."),
        "tooManyMoves": _("A trial has at most 100 steps. Begin again."),
        "moveGone": _("Nothing waits for that any more."),
        "connectionUnknown": _("The connection this step names does not exist any more."),
        "groupsNotTexts": _("Who may do this task is no text or list of texts."),
        "tooManyGroups": _("This task has too many groups, or their names are too long."),
        "assigneeUnknown": _("Whom this task is given to is no person."),
        "nameReserved": _("Only the platform itself sends its events."),
        "FormNotFound": _("There is no form of this name."),
        "FormOpensCase": _("This form makes a file of its own, so a workflow can't ask it."),
        "personUnknown": _("The value \"person\" names nobody."),
        "LetterUnknown": _("There is no letter of this name."),
        "unreachable": _("The coupled system can't be reached."),
        "tooDeep": _("Processes call each other too deeply, or in a circle."),
        "resultUnnamed": _("The script gives a value without a name. Fill in the name of its result."),
        "tooManyVariables": _("This run holds too many values."),
        "variableName": _("A value has a name that can't be used."),
        "notAValue": _("An expression gave something that can't be kept, such as a function."),
        "answerUnreadable": _("The answer of the coupled system can't be read."),
        "malformed": _("The answer of the coupled system can't be read."),
        "methodRefused": _("The coupling uses a method other than GET, POST, PUT, PATCH or DELETE."),
        "pathRefused": _("The path of the coupling leaves the address of the system, or is too long."),
        "nameMissing": _("The event has no name."),
        "caseChanged": _("Somebody changed the case in the meantime. Try again."),
        "forbiddenAddress": _("The name leads to a private address."),
        "notANumber": _("The repetition got no list or number, or one that is too long."),
        "tooManyRuns": _("The repetition got no list or number, or one that is too long."),
    }.get(reason) or _unworded(reason)


def incident_note(reason: str, detail: str) -> str:
    """Give what stood there when a step got stuck: names and expressions, no sentence of the engine."""
    if reason in ("noFlow", "stepBudget", "tooDeep", "tooManyRuns", "resultUnnamed", "tooManyVariables"):
        return ""
    if reason == "expressionBudget":
        return {
            "time": _("It took more time than it may."), "steps": _("It took more steps than it may."),
            "listSize": _("It made a list that is too long."),
            "stringSize": _("It made a text that is too long."),
            "resultSize": _("Its result is too large."),
            "callDepth": _("Its functions call each other too deeply, or for ever."),
        }.get(detail, "")
    return faults.told(detail)[:160] if reason == "expressionFailed" else detail[:160]


def malformed(reason: Reason, detail: str) -> str:
    """Say why a file is no drawing that can be read, and how to repair it."""
    found = {
        "doctypeRefused": _("The drawing holds a document type (DTD). Save it without one."),
        "encodingRefused": _("The drawing is no text in UTF-8. Save it again with a drawing program."),
    }.get(detail)
    return found or {
        Reason.TOO_DEEP: _("The drawing has too many levels inside each other. Simplify it."),
        Reason.TOO_LARGE: _("This file is too large. A drawing has at most 4 MB."),
        Reason.TOO_MANY_MEMBERS: _(
            "The drawing has too many elements. Move parts to workflows of their own."
        ),
        Reason.NOT_XML: _("The drawing is not correct XML. Save it again with a drawing program."),
    }.get(reason, _("This is no BPMN 2.0 file. Export the drawing as BPMN 2.0 XML."))


def _unworded(reason: str) -> str:
    if reason.startswith("http"):
        return _("The coupled system refused what was asked (status {status}).").format(status=reason[4:])
    return _("This step could not be taken (code: {code}).").format(code=reason)


def detail(found: Finding) -> str:
    """Give what exactly is wrong at an element; of an expression, where in it and no words of the parser."""
    place = _PLACE.search(found.detail) if found.reason == "expressionRefused" else None
    if place is None:
        return found.detail[:160]
    said = _("line {line}, place {column}").format(line=place["line"], column=place["column"])
    return f"{said}{place['rest'][:120]}"


def finding(found: Finding) -> tuple[str, str]:
    """Say what is wrong in a drawing and what to do; what has no words of its own gets the general ones."""
    return {
        "notMarked": (_("The process is not marked as executable."), _("Switch on \"executable\".")),
        "noNodes": (_("The process is empty."), _("Draw at least a start, a task and an end.")),
        "noStart": (_("Nothing starts the process."), _("Add a start event.")),
        "severalStarts": (
            _("There is more than one start event without trigger."),
            _("Keep one, or give the others a trigger.")),
        "notFeel": (_("The expression is not FEEL."), _("Write it in FEEL, such as: amount > 100.")),
        "expressionRefused": (_("The FEEL expression can't be read."), _("Correct it at this element.")),
        "timerTooOften": (
            _("The timer goes off more than once a minute, without an end."),
            _("Let it wait a minute or more, such as R/PT1H, or say how often, such as R3/PT10S.")),
        "connectorMissing": (_("The service task names no coupling."), _("Choose a coupling.")),
        "connectorUnknown": (_("There is no coupling of this name."), _("Choose one from the list.")),
        "inputMissing": (
            _("The coupling needs a value that this task does not give."),
            _("Add an input of that name.")),
        "idTooLong": (_("The id is longer than 200 characters."), _("Give it a shorter one.")),
        "nameTooLong": (
            _("The message or signal has a name of more than 200 characters."), _("Shorten the name.")),
        "factUnknown": (
            _("The platform knows no event of this name."), _("Choose one from the list at \"message\".")),
        "factSent": (
            _("A drawing can only await events of the platform, not send them."),
            _("Give the message a name of its own.")),
        "formUnknown": (_("There is no form of this name."), _("Load the form, or correct the name.")),
        "formTooMuch": (
            _("The form asks something that a task can't ask, such as a file."),
            _("Choose a form without that question.")),
        "decisionMissing": (_("The rule task names no decision."), _("Choose a decision.")),
        "decisionUnknown": (
            _("There is no decision of this name."), _("Load it first, or correct the name.")),
        "calledMissing": (_("The call activity names no process."), _("Fill in the id of a process.")),
        "messageMissing": (_("The message has no name."), _("Choose a message with a name.")),
        "timerMissing": (_("The timer says no date, duration or cycle."), _("Fill one in, such as P14D.")),
        "timerRefused": (_("The timer can't be read."), _("Use ISO 8601, such as P14D.")),
        "conditionMissing": (
            _("A flow out of this gateway has no condition."),
            _("Add a condition, or make it the default flow.")),
        "flowBroken": (_("A flow leads nowhere."), _("Connect it to two elements.")),
        "boundaryLost": (_("A boundary event is attached to nothing."), _("Attach it to a task.")),
        "notExecuted": (
            _("This kind of element is not executed."), _("Draw it with tasks, gateways and events.")),
        "scriptMissing": (_("The script task has no expression."), _("Add a FEEL expression.")),
    }.get(found.reason) or refusals.of(found.reason) or (
        _("This element can't be executed (code: {code}).").format(code=found.reason),
        _("Draw this part in another way."))
