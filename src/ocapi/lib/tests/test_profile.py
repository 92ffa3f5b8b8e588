"""Profiles are read and linted, official ones and our own form. Not covered: validation by them."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ocapi.lib.profile import reader
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf.graph import TYPE, XSD, Graph, Lexical

COUNTS = {  # the defects the README of the official pack counts: class types, texts, empty types
    "persoon-basis": (28, 1, 0),
    "organisatie-basis": (41, 7, 0),
    "adresregister": (20, 13, 2),
    "gebouwenregister": (0, 10, 0),
    "dienstencataloog": (34, 4, 0),
    "besluit-publicatie": (38, 3, 0),
    "mandatendatabank": (33, 1, 0),
    "openbaar-domein": (18, 2, 5),
    "inname-openbaar-domein": (0, 11, 2),
    "notificatie-basis": (3, 0, 1),
    "contactvoorkeuren": (14, 0, 0),
    "observaties-en-metingen": (0, 0, 0),
    "omgevingsvergunning": (0, 2, 0),
    "verkeersmetingen": (0, 4, 0),
    "dcat-ap-vl": (0, 16, 0),
    "ldes": (0, 0, 1),
}
UNUSABLE_AS_PUBLISHED = {"adresregister", "contactvoorkeuren", "organisatie-basis"}
OWN = b"""
name: units
title: Eenheden
version: "1"
source: OSLO Organisatie
prefixes: {org: "http://www.w3.org/ns/org#", skos: "http://www.w3.org/2004/02/skos/core#", xsd: "http://www.w3.org/2001/XMLSchema#"}
classes:
  - term: Organisatie
    iri: "org:Organization"
    closed: true
    properties:
      - {term: naam, iri: "skos:prefLabel", count: "1", text: true}
      - {term: start, iri: "org:start", datatype: "xsd:date", not_after: "org:end"}
      - {term: einde, iri: "org:end", datatype: "xsd:date"}
      - {term: deel, iri: "org:hasUnit", count: "0..n", link: true}
"""


def profile_of(files: dict[str, bytes]) -> Profile:
    return reader.read(files, name="x")


def shapes(text: str) -> dict[str, bytes]:
    head = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://voorbeeld.be/ns#> . "
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
    )
    return {
        "context.jsonld": b'{"@context": {"C": "https://voorbeeld.be/ns#C", "p": "https://voorbeeld.be/ns#p"}}',
        "shacl.ttl": (head + text).encode(),
    }


class TestOfficialProfiles:
    def test_are_read_and_linted_all_sixteen(self, shared: Path) -> None:
        folder = shared / "data" / "oslo" / "profiles"
        as_published: dict[str, Profile] = {}
        usable = []
        for each in sorted(folder.iterdir()):
            if each.is_dir():
                files = reader.files_of(each)
                as_published[each.name] = reader.read(
                    {name: raw for name, raw in files.items() if "repaired" not in name}, name=each.name
                )
                read = reader.read(files, name=each.name)
                usable += [each.name] if read.is_usable else []
                assert read.fallback_share == 0
        print(
            f"\nprofiles usable as published: {sum(p.is_usable for p in as_published.values())}/16,"
            f" with repairs: {len(usable)}/16"
        )
        assert {name for name, each in as_published.items() if not each.is_usable} == UNUSABLE_AS_PUBLISHED
        assert len(usable) == 15
        assert "adresregister" not in usable  # its shapes check nothing

    @pytest.mark.parametrize("name", COUNTS)
    def test_show_the_defects_that_were_counted_by_hand(self, name: str, shared: Path) -> None:
        files = reader.files_of(shared / "data" / "oslo" / "profiles" / name)
        if name in UNUSABLE_AS_PUBLISHED - {
            "adresregister"
        }:  # no JSON as published: the repaired one is counted
            chosen = {"context.jsonld": files["context.repaired.jsonld"]}
        else:
            chosen = {"context.jsonld": files["context.jsonld"]}
        found = Counter(each.code for each in reader.read(chosen, name=name).context.findings)
        assert (found["typeIsClass"], found["langString"], found["typeEmpty"]) == COUNTS[name]

    def test_whose_target_is_an_association_end_say_what_is_meant(self, shared: Path) -> None:
        files = reader.files_of(shared / "data" / "oslo" / "profiles" / "persoon-basis")
        del files["shacl.repaired.ttl"]
        dead = [each.detail for each in profile_of(files).findings if each.code == "deadTarget"]
        assert any(
            "Inwonerschap.persoon" in each and "http://www.w3.org/ns/person#Person" in each for each in dead
        )


class TestContextAlone:
    def test_gives_a_class_the_terms_of_its_own_context_and_those_of_all(self) -> None:
        text = b"""{"@context": {"Boek": {"@id": "https://voorbeeld.be/ns#Boek", "@context": {
            "titel": "https://voorbeeld.be/ns#titel"}}, "Auteur": "https://voorbeeld.be/ns#Auteur",
            "naam": "https://voorbeeld.be/ns#naam"}}"""
        found = {
            each.term: {one.terms[0] for one in each.properties}
            for each in profile_of({"context.jsonld": text}).classes
        }
        assert found == {"Boek": {"titel", "naam"}, "Auteur": {"naam"}}


class TestLint:
    @pytest.mark.parametrize(
        "constraints",
        [
            "sh:minCount 2 ; sh:maxCount 1",
            "sh:minCount 1 ; sh:class ex:C ; sh:datatype xsd:string",
            "sh:minCount 1 ; sh:datatype xsd:string ; sh:nodeKind sh:IRI",
            "sh:minCount 1 ; sh:in ()",
            "sh:minCount 1 ; sh:minLength 5 ; sh:maxLength 4",
            "sh:minCount 1 ; sh:minInclusive 5 ; sh:maxExclusive 5",
            "sh:in (1 2) ; sh:hasValue 3",
            "sh:maxCount 0 ; sh:hasValue 3",
            "sh:minCount 1 ; sh:class ex:C ; sh:nodeKind sh:Literal",
            "sh:minCount 1 ; sh:datatype xsd:string ; sh:in (1 2)",
            'sh:minCount 1 ; sh:datatype xsd:string ; sh:languageIn ("nl")',
        ],
    )
    def test_refuses_shapes_that_nothing_can_satisfy(self, constraints: str) -> None:
        text = f"ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; {constraints} ] ."
        read = profile_of(shapes(text))
        assert [each.code for each in read.findings if each.is_fatal] == ["unsatisfiable"]
        assert not read.is_usable

    @pytest.mark.parametrize(
        "text",
        [
            # over two shapes of one class
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 2 ] .
            ex:T sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] .""",
            """ex:S sh:targetClass ex:C ; sh:node ex:N ; sh:property [ sh:path ex:p ; sh:datatype xsd:date ] .
            ex:N sh:and (ex:M) .
            ex:M sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:datatype xsd:string ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ;
            sh:and ([ sh:path ex:p ; sh:maxCount 0 ]) .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:class ex:D ;
            sh:node ex:N ] . ex:N sh:nodeKind sh:Literal .""",
            f"""ex:S sh:targetClass ex:C ; sh:closed true ; sh:ignoredProperties (<{TYPE}>) ;
            sh:property [ sh:path ex:q ] .
            ex:T sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .""",
            # through sh:not
            "ex:S sh:targetClass ex:C ; sh:node ex:N ; sh:not ex:N . ex:N sh:property [ sh:path ex:p ] .",
            "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ] ; sh:not [] .",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 2 ] ;
            sh:not [ sh:path ex:p ; sh:minCount 1 ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:hasValue 3 ] ;
            sh:not [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ;
            sh:not [ sh:path ex:p ; sh:maxCount 2 ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:datatype xsd:date ;
            sh:not [ sh:datatype xsd:date ] ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:datatype xsd:date ] .
            ex:T sh:targetClass ex:C ; sh:not [ sh:and ([ sh:path ex:p ; sh:datatype xsd:date ]) ] .""",
        ],
    )
    def test_refuses_shapes_that_together_nothing_can_satisfy(self, text: str) -> None:
        read = profile_of(shapes(text))
        assert [each.code for each in read.findings if each.is_fatal] == ["unsatisfiable"]
        thing = Graph()
        for value in ("3", "4"):
            thing.add("https://v.be/1", TYPE, "https://voorbeeld.be/ns#C")
            thing.add("https://v.be/1", "https://voorbeeld.be/ns#p", Lexical(value, f"{XSD}integer"))
        assert read.validator.validate(thing)

    @pytest.mark.parametrize(
        "text",
        [
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 2 ] .
            ex:T sh:targetClass ex:D ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ;
            sh:or (ex:N ex:M) . ex:M sh:nodeKind sh:IRI .
            ex:N sh:property [ sh:path ex:p ; sh:maxCount 0 ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ;
            sh:not [ sh:path ex:p ; sh:minCount 2 ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 3 ] ;
            sh:not [ sh:path ex:p ; sh:maxCount 2 ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:datatype xsd:string ] ;
            sh:not [ sh:path ex:p ; sh:datatype xsd:string ; sh:minCount 1 ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:datatype xsd:string ;
            sh:not [ sh:datatype xsd:string ] ] .""",
            f"""ex:S sh:targetClass ex:C ; sh:closed true ; sh:ignoredProperties (<{TYPE}> ex:p) ;
            sh:property [ sh:path ex:q ] .
            ex:T sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .""",
            f"""ex:S sh:targetClass ex:C ; sh:closed true ; sh:ignoredProperties (<{TYPE}>) ;
            sh:property [ sh:path ex:p ] ; sh:not [ sh:closed true ; sh:ignoredProperties (<{TYPE}>) ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ] ; sh:not ex:N .
            ex:N sh:deactivated true ; sh:property [ sh:path ex:p ] .""",
            """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ; sh:node ex:N .
            ex:N sh:deactivated true ; sh:property [ sh:path ex:p ; sh:maxCount 0 ] .""",
        ],
    )
    def test_takes_shapes_that_something_may_satisfy_together(self, text: str) -> None:
        assert profile_of(shapes(text)).is_usable

    @pytest.mark.parametrize(
        ("closed", "is_usable"),
        [
            ("sh:closed true", False),
            (f"sh:closed true ; sh:ignoredProperties (<{TYPE}>)", False),
            ("sh:closed true ; sh:property [ sh:path ex:p ]", False),
            (f"sh:closed true ; sh:property [ sh:path ex:p ] ; sh:ignoredProperties (<{TYPE}>)", True),
            ("sh:closed false", True),
        ],
    )
    def test_refuses_a_class_that_is_closed_to_all_that_it_could_say(
        self, closed: str, is_usable: bool
    ) -> None:
        read = profile_of(shapes(f"ex:S sh:targetClass ex:C ; {closed} ."))
        assert read.is_usable is is_usable

    def test_joins_what_several_shapes_say_of_one_property(self) -> None:
        text = (
            "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 2 ],"
            " [ sh:path ex:p ; sh:maxCount 1 ; sh:datatype xsd:string ] ."
        )
        assert not profile_of(shapes(text)).is_usable

    def test_names_a_property_that_nobody_typed(self) -> None:
        read = profile_of(shapes("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."))
        assert {each.code for each in read.findings} == {"untyped"}
        assert read.is_usable

    def test_names_the_line_of_shapes_that_are_no_turtle(self) -> None:
        fatal = [each for each in profile_of(shapes("\n\nex:S sh: .")).findings if each.is_fatal]
        assert fatal[0].code == "notTurtle"
        assert "line 3" in fatal[0].detail


class TestPinning:
    def test_gives_the_same_digest_for_the_same_files_only(self) -> None:
        files = shapes("ex:S sh:targetClass ex:C .")
        assert reader.digest_of(files) == reader.digest_of(dict(reversed(files.items())))
        assert reader.digest_of(files) != reader.digest_of({**files, "shacl.ttl": b""})

    def test_refuses_a_folder_without_a_profile(self, tmp_path: Path) -> None:
        with pytest.raises(reader.NotAProfile):
            reader.files_of(tmp_path)


class TestOwnForm:
    def test_says_what_an_official_profile_says(self) -> None:
        read = reader.read({"profile.yaml": OWN}, name="units")
        assert read.is_usable
        assert read.findings == ()
        assert [(p.terms, p.minimum, p.maximum) for p in read.classes[0].properties] == [
            (("naam",), 1, 1),
            (("start",), 0, 1),
            (("einde",), 0, 1),
            (("deel",), 0, None),
        ]

    def test_makes_code_lists_part_of_what_is_known(self) -> None:
        concept = b"<urn:c> a <urn:K> . <urn:K> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:L> ."
        read = reader.read({"profile.yaml": OWN, "codelists/c.ttl": concept}, name="units")
        assert read.known.types["urn:c"] == {"urn:K"}
        assert read.known.above["urn:K"] == {"urn:L"}

    def test_is_the_same_profile_when_it_was_pinned(self, shared: Path) -> None:
        files = reader.files_of(shared / "data" / "oslo" / "profiles" / "organisatie-basis")
        kept = reader.pinned(files)
        one, other, again = (reader.read(each, name="x") for each in (files, kept, kept))
        assert one.digest == other.digest
        assert sorted(c.iri for c in one.classes) == sorted(c.iri for c in other.classes)
        assert Counter(each.code for each in one.findings) == Counter(each.code for each in other.findings)
        assert set(other.shapes_graph) == set(again.shapes_graph)
        assert len(list(one.shapes_graph)) == len(list(other.shapes_graph))

    def test_needs_no_heavy_library_once_it_was_pinned(self, tmp_path: Path) -> None:
        (tmp_path / "profile.yaml").write_bytes(OWN)
        text = (
            "import sys, pathlib\n"
            "from ocapi.lib.profile import reader\n"
            f"read = reader.read(reader.pinned(reader.files_of(pathlib.Path({str(tmp_path)!r}))), name='x')\n"
            "assert read.is_usable\n"
            "print(sorted({'pyoxigraph', 'pyld', 'rdflib', 'pyshacl', 'django'} & set(sys.modules)))\n"
        )
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"


class TestFilesOf:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        made = tmp_path / "banken"
        made.mkdir()
        (made / "README.md").write_text("niets")
        return made

    def put(self, folder: Path, **files: bytes) -> None:
        for name, raw in files.items():
            (folder / name.replace("__", "-").replace("_", ".")).write_bytes(raw)

    @pytest.mark.parametrize("name", ["banken-SHACL.ttl", "shapes.ttl", "BankShape.ttl"])
    def test_take_what_is_named_as_it_was_published_for_what_it_is(self, folder, name):
        self.put(folder, banken_jsonld=b"{}", vocabulary_ttl=b"<urn:a> <urn:b> <urn:c> .")
        (folder / name).write_bytes(b"shapes")
        assert reader.files_of(folder) == {"context.jsonld": b"{}", "shacl.ttl": b"shapes"}

    def test_prefer_our_own_names(self, folder):
        self.put(folder, context_jsonld=b"{}", other_jsonld=b"no", shacl_ttl=b"yes", shapes_ttl=b"no")
        assert reader.files_of(folder) == {"context.jsonld": b"{}", "shacl.ttl": b"yes"}

    def test_ask_which_it_is_when_there_are_two(self, folder):
        self.put(folder, context_jsonld=b"{}", a__SHACL_ttl=b"", b__SHACL_ttl=b"")
        with pytest.raises(reader.NotAProfile, match=r"a-SHACL\.ttl, b-SHACL\.ttl .* shacl\.ttl"):
            reader.files_of(folder)

    def test_a_vocabulary_beside_a_context_is_no_shapes(self, folder):
        self.put(folder, context_jsonld=b"{}", vocabulary_ttl=b"")
        assert list(reader.files_of(folder)) == ["context.jsonld"]

    def test_nothing_of_a_profile_is_said(self, folder):
        with pytest.raises(reader.NotAProfile, match="no context"):
            reader.files_of(folder)
