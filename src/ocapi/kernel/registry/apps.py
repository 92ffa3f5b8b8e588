from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "ocapi.kernel.registry"
    label = "registry"
    verbose_name = "Registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.access.extensions import operations
        from ocapi.kernel.registry import local_authorities
        from ocapi.kernel.registry.backups.erasures import ErasureBook
        from ocapi.kernel.registry.extensions import content_loaders, import_formats
        from ocapi.kernel.registry.platform import OPERATIONS
        from ocapi.kernel.tenants.extensions import erasure_books

        for operation in OPERATIONS:
            operations.add(operation)
        content_loaders.add(local_authorities.OrganizationsLoader)
        content_loaders.add(local_authorities.ChangeEventsLoader)
        erasure_books.add(ErasureBook)
        import_formats.add(local_authorities.AdministrativeUnits)
