"""Which values of a run are of persons: what a form in use marks as such, by its name."""

from ocapi.modules.forms import api as forms


def names() -> frozenset[str]:
    """Give the codes of the questions about persons; of rows in which one is asked, the code of the rows."""
    return frozenset(
        field.code
        for form in forms.list_current()
        for field in form.fields
        if field.personal or any(cell.personal for cell in field.fields)
    )
