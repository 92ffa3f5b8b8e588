"""Gives Django the few settings the components need when the project's own settings are not in use."""

import os

import django
from django.conf import settings

if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
    settings.configure(
        USE_I18N=True,
        LANGUAGE_CODE="nl",
        STATIC_URL="/static/",
        SECRET_KEY="only-for-tests",
        ALLOWED_HOSTS=["testserver"],
    )
    django.setup()
