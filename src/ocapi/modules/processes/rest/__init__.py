"""The API `processes`, shaped as process engines commonly are: start by key, tasks, messages, operations."""

from ninja import Router

from ocapi.modules.processes.rest import correcting, operating, relocating, running

TITLE = "Processes"
VERSION = "1.4.0"

router = Router()
router.add_router("", running.router)
router.add_router("", operating.router)
router.add_router("", relocating.router)
router.add_router("", correcting.router)

__all__ = ["TITLE", "VERSION", "router"]
