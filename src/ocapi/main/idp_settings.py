"""Django's settings of the demo identity provider: its own process, its own database, only in a demo."""

from pathlib import Path

from ocapi.main import environment, identity

OCAPI = environment.read()
if not OCAPI.is_demo:
    raise environment.SettingRefused(
        "OCAPI_DEMO",
        "0",
        "the demo identity provider starts in a demo only (OCAPI_DEMO=1), never in production",
    )

DEMO_IDP_FOLDER = str(Path(OCAPI.data) / "idp")
DEMO_IDP_ISSUER = identity.issuer(OCAPI)
DEMO_IDP_SCOPES = identity.SCOPES
DEMO_IDP_CLIENT_ID = identity.CLIENT_ID
DEMO_IDP_CLIENT_SECRET = identity.client_secret(OCAPI)

SECRET_KEY = f"idp-{identity.client_secret(OCAPI)}"
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "ocapi.kernel.accounts.demo_idp.urls"
FORCE_SCRIPT_NAME = identity.PREFIX
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
    "ocapi.kernel.accounts.demo_idp.apps.DemoIdpConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ocapi.kernel.accounts.demo_idp.views.OneSignInPerChoice",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(DEMO_IDP_FOLDER) / "idp.sqlite"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "nl"
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "kernel" / "accounts" / "locale"]
TIME_ZONE = "Europe/Brussels"
USE_TZ = True
LOGIN_URL = "account_login"
ACCOUNT_EMAIL_VERIFICATION = "none"
IDP_OIDC_ADAPTER = "ocapi.kernel.accounts.demo_idp.adapter.DemoAdapter"
SESSION_COOKIE_NAME = "idp-session"
CSRF_COOKIE_NAME = "idp-csrf"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{identity.PREFIX}/"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 600  # seconds: time enough to choose a person
