"""REST API of cases by the BelGIF guide: list, read, file a whole case, assign, decide."""

from ocapi.modules.cases.rest.routes import router

TITLE = "Cases"

__all__ = ["TITLE", "router"]
