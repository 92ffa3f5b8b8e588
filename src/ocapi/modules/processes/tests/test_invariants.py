"""What must hold of runs whenever nobody writes. Not covered: that restores and moves ask it (registry)."""

from pathlib import Path

import pytest
from django.db import connection

from ocapi.modules import processes
from ocapi.modules.processes.models import ScopeRow, TimerRow, TokenRow
from ocapi.modules.processes.tests.factories import deployed, started

pytestmark = pytest.mark.usefixtures("tenant")
INVARIANTS = Path(processes.__file__).parent / "sql" / "invariants"
LATE = ('<subProcess id="h" triggeredByEvent="true"><startEvent id="hs"><timerEventDefinition>'
        "<timeDuration>P1D</timeDuration></timerEventDefinition></startEvent>"
        '<userTask id="late"/><sequenceFlow id="hf" sourceRef="hs" targetRef="late"/></subProcess>')


def broken() -> list[str]:
    """Give the names of the invariants that do not hold."""
    found = []
    with connection.cursor() as cursor:
        for path in sorted(INVARIANTS.glob("*.sql")):
            cursor.execute(path.read_text())
            found += [path.stem] if cursor.fetchall() else []
    return found


class TestWaiting:
    def test_of_a_task_and_of_an_event_sub_process_is_sound(self):
        deployed('<userTask id="a"/>' + LATE, "s>a", "a>e")
        started()
        assert TimerRow.objects.filter(token=0).count() == 1
        assert broken() == []

    @pytest.mark.parametrize("gone", [TokenRow, ScopeRow])
    def test_for_what_is_gone_is_found(self, gone):
        deployed('<userTask id="a"/>' + LATE, "s>a", "a>e")
        started()
        gone.objects.all().delete()
        assert "work_without_token" in broken()
