"""Forgets ids of messages that nobody repeats any more: they grow with every reading."""

from datetime import datetime, timedelta

from ocapi.modules.capture.models import SeenRow

KEPT = timedelta(days=92)  # a device that was offline for a quarter may still send its readings twice
AT_ONCE = 5_000  # rows in one statement, which is a transaction of its own
MOST = 500_000  # rows in one turn; the next day goes on


def forget(*, now: datetime) -> int:
    """Forget ids that came in more than `KEPT` ago; gives how many. Those without a day get today's."""
    today = now.date()
    undated = SeenRow.objects.filter(noted_on=None).order_by("id")
    for _ in range(0, MOST, AT_ONCE):
        chosen = list(undated.values_list("id", flat=True)[:AT_ONCE])
        SeenRow.objects.filter(id__in=chosen).update(noted_on=today)
        if len(chosen) < AT_ONCE:
            break
    gone = 0
    old = SeenRow.objects.filter(noted_on__lt=today - KEPT).order_by("noted_on", "id")
    while gone < MOST and (chosen := list(old.values_list("id", flat=True)[:AT_ONCE])):
        gone += SeenRow.objects.filter(id__in=chosen).delete()[0]
    return gone
