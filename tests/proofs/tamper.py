"""Tampering: whoever can write the whole log changes it, and tools/verify_log.py must find and name it.

Half of the cases are on a log whose signer may cheat, half on one that the product wrote and exported.
"""

import contextlib
import copy
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ocapi.lib.tests.exported_log import KEY, Log, an_export, loaded, read, tampered, write
from tests.proofs import product
from tests.proofs.proof import Case, Fault, Plan, Proof

PRODUCT_LEAVES = 100
CANARY_CASES = 120  # of each log: a blunted verifier must miss at least one
CHECKS = {
    "a leaf edited in place is taken": 'roots[head["size"]].hex() != head["root"]',
    "a head over a forked tree is taken": 'head["previous"] != previous',
    "a gap in the sequence is taken": "seq != expected",
    "a head over more leaves than there are is taken": 'head["size"] > len(log.leaves)',
    "leaves after the last head are taken":
        'max((head["size"] for _, head in heads), default=0) < len(log.leaves)',
    "a head kept earlier is not asked for":
        "all(signed_bytes(head) != signed_bytes(seen) for _, head in heads)",
    "heads out of order are taken": 'head["size"] < size or head["at"][:19] < at',
    "a proof to another root is taken": 'last or result != roots.get(proof["size"])',
}
BLUNTED = {name: (f"if {condition}:", "if False:") for name, condition in CHECKS.items()} | {
    "a head signed by anyone is taken": ("key.verify(", "(lambda *_: None)("),
    "members nobody knows are taken": ('set(head) == {"size", *PATTERNS}', "True"),
}


class Tamper(Proof):
    """Random tamperings of log and heads: 500 at commit, 10,000 at night."""

    name = "tamper"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        exported = plan.folder / "exported"
        product.step(plan.folder, "audit_log", str(exported), str(PRODUCT_LEAVES))
        self._logs = {
            "synthetic": Log(export=an_export(leaves=24), key=KEY),
            "product": Log(export=read(exported), key=None),
        }
        self._verifier = loaded()
        self._export = plan.folder / "export"
        self._export.mkdir()
        self._ways: dict[str, int] = {}

    def cases(self) -> Iterator[Case]:
        """Give the sound logs, which must stay accepted, and the tamperings."""
        for name in self._logs:
            yield Case(id=f"{name}/sound", seed=0)
        for number in range(self.plan.many(commit=500, nightly=10_000)):
            name = "synthetic" if number % 2 else "product"
            yield Case(id=f"{name}/{number}", seed=self.plan.seed)
        self.told.notes.append(", ".join(f"{way}: {count}" for way, count in sorted(self._ways.items())))

    def check(self, case: Case) -> Fault | None:
        """Tamper once; the verifier must end with 1 and name it."""
        return self._judge(case, self._verifier, count=True)

    def _judge(self, case: Case, verifier: Any, *, count: bool = False) -> Fault | None:
        kind, _, number = case.id.partition("/")
        log = copy.deepcopy(self._logs[kind])
        way, codes, expected = "nothing", frozenset({"ok"}), 0
        if number != "sound":
            planted = tampered(log, case.coin)
            way, codes, expected, log = planted.way, planted.codes, 1, planted.log
        if count:
            self._ways[way] = self._ways.get(way, 0) + 1
        write(self._export, log.export)
        told = io.StringIO()
        try:
            with contextlib.redirect_stdout(told):
                code = verifier.main([str(self._export)])
        except Exception as failure:  # whatever it raises, a verifier that ends so has named nothing
            return Fault(expected=f"{way}: {sorted(codes)}", got=f"{type(failure).__name__}: {failure}")
        named = {line.partition(":")[0] for line in told.getvalue().splitlines()}
        if code == expected and named & codes:
            return None
        return Fault(
            expected=f"{way}: status {expected}, {sorted(codes)}", got=f"status {code}, {sorted(named)}"
        )

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Blunt the verifier in one place each: this proof must notice that it then misses something."""
        return {name: lambda planted=planted: self._notices(*planted) for name, planted in BLUNTED.items()}

    def _notices(self, old: str, new: str) -> bool:
        def change(source: str) -> str:
            assert source.count(old) == 1, old
            return source.replace(old, new)

        blunted = loaded(change)
        numbered = ((kind, number) for number in range(CANARY_CASES) for kind in self._logs)
        tried = (Case(id=f"{kind}/{number}", seed=self.plan.seed) for kind, number in numbered)
        return any(self._judge(case, blunted) for case in tried)
