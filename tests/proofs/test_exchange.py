"""The parts of the proof of exchange. Not covered: what it finds, see `ocapi proof exchange`."""

from tests.proofs import planting
from tests.proofs.exchange import house, mutants
from tests.proofs.exchange.proof import WALKS


class TestWalks:
    def test_are_all_there_are(self) -> None:
        assert set(WALKS) == set(house.CHECKS)

    def test_each_have_a_guard_that_is_taken_away(self) -> None:
        assert {walk for each in mutants.MUTANTS for walk in each.cases} == set(WALKS)


class TestMutant:
    def test_still_finds_the_guard_it_takes_away(self) -> None:
        for mutant in mutants.MUTANTS:
            with planting.planted(mutant):
                pass
