"""Log lines. Not covered: where they go, which is standard error and after that the operator's business."""

import json
import subprocess
import sys

SAYS = """
import logging, structlog
from ocapi.main import logs
logs.configure(lambda: "aalter")
logs.begin_request("trace-1")
structlog.get_logger("x").warning("ours", count=2)
try:
    password = "planted-secret"
    try:
        int("planted text")
    except ValueError as cause:
        raise KeyError("planted key") from cause
except KeyError:
    logging.getLogger("django.request").error("theirs", exc_info=True, extra={"request": "GET /?q=planted"})
logging.getLogger("django.request").warning("Not Found: /x")
"""


def lines():
    run = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True, timeout=60)
    return run.stderr, [json.loads(line) for line in run.stderr.splitlines()]


class TestLines:
    def test_are_objects_with_organization_trace_and_time_also_those_of_libraries(self):
        _raw, (ours, theirs) = lines()
        assert (ours["event"], theirs["event"]) == ("ours", "theirs")
        for line in (ours, theirs):
            assert (line["tenant"], line["trace_id"], bool(line["timestamp"])) == ("aalter", "trace-1", True)
        assert (ours["level"], theirs["level"], ours["count"]) == ("warning", "error", 2)

    def test_tell_where_it_broke_without_values_or_addresses(self):
        raw, (_ours, theirs) = lines()
        assert theirs["exception"].count("<string>") == 2
        assert "builtins.KeyError\nafter:\n" in theirs["exception"]
        assert theirs["exception"].endswith("builtins.ValueError")
        assert "planted" not in raw
