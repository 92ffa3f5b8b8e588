"""Cache keys carry the organization, so that one never reads another's entry."""

from ocapi.kernel.tenants import binding


def tenant_key(key: str, key_prefix: str, version: int) -> str:
    """Make the cache key of the bound organization; raises TenantUnbound when nothing is bound."""
    return f"{binding.current().uuid}:{key_prefix}:{version}:{key}"
