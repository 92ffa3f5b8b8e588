"""Publishing through the gate, the second person, withdrawing, renewing, and what the catalogue gives back.

Not covered: what the gate sees in a table (test_rules), pages (test_pages), harvests (test_harvest).
"""

from datetime import timedelta

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.audit.testing import leaves_of
from ocapi.lib import clock
from ocapi.modules.opendata import api, queries
from ocapi.modules.opendata.data import (
    AboutRefused,
    Asked,
    Column,
    ColumnKind,
    DatasetGone,
    DatasetNotFound,
    Decided,
    FileNotFound,
    GateRefused,
    Ground,
    Outcome,
    PageNotFound,
    ProposalNotFound,
    SamePerson,
    State,
    TableTooLarge,
)
from ocapi.modules.opendata.tests.factories import (
    ANYBODY,
    COUNTER_ROWS,
    COUNTERS,
    SYSTEM,
    a_table,
    an_about,
    published,
    staff,
)

COUNTS = (
    Column(name="wijk", label="Wijk", is_group=True),
    Column(name="aantal", label="Aantal", kind=ColumnKind.INTEGER, is_count=True),
)


def counts(*rows):
    return a_table(COUNTS, rows)


def found(**asked):
    return api.search_catalog(asked=Asked(**asked), actor=ANYBODY)


class TestPropose:
    def test_publishes_at_once_what_points_at_nobody(self, house, offered):
        code = published()
        of = api.get_published(code=code, actor=ANYBODY)
        assert (code, of.state, of.table.rows) == (
            "fietstellers-in-de-gemeente",
            State.PUBLISHED,
            COUNTER_ROWS,
        )
        assert of.issues == ()
        assert [each.iri.rpartition("#")[2] for each in of.dataset.distributions] == [
            "csv",
            "parquet",
            "geojson",
            "json",
            "jsonld",
            "ttl",
        ]

    def test_waits_for_another_person_where_rows_are_about_few(self, house, offered):
        offered.add("wijken", counts(("Noord", 40), ("Zuid", 30)), is_aggregate=True)
        asker, colleague = staff(), staff("dpo")
        code, decided = api.propose(
            source="test",
            code="wijken",
            about=an_about(title="Wijken"),
            ground=Ground.REUSE,
            motive="",
            actor=asker,
            now=clock.now(),
        )
        assert decided is Decided.WAITING
        with pytest.raises(DatasetNotFound):
            api.get_published(code=code, actor=ANYBODY)
        uuid = queries.dataset_row(code=code).uuid
        with pytest.raises(SamePerson):
            api.approve(dataset=uuid, remark="", actor=asker, now=clock.now())
        api.approve(dataset=uuid, remark="In orde", actor=colleague, now=clock.now())
        assert api.get_published(code=code, actor=ANYBODY).table.rows == (("Noord", 40), ("Zuid", 30))
        _own, (proposal,), _public = api.get_own(dataset=uuid, actor=asker)
        assert (proposal.decided, proposal.remark, proposal.is_own) == (Decided.APPROVED, "In orde", True)
        with pytest.raises(ProposalNotFound):
            api.approve(dataset=uuid, remark="", actor=colleague, now=clock.now())

    def test_publishes_what_was_shown_and_not_what_is_there_by_then(self, house, offered):
        offered.add("wijken", counts(("Noord", 40), ("Zuid", 30)), is_aggregate=True)
        code = published(code="wijken", title="Wijken")
        offered.tables["wijken"] = counts(("Noord", 41), ("Zuid", 3))
        uuid = queries.dataset_row(code=code).uuid
        api.approve(dataset=uuid, remark="", actor=staff("dpo"), now=clock.now())
        assert api.get_published(code=code, actor=ANYBODY).table.rows == (("Noord", 40), ("Zuid", 30))

    def test_refuses_personal_data_and_leaves_evidence_of_that(self, house, offered):
        tagged = Column(name="aanvrager", label="Aanvrager", field="accounts_person.family_name")
        offered.add("zaken", a_table((tagged,), (("Peeters",),)))
        with pytest.raises(GateRefused) as refused:
            published(code="zaken")
        assert [each.code for each in refused.value.verdict.findings] == ["personalField"]
        assert found().total == 0
        assert queries.find_offered(source="test", offer="zaken") is None

    def test_leaves_evidence_of_each_decision(self, house, offered):
        offered.add("mails", a_table((Column(name="m", label="M"),), (("jan@example.org",),)))
        published()
        with pytest.raises(GateRefused):
            published(code="mails")
        assert [each.outcome for each in leaves_of("opendata.publish")] == ["clear", "approved", "refused"]

    def test_names_each_thing_the_description_lacks(self, house, offered):
        with pytest.raises(AboutRefused) as refused:
            published(title="", keywords=(), theme="XXXX", license="https://eigen.be/", contact_email="geen")
        assert refused.value.fields == {
            "title": "missing",
            "keywords": "missing",
            "theme": "unknown",
            "license": "unknown",
            "contact_email": "notMail",
        }

    def test_keeps_to_files_of_a_size_that_can_be_made_on_request(self, house, offered, monkeypatch):
        from ocapi.modules.opendata import publishing

        monkeypatch.setattr(publishing, "MAX_ROWS", 2)
        with pytest.raises(TableTooLarge):
            published()

    @pytest.mark.parametrize("role", ["clerk", "supplier"])
    def test_is_for_those_who_may(self, house, offered, role):
        with pytest.raises(NotAllowed):
            published(actor=staff(role))

    def test_again_replaces_the_description_and_keeps_the_address(self, house, offered):
        code = published()
        assert published(title="Tellers", description="Nieuw.") == code
        of = api.get_published(code=code, actor=ANYBODY)
        assert (of.dataset.title, of.sequence) == ((("nl", "Tellers"),), 2)
        assert found().total == 1

    def test_a_later_proposal_turns_the_older_down(self, house, offered):
        offered.add("wijken", counts(("Noord", 40), ("Zuid", 30)), is_aggregate=True)
        code = published(code="wijken", title="Wijken")
        published(code="wijken", title="Wijken")
        _own, proposals, _public = api.get_own(dataset=queries.dataset_row(code=code).uuid, actor=staff())
        assert [each.decided for each in proposals] == [Decided.WAITING, Decided.TURNED_DOWN]

    def test_a_series_comes_and_goes_with_its_datasets(self, house, offered):
        offered.add("twee", a_table())
        one, two = published(series="Mobiliteit"), published(code="twee", title="Twee", series="Mobiliteit")
        series = queries.find_offered(source="series", offer="mobiliteit")
        members = api.list_members(code=series.code, actor=ANYBODY)
        assert sorted(each.code for each in members) == sorted([one, two])
        assert api.get_published(code=series.code, actor=ANYBODY).issues == ()
        for code in (one, two):
            api.withdraw(dataset=queries.dataset_row(code=code).uuid, actor=staff(), now=clock.now())
        with pytest.raises(DatasetGone):
            api.get_published(code=series.code, actor=ANYBODY)


class TestWithdraw:
    def test_leaves_a_tombstone_and_none_of_the_rows(self, house, offered):
        from ocapi.modules.opendata.models import ProposalRow, SnapshotRow

        code = published()
        uuid = queries.dataset_row(code=code).uuid
        for _again in range(2):
            api.withdraw(dataset=uuid, actor=staff(), now=clock.now())
        for ask in (
            lambda: api.get_published(code=code, actor=ANYBODY),
            lambda: api.get_file(code=code, extension="csv", actor=ANYBODY),
        ):
            with pytest.raises(DatasetGone):
                ask()
        assert found().total == found(text="fietstellers").total == 0
        assert not SnapshotRow.objects.exists()
        assert ProposalRow.objects.get().rows is None
        assert api.find_page(uuid=str(uuid)) == f"/open-data/{code}"

    def test_can_be_undone_by_sharing_again_under_the_same_name(self, house, offered):
        code = published()
        api.withdraw(dataset=queries.dataset_row(code=code).uuid, actor=staff(), now=clock.now())
        assert published() == code
        assert found().total == 1


class TestRenew:
    def test_takes_new_rows_and_tells_no_news(self, house, offered):
        code = published(now=clock.now() - timedelta(hours=1))
        assert api.renew(now=clock.now()) == (0, 0)
        offered.tables["fietstellers"] = a_table(rows=COUNTER_ROWS[:1])
        assert api.renew(now=clock.now()) == (1, 0)
        assert len(api.get_published(code=code, actor=ANYBODY).table.rows) == 1

    @pytest.mark.parametrize(
        ("rows", "problem"),
        [
            ((("jan.peeters@example.org", None, None, None, 1),), "gate"),
            (None, "offerGone"),
        ],
    )
    def test_stays_as_it_was_where_the_gate_or_the_module_says_no(self, house, offered, rows, problem):
        code = published()
        if rows:
            offered.tables["fietstellers"] = a_table(rows=rows)
        else:
            offered.offers.clear()
        assert api.renew(now=clock.now()) == (0, 1)
        assert api.get_published(code=code, actor=ANYBODY).table.rows == COUNTER_ROWS
        assert api.list_own(actor=staff())[0].problem == problem

    def test_never_adds_a_column_that_nobody_approved(self, house, offered):
        published()
        more = (*COUNTERS, Column(name="extra", label="Extra"))
        offered.tables["fietstellers"] = a_table(more, [(*row, "x") for row in COUNTER_ROWS])
        assert api.renew(now=clock.now()) == (0, 1)
        assert api.list_own(actor=staff())[0].problem == "columnsChanged"


class TestCatalog:
    @pytest.fixture
    def three(self, house, offered):
        offered.add("bomen", a_table(COUNTERS[:1], [("Eik",)]))
        offered.add("zwembad", a_table(COUNTERS[:1], [("Bad",)]))
        published()
        published(code="bomen", title="Bomen op straat", theme="ENVI", keywords=("groen",))
        published(code="zwembad", title="Zwembaden", theme="EDUC", hvd="statistics", keywords=("sport",))

    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("bomen", "Bomen op straat"),
            ("boom straat", "Bomen op straat"),
            ("zwembadden", "Zwembaden"),
            ("FIETSTELLER", "Fietstellers in de gemeente"),
            ("sport", "Zwembaden"),
        ],
    )
    def test_forgives_how_words_are_typed(self, three, text, first):
        assert found(text=text).items[0].title == first

    def test_counts_facets_over_what_was_found_and_narrows_by_them(self, three):
        page = found()
        assert {each.value: each.count for each in page.facets["theme"]} == {"tran": 1, "envi": 1, "educ": 1}
        assert {each.value: each.count for each in page.facets["format"]}["CSV"] == 3
        narrowed = found(filters=(("theme", "envi"), ("theme", "tran"), ("format", "GEOJSON")))
        assert [each.title for each in narrowed.items] == ["Fietstellers in de gemeente"]
        assert found(filters=(("hvd", "statistics"),)).items[0].is_high_value

    def test_sorts_and_pages_without_doubles(self, three):
        titles = [found(sort="title", start=start, size=1).items[0].title for start in range(3)]
        assert titles == ["Bomen op straat", "Fietstellers in de gemeente", "Zwembaden"]

    def test_takes_few_statements_however_much_it_holds(self, three):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            found()
        assert len(asked) <= 5

    def test_gives_every_form_of_the_rows_and_no_other(self, three):
        for extension in ("csv", "parquet", "geojson", "json", "jsonld", "ttl"):
            file = api.get_file(code="fietstellers-in-de-gemeente", extension=extension, actor=ANYBODY)
            assert file.content
        with pytest.raises(FileNotFound):
            api.get_file(code="zwembaden", extension="geojson", actor=ANYBODY)

    def test_answers_rows_by_value_and_page(self, three):
        def rows(filters=(), start=0):
            return api.rows_of(
                code="fietstellers-in-de-gemeente", filters=filters, start=start, size=2, actor=ANYBODY
            )

        table, total = rows()
        assert (len(table.rows), total) == (2, 3)
        assert rows([("geplaatst", "2025-02-01")])[0].rows == COUNTER_ROWS[1:2]
        with pytest.raises(KeyError):
            rows([("niet", "1")])

    def test_says_that_a_page_beyond_the_last_is_none(self, three):
        for number in (0, 2, 10**8):
            with pytest.raises(PageNotFound):
                api.get_catalog_page(number=number, media_type="text/turtle", actor=ANYBODY)


class TestOffers:
    def test_leave_out_what_is_shared_and_are_for_staff(self, house, offered):
        assert [each.code for each in api.list_offers(actor=staff(), now=clock.now())] == ["fietstellers"]
        published()
        assert api.list_offers(actor=staff(), now=clock.now()) == ()
        with pytest.raises(NotAllowed):
            api.list_offers(actor=ANYBODY, now=clock.now())

    def test_are_shown_as_they_would_be_public(self, house, offered):
        offered.add(
            "wijken", counts(("Noord", 40), ("Zuid", 3), ("Oost", 12), ("West", 9)), is_aggregate=True
        )
        _offer, table, verdict = api.preview(source="test", code="wijken", actor=staff(), now=clock.now())
        assert verdict.outcome is Outcome.SECOND_PERSON
        assert [row[1] for row in table.rows].count(None) == verdict.hidden == 2
        assert dict(table.rows)["Zuid"] is None

    def test_of_every_module_hold_together(self, tenant):
        from ocapi.modules.opendata.extensions import dataset_sources

        assert {"capture", "services", "linkeddata", "insight"} <= {each.name for each in dataset_sources}
        for source in dataset_sources:
            for offer in source.list_offers(now=clock.now()):
                _offer, _table, verdict = api.preview(
                    source=source.name, code=offer.code, actor=SYSTEM, now=clock.now()
                )
                assert verdict.outcome is not Outcome.REFUSED
