"""The proof of load: ten times what can be served at one organization; shed with a word, fair to others."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ocapi.dataplane.plan import Plan
from ocapi.dataplane.turns import Turns
from ocapi.main import environment
from tests.performance import procfs
from tests.performance import product as measured
from tests.performance.programs import Program, free_port, granian
from tests.proofs import filing, product, proof
from tests.proofs.hostile import slow
from tests.proofs.load import spike
from tests.proofs.load.spike import Told
from tests.proofs.proof import PROJECT, Case, Fault, Proof, SetUpFailed

HELLO = "tests.performance.servers.hello:application"
NEIGHBOR = "o1"
TIMES = 10  # what can be served
FAIR = 1.5  # the neighbor's p99 in the spike, less what the generator takes from the machine, ÷ that in quiet
ADMITTED_MS = 1_000.0
FIRST = 0  # requests that web ends before it begins the neighbor's: another process is free
PROCESSES = environment.read({"OCAPI_DEMO": "1"}).workers  # of web, when nobody sets them
CONTROL_S = 10  # of the same spike at a bare server


class Load(Proof):
    """`spike/SECONDS`: a quiet time, then the spike, then what was stored; `crowd/SECONDS`: the same over
    eight times as many connections, at night.
    """

    name = "load"

    def __init__(self, plan: proof.Plan) -> None:
        super().__init__(plan)
        if plan.store == "postgres":
            raise SetUpFailed("load: not built on PostgreSQL")

    def cases(self) -> Iterator[Case]:
        """Give the spike, and a round of turns without a machine's noise."""
        yield Case(id="turns", seed=self.plan.seed)
        yield Case(id=f"spike/{self.plan.many(commit=10, nightly=60)}", seed=self.plan.seed)
        if self.plan.level != "commit":
            yield Case(id="crowd/60", seed=self.plan.seed)

    def check(self, case: Case) -> Fault | None:
        """Try one case."""
        if case.id == "turns":
            late = before_neighbor(lambda key: key)
            return Fault(expected=f"at most {FIRST} before it", got=str(late)) if late > FIRST else None
        kind, _, seconds = case.id.partition("/")
        slow.allow_connections()
        over = spike.CROWD if kind == "crowd" else spike.CONNECTIONS
        wrong = self._flooded(kind, int(seconds), over=over)
        return Fault(expected="shed with a word, lost 0, phantom 0, fair", got=wrong) if wrong else None

    def _flooded(self, kind: str, seconds: int, *, over: int) -> str:
        folder, ledger = self.plan.folder / kind, procfs.Ledger()
        procfs.become_subreaper()
        filled = measured.prepare(folder, cases=0, seed=0, cache=PROJECT / "build" / "bench")
        measured.add_organizations(folder, first=1, last=1)
        product.step(folder, "load.publish")
        served = measured.up(folder)
        try:
            served.start(ledger)
            host = measured.host_of(measured.KEY, served.port)
            target = spike.Target(
                port=served.port,
                host=host,
                neighbor=measured.host_of(NEIGHBOR, served.port),
                write=lambda name: filing.request(name, host=host, cookie=filled.facts["cookie"]),
            )
            quiet, told = Told(), Told()
            asyncio.run(spike.calm(target, quiet, seconds=seconds))
            rate = asyncio.run(spike.capacity(target, seconds=1.0)) * TIMES
            asyncio.run(spike.both(target, told, rate=rate, seconds=seconds, over=over))
            after = Told()
            asyncio.run(spike.calm(target, after, seconds=1))
        finally:
            served.stop(ledger)
        self._tell(told, quiet, rate, over=over)
        share_ms = self._own_share(ledger, rate=rate, seconds=seconds, over=over)
        if after.calm_bad:
            return f"not normal again: {after.calm_bad[:3]}"
        stored = set(product.step(folder, "filing", "kept")["names"])
        return wrong(told, quiet, stored, share_ms=share_ms)

    def _own_share(self, ledger: procfs.Ledger, *, rate: float, seconds: int, over: int) -> float:
        """Give the milliseconds that the same generator adds to a calm visitor's p99 at a bare server.

        That is what it takes from the machine, and not what the product does.
        """
        port = free_port()
        bare = Program(
            owner="bare",
            command=granian("asgi", HELLO, port, "--working-dir", str(PROJECT)),
            port=port,
            folder=self.plan.folder / f"bare-{over}",
        )
        target = spike.Target(port=port, host="a.localhost", neighbor="b.localhost")
        quiet, told = Told(), Told()
        bare.start(ledger)
        try:
            asyncio.run(spike.calm(target, quiet, seconds=min(seconds, CONTROL_S)))
            asyncio.run(spike.both(target, told, rate=rate, seconds=min(seconds, CONTROL_S), over=over))
        finally:
            bare.stop(ledger)
        calm, flooded = (spike.percentile(each.calm, 0.99) for each in (quiet, told))
        self.told.notes.append(
            f"the generator's own share: against a bare server, p99 {calm:.0f} ms in quiet, {flooded:.0f} ms "
            f"in the same spike ({flooded - calm:+.0f} ms)"
        )
        return max(flooded - calm, 0.0)

    def _tell(self, told: Told, quiet: Told, rate: float, *, over: int) -> None:
        calm = {name: spike.percentile(each.calm, 0.99) for name, each in (("quiet", quiet), ("spike", told))}
        self.told.notes.append(
            f"{rate:.0f} requests a second over {over} connections: {dict(told.statuses)} (0: none free), "
            f"admitted p99 {spike.percentile(told.took, 0.99):.0f} ms; neighbor p99 {calm['quiet']:.0f} ms "
            f"in quiet, {calm['spike']:.0f} ms in the spike ({calm['spike'] / calm['quiet']:.1f} ×); "
            f"{len(told.promised)} cases promised, {len(told.refused)} refused"
        )

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Plant what the oracle must see, and a line in which everybody waits behind the flood."""

        def seen(**changes: object) -> bool:
            quiet = Told(calm=[10.0] * 50)
            told = Told(calm=[12.0] * 50, took=[100.0] * 50, promised={"a"}, refused={"b"})
            told.statuses.update({200: 50, 503: 10})
            assert not wrong(told, quiet, {"a"})
            stored, share_ms = changes.pop("stored", {"a"}), changes.pop("share_ms", 0.0)
            for name, value in changes.items():
                setattr(told, name, value)
            return bool(wrong(told, quiet, stored, share_ms=share_ms))  # type: ignore[arg-type]

        return {
            "one line for all": lambda: before_neighbor(lambda key: "") > FIRST,
            "one process for all": lambda: before_neighbor(lambda key: key, processes=1) > FIRST,
            "a promise that was not kept": lambda: seen(stored=set()),
            "a refused request that was done": lambda: seen(stored={"a", "b"}),
            "a refusal without a word": lambda: seen(without_word=1),
            "a neighbor who waits": lambda: seen(calm=[900.0] * 50),
            "a neighbor who waits a little": lambda: seen(calm=[10.0] * 48 + [16.0] * 2),
            "a neighbor who waits longer than the generator explains": lambda: seen(
                calm=[24.0] * 50, share_ms=8.0
            ),
            "a neighbor who is turned away": lambda: seen(calm_bad=["503"]),
            "nobody turned away": lambda: seen(statuses=spike.Counter({200: 50})),
            "an answer of another kind": lambda: seen(statuses=spike.Counter({200: 50, 503: 10, 500: 1})),
            "an admitted one who waits for ever": lambda: seen(took=[9_000.0] * 50),
        }


def wrong(told: Told, quiet: Told, stored: set[str], *, share_ms: float = 0.0) -> str:
    """Give what is not as promised, or nothing. stored: the names of cases that are there. share_ms: what the
    generator itself adds to the neighbor's wait.
    """
    odd = {
        status: count for status, count in told.statuses.items() if status not in (0, 200, 201, *spike.SHED)
    }
    limit = FAIR * spike.percentile(quiet.calm, 0.99) + share_ms
    slow = spike.percentile(told.calm, 0.99)
    admitted = spike.percentile(told.took, 0.99)
    checks = {
        f"answers of another kind: {odd}": bool(odd),
        f"{len(told.failed)} without an answer: {told.failed[:3]}": bool(told.failed),
        "nobody was turned away: it was no spike": not any(told.statuses[status] for status in spike.SHED),
        f"{told.without_word} turned away without Retry-After": told.without_word > 0,
        f"lost: {sorted(told.promised - stored)[:3]}": bool(told.promised - stored),
        f"phantom: {sorted(stored & told.refused)[:3]}": bool(stored & told.refused),
        f"the neighbor was turned away: {told.calm_bad[:3]}": bool(told.calm_bad),
        f"the neighbor's p99 is {slow:.0f} ms, at most {limit:.0f}": slow > limit,
        f"admitted p99 is {admitted:.0f} ms": admitted
        > max(ADMITTED_MS, 40 * spike.percentile(quiet.calm, 0.5)),
    }
    return "; ".join(text for text, is_so in checks.items() if is_so)


def before_neighbor(owner_of: Callable[[str], str], *, processes: int = PROCESSES) -> int:
    """Let 60 wait at one organization, then a visitor come next door who was there a moment ago.

    Gives how many requests web ended, or had under way in the same process, before it began that one.
    """
    places = Plan(data=Path(), static=Path(), upload_bytes=0, web_processes=processes).web_places

    async def scenario() -> int:
        turns = Turns(at_once=len(places), longest=100, total=200, patience_s=60, monotonic=lambda: 0.0)
        at_work, ended, found, is_open = Counter[Path](), 0, -1, asyncio.Event()
        async with turns.taken(owner_of("b")):
            pass

        async def come(key: str) -> None:
            nonlocal ended, found
            async with turns.taken(owner_of(key)) as place:
                if key == "b":
                    found = ended + at_work[places[place]]
                at_work[places[place]] += 1
                await is_open.wait()
                at_work[places[place]] -= 1
                ended += 1

        coming = [asyncio.create_task(come(key)) for key in (*["a"] * 60, "b")]
        await asyncio.sleep(0)  # who may has a place, the others wait in their lines
        is_open.set()
        await asyncio.gather(*coming)
        return found

    return asyncio.run(scenario())
