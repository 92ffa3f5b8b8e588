"""Filters in CQL2 text: what passes, and what is refused with its place. Not covered: the index below."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.cql2 import judging, syntax

SAID = {
    "naam": "Aalter",
    "aantal": 5,
    "dag": "2024-05-01",
    "op": "2024-05-01T12:00:00+02:00",
    "soorten": ["a", "b"],
    "open": True,
    "50%": "50% korting",
    "leeg": None,
}
AT = {"type": "Point", "coordinates": [3.7, 51.0]}
PASSES = """
naam = 'Aalter'
naam <> 'Gent'
'Aalter' = naam
"naam" = 'Aalter'
naam LIKE 'Aa%'
naam LIKE '_alter'
"50%" LIKE '50\\%%'
CASEI(naam) = 'aalter'
CASEI(naam) = casei('AALTER')
CASEI(naam) LIKE CASEI('AAL%')
naam > 'A' AND naam < 'B'
aantal = 5.0
aantal BETWEEN 5 AND 6
aantal NOT BETWEEN 6 AND 7
aantal IN (1, 5)
aantal NOT IN (1, 2)
soorten = 'b'
soorten IN ('z', 'b')
leeg IS NULL
naam IS NOT NULL
open = TRUE
TRUE
NOT FALSE
NOT (aantal = 4 OR aantal = 6)
aantal = 4 OR aantal = 5 AND naam = 'Aalter'
dag >= DATE('2024-04-30')
dag = DATE('2024-05-01')
op > TIMESTAMP('2024-05-01T09:59:59Z')
op = DATE('2024-05-01')
DATE('2024-05-02') > dag
T_AFTER(dag, DATE('2024-04-30'))
T_DURING(op, INTERVAL('2024-05-01T00:00:00Z', '..'))
T_INTERSECTS(dag, INTERVAL('..', '2024-05-01'))
T_DISJOINT(dag, DATE('2025-01-01'))
S_INTERSECTS(geometry, POINT(3.7 51))
S_INTERSECTS(geometry, BBOX(3.5, 50.9, 3.8, 51.1))
S_INTERSECTS(geometry, POLYGON((3 50,4 50,4 52,3 52,3 50)))
S_DISJOINT(geometry, BBOX(4, 50, 5, 51))
""".strip().splitlines()
FAILS = """
naam = 5
aantal = '5'
aantal > 'x'
onbekend = 1
NOT TRUE
naam LIKE 'aa%'
open = 1
dag < DATE('2024-05-01')
T_BEFORE(dag, DATE('2024-05-01'))
S_INTERSECTS(geometry, BBOX(4, 50, 5, 52))
aantal = 5 AND naam = 'Gent'
""".strip().splitlines()
REFUSED = [
    "",
    "naam",
    "naam =",
    "naam = 'x",
    "= 5",
    "naam = 5 5",
    "foo(naam) = 1",
    "naam LIKE 5",
    "aantal IN ()",
    "aantal IN (naam)",
    "S_INTERSECTS(geometry, 5)",
    "S_INTERSECTS(geometry, POINT(1 2",
    "S_INTERSECTS(geometry, POINT(400 2))",
    "T_AFTER(dag, 'x')",
    "dag = DATE('gisteren')",
    "naam = 1; DROP",
    "(" * 4000,
    "NOT " * 1900,
    "aantal IN (" + "1," * 1001 + "1)",
    "x=1 AND " * 900 + "x=1",
    "a" * 8001,
]


class TestFilter:
    @pytest.mark.parametrize("text", PASSES)
    def test_passes_a_feature_when(self, text):
        assert judging.compiled(syntax.parse(text))(SAID, AT)

    @pytest.mark.parametrize("text", FAILS)
    def test_stops_a_feature_when(self, text):
        assert not judging.compiled(syntax.parse(text))(SAID, AT)

    @pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
    def test_is_refused_with_a_reason_when(self, text):
        with pytest.raises(syntax.NotCql2, match=r"\w"):
            judging.compiled(syntax.parse(text))

    def test_names_what_it_reads(self):
        found = judging.names(
            syntax.parse("a = 1 AND NOT (b IN (2) OR c IS NULL) AND S_INTERSECTS(g, POINT(1 1))")
        )
        assert set(found) == {"a", "b", "c", "g"}

    def test_gives_an_index_only_boxes_that_must_hold(self):
        both = "S_INTERSECTS(g, BBOX(1,1,2,2)) {} a = 1"
        assert len(judging.boxes(syntax.parse(both.format("AND")))) == 1
        assert judging.boxes(syntax.parse(both.format("OR"))) == ()

    @given(st.text(alphabet="ab'\"()=<>,.%_ 019ANDORNOTINSLKE\\", max_size=60))
    @settings(max_examples=300)
    def test_never_breaks_on_any_text(self, text):
        with contextlib.suppress(syntax.NotCql2):
            judging.compiled(syntax.parse(text))(SAID, AT)
