"""A trial in memory and the comparison of two drawings. Not covered: the engine itself (test_bpmn_engine)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from ocapi.lib.bpmn import inspect
from ocapi.lib.bpmn.comparing import Change, compare
from ocapi.lib.bpmn.engine import StepRefused
from ocapi.lib.bpmn.trial import Trial
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import NOW, flow

TASK = '<userTask id="a" name="Kijk na"/>'
CALL = '<serviceTask id="b" implementation="urn:ocapi:connector:rest"/>'
TIMER = ('<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>P14D</timeDuration>'
         "</timerEventDefinition></intermediateCatchEvent>")
CAUGHT = ('<boundaryEvent id="f" attachedToRef="b"><errorEventDefinition errorRef="x"/></boundaryEvent>'
          '<userTask id="repair"/>')
ERROR = '<error id="x" errorCode="404"/>'
EACH = ('<userTask id="m"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
        "</multiInstanceLoopCharacteristics></userTask>")


def file(body: str, *flows: str, shared: str = "") -> bytes:
    return process(f'<startEvent id="s"/><endEvent id="e"/>{body}{flow(*flows)}', shared=shared)


def decide(name: str, given: Mapping[str, object], now: datetime) -> object:
    raise LookupError(name)


def trial(raw: bytes) -> Trial:
    tables = {each.id: each.table for each in inspect(raw).processes if each.table is not None}
    made = Trial(tables, decide=decide, now=NOW)
    made.start("p", {"amount": 250})
    return made


class TestTrial:
    def test_goes_from_wait_to_wait_and_jumps_timers(self):
        made = trial(file(TASK + CALL + TIMER, "s>a", "a>b", "b>w", "w>e"))
        assert [(each.kind, each.title) for each in made.standing] == [("task", "Kijk na")]
        made.complete(0, {"ok": True})
        assert made.standing[0].kind == "call" and made.standing[0].values == {"amount": 250, "ok": True}
        made.complete(0, {"status": 200})
        assert made.standing[0].kind == "timer"
        made.occur(0, {})
        assert made.ended and made.now == NOW + timedelta(days=14) and made.nodes == ()
        assert made.variables == {"amount": 250, "ok": True, "status": 200}

    def test_lets_a_call_fail_into_what_catches_it(self):
        made = trial(file(CALL + CAUGHT, "s>b", "b>e", "f>repair", "repair>e", shared=ERROR))
        made.fail(0, error="404")
        assert [each.node for each in made.standing] == ["repair"]

    def test_stands_with_the_reason_where_nothing_catches_it_and_can_go_on_past_it(self):
        made = trial(file(CALL, "s>b", "b>e"))
        made.fail(0, error="500")
        assert [(each.kind, each.node) for each in made.standing] == [("incident", "b")]
        made.skip(made.standing[0].number)
        assert made.ended

    def test_runs_every_turn_of_a_repetition(self):
        made = trial(file(EACH, "s>m", "m>e"))
        for left in (3, 2, 1):
            assert len(made.standing) == left
            made.complete(0, {})
        assert made.ended

    def test_stands_still_where_it_goes_round_without_waiting_and_ends_before_long(self):
        made = trial(file('<exclusiveGateway id="g"/><task id="t"/>', "s>g", "g>t?true", "g>e?false", "t>g"))
        assert [each.reason for each in made.standing] == ["stepBudget"]

    def test_asks_a_bounded_number_of_decisions(self):
        raw = file('<businessRuleTask id="r" implementation="urn:ocapi:decision:fee" o:resultVariable="x">'
                   '<standardLoopCharacteristics loopMaximum="500"/></businessRuleTask>', "s>r", "r>e")
        tables = {each.id: each.table for each in inspect(raw).processes if each.table is not None}
        made = Trial(tables, decide=lambda _name, _given, _now: 1, now=NOW)
        made.start("p", {})
        assert [each.reason for each in made.standing] == ["decisionFailed"]

    def test_refuses_what_nothing_waits_for(self):
        made = trial(file(TASK, "s>a", "a>e"))
        for act in (lambda: made.occur(0, {}), lambda: made.complete(4, {}), lambda: made.skip(-1)):
            with pytest.raises(LookupError):
                act()
        with pytest.raises(StepRefused):
            made.complete(0, {"x": "y" * 70_000})


class TestCompare:
    def test_finds_nothing_between_a_drawing_and_itself_on_other_lines(self):
        raw = file(TASK, "s>a", "a>e")
        assert compare(raw, raw.replace(b"<userTask", b"\n\n<userTask")) == ()

    def test_names_what_came_what_went_and_what_of_an_element_changed(self):
        before = file(TASK, "s>a", "a>e?x = 1")
        after = file('<userTask id="a" name="Lees"/>' + TIMER, "s>a", "a>w", "w>e")
        found = {(each.element, each.change): each.parts for each in compare(before, after)}
        assert found[("a", Change.CHANGED)] == ("name",)
        assert ("w", Change.ADDED) in found and ("a-e", Change.REMOVED) in found

    def test_sees_another_condition(self):
        changed = compare(file(TASK, "s>a", "a>e?x = 1"), file(TASK, "s>a", "a>e?x = 2"))
        assert [(each.element, each.parts) for each in changed] == [("a-e", ("condition",))]

    def test_names_an_arrow_without_a_name_by_what_it_joins(self):
        found = compare(file(TASK, "s>a"), file(TASK, "s>a", "a>e"))
        (arrow,) = [each for each in found if each.kind == "sequenceFlow"]
        assert arrow.name == "Kijk na → e" and arrow.change is Change.ADDED


class TestSettingsOfOthers:
    @pytest.mark.parametrize(("written", "form", "group"), [
        ('o:formKey="vraag" o:candidateGroups="Dienst"', "vraag", "Dienst"),
        ('c:formKey="vraag" c:candidateGroups="Een, Twee"', "vraag", "Een"),
        ('c:formKey="${form}" c:candidateGroups="#{groups}"', "", ""),
    ])
    def test_are_read_when_they_are_plain_texts(self, written, form, group):
        raw = file(f'<userTask id="a" {written}/>', "s>a", "a>e").replace(
            b"xmlns:o=", b'xmlns:c="http://example.org/other" xmlns:o=')
        report = inspect(raw).processes[0]
        assert report.table is not None
        step = report.table.steps["a"]
        assert (step.form, step.group) == (form, group)
        assert (form == "") is any(each.reason == "vendorAttribute" for each in report.kept)
