from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "ocapi.kernel.outbox"
    label = "outbox"
    verbose_name = "Outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.outbox.sink import OutboxSink
        from ocapi.kernel.tenants.extensions import change_sinks

        if change_sinks.find(OutboxSink.name) is None:
            change_sinks.add(OutboxSink())
