"""What was done by hand to the log of readings is named. Not covered: how the log is written (lib)."""

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import codec, seglog
from ocapi.modules.capture import api
from ocapi.modules.capture.adapters.inbox_check import InboxCheck


def received(count):
    inbox = tenants.folder() / "inbox"
    writer = seglog.Writer(inbox, segment_bytes=300)
    for number in range(count):
        reading = {"stream": "x", "id": str(number), "at": NOW.isoformat(), "value": 1}
        writer.append([codec.encode_json(reading)])
    writer.close()
    return sorted(inbox.glob("*.seg"))


def found():
    return list(InboxCheck().findings())


class TestInboxCheck:
    def test_finds_nothing_in_a_whole_log_or_an_empty_one(self, committed_tenant):
        assert found() == []
        received(9)
        api.roll_up()
        assert found() == []

    def test_names_a_segment_that_was_edited(self, committed_tenant):
        first = received(9)[0]
        raw = bytearray(first.read_bytes())
        raw[40] ^= 1
        first.write_bytes(raw)
        (line,) = found()
        assert line.startswith(f"inbox/{first.name} at byte")

    def test_names_a_segment_that_is_gone_wherever_it_stood(self, committed_tenant):
        segments = received(9)
        middle = segments[1].read_bytes()
        segments[1].unlink()
        assert "is missing" in found()[0]
        segments[1].write_bytes(middle)
        segments[0].unlink()
        assert "segments before it are gone" in found()[0]

    def test_names_an_end_that_was_cut_off_after_it_was_added_up(self, committed_tenant):
        last = received(9)[-1]
        api.roll_up()
        last.unlink()
        assert "its end was cut off" in found()[0]
