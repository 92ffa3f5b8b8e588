"""REST API of insight by the BelGIF guide: figures of requests, indicators with their numbers and lineage."""

from ocapi.modules.insight.rest import figures, indicators
from ocapi.modules.insight.rest.routing import router

TITLE = "Insight"

__all__ = ["TITLE", "figures", "indicators", "router"]
