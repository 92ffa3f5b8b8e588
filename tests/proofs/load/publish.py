"""Publishes the policy snapshot of every organization, as the worker does within ten minutes."""


def main() -> None:
    """Run inside the product's settings."""
    import django

    django.setup()
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock
    from ocapi.modules.exchange import api as exchange

    for tenant in tenants.list_tenants():
        with tenants.bind_tenant(tenant):
            exchange.publish_snapshot(now=clock.now())
    print("{}")


if __name__ == "__main__":
    main()
