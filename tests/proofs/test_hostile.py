"""The parts of the proof against hostile input. Not covered: what it finds, see `ocapi proof hostile`."""

import random
import socket

import pytest

from tests.proofs import planting
from tests.proofs.hostile import edging, entering, generators, listening, mutants, parsing, reaching
from tests.proofs.hostile.proof import CLASSES


class TestClasses:
    def test_are_all_there_are(self) -> None:
        checks = {**parsing.CHECKS, **entering.CHECKS, **edging.CHECKS, **reaching.CHECKS}
        assert set(checks) == set(CLASSES)


class TestGenerator:
    @pytest.mark.parametrize("make", [generators.json_bytes, generators.formula, generators.expression])
    def test_gives_the_same_for_the_same_seed(self, make) -> None:
        assert [make(random.Random(n)) for n in range(20)] == [make(random.Random(n)) for n in range(20)]


class TestListener:
    def test_counts_who_comes_and_nobody_else(self) -> None:
        with listening.listening() as listener:
            assert listener.is_seeing
            assert listener.hits == 0
            with socket.create_connection(("127.0.0.1", listener.port)) as came:
                came.recv(1)
            assert listener.hits == 1


class TestMutant:
    def test_still_finds_the_guard_it_takes_away(self, tenant: object) -> None:
        for mutant in mutants.MUTANTS:
            with planting.planted(mutant):
                pass


class TestMarkup:
    @pytest.mark.parametrize("page", [
        "<p><zqx></p>",
        '<p zqx="1">',
        '<a href="javascript:zqx()">', '<p onload="1">', '<a href="data:text/html,x">',
    ])
    def test_out_of_a_text_is_seen(self, page: str) -> None:
        seen = entering._Seen()
        seen.feed(page)
        assert seen.found

    def test_that_is_escaped_is_none(self) -> None:
        seen = entering._Seen()
        seen.feed('<p title="&quot; zqx=1">&lt;zqx&gt;</p><img src="data:image/png;base64,x">')
        assert seen.found == []
