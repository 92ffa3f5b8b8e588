"""What others may know of rules."""

from ocapi.lib.dmn.kit_report import KitMissing, KitReport, LevelScore, NodeResult

__all__ = ["KitMissing", "KitReport", "LevelScore", "NodeResult"]
