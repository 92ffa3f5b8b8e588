"""The parts of the proof of isolation. Not covered: what it finds, see `ocapi proof isolation`."""

import random
import zlib

import pytest

from tests.proofs.isolation import canary

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
        from tests.proofs.isolation import matrix

        steps = list(matrix.steps(("alpha",), random.Random(1)))
        assert len(steps) > 4_000
        assert [matrix.parse(step.id) for step in steps] == steps


class TestColumns:
    def test_were_each_judged_by_somebody(self, tenant: object) -> None:
        from tests.proofs.isolation import marking

        known = marking.judged()
        found = {(model._meta.db_table, column.name) for model, column in marking.columns()}
        assert found ^ set(known) == set()
