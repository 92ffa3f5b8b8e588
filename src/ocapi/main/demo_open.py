"""The open data of the demo: what the gate lets through at once is shared by the invented administrator."""

from datetime import datetime

from ocapi.lib.actor import Actor

SHARED = "linkeddata"
"""The source of what is shared; the rest stays an offer, so that a visitor can share something too."""


def share(*, actor: Actor, now: datetime) -> int:
    """Make the data services of the bound organization open data; gives how many are. What needs a second
    person stays an offer.
    """
    from ocapi.lib.dcat import lists
    from ocapi.modules.opendata import api
    from ocapi.modules.opendata.data import About, Decided, Ground, Outcome

    shared = 0
    for offer in api.list_offers(actor=actor, now=now):
        if offer.source != SHARED:
            continue
        whole, table, verdict = api.preview(
            source=offer.source, code=offer.code, left_out=None, actor=actor, now=now
        )
        if verdict.outcome is not Outcome.CLEAR:
            continue
        about = About(
            title=offer.title, description=offer.description, keywords=offer.keywords, theme=offer.theme,
            frequency=offer.frequency, license=lists.FREE_REUSE, quality=offer.quality,
            left_out=tuple(
                each.name for each in whole.columns if table and each.name not in table.place_of
            ),
        )
        _code, decided = api.propose(
            source=offer.source, code=offer.code, about=about, ground=Ground.REUSE,
            motive="", actor=actor, now=now,
        )
        shared += decided is Decided.APPROVED
    return shared
