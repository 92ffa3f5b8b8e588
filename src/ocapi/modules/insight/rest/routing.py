"""The one router of this API, which both files of operations fill."""

from ninja import Router

router = Router(tags=["Figures"])
