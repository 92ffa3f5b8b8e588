"""What has the ordinary form of its class is sound; all else is left to the validator.

Not covered: how fast it is (tests/performance), and each official profile at thousands of objects
(`ocapi proof shapes`).
"""

from random import Random
from typing import Any

import pytest

from ocapi.lib.jsonld.expansion import NotLinkedData, expand
from ocapi.lib.profile import reader
from ocapi.lib.profile.model import Profile
from ocapi.lib.tests.profile_samples import a_body, a_graph
from ocapi.lib.tests.test_profile import OWN

OBJECTS = 600
CLASSES = b"""
  - term: Gebied
    iri: "org:Area"
    properties:
      - {term: code, iri: "org:code", count: "1", pattern: "^[A-Z]{2}$"}
      - {term: ligtIn, iri: "org:in", of_class: "org:Area"}
      - {term: van, iri: "org:of", of_class: "org:Organization"}
"""


@pytest.fixture(scope="module")
def profile() -> Profile:
    return reader.read({"profile.yaml": OWN + CLASSES}, name="x")


def unit(**more: Any) -> dict[str, Any]:
    return {"@type": "Organisatie", "naam": "Hamme", **more}


def area(**more: Any) -> dict[str, Any]:
    return {"@type": "Gebied", "code": "BE", **more}


class TestSound:
    @pytest.mark.parametrize(
        "body",
        [
            unit(),
            unit(start="2025-01-31", deel=["https://v.be/1", "https://v.be/2"]),
            area(ligtIn=area(ligtIn=area())),
            area(van={"@id": "https://v.be/3", **unit()}),
        ],
    )
    def test_is_what_is_written_as_usual(self, profile: Profile, body: dict[str, Any]) -> None:
        assert profile.ordinary.is_sound(body)
        assert not profile.validator.validate(expand(body, context=profile.context).graph)

    @pytest.mark.parametrize(
        "body",
        [
            {"@type": "Organisatie"},
            {"@type": "Onbekend"},
            {"naam": "zonder soort"},
            unit(naam=["een", "twee"]),
            unit(naam=None),
            unit(kleur="rood"),
            unit(start="2025-02-30"),
            unit(start="2025-01-02", einde="2025-01-01"),
            unit(deel="geen adres"),
            unit(deel="https://v.be/a b"),
            unit(deel={"@id": "https://v.be/1"}),
            area(code="be"),
            area(ligtIn=unit()),
            area(ligtIn="https://v.be/1"),
            area(van={"@id": "https://v.be/3", **unit()}, ligtIn={"@id": "https://v.be/3", **area()}),
            {"@id": "https://v.be/1", **area(van={"@id": "https://v.be/1", **unit()})},
            {"@context": "https://elders.be/context", **unit()},
            {"@context": {"naam": "https://elders.be/ns#naam"}, **unit()},
        ],
    )
    def test_is_not_said_of_faults_nor_of_what_is_written_otherwise(
        self, profile: Profile, body: dict[str, Any]
    ) -> None:
        assert not profile.ordinary.is_sound(body)

    def test_is_said_of_the_object_by_its_own_name_only(self, profile: Profile) -> None:
        body = {"@id": "https://v.be/1", "@context": "https://v.be/context", **unit()}
        contexts = frozenset({"https://v.be/context"})
        assert profile.ordinary.is_sound(body, root="https://v.be/1", contexts=contexts)
        assert not profile.ordinary.is_sound(body, root="https://v.be/2", contexts=contexts)
        assert not profile.ordinary.is_sound(
            area(van={"@id": "https://v.be/1", **unit()}), root="https://v.be/1"
        )

    def test_ends_on_things_within_things_as_expansion_does(self, profile: Profile) -> None:
        body = area()
        for _ in range(60):
            body = area(ligtIn=body)
        assert not profile.ordinary.is_sound(body)

    def test_is_never_said_of_what_the_validator_faults(self, profile: Profile) -> None:
        random, sound, faulted = Random(20261), 0, 0
        for number in range(OBJECTS):
            body = a_body(profile, a_graph(profile, random, faults=number % 4), random)
            try:
                found = bool(profile.validator.validate(expand(body, context=profile.context).graph))
            except NotLinkedData:
                found = True
            is_sound = profile.ordinary.is_sound(body)
            assert not (is_sound and found), body
            sound, faulted = sound + is_sound, faulted + found
        assert sound > OBJECTS / 30
        assert faulted > OBJECTS / 5


class TestWithoutForm:
    @pytest.mark.parametrize(
        "constraint",
        [
            "sh:property [ sh:path ex:p ; sh:hasValue 1 ]",
            "sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:minCount 1 ]",
            "sh:not [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ]",
            "sh:property [ sh:path ex:p ; sh:minCount 2 ]",
            "sh:closed true ; sh:property [ sh:path ex:p ]",
        ],
    )
    def test_are_classes_that_are_asked_more(self, constraint: str) -> None:
        shapes = (
            "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://v.be/ns#> ."
            f" ex:S a sh:NodeShape ; sh:targetClass ex:C ; {constraint} ."
        )
        context = b'{"@context": {"C": "https://v.be/ns#C", "p": "https://v.be/ns#p"}}'
        made = reader.read({"shacl.ttl": shapes.encode(), "context.jsonld": context}, name="x")
        assert not made.ordinary.covers("C")
        assert not made.ordinary.is_sound({"@type": "C"})

    def test_canary_a_form_is_there_when_no_more_is_asked(self) -> None:
        shapes = (
            b"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://v.be/ns#> ."
            b" ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
        )
        context = b'{"@context": {"C": "https://v.be/ns#C", "p": "https://v.be/ns#p"}}'
        made = reader.read({"shacl.ttl": shapes, "context.jsonld": context}, name="x")
        assert made.ordinary.covers("C")
        assert made.ordinary.is_sound({"@type": "C", "p": "x"})
        assert not made.ordinary.is_sound({"@type": "C"})
