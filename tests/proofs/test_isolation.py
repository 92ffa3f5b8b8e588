"""The parts of the proof of isolation. Not covered: what it finds, see `ocapi proof isolation`."""

import random
import zlib

import pytest

from tests.proofs.isolation import canary, judging, matrix
from tests.security.conftest import read_table

ALPHA, BETA = canary.made("alpha", random.Random(1)), canary.made("beta", random.Random(2))


class TestMark:
    @pytest.mark.parametrize(
        "raw",
        [
            f"<td>{ALPHA.text('first', 'Noor')}</td>".encode(),
            ALPHA.text("first").upper().encode(),
            b"%PDF-1.7 stream\n" + zlib.compress(ALPHA.text("first").encode()) + b"\nendstream",
        ],
    )
    def test_is_found_with_its_owner(self, raw: bytes) -> None:
        assert canary.found_in(raw, [ALPHA, BETA]) == {("alpha", "first")}

    def test_is_found_when_cut_short(self) -> None:
        assert canary.found_in(ALPHA.mark.encode(), [ALPHA]) == {("alpha", "?")}

    def test_of_another_is_not_taken_for_it(self) -> None:
        assert canary.found_in(BETA.text("public").encode(), [ALPHA]) == set()


class TestMutant:
    def test_still_finds_the_guard_it_takes_away(self) -> None:
        from tests.proofs import planting
        from tests.proofs.isolation import mutants

        for mutant in mutants.MUTANTS:
            with planting.planted(mutant):
                pass


class TestStep:
    def test_is_made_again_from_its_name(self, tenant: object) -> None:
        steps = list(matrix.steps(("alpha",), random.Random(1)))
        assert len(steps) > 4_000
        assert [matrix.parse(step.id) for step in steps] == steps


class TestOwner:
    def test_of_each_identifier_behind_a_cell_own_is_known(self) -> None:
        assert _of_own_cells() == judging.OWNED | judging.OF_NOBODY

    def test_is_a_stranger_to_the_answers_of_another_citizen(self) -> None:
        judge = object.__new__(judging.Judge)
        judge.policy = {row["operation"]: row for row in read_table("policy.csv")}
        judge.reviewed = {row["route"]: row for row in read_table("routes.csv")}
        route = "loket/ontvangst/antwoord/<uuid:submission>"
        cells = {
            (party, whose): judge.cells(
                matrix.Step(key="alpha", route=route, method="GET", party=party, whose=(whose,))
            )
            for party in ("citizen_self", "citizen_other") for whose in ("own", "other")
        }
        assert cells == {
            ("citizen_self", "own"): {"own"}, ("citizen_self", "other"): {"hide"},
            ("citizen_other", "own"): {"hide"}, ("citizen_other", "other"): {"own"},
        }


def _of_own_cells() -> set[str]:
    """Give the identifiers of all routes with an operation on what is a citizen's own."""
    policy = {row["operation"]: row for row in read_table("policy.csv")}
    return {
        name
        for row in read_table("routes.csv")
        if any(
            policy[each]["citizen_self"] == "own"
            for each in f"{row['operation']} {row['changes']}".split() if not each.startswith("open:")
        )
        for name in matrix.identifiers(row["route"])
    }


class TestColumns:
    def test_were_each_judged_by_somebody(self, tenant: object) -> None:
        from tests.proofs.isolation import marking

        known = marking.judged()
        found = {(model._meta.db_table, column.name) for model, column in marking.columns()}
        assert found ^ set(known) == set()
