"""The rules without a database: the gate, forms of a table, what is kept, and our own shapes.

Not covered: publishing (test_api).
"""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import identifiers
from ocapi.lib.dcat import writing
from ocapi.lib.dcat.model import CatalogRecord
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples
from ocapi.modules.linkeddata.data import Access, DataService, ServiceClass
from ocapi.modules.opendata import checking, describing, formats, gate, snapshots
from ocapi.modules.opendata.adapters import data_services
from ocapi.modules.opendata.data import Column, ColumnKind, Outcome, Table
from ocapi.modules.opendata.tests.factories import (
    COUNTERS,
    NOON,
    a_dataset,
    a_table,
    an_about,
    an_offer,
)

NAME = Column(name="naam", label="Naam")
AREA = Column(name="wijk", label="Wijk", is_group=True)
COUNT = Column(name="n", label="Aantal", kind=ColumnKind.INTEGER, is_count=True)
INSZ = identifiers.synthetic_insz(NOON.date(), 3)


def judged(columns, rows, *, tags=None, **offer):
    table = Table(columns=tuple(columns), rows=tuple(map(tuple, rows)))
    return gate.judge(an_offer(columns=table.columns, **offer), table, tags=tags or {})


def codes(verdict):
    return [each.code for each in verdict.findings]


class TestGate:
    def test_lets_through_what_points_at_nobody(self):
        table, verdict = judged(COUNTERS, a_table().rows)
        assert (verdict.outcome, verdict.findings, table) == (Outcome.CLEAR, (), a_table())

    def test_goes_by_the_tag_of_the_field_whatever_the_module_says(self):
        column = replace(NAME, field="cases_party.name")
        _table, verdict = judged([column], [("Eik",)], tags={"cases_party.name": "identification"})
        assert (verdict.outcome, codes(verdict)) == (Outcome.REFUSED, ["personalField"])
        assert judged([replace(NAME, category="health")], [("x",)])[1].outcome is Outcome.REFUSED

    def test_never_lets_free_text_out(self):
        _table, verdict = judged([replace(NAME, kind=ColumnKind.FREE_TEXT)], [])
        assert codes(verdict) == ["freeText"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("Bel 0470 00 00 12 na vijf", "mobileNumber"),
            ("+32 470.00.00.12", "mobileNumber"),
            ("0470000012", "mobileNumber"),
            ("schrijf an.peeters@example.org", "mailAddress"),
            ("BE68 5390 0754 7034", "bankAccount"),
            (INSZ, "nationalNumber"),
            (identifiers.format_insz(INSZ), "nationalNumber"),
            (f"dossier {INSZ} is klaar", "nationalNumber"),
            (f"0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071 van {INSZ}", "nationalNumber"),
            (int(INSZ.lstrip("0")) if INSZ[0] != "0" else INSZ, "nationalNumber"),
        ],
    )
    def test_looks_into_each_cell_for_what_points_at_one_person(self, text, code):
        kind = ColumnKind.INTEGER if isinstance(text, int) else ColumnKind.TEXT
        _table, verdict = judged([replace(NAME, kind=kind)], [("Eik",), (text,), (None,)])
        assert (verdict.outcome, codes(verdict)) == (Outcome.REFUSED, [code])
        assert verdict.findings[0].rows == 1

    @pytest.mark.parametrize(
        "text",
        [
            "0123.456.749",
            "0445736477 | OVO003299",
            "http://x.be/id/32ff6774dcd0547c842f7b065f7b1f9441fba0ea2b2586700a0426795787b2f5",
            "Marktplein 1, 9000 Gent",
            "2024-05-01",
            "09 123 45 67",
            "https://x.be/a?b=1",
            "12345678901",
            "@home",
            "1970",
            "https://x.be/id/Adres/ab0f0470-0000-12cd-9c3d-1e2f3a4b5c6d",
        ],
    )
    def test_leaves_ordinary_values_alone(self, text):
        assert judged([NAME], [(text,)])[1].outcome is Outcome.CLEAR

    def test_asks_a_second_person_where_rows_are_about_persons(self):
        _table, verdict = judged([AREA, COUNT], [("Noord", 40), ("Zuid", 30)])
        assert (verdict.outcome, codes(verdict)) == (Outcome.SECOND_PERSON, ["aboutPersons"])
        assert judged([replace(NAME, near_person=True)], [("x",)])[1].outcome is Outcome.SECOND_PERSON

    def test_empties_small_counts_with_one_more_so_that_none_follows(self):
        rows = [("Noord", 40), ("Zuid", 3), ("Oost", 12), ("West", 0)]
        table, verdict = judged([AREA, COUNT], rows, is_aggregate=True)
        shown = dict(table.rows)
        assert shown == {"Noord": 40, "Zuid": None, "Oost": None, "West": 0}
        assert (verdict.outcome, verdict.hidden) == (Outcome.SECOND_PERSON, 2)

    @given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
    @settings(max_examples=60, deadline=None)
    def test_never_leaves_a_small_count_or_one_alone_under_a_total(self, numbers):
        table, _verdict = judged(
            [AREA, COUNT], [(f"w{n}", v) for n, v in enumerate(numbers)], is_aggregate=True
        )
        shown = [row[1] for row in table.rows]
        assert all(value is None or value == 0 or value >= gate.K for value in shown)
        hidden = [v for v, s in zip(numbers, shown, strict=True) if s is None]
        if len(numbers) > 1 and any(hidden):
            assert len(hidden) == len(numbers) or (len(hidden) > 1 and sum(hidden) >= gate.K)

    def test_refuses_rows_that_few_share(self):
        rows = [("Noord",)] * 6 + [("Zuid",)] * 2
        _table, verdict = judged([AREA], rows)
        assert (codes(verdict), verdict.findings[0].rows) == (["smallGroups"], 2)
        assert judged([AREA], rows[:6])[1].outcome is Outcome.CLEAR

    def test_refuses_more_counts_than_can_be_protected(self):
        _table, verdict = judged([AREA, COUNT], [("w", 9)] * (gate.MAX_AGGREGATE + 1))
        assert "tooManyCounts" in codes(verdict)

    def test_knows_which_verdict_is_stricter(self):
        clear, second = judged([NAME], [("x",)])[1], judged([AREA, COUNT], [("x", 9)])[1]
        assert gate.is_worse(second, clear)
        assert not gate.is_worse(clear, second)
        assert not gate.is_worse(clear, clear)


class TestSnapshot:
    def test_gives_back_each_kind_of_value(self):
        kinds = [
            ColumnKind.TEXT,
            ColumnKind.INTEGER,
            ColumnKind.DECIMAL,
            ColumnKind.DAY,
            ColumnKind.INSTANT,
            ColumnKind.BOOLEAN,
        ]
        table = Table(
            columns=tuple(Column(name=each.value, label=each.value, kind=each) for each in kinds),
            rows=(("é", 1, Decimal("1.50"), NOON.date(), NOON, False), (None,) * 6),
        )
        kept, digest = snapshots.packed(table)
        assert snapshots.unpacked(kept) == table
        assert snapshots.packed(table) == (kept, digest)


class TestForms:
    IRI = "https://data.example.org/id/dataset/1"

    def written(self, extension, table=None):
        table = table or a_table()
        return formats.find(extension, table).write(table, self.IRI)

    def test_of_a_table_say_the_same(self):
        import pyarrow.parquet

        lines = list(csv.DictReader(io.StringIO(self.written("csv").decode())))
        objects = json.loads(self.written("json"))
        features = json.loads(self.written("geojson"))["features"]
        parquet = pyarrow.parquet.read_table(io.BytesIO(self.written("parquet"))).to_pylist()
        assert [each["naam"] for each in lines] == [each["naam"] for each in objects]
        assert (
            [each["per_dag"] for each in parquet]
            == [each["per_dag"] for each in objects]
            == [4120, 980, None]
        )
        assert [each["geometry"] and each["geometry"]["coordinates"] for each in features] == [
            [3.7101, 51.0513],
            [3.7255, 51.0442],
            None,
        ]
        assert str(parquet[0]["geplaatst"]) == lines[0]["geplaatst"] == features[0]["properties"]["geplaatst"]

    def test_as_linked_data_are_the_same_statements(self):
        read = [
            set(of_triples(turtle.parse(self.written(each), format=form, base_iri="urn:x:")))
            for each, form in (("ttl", turtle.Format.TURTLE), ("jsonld", turtle.Format.JSON_LD))
        ]
        assert len(read[0]) == 12
        assert {(s, p) for s, p, _value in read[0]} == {(s, p) for s, p, _value in read[1]}

    def test_hold_no_formula_and_no_statement_of_their_own(self):
        table = a_table(
            [NAME, Column(name="adres", label="A", kind=ColumnKind.LINK)],
            [('=HYPERLINK("x")', 'https://x.be/"> <b'), ('" . <a> <b> <c> .', "https://x.be/")],
        )
        assert b"'=HYPERLINK" in self.written("csv", table)
        triples = list(
            turtle.parse(self.written("ttl", table), format=turtle.Format.TURTLE, base_iri="urn:x:")
        )
        assert len(triples) == 4

    def test_are_spatial_only_with_points(self):
        assert formats.find("geojson", a_table([NAME], [("x",)])) is None


class TestChecking:
    HOUSE = describing.House(base="https://data.example.org", name="Vlavirgem", email="data@example.org")

    def described(self, **about):
        return describing.dataset_of(
            uuid=UUID(int=1),
            code="tellers",
            offer=an_offer(),
            about=an_about(**about),
            table=a_table(),
            house=self.HOUSE,
            issued=NOON,
            modified=NOON,
        )

    def test_judges_by_every_shape_itself(self):
        assert checking.validator().fallback == ()
        assert checking.validator().findings == ()

    @pytest.mark.parametrize("about", [{}, {"hvd": "mobility"}])
    def test_finds_nothing_in_what_we_describe(self, about):
        assert checking.check(self.described(**about)) == ()

    @pytest.mark.parametrize(
        ("changes", "path", "severity"),
        [
            ({"publisher": None}, "publisher", "violation"),
            ({"contact": None}, "contactPoint", "violation"),
            ({"description": ()}, "description", "violation"),
            ({"access_rights": ""}, "accessRights", "violation"),
            ({"identifier": ""}, "identifier", "violation"),
            ({"keywords": ()}, "keyword", "warning"),
            ({"themes": ()}, "theme", "warning"),
            ({"applicable_legislation": ()}, "applicableLegislation", "violation"),
            ({"distributions": ()}, "", "violation"),
            ({"services": ()}, "", "violation"),
        ],
    )
    def test_finds_each_thing_that_is_missing(self, changes, path, severity):
        issues = checking.check(replace(self.described(hvd="mobility"), **changes))
        assert [(each.path, each.severity) for each in issues] == [(path, severity)]

    def test_finds_a_file_without_license_or_format(self):
        of = a_dataset()
        issues = checking.check(
            replace(of, distributions=(replace(of.distributions[0], license="", format=""),))
        )
        assert [each.path for each in issues] == ["format", "license"]

    def test_is_no_milder_than_the_official_shapes(self, shared):
        """What the official shapes call a violation, ours do too: each dataset with one thing taken away."""
        from ocapi.lib.rdf import oracle

        raw = (shared / "data" / "opendata" / "dcat-ap" / "3.0.1_html_shacl_shapes.ttl").read_bytes()
        shapes = of_triples(turtle.parse(raw, format=turtle.Format.TURTLE, base_iri="urn:x:"))
        of, checked = self.described(hvd="mobility"), 0
        takings = [{}, *({name: ()} for name in ("title", "description", "distributions"))]
        takings.append({"distributions": (replace(of.distributions[0], access_url="", download_url=""),)})
        for taking in takings:
            graph = writing.dataset_graph(replace(of, **taking))
            if oracle.validate(graph, shapes):
                assert any(each.severity == "violation" for each in checking.check_graph(graph)), taking
                checked += 1
        assert checked >= 3
        print(f"official violations ours find too, passed / total: {checked} / {checked}")

    def test_finds_nothing_in_a_page_of_the_catalogue(self):
        of = self.described()
        record = CatalogRecord(iri=f"{of.iri}#record", identifier="r", topic=of.iri, modified=NOON)
        graph = writing.catalog_graph(describing.catalog_of(self.HOUSE, modified=NOON), [(of, record)])
        assert checking.check_graph(graph) == ()


def test_points_and_period_follow_from_the_rows():
    of = describing.dataset_of(
        uuid=UUID(int=1),
        code="t",
        offer=an_offer(),
        about=an_about(),
        table=a_table(),
        house=TestChecking.HOUSE,
        issued=NOON,
        modified=NOON,
    )
    assert (of.box.west, of.box.north) == (3.7101, 51.0513)
    assert (of.temporal.start.isoformat(), of.temporal.end.isoformat()) == ("2024-05-01", "2025-09-01")


@pytest.mark.parametrize(
    ("count", "said"),
    [(2, "In deze lijst staan gegevens over: Adres. "), (0, "Deze lijst is nog leeg. ")],
)
def test_a_data_service_is_described_by_what_it_holds_and_not_by_its_profile(count, said):
    service = DataService(
        code="adressen",
        title="Adressen",
        access=Access.OPEN,
        profile="adresregister-ap",
        digest="0" * 64,
        created_at=NOON,
        classes=(
            ServiceClass(term="Address", iri="urn:x:a", label="Adres", count=count),
            ServiceClass(term="Street", iri="urn:x:s", label="Straatnaam", count=0),
        ),
    )
    found = data_services.summary(service)
    assert found.startswith(said)
    assert "Straatnaam" not in found
    assert "adresregister-ap" not in found
