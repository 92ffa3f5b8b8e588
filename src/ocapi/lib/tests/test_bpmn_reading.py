"""Reading and judging BPMN files. Not covered: executing (test_bpmn_engine), real files (conformance)."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import clock
from ocapi.lib.bpmn import inspect, timing, told
from ocapi.lib.bpmn.reader import read
from ocapi.lib.bpmn.reasons import TEXTS
from ocapi.lib.codec import MalformedInput
from ocapi.lib.tests.bpmn_models import definitions, process

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FULL = definitions(
    """<process id="p" isExecutable="true"><laneSet><lane id="l" name="Balie">
    <flowNodeRef>t</flowNodeRef></lane></laneSet><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s"
    targetRef="g"/><exclusiveGateway id="g" default="f3"/><sequenceFlow id="f2" sourceRef="g" targetRef="t">
    <conditionExpression>amount &gt; 3</conditionExpression></sequenceFlow><sequenceFlow id="f3" sourceRef="g"
    targetRef="e"/><userTask id="t"><extensionElements><x:form xmlns:x="urn:x"/></extensionElements>
    <multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>
    </userTask><boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeDuration>P14D</timeDuration>
    </timerEventDefinition></boundaryEvent><sequenceFlow id="f4" sourceRef="b" targetRef="e"/>
    <sequenceFlow id="f5" sourceRef="t" targetRef="e"/><endEvent id="e"><terminateEventDefinition/></endEvent>
    <dataObject id="d" name="dossier"/><textAnnotation><text>note</text></textAnnotation></process>
    <message id="m" name="paid"/>"""
)


def reasons(body: str) -> list[str]:
    return [finding.reason for finding in inspect(process(body)).processes[0].reasons]


class TestReading:
    def test_gives_an_executable_process_its_table(self):
        report = inspect(FULL).processes[0]
        assert report.table is not None
        assert report.table.steps["t"].group == "Balie"
        assert report.table.steps["t"].boundary == ("b",)
        assert [finding.reason for finding in report.kept] == ["extension"]

    @pytest.mark.parametrize(("raw", "detail"), [
        (b"", "notXml"),
        (b"<a/>", "definitions"), (b"<!DOCTYPE a><a/>", "doctypeRefused"), (b"\xff\xfe<", "enc"),
    ])
    def test_refuses_what_is_no_bpmn_with_its_place(self, raw, detail):
        with pytest.raises(MalformedInput, match=detail) as refusal:
            inspect(raw)
        assert refusal.value.path.startswith("line ")

    @pytest.mark.parametrize(("body", "expected"), [
        ('<adHocSubProcess id="a"/>', ["adHoc"]),
        ('<complexGateway id="a"/>', ["complexGateway"]),
        ('<serviceTask id="a"/>', ["connectorMissing"]),
        ('<businessRuleTask id="a"/>', ["decisionMissing"]),
        ('<callActivity id="a"/>', ["calledMissing"]),
        ('<receiveTask id="a"/>', ["messageMissing"]),
        ('<scriptTask id="a" scriptFormat="groovy"><script>x = 1</script></scriptTask>', ["notFeel"]),
        ('<scriptTask id="a"><script>${x}</script></scriptTask>', ["notFeel"]),
        ('<scriptTask id="a"><script>1 +</script></scriptTask>', ["expressionRefused"]),
        ('<userTask id="a"/><userTask id="a"/>', ["doubleId"]),
        (f'<userTask id="{"a" * 201}"/>', ["idTooLong"]),
        (f'<receiveTask id="a" messageRef="{"m" * 201}"/>', ["nameTooLong"]),
        ('<userTask id="a"/><callChoreography id="x"/>', ["notExecuted"]),
        ('<startEvent id="a"><conditionalEventDefinition/></startEvent>', ["conditionalEvent"]),
        ('<startEvent id="a"><wonderEventDefinition/></startEvent>', ["multipleEvent"]),
        ('<userTask id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="z"/>', ["flowBroken"]),
        ('<userTask id="a"/><boundaryEvent id="b" attachedToRef="z"><signalEventDefinition/></boundaryEvent>',
         ["boundaryLost", "signalMissing"]),
        ('<startEvent id="a"><timerEventDefinition><timeDuration>P9</timeDuration></timerEventDefinition>'
         "</startEvent>", ["timerRefused"]),
        ('<startEvent id="a"><timerEventDefinition><timeCycle>R/PT0S</timeCycle></timerEventDefinition>'
         "</startEvent>", ["timerTooOften"]),
        ('<startEvent id="a"><timerEventDefinition><timeCycle>R9/PT1S</timeCycle></timerEventDefinition>'
         "</startEvent>", []),
        ('<scriptTask id="a"><script>{f: function(a) external {java: {}}}</script></scriptTask>',
         ["expressionRefused"]),
    ])
    def test_names_each_thing_that_cannot_be_executed(self, body, expected):
        assert reasons(body) == expected

    def test_offers_to_mark_a_process_as_executable(self):
        raw = definitions('<process id="p"><startEvent id="a"/></process>')
        assert [each.reason for each in inspect(raw).processes[0].reasons] == ["notMarked"]

    def test_has_words_for_every_reason(self):
        for finding in inspect(process('<serviceTask id="a"/>')).processes[0].reasons:
            assert "a serviceTask (line" in told(finding)
            assert "urn:ocapi:connector" in told(finding)
        assert all(sentence for sentence, _remedy in TEXTS.values())

    def test_names_a_nameless_message_by_its_one_flow(self):
        raw = definitions(
            '<collaboration id="c"><participant id="x" processRef="p"/><messageFlow id="m1" sourceRef="pool" '
            'targetRef="a"/></collaboration><process id="p" isExecutable="true"><receiveTask id="a"/>'
            "</process>"
        )
        table = inspect(raw).processes[0].table
        assert table is not None
        assert table.steps["a"].event.name == "flow:m1"


class TestHostileFiles:
    @settings(max_examples=150, deadline=None)
    @given(cut=st.integers(0, len(FULL)), data=st.binary(max_size=6), place=st.integers(0, len(FULL)))
    def test_raise_nothing_but_malformed_input(self, cut, data, place):
        for raw in (FULL[:cut], FULL[:place] + data + FULL[place:], FULL[:place] + FULL[place + len(data) :]):
            try:
                report = inspect(raw)
            except MalformedInput as refusal:
                assert refusal.path
                continue
            for each in report.processes:
                assert each.is_executable or each.reasons

    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.sampled_from(
        [b"id=", b"sourceRef=", b"<subProcess id='q'>", b"</subProcess>", b"t", b"g", b"<startEvent/>",
         b"isSequential='true'", b"attachedToRef='b'", b"<timerEventDefinition/>",
         b"isForCompensation='true'"]
    ), min_size=2, max_size=2), st.integers(0, 40))
    def test_survive_swapped_words(self, pair, times):
        raw = FULL.replace(pair[0], pair[1], times)
        with contextlib.suppress(MalformedInput):
            inspect(raw)

    def test_cost_bounded_time(self):
        nested = "<subProcess id='s{0}'>" * 90
        deep = process("".join(nested.format(i) for i in range(90)) + "</subProcess>" * 0)
        wide = process("".join(f'<inclusiveGateway id="g{i}"/><sequenceFlow id="f{i}" sourceRef="g{i}" '
                               f'targetRef="g{i + 1}"/>' for i in range(3_000)))
        started = clock.monotonic()
        for raw in (deep, wide):
            with contextlib.suppress(MalformedInput):
                inspect(raw)
        assert clock.monotonic() - started < 20

    def test_read_of_definitions_alone_keeps_pools(self):
        assert read(FULL).participants == ()


class TestTiming:
    @pytest.mark.parametrize(("kind", "text", "expected"), [
        ("duration", "PT36H", NOW + timedelta(hours=36)),
        ("duration", "P1W", NOW + timedelta(days=7)),
        ("duration", "P3M", datetime(2027, 2, 23, 9, 30, tzinfo=UTC)),
        ("date", "2027-07-01T12:00:00", datetime(2027, 7, 1, 10, tzinfo=UTC)),
        ("date", "2027-07-01", datetime(2027, 6, 30, 22, tzinfo=UTC)),
        ("cycle", "R3/PT1H", NOW + timedelta(hours=1)),
    ])
    def test_reads_dates_durations_and_cycles(self, kind, text, expected):
        assert timing.read(kind=kind, value=text, now=NOW).at == expected

    def test_counts_days_on_the_calendar_of_brussels(self):
        before_summer_time = datetime(2026, 3, 28, 11, tzinfo=UTC)
        assert timing.after("P1D", before_summer_time) == datetime(2026, 3, 29, 10, tzinfo=UTC)

    def test_ends_a_month_on_its_last_day(self):
        assert timing.after("P1M", datetime(2027, 1, 31, 11, tzinfo=UTC)).day == 28

    def test_ends_a_cycle_after_its_number(self):
        due, count = timing.read(kind="cycle", value="R3/PT1H", now=NOW), 1
        while (later := timing.following(due)) is not None:
            due, count = later, count + 1
        assert (count, due.at) == (3, NOW + timedelta(hours=3))

    @pytest.mark.parametrize("text", ["", "P", "PT", "soon", "R3/", "P99999999Y", "2026-13-01", "R/P1D/x"])
    def test_refuses_what_says_no_time(self, text):
        with pytest.raises(timing.NotATime):
            timing.read(kind="duration", value=text, now=NOW)
