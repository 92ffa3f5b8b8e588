"""The engine, element by element, without storage. Not covered: rows, jobs and events (modules/processes)."""

from decimal import Decimal

import pytest

from ocapi.lib.bpmn.engine import StepRefused, WaitKind, values
from ocapi.lib.bpmn.engine.machine import MAX_NODES
from ocapi.lib.tests.bpmn_models import definitions, process
from ocapi.lib.tests.bpmn_run import Instance, flow, run

USER = '<userTask id="{0}" name="{0}"/>'
A, B, C = (USER.format(each) for each in "abc")
SCRIPT = '<scriptTask id="{0}" o:resultVariable="{1}"><script>{2}</script></scriptTask>'
TIMER = "<timerEventDefinition><time{0}>{1}</time{0}></timerEventDefinition>"


def event(kind: str, key: str, inner: str, attributes: str = "") -> str:
    return f'<{kind} id="{key}" {attributes}>{inner}</{kind}>'


class TestFlow:
    def test_goes_from_start_to_end(self):
        assert run("", "s>e").ended

    def test_ends_where_nothing_follows(self):
        assert run("<task id='t'/>", "s>t").ended

    def test_splits_where_several_flows_leave_and_takes_conditions_into_account(self):
        made = run(A + B + C, "s>a", "s>b?x &gt; 1", "s>c?x &gt; 9", x=2)
        assert made.waiting() == ["a", "b"]
        made.done("a")
        assert not made.ended
        assert made.done("b").ended

    def test_takes_the_first_flow_whose_condition_holds_else_the_default(self):
        gateway = '<exclusiveGateway id="g" default="g-c"/>'
        flows = ("s>g", "g>a?x = 1", "g>b?x &lt; 3", "g>c")
        assert [run(gateway + A + B + C, *flows, x=x).waiting() for x in (1, 2, 9)] == [["a"], ["b"], ["c"]]

    def test_waits_at_a_parallel_gateway_for_each_flow(self):
        gates = '<parallelGateway id="f"/><parallelGateway id="j"/>'
        made = run(gates + A + B, "s>f", "f>a", "f>b", "a>j", "b>j", "j>e")
        assert made.done("a").waiting() == ["b"]
        assert made.done("b").ended

    @pytest.mark.parametrize(("x", "first"), [(1, ["a"]), (2, ["a", "b"]), (3, ["a", "b", "c"])])
    def test_joins_at_an_inclusive_gateway_what_was_split(self, x, first):
        gates = '<inclusiveGateway id="f"/><inclusiveGateway id="j"/><userTask id="z"/>'
        made = run(gates + A + B + C, "s>f", "f>a?x &gt; 0", "f>b?x &gt; 1", "f>c?x &gt; 2", "a>j", "b>j",
                   "c>j", "j>z", "z>e", x=x)
        assert made.waiting() == first
        for each in first:
            assert "z" not in made.waiting()
            made.done(each)
        assert made.waiting() == ["z"]

    def test_ends_everything_at_a_terminate_event(self):
        made = run(A + B + event("endEvent", "t", "<terminateEventDefinition/>"), "s>a", "s>b", "a>t")
        assert made.done("a").ended
        assert made.waits == []

    def test_goes_on_at_the_link_of_the_same_name(self):
        link = '<linkEventDefinition name="L"/>'
        body = event("intermediateThrowEvent", "t", link) + event("intermediateCatchEvent", "c", link) + A
        assert run(body, "s>t", "c>a").waiting() == ["a"]

    def test_turns_a_loop_without_wait_into_an_incident(self):
        made = run("<task id='t'/><task id='u'/>", "s>t", "t>u", "u>t")
        assert made.reasons() == {"s": "stepBudget"}
        assert made.last.nodes <= MAX_NODES

    def test_keeps_the_task_done_when_a_loop_follows(self):
        made = run(A + "<task id='t'/>", "s>a", "a>t", "t>t").done("a", x=1)
        assert made.reasons() == {"a": "stepBudget"}
        assert made.waiting() == []
        assert made.value("x") == 1


class TestTasks:
    def test_keeps_what_a_task_brings(self):
        made = run(A + B, "s>a", "a>b").done("a", amount=Decimal("12.50"), tags=["x", None, True])
        assert made.value("amount") == Decimal("12.50")
        assert made.value("tags") == ["x", None, True]

    def test_hands_a_task_to_the_lane_with_a_term(self):
        raw = process('<laneSet><lane id="l" name="Balie"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
                      '<userTask id="a" name="Check" o:due="duration(&quot;P5D&quot;)"/>')
        wait = Instance(raw).start().wait_at("a")
        assert (wait.group, wait.title, wait.due_at.day) == ("Balie", "Check", 28)

    def test_refuses_a_second_completion(self):
        made = run(A + B, "s>a", "s>b")
        wait = made.wait_at("a")
        made.done("a")
        made.waits.append(wait)
        with pytest.raises(StepRefused) as refused:
            made.done("a")
        assert refused.value.reason == "tokenGone"

    def test_runs_a_script(self):
        made = run(SCRIPT.format("x", "total", "sum(prices) + 1") + A, "s>x", "x>a", prices=[1, 2])
        assert made.value("total") == 4

    def test_spreads_a_context_over_variables(self):
        made = run('<scriptTask id="x"><script>{p: 1, q: "two"}</script></scriptTask>' + A, "s>x", "x>a")
        assert (made.value("p"), made.value("q")) == (1, "two")

    def test_asks_a_decision(self):
        rule = '<businessRuleTask id="r" implementation="urn:ocapi:decision:{0}"/>'
        assert run(rule.format("fee") + A, "s>r", "r>a", age=3).value("fee") == 5
        assert run(rule.format("none") + A, "s>r", "r>a").reasons() == {"r": "decisionUnknown"}

    def test_calls_a_connector_with_its_inputs_and_keeps_its_outputs(self):
        body = """<serviceTask id="x" implementation="urn:ocapi:connector:mock"><dataInputAssociation>
        <assignment><from>n * 2</from><to>double</to></assignment></dataInputAssociation>
        <dataOutputAssociation><assignment><from>answer + 1</from><to>kept</to></assignment>
        </dataOutputAssociation></serviceTask>"""
        made = run(body + A, "s>x", "x>a", n=4)
        wait = made.wait_at("x")
        assert (wait.kind, wait.name, wait.values) == (WaitKind.CALL, "mock", '{"double":"n8"}')
        assert made.done("x", answer=6).value("kept") == 7

    def test_sends_a_message_with_its_key(self):
        body = '<sendTask id="x" messageRef="m" o:correlationKey="string(n)"/>'
        sent = run(body, "s>x", shared='<message id="m" name="paid"/>', n=7).sent[0]
        assert (sent.name, sent.key) == ("paid", "7")


class TestIncidents:
    @pytest.mark.parametrize(("script", "reason"), [
        ("missing + 1", "expressionFailed"), ("function(x) x", "notStorable"),
        ("for i in 1..9000 return \"0123456789\"", "variableTooLarge"),
        ("count(for i in 1..90000, j in 1..90000 return 1)", "expressionBudget"),
    ])
    def test_name_element_and_reason(self, script, reason):
        made = run(SCRIPT.format("x", "v", script) + A, "s>x", "x>a")
        assert made.reasons() == {"x": reason}

    def test_are_retried_from_the_node_and_skipped_past_it(self):
        broken = SCRIPT.format("x", "v", "n + 1") + A
        assert run(broken, "s>x", "x>a").repair("x", skip=True).waiting() == ["a"]
        made = run(broken, "s>x", "x>a")
        made.variables[(1, "n")] = values.write(1)
        assert made.repair("x").waiting() == ["a"]
        assert made.open == {}

    def test_when_a_condition_is_no_boolean_do_not_do_the_work_again(self):
        gateway = A + B + '<exclusiveGateway id="g" default="g-b"/>'
        made = run(gateway, "s>a", "a>g", "g>e?x", "g>b").done("a", x=3)
        assert made.reasons() == {"g": "conditionNotBoolean"}
        assert made.repair("g", skip=True).waiting() == ["b"]

    def test_do_not_stop_other_branches(self):
        made = run(SCRIPT.format("x", "v", "null + 1") + A, "s>x", "s>a")
        assert made.waiting() == ["a"]
        assert not made.done("a").ended

    def test_refuse_a_retry_of_what_is_not_stuck(self):
        with pytest.raises(StepRefused, match="notStuck"):
            run(A, "s>a").repair("a")


class TestTimersMessagesSignals:
    def test_wait_for_a_duration(self):
        made = run(event("intermediateCatchEvent", "c", TIMER.format("Duration", "PT1H")), "s>c", "c>e")
        assert made.waiting(WaitKind.TIMER) == ["c"]
        assert made.occurs("c").ended

    def test_interrupt_an_activity_at_its_term(self):
        body = A + B + event("boundaryEvent", "t", TIMER.format("Duration", "P14D"), 'attachedToRef="a"')
        made = run(body, "s>a", "a>e", "t>b")
        assert made.occurs("t").waiting() == ["b"]
        assert made.waits == [made.wait_at("b")]
        assert run(body, "s>a", "a>e", "t>b").done("a").ended

    def test_remind_in_a_cycle_without_interrupting(self):
        body = A + B + event("boundaryEvent", "t", TIMER.format("Cycle", "R3/P1D"),
                             'attachedToRef="a" cancelActivity="false"')
        made = run(body, "s>a", "a>e", "t>b")
        for number in (1, 2, 3):
            assert made.occurs("t").waiting() == ["a", *["b"] * number]
        assert made.waiting(WaitKind.TIMER) == []

    def test_take_a_duration_from_a_variable(self):
        body = event("intermediateCatchEvent", "c", TIMER.format("Duration", "wait"))
        assert run(body, "s>c", wait="P1D").waiting(WaitKind.TIMER) == ["c"]
        assert run(body, "s>c", wait="soon").reasons() == {"c": "notATime"}

    def test_receive_a_message_with_the_business_key_or_an_own_one(self):
        message = '<message id="m" name="paid"/>'
        made = run('<receiveTask id="r" messageRef="m"/>', "s>r", "r>e", shared=message)
        assert (made.wait_at("r").name, made.wait_at("r").key) == ("paid", "VLA-1")
        assert made.occurs("r", paid=True).ended
        own = run('<receiveTask id="r" messageRef="m" o:correlationKey="n + 1"/>', "s>r", shared=message, n=4)
        assert own.wait_at("r").key == "5"

    def test_let_the_first_event_after_an_event_gateway_decide(self):
        signal = '<signal id="z" name="stop"/>'
        body = ('<eventBasedGateway id="g"/>' + A + B
                + event("intermediateCatchEvent", "t", TIMER.format("Duration", "P1D"))
                + event("intermediateCatchEvent", "c", '<signalEventDefinition signalRef="z"/>'))
        made = run(body, "s>g", "g>t", "g>c", "t>a", "c>b", shared=signal)
        assert made.waiting(WaitKind.SIGNAL) == ["c"]
        assert made.occurs("c").waiting() == ["b"]
        assert len(made.waits) == 1

    def test_throw_a_signal_and_start_at_one(self):
        signal = '<signal id="z" name="stop"/>'
        throw = event("intermediateThrowEvent", "t", '<signalEventDefinition signalRef="z"/>')
        assert run(throw, "s>t", shared=signal).sent[0].name == "stop"
        body = event("startEvent", "b", '<signalEventDefinition signalRef="z"/>') + A + flow("b>a")
        assert Instance(process(body, shared=signal)).start(at="b").waiting() == ["a"]

    def test_refuse_a_plain_start_where_there_is_none(self):
        body = event("startEvent", "b", '<messageEventDefinition messageRef="m"/>') + A + flow("b>a")
        with pytest.raises(StepRefused, match="noPlainStart"):
            Instance(process(body, shared='<message id="m" name="x"/>')).start()


SUB = '<subProcess id="sub"><startEvent id="i"/>{0}</subProcess>'
ERROR = '<error id="no" errorCode="refused"/>'
THROW = event("endEvent", "x", '<errorEventDefinition errorRef="no"/>')
CAUGHT = event("boundaryEvent", "y", '<errorEventDefinition errorRef="no"/>', 'attachedToRef="{0}"')


class TestSubProcesses:
    def test_end_when_the_last_token_inside_does(self):
        made = run(SUB.format(A + B + flow("i>a", "i>b")) + C, "s>sub", "sub>c")
        assert made.done("a").waiting() == ["b"]
        assert made.done("b").waiting() == ["c"]
        assert len(made.scopes) == 1

    def test_begin_everywhere_without_a_start_event(self):
        made = run(f'<subProcess id="sub">{A}{B}</subProcess>', "s>sub", "sub>e")
        assert made.waiting() == ["a", "b"]
        assert made.done("a").done("b").ended

    def test_terminate_only_themselves(self):
        stop = event("endEvent", "t", "<terminateEventDefinition/>")
        made = run(SUB.format(A + B + stop + flow("i>a", "i>b", "a>t")) + C, "s>sub", "sub>c")
        assert made.done("a").waiting() == ["c"]

    def test_end_with_an_interrupting_event_whatever_is_inside(self):
        inner = SUB.format(SUB.replace('"sub"', '"deep"').replace('"i"', '"k"').format(A + flow("k>a"))
                           + flow("i>deep"))
        body = inner + B + event("boundaryEvent", "t", TIMER.format("Duration", "P1D"), 'attachedToRef="sub"')
        made = run(body, "s>sub", "t>b").occurs("t")
        assert made.waiting() == ["b"]
        assert (len(made.tokens), len(made.scopes)) == (1, 1)

    def test_throw_an_error_to_the_nearest_that_catches_it(self):
        made = run(SUB.format(A + THROW + flow("i>a", "a>x")) + CAUGHT.format("sub") + B, "s>sub", "sub>e",
                   "y>b", shared=ERROR)
        assert made.done("a").waiting() == ["b"]

    def test_make_an_incident_of_an_error_nobody_catches(self):
        assert run(A + THROW, "s>a", "a>x", shared=ERROR).done("a").reasons() == {"x": "errorNotCaught"}

    def test_catch_the_error_of_a_connector(self):
        service = '<serviceTask id="v" implementation="urn:ocapi:connector:mock"/>'
        body = service + CAUGHT.format("v") + A
        assert run(body, "s>v", "y>a", shared=ERROR).fails("v", "refused").waiting() == ["a"]
        assert run(body, "s>v", "y>a", shared=ERROR).fails("v", "other").reasons() == {"v": "timeout"}
        assert run(body, "s>v", "y>a", shared=ERROR).fails("v").repair("v").waiting(WaitKind.CALL) == ["v"]

    def test_escalate_without_stopping(self):
        throw = event("intermediateThrowEvent", "t", '<escalationEventDefinition escalationRef="up"/>')
        catch = event("boundaryEvent", "y", '<escalationEventDefinition escalationRef="up"/>',
                      'attachedToRef="sub" cancelActivity="false"')
        made = run(SUB.format(throw + A + flow("i>t", "t>a")) + catch + B, "s>sub", "y>b",
                   shared='<escalation id="up" escalationCode="1"/>')
        assert made.waiting() == ["a", "b"]

    def handler(self, trigger: str, interrupting: str) -> str:
        start = event("startEvent", "h", trigger, f'isInterrupting="{interrupting}"')
        return f'<subProcess id="ev" triggeredByEvent="true">{start}{B}{flow("h>b")}</subProcess>'

    def test_start_an_event_sub_process_beside_or_instead(self):
        signal, shared = '<signalEventDefinition signalRef="z"/>', '<signal id="z" name="stop"/>'
        beside = run(self.handler(signal, "false") + A, "s>a", shared=shared)
        assert beside.occurs("h").waiting() == ["a", "b"]
        assert beside.occurs("h").waiting() == ["a", "b", "b"]
        instead = run(self.handler(signal, "true") + A, "s>a", shared=shared).occurs("h")
        assert instead.waiting() == ["b"]
        assert instead.waiting(WaitKind.SIGNAL) == []
        assert instead.done("b").ended

    def test_catch_an_error_in_an_event_sub_process(self):
        body = self.handler('<errorEventDefinition errorRef="no"/>', "true") + A + THROW
        made = run(body, "s>a", "a>x", shared=ERROR).done("a")
        assert made.waiting() == ["b"]
        assert made.done("b").ended


class TestCallActivity:
    CALLED = ('<process id="q" isExecutable="true"><startEvent id="i"/><userTask id="in"/>'
              + SCRIPT.format("calc", "answer", "n * 2") + flow("i>in", "in>calc") + "</process>")

    def called(self, body: str, *flows: str) -> Instance:
        raw = definitions(f'<process id="p" isExecutable="true"><startEvent id="s"/>{body}{flow(*flows)}'
                          f"</process>{self.CALLED}{ERROR}")
        return Instance(raw)

    def test_runs_another_process_and_brings_back_what_it_found(self):
        made = self.called('<callActivity id="c" calledElement="q"/>' + A, "s>c", "c>a").start(n=4)
        assert made.waiting() == ["in"]
        assert made.done("in", n=5).waiting() == ["a"]
        assert made.value("answer") == 10

    def test_is_an_incident_when_the_process_is_unknown(self):
        made = self.called('<callActivity id="c" calledElement="nowhere"/>', "s>c").start()
        assert made.reasons() == {"c": "processUnknown"}

    def test_that_calls_itself_without_end_is_an_incident(self):
        body = '<startEvent id="s"/><callActivity id="c" calledElement="p"/>' + flow("s>c")
        made = Instance(process(body)).start()
        assert list(made.reasons().values()) == ["tooDeep"]


def many(inner: str, attributes: str = "", task: str = "userTask") -> str:
    return (f'<dataObject id="o1" name="names"/><dataObject id="o2" name="answers"/><{task} id="m">'
            f"<multiInstanceLoopCharacteristics {attributes}>{inner}</multiInstanceLoopCharacteristics>"
            f"</{task}>")


EACH = ('<loopDataInputRef>o1</loopDataInputRef><loopDataOutputRef>o2</loopDataOutputRef>'
        '<inputDataItem id="n" name="name"/><outputDataItem id="r" name="answer"/>')


class TestRepetition:
    def test_runs_side_by_side_and_collects_in_order(self):
        made = run(many(EACH) + B, "s>m", "m>b", names=["x", "y", "z"])
        assert made.waiting() == ["m", "m", "m"]
        for wait in reversed([each for each in made.waits if each.node == "m"]):
            scope = wait.scope
            made.waits.sort(key=lambda each: each.scope != scope)
            made.variables[(scope, "answer")] = values.write(f"{made.value('name', scope)}!")
            made.done("m")
        assert made.waiting() == ["b"]
        assert made.value("answers") == ["x!", "y!", "z!"]
        assert (len(made.scopes), made.kept) == (1, {})

    def test_runs_one_after_the_other(self):
        made = run(many("<loopCardinality>3</loopCardinality>", 'isSequential="true"') + B, "s>m", "m>b")
        for _each in range(3):
            assert made.waiting() == ["m"]
            made.done("m")
        assert made.waiting() == ["b"]

    def test_stops_when_the_condition_holds(self):
        inner = ("<loopCardinality>5</loopCardinality><completionCondition>numberOfCompletedInstances = 2"
                 "</completionCondition>")
        made = run(many(inner) + B, "s>m", "m>b").done("m")
        assert made.done("m").waiting() == ["b"]

    def test_is_passed_when_there_is_nothing(self):
        assert run(many(EACH) + B, "s>m", "m>b", names=[]).waiting() == ["b"]

    @pytest.mark.parametrize(("names", "reason"), [("x", "notAList"), (["x"] * 5_001, "tooManyRuns")])
    def test_is_an_incident_for_what_is_no_list_or_too_long(self, names, reason):
        assert run(many(EACH), "s>m", names=names).reasons() == {"m": reason}

    def test_of_a_sub_process_is_interrupted_as_a_whole(self):
        inner = f'<startEvent id="i"/>{A}{flow("i>a")}'
        body = many("<loopCardinality>3</loopCardinality>", task="subProcess").replace(
            "</subProcess>", f"{inner}</subProcess>"
        ) + event("boundaryEvent", "t", TIMER.format("Duration", "P1D"), 'attachedToRef="m"') + B
        made = run(body, "s>m", "t>b")
        assert made.waiting() == ["a", "a", "a"]
        assert made.done("a").waiting() == ["a", "a"]
        assert made.occurs("t").waiting() == ["b"]
        assert (len(made.tokens), len(made.scopes)) == (1, 1)

    def test_touches_the_same_for_each_of_a_thousand(self):
        made = run(many("<loopCardinality>1000</loopCardinality>") + B, "s>m", "m>b")
        sizes = set()
        for _each in range(999):
            made.done("m")
            sizes.add((made.last.nodes, len(made.last.changed_scopes), len(made.last.dropped)))
        assert len(sizes) == 1
        assert made.done("m").waiting() == ["b"]

    def test_goes_on_while_the_condition_of_a_loop_holds(self):
        loop = ('<userTask id="a"><standardLoopCharacteristics loopMaximum="4"><loopCondition>more'
                "</loopCondition></standardLoopCharacteristics></userTask>")
        made = run(loop + B, "s>a", "a>b").done("a", more=True).done("a", more=True)
        assert made.waiting() == ["a"]
        assert made.done("a", more=False).waiting() == ["b"]
        made = run(loop + B, "s>a", "a>b")
        for _each in range(4):
            made.done("a", more=True)
        assert made.waiting() == ["b"]


class TestValues:
    @pytest.mark.parametrize("value", [
        None, True, "s", "", Decimal("0.10"), [1, ["x"]], {"a": {"b": None}}, "2026-01-01", "n12",
    ])
    def test_come_back_as_they_were(self, value):
        assert values.read(values.write(value)) == value

    @pytest.mark.parametrize("value", [1.5, object(), "x" * 70_000, "a\0b"])
    def test_that_cannot_be_kept_are_refused(self, value):
        with pytest.raises(values.NotStorable):
            values.write(value)
