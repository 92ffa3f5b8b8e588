"""Processes: BPMN models in versions, and what runs after them."""
