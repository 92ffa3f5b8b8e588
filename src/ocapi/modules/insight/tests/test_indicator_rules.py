"""Rules of indicators without a database: results, small groups, areas, similar ones, forecasts, foreign
files.
"""

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.columns import tables
from ocapi.lib.columns.running import Answer
from ocapi.lib.columns.tables import ColumnType
from ocapi.modules.insight import areas, comparing, forecasting, results
from ocapi.modules.insight.adapters.sources import measured, people, plans
from ocapi.modules.insight.adapters.sources.reading import Refused, WrongRow
from ocapi.modules.insight.data.indicators import (
    FormulaNotRun,
    Frequency,
    Point,
    QueryResult,
    SeriesOf,
    TableColumn,
    Thresholds,
)
from ocapi.modules.insight.services.datasets import value_of
from ocapi.modules.insight.tests.indicators import a_formula, a_register
from ocapi.modules.insight.views import explorer, showing, wording


def an_answer(columns: str, *rows) -> Answer:
    return Answer(columns=tuple(columns.split()), rows=[list(row) for row in rows])


def shown(series) -> dict[str, list]:
    return {each.slice: [one.value for one in each.points] for each in series}


class TestSeries:
    def test_is_by_area_and_slice_oldest_first_and_rounded_once(self):
        answer = an_answer(
            "period area slice value",
            ("2025-01-01", "2", "", "1.005"),
            ("2024-01-01", "2", "", "2"),
            ("2024-01-01", "1", "a", None),
        )
        found = results.series(a_formula(decimals=0), answer)
        assert [(each.area, each.slice) for each in found] == [("1", "a"), ("2", "")]
        assert [one.value for one in found[1].points] == [Decimal(2), Decimal("1.01")]

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (an_answer("period value", ("2024-01-01", 1), ("2024-01-01", 2)), "twice"),
            (an_answer("period value", ("soon", 1)), "noPeriod"),
            (an_answer("period value", ("2024-01-01", "much")), "noNumber"),
            (Answer(columns=("period", "value"), is_cut=True), "tooLarge"),
        ],
    )
    def test_refuses_what_is_no_series(self, answer, reason):
        with pytest.raises(FormulaNotRun) as refused:
            results.series(a_formula(), answer)
        assert refused.value.reason == reason

    @pytest.mark.parametrize(
        ("columns", "changes", "reason"),
        [
            (("value",), {}, "missing"),
            (("period", "value", "name"), {}, "unknown"),
            (("period", "value"), {"min_group": 5}, "groupNeeded"),
            (("period", "value"), {"slices": "Part"}, "missing"),
        ],
    )
    def test_needs_its_columns(self, columns, changes, reason):
        with pytest.raises(FormulaNotRun) as refused:
            results.check_columns(a_formula(**changes), columns)
        assert refused.value.reason == reason

    def test_goes_through_writing_and_reading(self):
        points = (
            Point(period=date(2024, 1, 1), value=Decimal("1.50")),
            Point(period=date(2025, 1, 1), value=None, is_small=True),
        )
        assert results.written(points) == '[["2024-01-01","1.50",""],["2025-01-01",null,"<"]]'


class TestAnswers:
    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            ("1234567.8", "1.234.567,8"), ("2026", "2026"), ("10000", "10.000"), ("-12345.5", "-12.345,5"),
            ("33.333333333333336", "33,3333"), ("0.00012345", "0,0001235"), ("9999.99999", "10.000"),
            ("1e+20", "100.000.000.000.000.000.000"), ("1.5e-09", "1,5e-09"), ("0", "0"), ("-0.0", "0"),
            ("NaN", "NaN"), ("inf", "inf"), ("1e+300", "1e+300"), (None, "–"),
        ],
    )  # fmt: skip
    def test_write_numbers_as_people_here_do(self, cell, text):
        found = QueryResult(columns=("n",), types=("DOUBLE",), rows=((cell,),), is_cut=False, tables=())
        assert showing.plain_table(found, caption="x").page.items[0].cells[0].text == text

    @pytest.mark.parametrize("reason", ["outOfRange", "notOfType"])
    def test_say_in_dutch_what_did_not_fit_and_how_to_repair_it(self, reason):
        with translation.override("nl"):
            assert "CAST" in wording.refusal(reason, "Out of Range Error")
            assert "Error" not in wording.refusal(reason, "Out of Range Error")

    @pytest.mark.parametrize("reason", [
        "notGrouped", "sumOfSums", "sumInWhere", "wrongArguments", "ambiguous", "noSuchOrder", "manyRows",
        "windowHere", "failed",
    ])  # fmt: skip
    def test_say_in_dutch_what_the_database_could_not_do(self, reason):
        with translation.override("nl"):
            told, rest = wording.refusal(reason, "naam"), wording.refusal("failed", "Binder Error: naam")
        with translation.override("en"):
            assert told != wording.refusal(reason, "naam")
        assert (told == rest) == (reason == "failed")
        assert "Binder" not in rest

    def test_write_days_as_people_here_do_in_table_and_chart(self):
        rows = (("2026-03-01", "1"), (None, "2"))
        found = QueryResult(columns=("d", "n"), types=("DATE", "BIGINT"), rows=rows, is_cut=False, tables=())
        table = showing.plain_table(found, caption="x")
        assert [row.cells[0].text for row in table.page.items] == ["01/03/2026", "–"]
        drawn = explorer.chart(found)
        assert drawn is not None
        assert drawn.categories == ("01/03/2026", "–")


class TestSmallGroups:
    def test_are_hidden_under_the_least_group(self):
        answer = an_answer("period value n", ("2024-01-01", "50", 4), ("2025-01-01", "40", 5))
        (found,) = results.series(a_formula(min_group=5), answer)
        assert [(one.value, one.is_small) for one in found.points] == [(None, True), (Decimal(40), False)]

    def test_take_a_second_one_along_when_the_whole_would_give_them_away(self):
        rows = [
            ("2024-01-01", "", 45, 45),
            ("2024-01-01", "a", 3, 3),
            ("2024-01-01", "b", 12, 12),
            ("2024-01-01", "c", 30, 30),
        ]
        found = shown(
            results.series(a_formula(min_group=5, is_additive=True), an_answer("period slice value n", *rows))
        )
        assert found[""] == [Decimal(45)]
        assert found["a"] == [None]
        assert found["b"] == [None]
        assert found["c"] == [Decimal(30)]

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.sampled_from([5, 10]))
    def test_never_follow_from_what_is_shown(self, counts, least):
        rows = [("2024-01-01", "", sum(counts), sum(counts))]
        rows += [("2024-01-01", f"s{at}", count, count) for at, count in enumerate(counts)]
        indicator = a_formula(min_group=least, is_additive=True)
        found = shown(results.series(indicator, an_answer("period slice value n", *rows)))
        parts = {f"s{at}": count for at, count in enumerate(counts)}
        hidden = [part for part in parts if found[part] == [None]]
        for part, count in parts.items():
            if 0 < count < least:
                assert part in hidden
        if found[""] != [None] and hidden:
            together = sum(parts[part] for part in hidden)
            assert len(hidden) > 1 and together >= least or together == 0


class TestAreas:
    def test_lead_every_code_to_the_municipality_of_today(self):
        found = {each.nis: each for each in areas.codes(*a_register())}
        assert found["44040"].nis_now == found["44043"].nis_now == "44088"
        assert found["44040"].name == "Merelbeke-Melle"
        assert found["44088"].merged_on == date(2025, 1, 1)
        assert found["44084"].nis_now == "44084"


class TestSimilar:
    def test_are_the_nearest_by_ratio_with_the_own_one_first(self):
        people = {"own": Decimal(10_000), "a": Decimal(9_000), "b": Decimal(30_000), "c": Decimal(12_000)}
        assert comparing.similar("own", people, most=2) == ("own", "a", "c")

    def test_without_an_own_one_are_the_largest(self):
        assert comparing.similar("", {"a": Decimal(1), "b": Decimal(2)}, most=1) == ("b",)

    def test_are_compared_in_a_period_half_of_them_have(self):
        def series(area, *years):
            points = tuple(Point(period=date(year, 1, 1), value=Decimal(1)) for year in years)
            return SeriesOf(area=area, slice="", points=points)

        assert comparing.common_period(
            [series("a", 2024, 2025), series("b", 2024), series("c", 2024)]
        ) == date(2024, 1, 1)
        assert comparing.common_period([]) is None


def months(*values: int | None, start=date(2022, 1, 1)):
    return [
        (forecasting.following(start, Frequency.MONTH, by=at), None if value is None else Decimal(value))
        for at, value in enumerate(values)
    ]


class TestForecast:
    def test_repeats_the_season_and_is_sure_when_it_was_right(self):
        found = forecasting.forecast(months(*(list(range(12)) * 2)), Frequency.MONTH)
        assert [each.value for each in found] == [0, 1, 2, 3, 4, 5]
        assert all(each.low == each.value == each.high for each in found)
        assert found[0].period == date(2024, 1, 1)

    def test_shrugs_off_an_outlier(self):
        found = forecasting.forecast(months(10, 11, 10, 9, 10, 999, 10, 11, 9), Frequency.MONTH)
        assert found[0].value == 10
        assert not found[0].is_seasonal
        assert found[0].high < 13

    def test_says_nothing_from_too_little(self):
        assert forecasting.forecast(months(1, 2, 3, None, 4), Frequency.MONTH) == ()

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.none() | st.integers(0, 10**9), max_size=40), st.sampled_from(list(Frequency)))
    def test_holds_its_number_in_its_interval_and_never_below_zero(self, values, frequency):
        start = date(2000, 1, 1)
        series = [
            (forecasting.following(start, frequency, by=at), None if value is None else Decimal(value))
            for at, value in enumerate(values)
        ]
        for each in forecasting.forecast(series, frequency):
            assert 0 <= each.low <= each.value <= each.high


class TestAlarm:
    def test_begins_at_the_threshold_and_ends_beyond_calm(self):
        limits = Thresholds(alarm=Decimal(40), calm=Decimal(35))
        was = False
        states = []
        for value in (39, 40, 38, 36, 35, 39):
            was = forecasting.is_alarm(Decimal(value), limits, was_alarm=was)
            states.append(was)
        assert states == [False, True, True, True, False, False]

    def test_looks_down_when_low_is_bad(self):
        limits = Thresholds(alarm=Decimal(10), calm=Decimal(20))
        assert forecasting.is_alarm(Decimal(9), limits, was_alarm=False)
        assert forecasting.is_alarm(Decimal(15), limits, was_alarm=True)
        assert not forecasting.is_alarm(Decimal(15), limits, was_alarm=False)


class TestCourse:
    def test_tells_what_comes_at_this_pace_and_what_the_target_needs(self):
        years = [
            (date(year, 1, 1), Decimal(value))
            for year, value in ((2020, 10), (2021, 20), (2022, 30), (2023, 900), (2024, 50))
        ]
        found = forecasting.course(years, target=Decimal(90), day=date(2026, 1, 1))
        assert found is not None
        assert 9 < found.per_year < 11
        assert 69 < found.expected < 71
        assert 19 < found.needed_per_year < 21

    def test_of_a_day_that_is_past_needs_nothing(self):
        years = [(date(year, 1, 1), Decimal(year)) for year in (2020, 2021, 2022)]
        assert forecasting.course(years, target=Decimal(1), day=date(2021, 1, 1)).needed_per_year is None


def read(reader, path: Path, *more):
    refused = Refused()
    return list(reader(path, refused, *more)), refused


class TestForeignFiles:
    def test_inhabitants_leave_out_totals_and_tell_what_does_not_add_up(self, tmp_path):
        path = tmp_path / "x.csv"
        path.write_text(
            "\ufeffNIS code,Woonplaats,Mannen,Vrouwen,Totaal\n"
            "02000,Vlaams Gewest,1,1,2\n23100,Linkebeek,2,3,5\n"
            "44084,Aalter,1,1,9\n4408,Kort,1,1,2\n"
        )
        rows, refused = read(people.population, path)
        assert [row[0] for row in rows] == ["23100"]
        assert [each.line for each in refused.rows] == [4, 5]

    def test_permits_read_numbers_as_dutch_tools_write_them(self, tmp_path):
        path = tmp_path / "x.csv"
        names = (
            "Jaar indiening",
            "Project Besluit VVO Type",
            "Gebouw Functie kort",
            "Handeling",
            "[Project Indiening Datum.autoCalendar.Quarter]",
            "Aantal projecten",
            "Aantal gebouwen",
            "Aantal wooneenheden",
            "Bovengronds nuttige oppervlakte (m²)",
            "Gesloopte oppervlakte (m²)",
        )
        path.write_text(
            ",".join(f'"{name}"' for name in names)
            + '\n"2018","Gemeente","woning","Nieuwbouw","Q2","1.204","4","46.769","706,62","0,00"\n'
            + '"2018","Gemeente","woning","Nieuwbouw","Q9","1","1","1","1","1"\n'
        )
        rows, refused = read(people.building_permits, path)
        assert rows == [(date(2018, 4, 1), "Gemeente", "woning", "Nieuwbouw", 1204, 4, 46769, 706.62, 0.0)]
        assert refused.count == 1

    def test_counts_without_a_zone_or_below_zero_are_refused(self, tmp_path):
        path = tmp_path / "x.csv"
        path.write_text(
            "Code;Locatie;Datum;Uur5Minuten;Ordening;Totaal;Tegenrichting;Hoofdrichting\n"
            "COU;C;2022-01-01;0:05;2022-01-01T00:05:00+01:00;3;1;2\nCOU;C;2022-01-01;0:10;2022-01-01T00:10:00;3;1;2\n"
            "COU;C;2022-01-01;0:15;2022-01-01T00:15:00+01:00;-3;1;2\n"
        )
        rows, refused = read(measured.bike_counts, path)
        assert rows == [("Coupure Links", "44021", datetime(2021, 12, 31, 23, 5, tzinfo=UTC), 5, 3, 2, 1)]
        assert [each.line for each in refused.rows] == [3, 4]

    def test_an_archive_that_grows_without_bound_is_refused(self, tmp_path):
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.csv", b"0" * 3_000_000)
        with pytest.raises(WrongRow):
            read(measured.bike_counts, path)

    def test_a_workbook_that_grows_without_bound_is_refused_before_it_is_opened(self, tmp_path, monkeypatch):
        path = tmp_path / "x.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/sharedStrings.xml", b"<a/>" * 3_000_000)
        monkeypatch.setattr("openpyxl.load_workbook", lambda *_args, **_options: pytest.fail("it was opened"))
        with pytest.raises(WrongRow, match="grows more than 100 times"):
            list(people.energy_use(path, Refused(), {}))

    def test_a_day_with_few_hours_has_no_mean(self, tmp_path):
        path = tmp_path / "x.csv"
        hours = [f"2021-01-01 {hour:02}:00:00+01:00,{hour}," for hour in range(10)]
        path.write_text("timestamp,42R801 - A,42R802 - B\n" + "\n".join(hours) + "\n")
        rows, _refused = read(measured.no2_by_station, path)
        assert rows == [("42R801 - A", "11002", date(2021, 1, 1), None, 9.0, 10)]

    def test_plans_come_per_action_and_year(self, tmp_path):
        path = tmp_path / "x.parquet"
        path.write_bytes(tables.parquet({"x": ColumnType.TEXT}, [("1",)]))
        with pytest.raises(tables.SourceRefused):
            read(plans.investment_actions, path)

    @pytest.mark.parametrize(
        "reader",
        [
            people.population,
            people.households,
            people.building_permits,
            measured.parking,
            measured.no2_campaign,
            plans.policy_fields,
            measured.no2_by_station,
        ],
    )
    @pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"\x00" * 50])
    def test_anything_else_is_refused_or_gives_no_rows(self, reader, content, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(content)
        try:
            rows, _refused = read(reader, path)
        except ValueError:
            return
        assert rows == []


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            ("integer", "1.5"),
            ("number", "inf"),
            ("number", "nan"),
            ("amount", "1e40"),
            ("amount", "x"),
            ("date", "2024-02-30"),
            ("instant", "2024-01-01T00:00:00"),
        ],
    )
    def test_are_refused_with_line_and_column(self, kind, text):
        column = TableColumn(name="x", type=ColumnType(kind), title="X")
        with pytest.raises(ValueError, match="line 7, x"):
            value_of(column, text, line=7)
