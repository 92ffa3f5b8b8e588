"""Random processes, randomly driven: the engine keeps its invariants. Not covered: what elements mean."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.bpmn import inspect
from ocapi.lib.bpmn.engine import StepRefused, WaitKind
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import Instance

LOOP = ("<multiInstanceLoopCharacteristics {}><loopCardinality>3</loopCardinality>"
        "</multiInstanceLoopCharacteristics>")
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
ERROR = '<errorEventDefinition errorRef="no"/>'
NODES = (
    '<task id="{0}"/>', '<userTask id="{0}"/>', '<userTask id="{0}">' + LOOP.format("") + "</userTask>",
    '<userTask id="{0}">' + LOOP.format('isSequential="true"') + "</userTask>",
    '<scriptTask id="{0}" o:resultVariable="v"><script>v + 1</script></scriptTask>',
    '<serviceTask id="{0}" implementation="urn:ocapi:connector:mock"/>',
    '<parallelGateway id="{0}"/>', '<inclusiveGateway id="{0}"/>',
    '<subProcess id="{0}"><userTask id="{0}u"/><endEvent id="{0}x">' + ERROR + "</endEvent>"
    '<sequenceFlow id="{0}f" sourceRef="{0}u" targetRef="{0}x"/><userTask id="{0}w"/></subProcess>',
    '<subProcess id="{0}"><userTask id="{0}u"/>' + LOOP.format("") + "</subProcess>",
    '<userTask id="{0}"/><boundaryEvent id="{0}b" attachedToRef="{0}">' + TIMER + "</boundaryEvent>"
    '<userTask id="{0}v"/><sequenceFlow id="{0}g" sourceRef="{0}b" targetRef="{0}v"/>',
    '<endEvent id="{0}"><terminateEventDefinition/></endEvent>', '<endEvent id="{0}"/>',
    '<intermediateCatchEvent id="{0}">' + TIMER + "</intermediateCatchEvent>",
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    kinds = draw(st.lists(st.sampled_from(range(len(NODES))), min_size=1, max_size=7))
    body = "".join(NODES[kind].format(f"n{place}") for place, kind in enumerate(kinds))
    sources = [place for place, kind in enumerate(kinds) if "endEvent id=\"{0}\"" not in NODES[kind]]
    pairs = draw(st.lists(
        st.tuples(st.sampled_from([-1, *sources]), st.sampled_from(range(len(kinds)))), min_size=1,
        max_size=12, unique=True,
    ))
    flows = "".join(
        f'<sequenceFlow id="f{place}" sourceRef="{f"n{source}" if source >= 0 else "s"}" '
        f'targetRef="n{target}">' + ("<conditionExpression>true</conditionExpression>"
           if source >= 0 and "inclusive" in NODES[kinds[source]] else "") + "</sequenceFlow>"
        for place, (source, target) in enumerate(pairs)
    )
    return process(f'<startEvent id="s"/>{body}{flows}', shared='<error id="no" errorCode="1"/>')


class TestRandomProcesses:
    @settings(max_examples=120, deadline=None)
    @given(files(), st.lists(st.integers(0, 30), max_size=25))
    def test_keep_tokens_scopes_and_waits_in_step(self, raw, choices):
        report = inspect(raw).processes[0]
        if report.table is None:
            assert report.reasons
            return
        made = Instance(raw).start()
        for choice in choices:
            stuck = [each for each in made.tokens.values() if each.number in made.open]
            options = [*made.waits, *stuck]
            if made.ended or not options:
                break
            act(made, options[choice % len(options)], is_odd=choice > 15)
        # apply() has checked every step: no token outside a scope, no wait without a token
        held = {each.number for each in made.tokens.values() if each.number in made.open}
        waiting = {each.token for each in made.waits}
        for token in made.tokens.values():
            assert token.number in held | waiting or token.stage in ("hosting", "joining")
            assert token.stage != "hosting" or token.child in made.scopes


def act(made: Instance, chosen: object, *, is_odd: bool) -> None:
    node = chosen.node  # type: ignore[attr-defined]
    try:
        if chosen in made.waits:
            kind = chosen.kind  # type: ignore[attr-defined]
            if kind is WaitKind.TIMER:
                made.occurs(node)
            elif kind is WaitKind.CALL and is_odd:
                made.fails(node)
            else:
                made.done(node)
        else:
            made.repair(node, skip=is_odd)
    except StepRefused:
        return
