"""Django's settings, all of them; the environment is read by `environment.py` and nowhere else."""

from pathlib import Path

from ocapi.kernel.tenants import connections as tenant_connections
from ocapi.kernel.tenants import sqlite
from ocapi.main import environment, identity

OCAPI = environment.read()
PROJECT = Path(OCAPI.project)

if not OCAPI.secret:
    from ocapi.lib import durable, ids

    durable.make_directory(Path(OCAPI.data))
    Path(OCAPI.data).chmod(0o700)  # before the secret is in it
    durable.write_file(Path(OCAPI.data) / "secret", ids.token(48).encode())
    OCAPI.secret = (Path(OCAPI.data) / "secret").read_text()

SECRET_KEY = OCAPI.secret
SECRET_KEY_FALLBACKS = [OCAPI.secret_also] if OCAPI.secret_also else []
DEBUG = OCAPI.is_debug
ALLOWED_HOSTS = ["*"]  # main/wsgi.py answers 421 to every host that no organization claims
ROOT_URLCONF = "ocapi.main.urls"
WSGI_APPLICATION = "ocapi.main.wsgi.application"

MODULES = (
    "rules", "capture", "documents", "exchange", "linkeddata", "notify", "forms", "processes", "cases",
    "services", "governance", "onboarding", "insight", "portal",
)
KERNEL = ("tenants", "accounts", "access", "audit", "outbox", "jobs", "files", "registry", "search")
HERE = Path(__file__).resolve().parents[1]


def _present(layer: str, names: tuple[str, ...]) -> list[str]:
    return [f"ocapi.{layer}.{name}.apps.{name.capitalize()}Config" for name in names
            if (HERE / layer / name / "apps.py").exists()]


INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ocapi.kernel.ui.apps.UiConfig",  # before libraries with templates and texts of their own
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    *_present("kernel", KERNEL),
    *_present("modules", MODULES),
    "ocapi.web.apps.WebConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ocapi.kernel.accounts.middleware.TenantCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ocapi.web.middleware.RequestContext",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

if OCAPI.store == "sqlite":
    _platform = sqlite.database_settings(Path(OCAPI.data) / "platform.sqlite")
    _unbound = {**sqlite.database_settings(Path(OCAPI.data) / "unbound"), "NAME": ":memory:"}
else:
    from ocapi.kernel.tenants import postgres

    _platform = postgres.database_settings(OCAPI.database_url, schema="platform")
    _unbound = {**_platform, "NAME": "unbound"}

DATABASES = {"default": _unbound, "platform": _platform}
DATABASE_ROUTERS = ["ocapi.kernel.tenants.router.TenantRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
tenant_connections.install()

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "ocapi.kernel.tenants.caching.tenant_key",
    },
}

LANGUAGE_CODE = "nl"
LANGUAGES = [
    ("nl", "Nederlands"),
    ("nl-be-x-formal", "Nederlands (u)"),
    ("nl-be-x-informal", "Nederlands (je)"),
]
LOCALE_PATHS = [HERE / "web" / "locale"]
TIME_ZONE = "Europe/Brussels"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = PROJECT / "build" / "static"
STATICFILES_DIRS = [path for path in (Path(OCAPI.assets), HERE / "web" / "static") if path.exists()]

# Sign-in: only through the identity provider, see kernel/accounts. Cookie names are what Django calls them
# inside; what the browser sees is written by TenantCookies.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "ocapi.kernel.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS: list[str] = []
SOCIALACCOUNT_ADAPTER = "ocapi.kernel.accounts.adapters.IdentityProviderAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": identity.demo_apps(OCAPI), "OAUTH_PKCE_ENABLED": True}}
MFA_ADAPTER = "ocapi.kernel.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp"]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "ocapi-session"
SESSION_COOKIE_AGE = 8 * 3600  # longest sign-in; accounts ends idle ones after 30 minutes
CSRF_COOKIE_NAME = "ocapi-csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 10
