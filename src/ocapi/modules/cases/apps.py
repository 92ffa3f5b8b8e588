"""Registers the module with Django and hands its manifest to the registry."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The `cases` app."""

    name = "ocapi.modules.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.cases.module import MANIFEST

        registry.register(MANIFEST)
