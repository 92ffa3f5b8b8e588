"""Words for what in a drawing of another program can't be executed, or is kept and not used."""

from django.utils.translation import gettext as _


def of(reason: str) -> tuple[str, str] | None:
    """Give what is wrong and what to do; None for a reason with words elsewhere."""
    return _of_steps(reason) or _of_events(reason) or _of_what_is_kept(reason)


def _of_steps(reason: str) -> tuple[str, str] | None:
    return {
        "tooLarge": (
            _("The process has too many elements."),
            _("Move parts to workflows of their own and call them."),
        ),
        "idMissing": (
            _("The element has no id."),
            _("Save the file with a drawing program that writes ids."),
        ),
        "doubleId": (_("This id occurs twice."), _("Give every element an id of its own.")),
        "adHoc": (
            _("A part without order can't be executed."),
            _("Draw its tasks side by side, after a parallel gateway."),
        ),
        "complexGateway": (
            _("A complex gateway has no fixed meaning."),
            _("Use an inclusive or a parallel gateway."),
        ),
        "choreography": (
            _("A choreography is between organizations."),
            _("Draw the part of each as a process."),
        ),
        "conditionalEvent": (
            _("An event that waits for a condition is not executed."),
            _("Use a message or a signal."),
        ),
        "multipleEvent": (_("An event with several triggers is not executed."), _("Draw an event for each.")),
        "compensation": (
            _("A part that undoes steps can't be an event sub-process."),
            _("Attach a compensation event to the step."),
        ),
        "compensationHandler": (
            _("This event to undo a step leads to no step that undoes it."),
            _("Connect it by an association to one step for undoing."),
        ),
        "compensatesNothing": (
            _("No event leads to this step for undoing."),
            _("Connect one, or remove the step."),
        ),
        "compensationUnknown": (
            _("What is to be undone has nothing that undoes it."),
            _("Name a step of the same level with an event to undo it."),
        ),
    }.get(reason)


def _of_events(reason: str) -> tuple[str, str] | None:
    return {
        "cancelMisplaced": (
            _("A cancel event belongs to a transaction."),
            _("Put it inside a transaction, or on its border."),
        ),
        "cancelNotCaught": (
            _("The transaction has no cancel event on its border."),
            _("Attach one to the transaction."),
        ),
        "instantiatingGateway": (_("A gateway can't start a process."), _("Use start events.")),
        "signalMissing": (_("The signal has no name."), _("Choose a signal with a name.")),
        "linkMissing": (
            _("The link has no counterpart of the same name."),
            _("Give one that leaves and one that arrives the same name."),
        ),
        "defaultUnknown": (
            _("The default flow is no flow out of this element."),
            _("Choose one of its own flows."),
        ),
        "flowMisplaced": (_("No flow may go in or out here."), _("Remove the flow.")),
        "boundaryNone": (
            _("An event on a border needs a trigger."),
            _("Choose a timer, message, signal or error."),
        ),
        "triggerMisplaced": (_("This trigger has no meaning on this event."), _("Choose another trigger.")),
        "eventTarget": (
            _("After this gateway must come events that wait."),
            _("Let each flow go to an event or task that waits for a message."),
        ),
        "loopWithoutNumber": (
            _("Nothing tells how many times this is repeated."),
            _("Fill in a number or a list."),
        ),
        "loopMisplaced": (_("This element can't be repeated."), _("Repeat a task or a part instead.")),
    }.get(reason)


def _of_what_is_kept(reason: str) -> tuple[str, str] | None:
    return {
        "extension": (_("Settings of another product are kept but not used."), ""),
        "vendorAttribute": (_("An attribute of another product is kept but not used."), ""),
        "foreignElement": (_("An element of another product is kept but not used."), ""),
        "documentation": (_("This is kept as documentation."), ""),
        "dataAsDocumentation": (_("Data drawn without an expression is kept as documentation."), ""),
        "passesAtOnce": (
            _("A task without kind is passed at once."),
            _("Make it a task for somebody when somebody must act."),
        ),
    }.get(reason)
