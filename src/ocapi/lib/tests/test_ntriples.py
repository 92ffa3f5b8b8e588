"""Lines written at once are those of the graph. Not covered: how fast it is (tests/performance)."""

from random import Random
from typing import Any

import pytest

from ocapi.lib.jsonld.expansion import NotLinkedData, expand, expand_kept
from ocapi.lib.jsonld.ntriples import NotUsual, Writer
from ocapi.lib.profile import reader
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf.graph import Lexical
from ocapi.lib.rdf.writing import Written, write
from ocapi.lib.tests.profile_samples import a_body, a_graph
from ocapi.lib.tests.test_profile import OWN

ROOT = "https://v.be/id/1"


@pytest.fixture(scope="module")
def profile() -> Profile:
    return reader.read({"profile.yaml": OWN}, name="x")


def by_graph(body: dict[str, Any], profile: Profile) -> set[str]:
    graph = expand(body, context=profile.context, root=ROOT).graph
    return set(write(graph, format=Written.N_TRIPLES).replace("_:b", "_:m7b").splitlines())


def at_once(body: dict[str, Any], profile: Profile) -> set[str]:
    return set(Writer(profile.context).lines(body, of=ROOT, name=ROOT, label="m7"))


class TestLines:
    @pytest.mark.parametrize(
        "more",
        [
            {},
            {"naam": 'Een "naam"\n\\ \u0001 met é'},
            {"naam": 3},
            {"naam": [True, 2.5, None, "x", "x"]},
            {"naam": ""},
            {"deel": ["https://v.be/1", {"@type": "Organisatie", "naam": "Zele"}]},
            {"deel": {"@id": ROOT, "naam": "zichzelf"}},
        ],
    )
    def test_are_those_of_the_graph(self, profile: Profile, more: dict[str, Any]) -> None:
        body = {"@id": ROOT, "@type": "Organisatie", "naam": "Hamme", **more}
        assert at_once(body, profile) == by_graph(body, profile)

    def test_are_those_of_the_graph_for_what_the_shapes_allow_and_for_what_they_do_not(
        self, profile: Profile
    ) -> None:
        coin, same = Random(8), 0
        for number in range(300):
            body = a_body(profile, a_graph(profile, coin, faults=number % 3), coin)
            body.pop("@id", None)
            try:
                told = at_once(body, profile)
            except NotUsual:
                continue
            try:
                assert told == by_graph(body, profile)
            except NotLinkedData:
                continue  # what was never kept is never asked for
            same += 1
        print(f"{same} / 300 written at once")
        assert same > 30

    @pytest.mark.parametrize(
        "body",
        [
            {"@type": ["Organisatie"]},
            {"kleur": "rood"},
            {"naam": {"@value": "Hamme"}},
            {"deel": "geen iri"},
            {"@id": "https://v.be/id/2"},
        ],
    )
    def test_are_left_to_the_graph_when_written_another_way(
        self, profile: Profile, body: dict[str, Any]
    ) -> None:
        with pytest.raises(NotUsual):
            at_once(body, profile)

    def test_name_what_stands_for_the_object_as_a_subject_only(self, profile: Profile) -> None:
        body = {"@id": ROOT, "@type": "Organisatie", "deel": ROOT}
        (_kind, part) = Writer(profile.context).lines(body, of=ROOT, name=f"{ROOT}/1", label="m1")
        assert part.startswith(f"<{ROOT}/1> ") and part.endswith(f" <{ROOT}> .")


class TestKept:
    @pytest.mark.parametrize(
        ("written", "language"),
        [("nl_BE", "nl-be"), (" NL ", "nl"), ("nl BE", "nl-be"), ("!?", ""), ("", ""), (7, "")],
    )
    def test_language_that_is_no_tag_is_mended_or_left_out(
        self, profile: Profile, written: object, language: str
    ) -> None:
        body = {"@type": "Organisatie", "naam": {"@value": "Hamme", "@language": written}}
        graph = expand_kept(body, context=profile.context, root=ROOT).graph
        (name,) = (value for _s, _p, value in graph if isinstance(value, Lexical))
        assert (name.text, name.language) == ("Hamme", language)
        assert write(graph, format=Written.N_TRIPLES).count('"Hamme"') == 1
