"""The page on top of an archive, for somebody who never heard of OCAPI."""

from collections.abc import Sequence
from pathlib import Path

from ocapi.kernel.tenants.data import Table, Tenant


def text(tenant: Tenant, tables: Sequence[Table]) -> str:
    """Give the page for an organization."""
    page = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    return page.format(
        key=tenant.key, uuid=tenant.uuid, base_iri=tenant.base_iri,
        count=len(tables),
    )
