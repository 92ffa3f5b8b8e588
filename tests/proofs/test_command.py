"""The command, its verdicts and its result files, on a proof of three cases. Not covered: findings."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.proofs import __main__ as command
from tests.proofs import results
from tests.proofs.proof import Case, Fault, Plan, Proof


class Three(Proof):
    """Fails where its class says so."""

    name = "three"
    failing: frozenset[str] = frozenset()
    catches = True

    def cases(self) -> Iterator[Case]:
        for name in ("a", "b", "c"):
            yield Case(id=name, seed=self.plan.seed, crashpoint="cases.create.before_commit")

    def check(self, case: Case) -> Fault | None:
        return Fault(expected="kept", got="lost") if case.id in self.failing else None

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        return {"planted": lambda: self.catches}


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Three]:
    monkeypatch.setattr(command, "BUILT", {"three": "tests.proofs.test_command:Three"})
    monkeypatch.setattr(command, "NOT_BUILT", ("restore",))
    monkeypatch.setattr(command, "_home", lambda: tmp_path)
    monkeypatch.setattr(Three, "failing", frozenset())
    monkeypatch.setattr(Three, "catches", True)
    return Three


def run(tmp_path: Path, *arguments: str) -> tuple[int, results.Document]:
    out = tmp_path / "out.json"
    code = command.main([*arguments, "--out", str(out)])
    return code, json.loads(out.read_text())


@pytest.mark.usefixtures("three")
class TestVerdict:
    def test_is_pass_when_all_cases_hold_and_the_planted_fault_is_caught(self, tmp_path: Path) -> None:
        code, found = run(tmp_path, "three")
        assert (code, found["verdict"], found["cases"], found["schema"]) == (0, "pass", 3, "ocapi-proof/1")
        assert found["canaries"] == [{"name": "planted", "must_fail": True, "failed": True}]

    def test_is_fail_with_a_replay_line_per_failure(self, three: type[Three], tmp_path: Path) -> None:
        three.failing = frozenset({"b"})
        code, found = run(tmp_path, "three", "--seed", "7")
        assert (code, found["verdict"]) == (1, "fail")
        assert [(row["id"], row["seed"], row["expected"], row["got"]) for row in found["failed"]] == [
            ("b", 7, "kept", "lost")
        ]
        assert found["failed"][0]["replay"].startswith("ocapi proof three --replay ")

    def test_is_blind_when_the_planted_fault_passes_even_with_failures(
        self, three: type[Three], tmp_path: Path
    ) -> None:
        three.failing, three.catches = frozenset({"a"}), False
        assert run(tmp_path, "three")[0] == 2

    def test_of_all_names_what_is_not_built_and_never_passes_it(self, tmp_path: Path) -> None:
        code, found = run(tmp_path, "all")
        assert (code, found["not_built"], [each["proof"] for each in found["proofs"]]) == (
            0, ["restore"], ["three"]
        )


@pytest.mark.usefixtures("three")
class TestReplay:
    def test_tries_only_what_failed(self, three: type[Three], tmp_path: Path) -> None:
        three.failing = frozenset({"b", "c"})
        _code, found = run(tmp_path, "three", "--seed", "7")
        three.failing = frozenset({"c"})
        file = tmp_path / "failed.json"
        results.write(found, file)
        code, again = run(tmp_path, "three", "--replay", str(file))
        assert (code, again["cases"], [row["id"] for row in again["failed"]]) == (1, 2, ["c"])

    def test_of_a_foreign_file_is_a_failed_set_up(self, tmp_path: Path) -> None:
        file = tmp_path / "other.json"
        file.write_text("{}")
        assert command.main(["three", "--replay", str(file)]) == 3


class TestCommand:
    def test_says_of_a_proof_that_does_not_exist_that_it_is_not_built(
        self, three: type[Three], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.main(["restore"]) == 3
        assert "not built" in capsys.readouterr().err

    def test_takes_the_same_seed_for_each_commit_and_chance_at_night(self) -> None:
        assert command.seed_of("", "commit") == command.SEED
        assert command.seed_of("41", "nightly") == 41
        assert len({command.seed_of("", "nightly") for _each in range(4)}) > 1


class TestCase:
    def test_has_the_same_chance_each_time_and_another_than_its_neighbor(self) -> None:
        one, other = Case(id="1", seed=5), Case(id="2", seed=5)
        assert one.coin.random() == one.coin.random() != other.coin.random()

    def test_counts_by_level(self, tmp_path: Path) -> None:
        plan = Plan(level="nightly", seed=1, store="", folder=tmp_path)
        assert plan.many(commit=5, nightly=50) == 50


class TestStop:
    def test_tells_what_was_seen_until_then_and_is_no_pass(
        self, three: type[Three], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def check(_proof: Three, case: Case) -> Fault | None:
            if case.id == "b":
                raise SystemExit(results.SET_UP)  # what the signal to end does
            return None

        monkeypatch.setattr(three, "check", check)
        code, found = run(tmp_path, "three")
        assert (code, found["verdict"], found["canaries"]) == (results.BLIND, "blind", [])
        assert found["blind_to"] == ["what comes after 1 cases: it was stopped"]
