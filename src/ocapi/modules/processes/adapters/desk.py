"""Says at the start of the desk how many tasks wait."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ocapi.kernel.ui.data import DeskNote
from ocapi.modules.processes import api

MOST_COUNTED = 100  # nobody needs to know that there are 4,312


class TasksWaiting:
    """Fills `desk_notes`: counts open tasks, up to a bound."""

    name = "processes:tasks"

    def note(self, request: HttpRequest) -> DeskNote:
        """Give the number of open tasks."""
        page = api.list_tasks(actor=request.actor, page_size=MOST_COUNTED)  # type: ignore[attr-defined]
        count = len(page.items)
        if not count:
            return DeskNote(text=_("No task waits"))
        shown = f"{count}+" if page.cursor else str(count)
        text = ngettext("{number} open task", "{number} open tasks", count).format(number=shown)
        return DeskNote(text=text)
