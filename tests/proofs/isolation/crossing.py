"""Two organizations asked in turn by 200 tasks on 8 threads, with failures, time-outs and leaving."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ocapi.kernel.tenants import api as tenants
from ocapi.main.wsgi import Web
from tests.proofs.isolation import asking, canary
from tests.proofs.isolation.holding import House

THREADS, TASKS = 8, 200
KINDS = ("page", "list", "unknown", "raise", "leave", "late", "cancel")
PATIENCE_S = 0.002  # shorter than an answer takes, so that the asker is gone when it comes


class Planted(Exception):
    """The failure of the application that some requests meet."""


@dataclass(slots=True)
class Told:
    """What was seen. asked: by kind; wrong: crossings, each with its kind."""

    asked: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def cross(houses: dict[str, House], *, requests: int, seed: int) -> Told:
    """Ask that many times and give what crossed."""
    told = Told()
    with ThreadPoolExecutor(THREADS) as pool:
        asyncio.run(_all(houses, requests, seed, told, pool))
    return told


async def _all(
    houses: dict[str, House], requests: int, seed: int, told: Told, pool: ThreadPoolExecutor
) -> None:
    each = max(requests // TASKS, 1)
    tasks = [
        asyncio.create_task(_one(houses, each, random.Random(f"{seed}:{n}"), told, pool))
        for n in range(min(TASKS, requests))
    ]
    await asyncio.gather(*tasks)


async def _one(
    houses: dict[str, House], count: int, coin: random.Random, told: Told, pool: ThreadPoolExecutor
) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(count):
        key, kind = coin.choice(("alpha", "beta")), coin.choice(KINDS)
        told.asked[kind] = told.asked.get(kind, 0) + 1
        asked = loop.run_in_executor(pool, _ask, houses, key, kind, told)
        try:
            if kind == "late":
                async with asyncio.timeout(PATIENCE_S):
                    await asyncio.shield(asked)
            elif kind == "cancel":
                asked.cancel()
                await asked
            else:
                await asked
        except (TimeoutError, asyncio.CancelledError, Planted):
            continue


def _ask(houses: dict[str, House], key: str, kind: str, told: Told) -> None:
    house = houses[key]
    try:
        if kind == "raise":
            asking.ask(house.host, "GET", "/", headers={}, app=_failing())
        elif kind == "leave":
            _leave(house)
        else:
            path = {"list": "/desk/zaken/", "unknown": f"/desk/zaken/{house.own['leaf']}"}.get(kind, "/")
            headers = {"Cookie": asking.cookies(key, house.cookies["clerk"] if path != "/" else "")}
            _judge(houses, key, kind, asking.ask(house.host, "GET", path, headers=headers), told)
    except Planted:
        pass
    except Exception as failure:  # a refused binding, for instance, after one that was left
        told.wrong.append(f"{kind} at {key}: {type(failure).__name__}: {failure}")
    if tenants.find_current() is not None:
        told.wrong.append(f"{kind} at {key}: the thread is left bound to {tenants.current().key}")


def _judge(houses: dict[str, House], key: str, kind: str, reply: asking.Reply, told: Told) -> None:
    found = {name for name, _owner in canary.found_in(reply.raw, [house.marks for house in houses.values()])}
    if found != {key} or reply.header("ocapi-tenant") != key:
        told.wrong.append(f"{kind} at {key}: status {reply.status}, marks of {sorted(found)}")


def _failing() -> Web:
    def fail(environ: object, start_response: object) -> list[bytes]:
        raise Planted

    return Web(fail, is_prefix_allowed=False)


def _leave(house: House) -> None:
    """Ask and go before reading: the server closes the body, which must undo the binding."""
    environ = asking._environ(house.host, "GET", "/", {}, b"", "")
    body = asking.application()(environ, lambda *_given: None)
    close = getattr(body, "close", None)
    if close is not None:
        close()
