"""Loads content files of kind `form` into the bound organization."""

from datetime import datetime

from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.lib import codec
from ocapi.modules.forms import api
from ocapi.modules.forms.data import FormRefused


class FormLoader:
    """One file is one form; a definition that contradicts itself is refused whole, with every problem."""

    name = "form"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load one definition; the linter's findings come back as warnings."""
        try:
            definition = api.read_definition(value=codec.decode_yaml(file.raw, object))
            is_new = api.load_form(definition=definition, now=now)
        except FormRefused as refused:
            return Loaded(written=0, refused=tuple(_row(file, text) for text in refused.problems))
        warnings = tuple(_row(file, text) for text in api.problems_of_form(definition))
        return Loaded(written=int(is_new), unchanged=int(not is_new), warnings=warnings)


def _row(file: PackFile, text: str) -> BadRow:
    return BadRow(line=0, reason=f"{file.path}: {text}")
