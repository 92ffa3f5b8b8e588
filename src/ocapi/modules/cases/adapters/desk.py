"""Says at the start of the desk how many cases wait."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ocapi.kernel.ui.data import DeskNote
from ocapi.modules.cases import api
from ocapi.modules.cases.data import MOST_COUNTED


class CasesWaiting:
    """Counts open and late cases, up to a bound: nobody needs to know that there are 4,312."""

    name = "cases:worklist"

    def note(self, request: HttpRequest) -> DeskNote:
        """Give the number of open cases, and in a warning tone how many are late."""
        waiting = api.count_waiting(actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        if not waiting.open:
            return DeskNote(text=_("Nothing waits"))
        text = ngettext("{number} open case", "{number} open cases", waiting.open).format(
            number=_shown(waiting.open)
        )
        if not waiting.overdue:
            return DeskNote(text=text)
        late = _("{number} late").format(number=_shown(waiting.overdue))
        return DeskNote(text=f"{text}, {late}", tone="warning")


def _shown(number: int) -> str:
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)
