"""Objects judged by the compiled shapes and by pySHACL: the same results, for every profile.

A profile is one of the product, or a folder of official ones (`OCAPI_SHARED`, or the reference data beside
the project). Objects are made from the shapes, three in four with faults planted in them. The same objects
are written as JSON-LD: what its ordinary form says is sound, must be so by the compiled shapes.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from pyshacl.errors import ReportableRuntimeError

from ocapi.lib.jsonld.expansion import NotLinkedData, expand
from ocapi.lib.profile import reader
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf import oracle
from ocapi.lib.rdf.graph import Graph, Lexical
from ocapi.lib.shacl import datatypes
from ocapi.lib.shacl.results import Result, Results
from ocapi.lib.tests.profile_samples import a_body, a_graph
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof

if TYPE_CHECKING:
    import rdflib

OWN = PROJECT / "content" / "data-services"
OBJECTS = 100  # of one case
CANARY_CASES = 3
BLUNTED = ("MinCount", "MaxCount", "Datatype", "Class")
Told = tuple[str, str, str, str]
Judge = Callable[[Results], Results]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A profile, and its shapes as pySHACL takes them."""

    profile: Profile
    shapes: "rdflib.Graph"


class Shapes(Proof):
    """Each profile: 100 objects at commit, 10,000 at night."""

    name = "shapes"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)  # it tells of every planted fault
        self._folders = {**own(), **official()}
        self._ready: dict[str, Ready] = {}
        self._equal, self._broken = Counter[str](), Counter[str]()
        self._by_standard, self._silent = Counter[str](), Counter[str]()
        self._sound, self._at_once = Counter[str](), Counter[str]()
        if not official():
            self.told.notes.append("no official profiles here: set OCAPI_SHARED to see them judged too")

    def cases(self) -> Iterator[Case]:
        """Give the objects of each profile in parts, and its figures when all are judged."""
        for name, files in self._folders.items():
            profile = reader.read(files, name=name)
            if not any(each.target_classes and each.path is None for each in profile.shapes.values()):
                self.told.notes.append(f"{name}: no shapes that choose a class, nothing to compare")
                continue
            self._ready = {name: Ready(profile=profile, shapes=oracle.rdflib_graph(profile.shapes_graph))}
            parts = self.plan.many(commit=1, nightly=100)
            for number in range(parts):
                yield Case(id=f"{name}/{number}", seed=self.plan.seed)
            self.told.notes.append(
                f"{name}: {self._equal[name]} / {parts * OBJECTS} equal, {self._broken[name]} of them broken,"
                f" {profile.fallback_share:.0%} of the shapes by pySHACL,"
                f" {self._by_standard[name]} where the standard says more,"
                f" {self._at_once[name]} / {self._sound[name]} sound ones told by their ordinary form,"
                f" {self._silent[name]} where pySHACL gave up"
            )
            if self._sound[name] and not self._at_once[name]:
                self.told.blind_to.append(f"{name}: no object has its ordinary form")
            if not 0 < self._broken[name] < parts * OBJECTS:
                self.told.blind_to.append(f"{name}: all objects are sound, or none is")
            if self._silent[name] > parts * OBJECTS / 10:
                self.told.blind_to.append(f"{name}: pySHACL gave up on more than a tenth")

    def check(self, case: Case) -> Fault | None:
        """Judge a part by both."""
        return self._judged(case, lambda found: found)

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Leave out one kind of result at a time."""
        return {
            f"a validator that never tells of {each}": lambda left_out=each: self._notices(left_out)
            for each in BLUNTED
        }

    def _notices(self, left_out: str) -> bool:
        def blunt(found: Results) -> Results:
            return [each for each in found if not each.component.startswith(left_out)]

        cases = (Case(id=f"bestuurseenheden/{n}", seed=self.plan.seed) for n in range(CANARY_CASES))
        return any(self._judged(each, blunt) for each in cases)

    def _judged(self, case: Case, judge: Judge) -> Fault | None:
        name = case.id.rpartition("/")[0]
        if name not in self._ready:
            profile = reader.read(self._folders[name], name=name)
            self._ready[name] = Ready(profile=profile, shapes=oracle.rdflib_graph(profile.shapes_graph))
        coin, first = case.coin, None
        for number in range(OBJECTS):
            data = a_graph(self._ready[name].profile, coin, faults=number % 4)
            fault = self._compared(self._ready[name], data, judge)
            first = first or fault or self._told_at_once(self._ready[name].profile, data, case.coin)
        return first

    def _told_at_once(self, profile: Profile, data: Graph, coin: Random) -> Fault | None:
        body = a_body(profile, data, coin)
        try:
            graph = expand(body, context=profile.context).graph
            found = [told(each) for each in profile.validator.validate(graph, profile.known)]
        except NotLinkedData as refused:
            found = [("", "", refused.code, "")]
        is_told = profile.ordinary.is_sound(body)
        self._sound[profile.name] += not found
        self._at_once[profile.name] += is_told
        return Fault(expected=f"not sound: {found[:2]}", got=f"sound: {body}") if is_told and found else None

    def _compared(self, ready: Ready, data: Graph, judge: Judge) -> Fault | None:
        profile = ready.profile
        found = judge(profile.validator.validate(data, profile.known))
        ours = {told(each) for each in found}
        excused = {told(each) for each in found if is_by_standard(each, data)}
        self._broken[profile.name] += bool(ours)
        try:
            theirs = {
                (str(each.focus), each.path, each.component, str(each.value))
                for each in oracle.validate_by(ready.shapes, data)
            }
        except (TypeError, ReportableRuntimeError) as failure:  # it ends on values that it can't compare
            if "compare" not in str(failure) and "not supported between" not in str(failure):
                raise
            self._silent[profile.name] += 1
            return None
        if ours == theirs:
            self._equal[profile.name] += 1
            return None
        if ours - (excused - theirs) == theirs:
            self._by_standard[profile.name] += 1
            return None
        return Fault(
            expected=f"as pySHACL: {sorted(theirs - ours)[:2]}", got=f"instead: {sorted(ours - theirs)[:2]}"
        )


def told(result: Result) -> Told:
    """Give a result as it is compared."""
    return str(result.focus), result.path, result.component, str(result.value)


def is_by_standard(result: Result, data: Graph) -> bool:
    """Tell whether a result is one that pySHACL leaves out: of two values that can't be compared.

    SHACL 4.5.3 and 4.5.4: such values give a result; rdflib compares them as texts, or fails.
    """
    if not result.component.startswith("LessThan"):
        return False
    value, others = result.value, data.values(result.focus, result.limit)
    return any(
        not isinstance(value, Lexical)
        or not isinstance(other, Lexical)
        or datatypes.compare(datatypes.comparable(value), datatypes.comparable(other)) is None
        for other in others
    )


def own() -> dict[str, dict[str, bytes]]:
    """Give the files of the profiles of the product by name."""
    return {
        path.stem: {reader.OWN: path.read_bytes()}
        for path in sorted(OWN.glob("*.yaml"))
        if b"\nclasses:" in path.read_bytes()
    }


def official_folders() -> list[Path]:
    """Give the folders of the official profiles that are beside the project."""
    shared = Path(os.environ.get("OCAPI_SHARED", PROJECT.parent / "shared"))
    return sorted((shared / "data" / "oslo" / "profiles").glob("*/"))


def official() -> dict[str, dict[str, bytes]]:
    """Give the files of the official profiles by name."""
    return {f"official {each.name}": reader.files_of(each) for each in official_folders()}
