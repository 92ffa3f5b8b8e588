"""The door of processes."""

from ocapi.lib import bpmn
from ocapi.modules.processes.data import Report


def inspect_file(*, raw: bytes) -> Report:
    """Tell what of a BPMN 2.0 file can be executed; touches no organization. Raises MalformedInput."""
    return bpmn.inspect(raw)
