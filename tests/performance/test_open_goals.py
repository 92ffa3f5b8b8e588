"""Open goals and their floors. Not covered: how a level runs (test_harness)."""

from tests.performance.open_goals import OpenGoal, missed, read

LISTED = (OpenGoal(job="portal", scenario="list", ratio="ours/limit", floor=0.02),)


def result(median: float, *, passed: bool) -> dict:
    return {
        "job": "portal", "scenario": "list",
        "ratios": {"ours/limit": {"median": median, "better": "higher", "passed": passed}},
    }


class TestMissed:
    def test_leaves_out_an_open_goal_no_worse_than_its_floor(self):
        assert missed(result(0.03, passed=False), LISTED) == []

    def test_tells_an_open_goal_that_got_worse(self):
        assert missed(result(0.01, passed=False), LISTED) == ["ours/limit"]

    def test_tells_a_goal_that_is_not_listed(self):
        assert missed(result(0.03, passed=False), ()) == ["ours/limit"]

    def test_tells_nothing_of_a_goal_that_is_met(self):
        assert missed(result(0.5, passed=True), ()) == []

    def test_reads_the_file_of_the_project(self):
        assert all(each.floor > 0 for each in read())
