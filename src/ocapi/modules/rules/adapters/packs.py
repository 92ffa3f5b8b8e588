"""Fills `registry.content_loaders`: decision tables of content packs."""

from datetime import datetime

from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.lib import actor
from ocapi.modules.rules import api
from ocapi.modules.rules.data import CasesFailed, DecisionTaken, ModelNotUsable

LOADER = actor.system("rules.load_pack")


class DecisionLoader:
    """Loads files of kind `decision`: DMN, each new content a version of its model."""

    name = "decision"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file; one that can't be used is refused with the reason and the element."""
        before = {each.uuid for each in api.list_models(actor=LOADER)}
        try:
            made = api.deploy(raw=file.raw, actor=LOADER, now=now)
        except (ModelNotUsable, CasesFailed, DecisionTaken) as refused:
            return Loaded(written=0, refused=(BadRow(line=0, reason=f"{file.path}: {refused}"),))
        is_new = made.uuid not in before
        return Loaded(written=int(is_new), unchanged=int(not is_new))
