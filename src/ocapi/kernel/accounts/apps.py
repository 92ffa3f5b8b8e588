from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ocapi.kernel.accounts"
    label = "accounts"
    verbose_name = "Persons and organizations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.accounts import sealed

        sealed.register()
