"""Verdicts, result files, levels and the reading of answers. Not covered: real servers (`bench selftest`)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocapi.main import harness
from tests.performance import arms, engine, level, load, peers, procfs, results
from tests.performance.engine import Gate, Scenario
from tests.performance.jobs import Plan, process
from tests.performance.programs import SetUpFailed

GATE = Gate(basis="units_per_cpu_s", better="higher", goal=0.5, against="limit")


def a_round(
    ours: float = 60.0, limit: float = 100.0, *, outside: float = 0.0, **changes: Any
) -> dict[str, Any]:
    """Make a round of two honest arms; `changes` are of ours."""
    honest = {"units": 1000, "errors": 0, "shed": 0, "answer": "sha256:a", "wall_s": 1.0, "load_cpu_s": 0.1,
              "cpu_s": {"total": 1.0, "detached": 0.0}}
    return {"outside_before": outside, "arms": {
        "ours": {**honest, "units_per_cpu_s": ours, **changes},
        "limit": {**honest, "units_per_cpu_s": limit},
    }}


def judged(*rounds: dict[str, Any], goals: str = "on") -> dict[str, Any]:
    """Judge rounds of a scenario whose arms must answer alike."""
    scenario = Scenario(job="j", name="s", arms=[], gates=[GATE], window=arms.Window(seconds=1),
                        equal=("ours", "limit"))
    return engine.judged(scenario, list(rounds), goals=goals, reasons=[])


def a_document(median: float, **changes: Any) -> dict[str, Any]:
    """Make a result with one gated ratio."""
    row = {"basis": "units_per_cpu_s", "better": "higher", "median": median, "q1": median, "q3": median,
           "n": 5, "iqr_over_median": 0.0, "goal": 0.5, "met": median >= 0.5, "passed": median >= 0.25}
    return {"schema": results.SCHEMA, "job": "portal", "scenario": "page", "size": "small", "seed": 1,
            "host": {"cpus": 2}, "versions": {}, "ratios": {"ours/limit": row}, "arms": {}, "reasons": [],
            "verdict": "valid", **changes}


class TestVerdict:
    def test_of_honest_rounds_is_valid_with_the_median_of_ratios(self) -> None:
        found = judged(a_round(60), a_round(70), a_round(65))
        assert (found["verdict"], found["ratios"]["ours/limit"]["median"]) == ("valid", 0.65)
        assert found["ratios"]["ours/limit"]["met"] is True

    def test_half_goals_pass_what_is_not_met(self) -> None:
        row = judged(a_round(30), a_round(30), goals="half")["ratios"]["ours/limit"]
        assert (row["met"], row["passed"]) == (False, True)

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [({"answer": "sha256:b"}, "answers"), ({"varied": 1}, "answers"), ({"shed": 2}, "shed"),
         ({"errors": 2}, "errors"), ({"units": 0}, "errors"), ({"unsynced_pages": 1}, "durability"),
         ({"lost": 1}, "lost"), ({"duplicated": 1}, "lost"),
         ({"cpu_s": {"total": 1.0, "detached": 0.2}}, "detached")],
    )
    def test_names_what_an_arm_did(self, changes: dict[str, Any], kind: str) -> None:
        reasons = judged(a_round(), a_round(**changes))["reasons"]
        assert [each.partition(":")[0] for each in reasons] == [kind]
        assert not engine.is_noise_only(reasons)

    def test_is_noise_when_others_worked_or_ratios_spread(self) -> None:
        assert engine.is_noise_only(judged(a_round(outside=0.31))["reasons"])
        assert engine.is_noise_only(judged(a_round(20), a_round(60), a_round(90))["reasons"])
        assert judged(a_round(outside=0.3))["verdict"] == "valid"

    def test_a_busy_load_generator_is_told_and_not_blamed(self) -> None:
        found = judged(a_round(load_cpu_s=0.81))
        assert found["verdict"] == "valid"
        assert "ours" in found["notes"][0]


class TestFiles:
    def test_compare_finds_what_fell(self) -> None:
        assert results.compare(a_document(0.6), a_document(0.6)) == []
        assert results.compare(a_document(0.6), a_document(0.5)) == ["ours/limit: 0.6 became 0.5"]

    def test_compare_refuses_two_sizes(self) -> None:
        with pytest.raises(ValueError, match="size differs"):
            results.compare(a_document(0.6), a_document(0.6, size="large"))

    def test_compare_misses_a_figure_that_went(self) -> None:
        assert "no longer" in results.compare(a_document(0.6), a_document(0.6, ratios={}))[0]

    def test_the_table_shows_goal_size_seed_and_absent_arms(self) -> None:
        text = results.table([a_document(0.4, arms={"x": {"absent": "not installed"}})])
        assert "≥ 0.5" in text
        assert "**no**" in text
        assert "small, 1, 2, valid" in text
        assert "absent: not installed" in text

    def test_reading_refuses_other_files(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text("{}")
        with pytest.raises(ValueError, match="no result"):
            results.read(tmp_path / "a.json")


class TestLevel:
    @staticmethod
    def _command(found: list[dict[str, Any]], *, code: int = 0) -> Callable[[list[str]], int]:
        def command(arguments: list[str]) -> int:
            if "--out" in arguments and code != 3:
                given = Path(arguments[arguments.index("--out") + 1])
                results.write({**found.pop(0), "job": arguments[0]}, given)
            return code

        return command

    def test_noise_is_repeated_once_and_then_amber(self, capsys: pytest.CaptureFixture[str]) -> None:
        noisy = a_document(0.1, reasons=["noise: x"], verdict="invalid")
        noisy["ratios"]["ours/limit"]["passed"] = False
        assert level.run("commit", self._command([noisy, noisy, a_document(0.6)])) == 0
        assert capsys.readouterr().out.count("AMBER") == 1

    def test_the_repetition_counts(self) -> None:
        noisy = a_document(0.6, reasons=["noise: x"], verdict="invalid")
        assert level.run("commit", self._command([noisy, a_document(0.1), a_document(0.6)])) == 1

    def test_a_valid_miss_a_dishonest_arm_and_a_failed_set_up_are_red(self) -> None:
        assert level.run("commit", self._command([a_document(0.1), a_document(0.6)])) == 1
        lost = a_document(0.6, reasons=["lost: x"], verdict="invalid")
        assert level.run("commit", self._command([lost, a_document(0.6)])) == 2
        assert level.run("commit", self._command([], code=3)) == 3


class TestAnswers:
    def test_are_whole_by_length_by_chunks_or_without_body(self) -> None:
        assert load.parsed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") == (200, b"ok", 40)
        assert load.parsed(b"HTTP/1.1 200 OK\r\nA: b\r\ncontent-length: 3\r\n\r\nok") is None
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
        assert load.parsed(chunked) == (200, b"ok", len(chunked))
        assert load.parsed(chunked[:-3]) is None
        assert load.parsed(b"HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n") == (304, b"", 37)

    def test_are_compared_on_the_fields_both_have_in_order(self) -> None:
        read = arms.same_fields(("id", "outcome"))
        ours = json.dumps({"items": [{"id": "01A2-bc", "href": "x"}]}).encode()
        theirs = json.dumps({"items": [{"id": "01a2bc", "outcome": ""}]}).encode()
        assert read(ours) == read(theirs)


class TestProcesses:
    def test_ended_children_and_detached_ones_are_counted(self) -> None:
        def stat(pid: int, exact: float, reaped: float = 0.0) -> procfs.Stat:
            return procfs.Stat(pid=pid, parent=1, state="S", user=exact, system=0.0, reaped_user=reaped,
                               reaped_system=0.0, exact=exact)

        before = procfs.Snapshot(stats={1: stat(1, 1.0), 2: stat(2, 5.0)})
        after = procfs.Snapshot(stats={1: stat(1, 1.5, 5.25), 3: stat(3, 0.5)}, detached={3})
        found = procfs.used(before, after, {1: "web"})
        assert found.total == pytest.approx(0.5 + 0.25 + 0.5)
        assert found.detached == pytest.approx(0.5)

    def test_this_one_can_be_read(self) -> None:
        found = procfs.all_stats()
        assert max(found) in procfs.descendants(1, found) or len(found) > 1
        assert procfs.busy_seconds() > 0


class TestPeers:
    def test_a_file_makes_an_arm_for_its_scenario(self, tmp_path: Path) -> None:
        told = tmp_path / "peer.toml"
        told.write_text('name="z"\nscenario="list"\nstart=["true"]\nport=9\nrequests=["/a"]\nready_status=401\n')
        arm = peers.read(told, folder=tmp_path, scenario="list")
        assert arm is not None
        assert (arm.name, arm.role, arm.program.ready_status) == ("z", "peer", 401)
        assert peers.read(told, folder=tmp_path, scenario="page") is None

    def test_an_unknown_word_is_refused(self, tmp_path: Path) -> None:
        told = tmp_path / "peer.toml"
        told.write_text('name="z"\nstart=["true"]\nport=9\nrequests=["/a"]\nspeed="fast"\n')
        with pytest.raises(SetUpFailed, match="speed"):
            peers.read(told, folder=tmp_path, scenario="page")


class TestCommand:
    def test_without_a_clone_it_says_so(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert harness.run(harness.HARNESSES[0], ["bench", "portal"], project=tmp_path) == 3
        assert "clone" in capsys.readouterr().err


class Killed:
    """An arm that is killed at work and finds always the same afterwards."""

    def __init__(self, acknowledged: int, found: int, wrong: int = 0) -> None:
        self._told: tuple[int, dict[str, Any]] = acknowledged, {"found": found, "wrong": wrong}

    def kill_at_work(self, ledger: procfs.Ledger, *, turn: int, seconds: float) -> tuple[int, dict[str, Any]]:
        assert turn < process.KILLS["small"], ledger
        assert seconds <= process.KILLED_AFTER[1]
        return self._told


class TestProcessesKilledAtWork:
    def killed(self, tmp_path: Path, arm: Killed) -> list[str]:
        plan = Plan(size="small", seed=1, seconds=1, folder=tmp_path, cache=tmp_path, ledger=procfs.Ledger())
        return process.killed(plan, arm, [])

    @pytest.mark.parametrize("found", [7, 8])  # the last step may have been taken and not yet acknowledged
    def test_lose_nothing_that_was_acknowledged(self, tmp_path: Path, found: int) -> None:
        assert self.killed(tmp_path, Killed(7, found)) == []

    @pytest.mark.parametrize("arm", [Killed(7, 6), Killed(7, 9), Killed(7, 7, wrong=1), Killed(0, 0)])
    def test_make_the_run_invalid_when_steps_are_lost_doubled_or_never_taken(
        self, tmp_path: Path, arm: Killed
    ) -> None:
        assert self.killed(tmp_path, arm)[0].startswith("lost: ")
