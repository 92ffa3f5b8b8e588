"""BPMN 2.0: files to step tables, reasons for what can't be executed, and the engine; without storage."""

from ocapi.lib.bpmn.inspection import ProcessReport, Report, inspect
from ocapi.lib.bpmn.model import Finding
from ocapi.lib.bpmn.reasons import told
from ocapi.lib.bpmn.table import Step, StepTable

__all__ = ["Finding", "ProcessReport", "Report", "Step", "StepTable", "inspect", "told"]
