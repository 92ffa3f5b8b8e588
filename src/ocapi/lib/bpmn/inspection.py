"""What of a file can be executed, element by element: nothing is passed over in silence."""

from dataclasses import dataclass

from ocapi.lib.bpmn import reader
from ocapi.lib.bpmn.compiler import compile_process
from ocapi.lib.bpmn.model import Definitions, Finding, Process
from ocapi.lib.bpmn.reasons import told
from ocapi.lib.bpmn.table import StepTable

__all__ = ["ProcessReport", "Report", "inspect", "inspect_definitions", "told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReport:
    """One process: its step table when it can be executed, else the reasons; and what is not used."""

    id: str
    name: str
    table: StepTable | None
    reasons: tuple[Finding, ...]
    kept: tuple[Finding, ...]

    @property
    def is_executable(self) -> bool:
        """Say whether it can be executed."""
        return self.table is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One file. reasons and kept: of what stands outside every process."""

    processes: tuple[ProcessReport, ...]
    reasons: tuple[Finding, ...] = ()
    kept: tuple[Finding, ...] = ()

    @property
    def executable(self) -> tuple[ProcessReport, ...]:
        """Give the processes that can be executed."""
        return tuple(each for each in self.processes if each.is_executable)


def inspect(raw: bytes) -> Report:
    """Read a file and tell of each process whether it can be executed; raises MalformedInput."""
    return inspect_definitions(reader.read(raw))


def inspect_definitions(definitions: Definitions) -> Report:
    """Tell of each process whether it can be executed."""
    return Report(
        processes=tuple(_report(each, definitions.language) for each in definitions.processes),
        reasons=definitions.problems, kept=definitions.kept,
    )


def _report(process: Process, language: str) -> ProcessReport:
    table, reasons, kept = compile_process(process, language=language)
    return ProcessReport(id=process.id, name=process.name, table=table, reasons=reasons, kept=kept)
