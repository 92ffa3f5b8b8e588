"""What modules above fill: who takes reports of wrong values, who shows versions of other things."""

from datetime import datetime
from typing import Protocol

from ocapi.lib.actor import Actor
from ocapi.lib.registry import Registry
from ocapi.modules.linkeddata.data import ReportReceipt, ValueReport


class ReportDesk(Protocol):
    """Makes work of a report for who keeps the object, and tells the reporter how it ends."""

    name: str

    def is_open(self) -> bool:
        """Tell whether the bound organization takes reports."""

    def receive(self, *, report: ValueReport, actor: Actor, now: datetime) -> ReportReceipt:
        """Take a report in the transaction of the caller; the same report of the same actor again gives the
        same receipt. Raises NotAllowed, TooManyReports.
        """


report_desks: Registry[ReportDesk] = Registry(ReportDesk)


class VersionPages(Protocol):
    """Knows the page of a version of a thing: `/id/publieke-dienst/{uuid}/{number}`, of a module above."""

    name: str

    def find_path(self, *, kind: str, uuid: str, number: int) -> str | None:
        """Give the path of the page, or None for other kinds and versions that are not public."""


version_pages: Registry[VersionPages] = Registry(VersionPages)
