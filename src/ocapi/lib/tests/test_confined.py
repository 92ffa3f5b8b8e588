"""Programs of ours on a stranger's input: how they are started, held and ended. Not covered: what the filter
refuses (modules/linkeddata), what each program makes of its input (beside each).
"""

import platform
import resource
import sys

import pytest

from ocapi.lib import confined
from ocapi.lib.rdf import oracle


def program(monkeypatch, text):
    monkeypatch.setattr(confined, "command", lambda module: [sys.executable, "-c", text])


class TestRun:
    def test_gives_what_it_wrote_and_how_it_ended_and_tells_it_nothing_of_the_environment(self, monkeypatch):
        monkeypatch.setenv("OCAPI_SECRET", "secret")
        text = "import os, sys; print(sys.stdin.read(), 'OCAPI_SECRET' in os.environ, end=''); sys.exit(3)"
        program(monkeypatch, text)
        assert confined.run("x", asked=b"asked", wall_seconds=60) == (3, b"asked False")

    def test_kills_what_has_not_ended_in_its_time(self, monkeypatch):
        program(monkeypatch, "import signal; signal.pause()")
        with pytest.raises(confined.TooLong):
            confined.run("x", asked=b"", wall_seconds=0.01)

    @pytest.mark.parametrize(("code", "is_out"), [(0, False), (1, False), (-24, True), (-9, True)])
    def test_tells_a_program_without_time_from_one_that_broke(self, code, is_out):
        assert confined.Ended(code, b"").is_out_of_time is is_out


class TestConfine:
    @pytest.fixture(autouse=True)
    def limits(self, monkeypatch):
        """Note the limits instead of setting them: this process goes on."""
        set_to = {}
        monkeypatch.setattr(resource, "setrlimit", lambda which, to: set_to.update({which: to}))
        monkeypatch.setattr(platform, "machine", lambda: "sparc64")
        return set_to

    def test_refuses_a_machine_without_a_filter_unless_limits_are_enough(self, limits):
        with pytest.raises(confined.NotConfined):
            confined.confine(memory_bytes=7, cpu_seconds=3)
        assert (limits[resource.RLIMIT_AS], limits[resource.RLIMIT_CPU]) == ((7, 7), (3, 3))
        confined.confine(memory_bytes=7, cpu_seconds=3, is_enough=True)
        assert resource.RLIMIT_FSIZE not in limits
        confined.confine(memory_bytes=7, cpu_seconds=3, is_enough=True, writes_files=False)
        assert limits[resource.RLIMIT_FSIZE] == (0, 0)

    def test_stands_before_a_judge_reads_its_input(self, monkeypatch):
        class Reached(Exception):
            pass

        def stop(**_):
            raise Reached

        monkeypatch.setattr(confined, "confine", stop)
        monkeypatch.setattr(sys, "stdin", None)  # to read it would fail otherwise
        with pytest.raises(Reached):
            oracle.main()
