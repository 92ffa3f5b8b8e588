"""The open data of the demo: what the gate lets through at once is shared by the invented administrator."""

from datetime import datetime

from ocapi.main import demo_staff
from ocapi.main.demo_data import DemoOrganization, DemoPerson

SHARED = frozenset({"linkeddata", "services"})
"""Sources of what is shared; sensors stay offers, so that a visitor can share something too."""


def share(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> int:
    """Make datasets of the bound organization public; gives how many. What needs a second person waits."""
    from ocapi.lib.dcat import lists
    from ocapi.modules.opendata import api
    from ocapi.modules.opendata.data import About, Decided, Ground, Outcome

    staff = demo_staff.acting(facts, people, roles=("tenant_admin",))
    if not staff:
        return 0
    shared = 0
    for offer in api.list_offers(actor=staff[0], now=now):
        if offer.source not in SHARED:
            continue
        _offer, _table, verdict = api.preview(source=offer.source, code=offer.code, actor=staff[0], now=now)
        if verdict.outcome is not Outcome.CLEAR:
            continue
        about = About(
            title=offer.title, description=offer.description, keywords=offer.keywords, theme=offer.theme,
            frequency=offer.frequency, license=lists.FREE_REUSE, quality=offer.quality,
        )
        _code, decided = api.propose(
            source=offer.source, code=offer.code, about=about, ground=Ground.REUSE,
            motive="", actor=staff[0], now=now,
        )
        shared += decided is Decided.APPROVED
    return shared
