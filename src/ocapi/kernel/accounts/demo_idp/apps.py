from django.apps import AppConfig


class DemoIdpConfig(AppConfig):
    name = "ocapi.kernel.accounts.demo_idp"
    label = "demo_idp"
    verbose_name = "Demo identity provider"
