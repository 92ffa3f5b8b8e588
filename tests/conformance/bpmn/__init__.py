"""BPMN models of the interchange group and of municipalities: `python -m tests.conformance.bpmn FOLDER`."""
