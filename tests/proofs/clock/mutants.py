"""Rules about time, taken away one at a time."""

from tests.proofs.planting import Mutant

JOBS, PROCESSES = "ocapi.kernel.jobs", "ocapi.modules.processes.services"
MUTANTS = (
    Mutant(
        name="a timer fired twice",
        place=f"{PROCESSES}.timers:_take",
        old="not do.TAKE_TIMER.run(row.id)",
        new="do.TAKE_TIMER.run(row.id) is None",
        cases=("timers",),
    ),
    Mutant(
        name="a timer fired too soon",
        place=f"{PROCESSES}.timers:due_timers",
        old="due_at__lte=now",
        new="due_at__isnull=False",
        cases=("timers",),
    ),
    Mutant(
        name="a recurring job put in twice",
        place=f"{JOBS}.planner:_put",
        old="name=kind.name, due_at=due_at",
        new="name=kind.name",
        cases=("planner",),
    ),
    Mutant(
        name="a time of day twice",
        place=f"{JOBS}.timing:next_by_wall_clock",
        old="found > after",
        new="found >= after",
        cases=("walls",),
    ),
    Mutant(
        name="a day counted in UTC",
        place="ocapi.lib.clock:local_day",
        old="instant.astimezone(BRUSSELS)",
        new="instant",
        cases=("terms",),
    ),
    Mutant(
        name="holidays forgotten",
        place="ocapi.modules.cases.terms:is_working_day",
        old="day not in holidays",
        new="True",
        cases=("terms",),
    ),
    Mutant(
        name="a term that counts its first day",
        place="ocapi.modules.cases.terms:end_of_term",
        old="timedelta(days=days)",
        new="timedelta(days=days - 1)",
        cases=("terms",),
    ),
    Mutant(
        name="days as hours",
        place="ocapi.lib.bpmn.timing:after",
        old="start.astimezone(BRUSSELS)",
        new="start",
        cases=("lengths",),
    ),
    Mutant(
        name="a token of any age",
        place="ocapi.dataplane.gate:Gate._caller",
        old="now_s > verdict.ends_at + LEEWAY_S",
        new="False",
        cases=("tokens",),
    ),
    Mutant(
        name="a token from the future",
        place="ocapi.modules.exchange.services.tokens:actor_of",
        old="issued_at > moment + LEEWAY_S",
        new="False",
        cases=("tokens",),
    ),
    Mutant(
        name="a head signed earlier than the last",
        place="ocapi.kernel.audit.sequencer:seal",
        old="max(now, last.at)",
        new="now",
        cases=("log",),
    ),
    Mutant(
        name="a result after the lease was lost",
        place=f"{JOBS}.queue:_held",
        old="fence=claimed.fence",
        new="fence__gte=0",
        cases=("leases",),
    ),
)
