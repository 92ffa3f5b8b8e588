"""Compensation and transactions. Not covered: their rows (processes), compensation event sub-processes."""

import pytest

from ocapi.lib.bpmn import inspect
from ocapi.lib.bpmn.engine import WaitKind
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import Instance, flow, run


def undoable(node: str, kind: str = "userTask") -> str:
    """Give an activity with the activity that undoes it, named undo-<node>."""
    return (
        f'<{kind} id="{node}"/><boundaryEvent id="c-{node}" attachedToRef="{node}">'
        f'<compensateEventDefinition/></boundaryEvent><userTask id="undo-{node}" isForCompensation="true"/>'
        f'<association id="as-{node}" sourceRef="c-{node}" targetRef="undo-{node}"/>'
    )


def throw(node: str = "x", activity: str = "", kind: str = "intermediateThrowEvent") -> str:
    of = f' activityRef="{activity}"' if activity else ""
    return f'<{kind} id="{node}"><compensateEventDefinition{of}/></{kind}>'


def reasons(body: str, *flows: str) -> set[str]:
    raw = process(f'<startEvent id="s"/><endEvent id="e"/>{body}{flow(*flows)}')
    return {each.reason for each in inspect(raw).processes[0].reasons}


BOOKED = undoable("a") + undoable("b") + "<userTask id='z'/>"


class TestCompensation:
    def test_undoes_what_is_done_in_reverse_order_and_goes_on(self):
        made = run(BOOKED + throw(), "s>a", "a>b", "b>x", "x>z")
        made.done("a").done("b")
        assert made.waiting() == ["undo-b"]
        assert made.done("undo-b").waiting() == ["undo-a"]
        assert made.done("undo-a").waiting() == ["z"]
        assert made.done("z").ended

    def test_undoes_nothing_that_was_not_done_or_was_undone_before(self):
        made = run(BOOKED + throw() + throw("y"), "s>a", "a>x", "x>y", "y>z")
        assert made.done("a").waiting() == ["undo-a"]
        assert made.done("undo-a").waiting() == ["z"]

    def test_undoes_one_activity_when_it_is_named(self):
        made = run(BOOKED + throw(activity="a"), "s>a", "a>b", "b>x", "x>z")
        made.done("a").done("b")
        assert made.waiting() == ["undo-a"]
        assert made.done("undo-a").waiting() == ["z"]

    def test_ends_the_process_after_an_end_event_with_compensation(self):
        made = run(undoable("a") + throw(kind="endEvent"), "s>a", "a>x")
        assert made.done("a").waiting() == ["undo-a"]
        assert made.done("undo-a").ended

    def test_forgets_at_the_end_what_nobody_undid(self):
        made = run(undoable("a"), "s>a", "a>e").done("a")
        assert (made.ended, made.tokens) == (True, {})

    def test_reaches_into_a_sub_process_that_is_done(self):
        inner = f'<subProcess id="q">{undoable("a")}{undoable("b")}{flow("a>b")}</subProcess>'
        made = run(inner + throw() + "<userTask id='z'/>", "s>q", "q>x", "x>z")
        made.done("a").done("b").done("undo-b").done("undo-a")
        assert made.waiting() == ["z"]

    def test_takes_the_handler_of_the_sub_process_itself_if_it_has_one(self):
        inner = undoable("q", "subProcess").replace('<subProcess id="q"/>',
                                                    f'<subProcess id="q">{undoable("a")}</subProcess>')
        made = run(inner + throw() + "<userTask id='z'/>", "s>q", "q>x", "x>z").done("a")
        assert made.waiting() == ["undo-q"]
        assert made.done("undo-q").waiting() == ["z"]

    def test_is_asked_by_an_event_sub_process_for_the_scope_around_it(self):
        handler = ('<subProcess id="h" triggeredByEvent="true"><startEvent id="hs"><signalEventDefinition '
                   f'signalRef="stop"/></startEvent>{throw()}<userTask id="z"/>{flow("hs>x", "x>z")}'
                   "</subProcess>")
        made = run(undoable("a") + "<userTask id='w'/>" + handler, "s>a", "a>w",
                   shared='<signal id="stop" name="stop"/>').done("a")
        assert made.occurs("hs").waiting() == ["undo-a"]
        assert made.done("undo-a").done("z").ended

    def test_goes_on_after_a_handler_that_failed_and_was_skipped(self):
        body = undoable("a").replace('<userTask id="undo-a" isForCompensation="true"/>',
                                     '<scriptTask id="undo-a" isForCompensation="true"><script>n + 1</script>'
                                     "</scriptTask>")
        made = run(body + throw() + "<userTask id='z'/>", "s>a", "a>x", "x>z").done("a")
        assert list(made.reasons()) == ["undo-a"]
        assert made.repair("undo-a", skip=True).waiting() == ["z"]

    @pytest.mark.parametrize(("body", "flows", "reason"), [
        (undoable("a").replace("targetRef=\"undo-a\"/>", 'targetRef="nothing"/>'), ("s>a",),
         "compensationHandler"),
        ('<userTask id="u" isForCompensation="true"/><userTask id="a"/>', ("s>a",), "compensatesNothing"),
        (undoable("a") + throw(activity="z") + "<userTask id='z'/>", ("s>a", "a>x", "x>z"),
         "compensationUnknown"),
        (undoable("a"), ("s>a", "a>undo-a"), "flowMisplaced"),
    ])
    def test_is_refused_when_it_could_undo_nothing(self, body, flows, reason):
        assert reason in reasons(body, *flows)


class TestTransaction:
    CANCEL = '<boundaryEvent id="no" attachedToRef="t"><cancelEventDefinition/></boundaryEvent>'

    def transaction(self) -> Instance:
        inside = (f'<transaction id="t">{undoable("a")}<userTask id="w"/><userTask id="b"/>'
                  '<exclusiveGateway id="g" default="g-ok"/><endEvent id="ok"/><endEvent id="stop">'
                  f'<cancelEventDefinition/></endEvent>{flow("a>g", "g>stop?refused", "g>ok", "w>ok")}'
                  "</transaction>")
        return run(inside + self.CANCEL + "<userTask id='paid'/><userTask id='sorry'/>",
                   "s>t", "t>paid", "no>sorry")

    def test_that_is_cancelled_ends_what_runs_undoes_what_is_done_and_leaves_by_its_border(self):
        made = self.transaction()
        assert made.waiting() == ["a", "b", "w"]
        assert made.done("a", refused=True).waiting() == ["undo-a"]
        assert made.done("undo-a").waiting() == ["sorry"]
        assert not [each for each in made.waits if each.kind is not WaitKind.TASK]

    def test_that_succeeds_goes_on_like_a_sub_process(self):
        made = self.transaction()
        assert made.done("a", refused=False).done("w").done("b").waiting() == ["paid"]

    def test_needs_its_cancel_events_where_they_mean_something(self):
        cancel = '<endEvent id="stop"><cancelEventDefinition/></endEvent>'
        assert reasons(cancel, "s>stop") == {"cancelMisplaced"}
        assert reasons(f'<transaction id="t">{cancel}</transaction>', "s>t") == {"cancelNotCaught"}
        assert reasons(self.CANCEL + '<userTask id="t"/>', "s>t", "no>e") == {"cancelMisplaced"}
