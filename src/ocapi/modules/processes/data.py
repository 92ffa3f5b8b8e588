"""What others may know of processes."""

from ocapi.lib.bpmn import Finding, ProcessReport, Report, told

__all__ = ["Finding", "ProcessReport", "Report", "told"]
