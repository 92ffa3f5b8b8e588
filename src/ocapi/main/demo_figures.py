"""The policy figures of the demo: counted, and brought from the municipalities to the collective and back."""

from datetime import datetime

from ocapi.main.demo_data import LOADER, DemoOrganization

FIGURES = ("be.ocapi.insight.figures.published.v1",)
COMPARISON = ("be.ocapi.insight.comparison.published.v1",)
MUNICIPALITY, COLLECTIVE = "municipality", "collective"
FOREIGN = "jobs.handle_foreign"
MOST_VISITS = 200


def agree(organizations: tuple[DemoOrganization, ...], *, now: datetime) -> None:
    """Let municipalities and collective subscribe each other to figures, and agree to take them in."""
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.tenants import api as tenants

    for own, other, out, taken in (
        (MUNICIPALITY, COLLECTIVE, FIGURES, COMPARISON), (COLLECTIVE, MUNICIPALITY, COMPARISON, FIGURES),
    ):
        for facts in (each for each in organizations if each.kind == own):
            with tenants.bind(facts.key):
                for each in (each for each in organizations if each.kind == other):
                    source = tenants.by_key(each.key).base_iri
                    jobs.follow(source=source, patterns=taken, actor=LOADER, now=now)
                    jobs.subscribe_organization(
                        organization=each.key, patterns=out, actor=LOADER, now=now
                    )


def publish(*, now: datetime) -> None:
    """Count the bound organization's requests, compute indicators, publish the figures, and send what it
    has to send.
    """
    from ocapi.modules.insight import api as insight

    insight.rebuild(now=now)
    insight.compute_indicators(now=now)
    insight.publish_figures(now=now)
    _send(now=now)


def bring_together(organizations: tuple[DemoOrganization, ...]) -> None:
    """Let the collective take the figures in and share them, and let the municipalities take those in."""
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock

    for kind in (COLLECTIVE, MUNICIPALITY):
        for facts in organizations:
            if facts.kind == kind:
                with tenants.bind(facts.key):
                    for _visit in range(MOST_VISITS):
                        if not jobs.visit(now=clock.now(), only=(FOREIGN,)).did:
                            break
                tenants.close_connections()


def _send(*, now: datetime) -> None:
    from ocapi.kernel.jobs import api as jobs

    for _visit in range(MOST_VISITS):
        if not jobs.visit(now=now, max_jobs=0).did:
            return
