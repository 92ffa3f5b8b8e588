"""`ocapi bench linkeddata`: how fast objects are checked, against pySHACL and a bare msgspec decode.

No arms and rounds: all sides run in this process, turn by turn, on the same objects of the shipped profile of
public bodies. A side that gives another verdict than pySHACL makes the figures worthless: exit code 2. Exit
code 1: slower than the limit. The ratio with a bare decode is the median of rounds in turn.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

import msgspec
import pyshacl

from ocapi.lib.jsonld.expansion import expand
from ocapi.lib.profile import reader
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf import oracle
from ocapi.lib.shacl.results import Results

PROFILE = Path(__file__).parents[2] / "content" / "data-services" / "bestuurseenheden.yaml"
OBJECTS = 400
JUDGED_BY_PEER = 60
ROUNDS = 7
WHOLE = 5  # times all objects in one window
TIMES_PYSHACL = 30.0  # goal 5a of performance.md: checks per second, from the bytes on
SHARE_OF_DECODE, FLOOR = 0.1, 0.07
TURNS = 15
KIND = "http://data.vlaanderen.be/id/concept/BestuurseenheidClassificatieCode/5ab0e9b8a3b2ca7c5e000001"
INVALID = 10  # one object in so many


def bodies(random: Random) -> list[bytes]:
    """Give objects of about 13 statements as they arrive, one in ten broken."""
    made = []
    for number in range(OBJECTS):
        body: dict[str, object] = {
            "@id": f"https://voorbeeld.be/id/{number}",
            "@type": "Bestuurseenheid",
            "naam": f"Gemeente {number}",
            "classificatie": {"@id": KIND, "@type": "http://www.w3.org/2004/02/skos/core#Concept"},
            "identificator": [
                {"@type": "Identificator", "notatie": f"{random.randrange(10**10):010}", "stelsel": "kbo"},
                {"@type": "Identificator", "notatie": "42008", "stelsel": "nis", "geldigVan": "2019-01-01"},
            ],
        }
        if number % INVALID == 0:
            broken: tuple[tuple[str, object], ...] = (
                ("naam", ["een", "twee"]),
                ("identificator", [{"@type": "Identificator", "notatie": "1"}]),
            )
            name, value = random.choice(broken)
            body[name] = value
        made.append(msgspec.json.encode(body))
    return made


def per_second(work: Callable[[], object], count: int, rounds: int = ROUNDS) -> float:
    """Give objects per CPU-second of the best round: other work on the machine can only add."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return count / best


def verdict(profile: Profile, raw: bytes) -> Results:
    """Give what is wrong with an object, from its bytes: at once when it has its ordinary form."""
    body = msgspec.json.decode(raw)
    if profile.ordinary.is_sound(body):
        return []
    return profile.validator.validate(expand(body, context=profile.context).graph, profile.known)


def in_turn(*sides: Callable[[], object]) -> list[list[float]]:
    """Give the CPU-seconds of each side, round by round, each round in another order."""
    spent: list[list[float]] = [[] for _ in sides]
    for turn in range(TURNS + 1):
        for place in range(len(sides)):
            side = (turn + place) % len(sides)
            started = time.process_time()
            sides[side]()
            if turn:  # the first one warms up
                spent[side].append(time.process_time() - started)
    return spent


def differing(profile: Profile, raws: list[bytes]) -> int:
    """Give how many objects get another verdict or other paths than pySHACL gives."""
    wrong = 0
    for raw in raws:
        graph = expand(msgspec.json.decode(raw), context=profile.context).graph
        ours = {(str(r.focus), r.path, r.component) for r in verdict(profile, raw)}
        theirs = {(str(r.focus), r.path, r.component) for r in oracle.validate(graph, profile.shapes_graph)}
        wrong += ours != theirs
    return wrong


def main() -> int:
    """Print side, objects per CPU-second and ratio a line."""
    profile = reader.read({reader.OWN: PROFILE.read_bytes()}, name="bestuurseenheden")
    raws = bodies(Random(5))
    if wrong := differing(profile, raws[:JUDGED_BY_PEER]):
        print(f"{wrong} of {JUDGED_BY_PEER} objects are judged otherwise than by pySHACL: no figures")
        return 2
    validate, context, known = profile.validator.validate, profile.context, profile.known
    decode = msgspec.json.decode
    graphs = [expand(decode(raw), context=context).graph for raw in raws]
    shapes, few = (
        oracle.rdflib_graph(profile.shapes_graph),
        [oracle.rdflib_graph(each) for each in graphs[:JUDGED_BY_PEER]],
    )

    def each(work: Callable[[bytes], object]) -> Callable[[], None]:
        def window() -> None:
            for raw in many:
                work(raw)  # nothing is kept: what a list of all costs is no part of it

        return window

    many = raws * WHOLE
    spent = in_turn(
        each(decode),
        each(lambda raw: verdict(profile, raw)),
        each(lambda raw: validate(expand(decode(raw), context=context).graph, known)),
    )
    bare, whole, general = (len(many) / min(side) for side in spent)
    share, before = (median(b / o for b, o in zip(spent[0], side, strict=True)) for side in spent[1:])
    checked = per_second(lambda: [validate(each, known) for each in graphs], OBJECTS)
    peer = per_second(lambda: [pyshacl.validate(each, shacl_graph=shapes) for each in few], JUDGED_BY_PEER, 2)
    print(f"{'msgspec decode':34} {bare:12,.0f} objects/CPU-s")
    print(f"{'pySHACL, graph and shapes ready':34} {peer:12,.0f}")
    print(f"{'our checks, graph ready':34} {checked:12,.0f} {checked / peer:8.0f} x pySHACL")
    print(f"{'bytes to verdict':34} {whole:12,.0f} {whole / peer:8.0f} x pySHACL (limit {TIMES_PYSHACL:.0f})")
    print(f"{'by way of the graph':34} {general:12,.0f} {before:8.3f} x decode")
    print(f"{'bytes to verdict':34} {'':12} {share:8.3f} x decode (goal {SHARE_OF_DECODE}, floor {FLOOR})")
    return 1 if whole / peer < TIMES_PYSHACL or share < FLOOR else 0


if __name__ == "__main__":
    sys.exit(main())
