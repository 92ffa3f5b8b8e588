"""The parts of the proof of load. Not covered: what it measures, see `ocapi proof load`."""

import pytest

from tests.proofs.load import proof, spike


class TestOracle:
    def test_finds_each_planted_fault_and_nothing_in_what_is_right(self, tmp_path) -> None:
        from tests.proofs.proof import Plan

        made = proof.Load(Plan(level="commit", seed=1, store="", folder=tmp_path))
        assert [name for name, caught in made.canaries().items() if not caught()] == []


class TestTurns:
    def test_give_the_neighbor_a_process_that_nobody_floods(self) -> None:
        assert proof.before_neighbor(lambda key: key) <= proof.FIRST


class TestPercentile:
    @pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100)])
    def test_is_the_value_below_which_that_share_lies(self, share: float, value: float) -> None:
        assert spike.percentile([float(n) for n in range(1, 101)], share) == value
