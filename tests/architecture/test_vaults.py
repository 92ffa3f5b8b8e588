"""Key rotation reaches every value that is sealed. Not covered: the rotation itself (kernel/jobs)."""

import ast
from collections.abc import Iterator

from tests.architecture import rules


def sealing_contexts(tree: ast.Module, constants: dict[str, str]) -> Iterator[str]:
    """Give the context of each call of `tenants.encrypt`, by the text of the name it is given by."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "tenants.encrypt":
            given = next(word.value for word in node.keywords if word.arg == "context")
            yield constants.get(ast.unparse(given).rpartition(".")[2], ast.unparse(given))


def constants_of(trees: list[ast.Module]) -> Iterator[tuple[str, str]]:
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                yield ast.unparse(node.targets[0]), str(node.value.value)


def sealed_in_source() -> set[str]:
    """Give every context of the source; a name is looked up in its own file, then in the module's queries."""
    found: set[str] = set()
    for path in rules.python_files(rules.SOURCE):
        tree = ast.parse(path.read_text())
        queries = path.parent.parent / "queries.py"
        beside = [ast.parse(queries.read_text())] if queries.exists() else []
        found |= set(sealing_contexts(tree, dict(constants_of([*beside, tree]))))
    return found


def registered() -> set[str]:
    from ocapi.kernel.tenants.extensions import vaults

    return {vault.name for vault in vaults}


class TestVaults:
    def test_are_registered_for_every_context_something_is_sealed_under(self):
        assert registered() == sealed_in_source()

    def test_would_be_missed_when_one_is_not(self):
        planted = ast.parse("X = 'planted'\nstored = tenants.encrypt(text, context=X)")
        assert set(sealing_contexts(planted, dict(constants_of([planted])))) - registered() == {"planted"}
