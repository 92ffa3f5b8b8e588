from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "ocapi.kernel.files"
    label = "files"
    verbose_name = "Files"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.files import scanning
        from ocapi.kernel.files.extensions import scanners

        scanners.add(scanning.StructureScanner)
