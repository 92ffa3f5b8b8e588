"""Registers the design system with Django: templates, static files, tags and catalogues; no tables."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The `ui` app; it owns no models."""

    name = "ocapi.kernel.ui"
    label = "ui"

    def ready(self) -> None:
        from ocapi.kernel.ui import parking

        parking.register()
