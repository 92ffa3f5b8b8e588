"""What a run of the DMN Technology Compatibility Kit found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """One expected result. id: directory/case/result node; expected, got: as text for people."""

    id: str
    is_passed: bool
    expected: str = ""
    got: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One test case; it passes when all its result nodes do. is_null: it expects nothing but null."""

    level: str
    directory: str
    nodes: tuple[NodeResult, ...]
    is_null: bool
    is_external: bool = False

    @property
    def is_passed(self) -> bool:
        """Say whether every result is as expected."""
        return all(node.is_passed for node in self.nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelScore:
    """The cases of one compliance level; null_baseline: what answering null to everything would score."""

    level: str
    passed: int
    total: int
    null_baseline: int
    directories_passed: int
    directories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KitReport:
    """The outcome of a run of the kit. external: cases that call another language, never counted."""

    levels: tuple[LevelScore, ...]
    failed: tuple[NodeResult, ...]
    passed: tuple[str, ...]
    external: int


class KitMissing(LookupError):
    """The folder holds no compliance levels of the DMN Technology Compatibility Kit."""
