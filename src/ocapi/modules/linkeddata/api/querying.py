"""Questions in SPARQL over what open services say, and making the index anew."""

from datetime import datetime

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.lib.rdf import asking, index
from ocapi.lib.rdf.asking import Answer, Question, QuestionStopped
from ocapi.modules.linkeddata import indexing, reaching
from ocapi.modules.linkeddata.data import Rebuilt

PATIENCE = 3.0  # seconds that a page waits for an answer; the SPARQL endpoint waits longer


def ask(*, question: Question, actor: Actor) -> Answer:
    """Answer a question over the open services of the organization.

    Raises NotAllowed, QuestionRefused, QuestionStopped (also `noIndex` before anything was indexed).
    """
    access.require(actor, "linkeddata.read_open")
    store = index.readable(indexing.folder())
    if store is None:
        asking.check(question)
        raise QuestionStopped("noIndex")
    return asking.ask(question, store=store, wall_seconds=PATIENCE)


def rebuild(*, now: datetime) -> Rebuilt:
    """Make features and index anew from the objects, for an operator. Raises IndexBusy."""
    return indexing.rebuild(base=reaching.base())
