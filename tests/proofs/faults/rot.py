"""Bits flip and ends are lost in what the product keeps: refused by name, or what was kept after all."""

from pathlib import Path

from tests.proofs import product


def spoil(folder: Path, *, kind: str, cases: int, seed: int) -> tuple[str, str]:
    """Spoil things of a kind; gives what is wrong, and what there is to tell."""
    file = folder / "file"
    if not file.exists():
        folder.mkdir()
        file.write_text(str(product.step(folder, "faults.rotting", "prepare")["file"]))
    told = product.step(folder, "faults.rotting", "spoil", kind, str(cases), str(seed), file.read_text())
    return wrong(told), f"rot in a {kind}: {told['refused']} of {cases} refused, {told['harmless']} harmless"


def wrong(told: dict[str, object]) -> str:
    """Judge what became of spoiled things."""
    checks = {
        f"served as good: {told['served']}": told["served"],
        f"refused without a name: {told['unnamed']}": told["unnamed"],
        "nothing was refused: nothing was spoiled": not told["refused"],
    }
    return "; ".join(text for text, is_so in checks.items() if is_so)


