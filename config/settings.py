"""The one settings module. Everything that differs between installations comes from the environment.

docs/settings.md has the table of variables. Whatever is the same everywhere is written here as a value.
"""

import logging
import zoneinfo
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF
from kombu import Queue

from config.environment import Environment
from config.logs import configuration as logging_configuration

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
environment = Environment()

# What an installation is

SECRET_KEY = environment.secret("SECRET_KEY")
FIELD_KEYS = environment.fernet_keys("FIELD_KEYS")
PUBLIC_URL = environment.origin("PUBLIC_URL")
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS")
NUKI_API_URL = environment.origin("NUKI_API_URL", "https://api.nuki.io")
NUKI_CALLS_PER_MINUTE = environment.number("NUKI_CALLS_PER_MINUTE", 120)
NUKI_LOOKS_AT_ONCE = environment.number("NUKI_LOOKS_AT_ONCE", 4)
NUKI_OAUTH_CLIENT_ID = environment.text_beside("NUKI_OAUTH_CLIENT_ID", "NUKI_OAUTH_CLIENT_SECRET")
NUKI_OAUTH_CLIENT_SECRET = environment.text_beside("NUKI_OAUTH_CLIENT_SECRET", "NUKI_OAUTH_CLIENT_ID")
DEMO_SIMULATOR_URL = environment.optional_origin("DEMO_SIMULATOR_URL")
DEMO_INBOX_URL = environment.optional_origin("DEMO_INBOX_URL")
REDIS_URL = environment.redis("REDIS_URL")
LIVE_STREAMS = environment.number("LIVE_STREAMS", 16)
API_CALLS_PER_MINUTE = environment.number("API_CALLS_PER_MINUTE", 600)
WEBHOOK_ALLOWED_NETWORKS = environment.networks("WEBHOOK_ALLOWED_NETWORKS")
SIGN_UP = environment.choice("SIGN_UP", "invited", "open")
DEBUG = False

# How Django is put together

INSTALLED_APPS = [
    "config",
    "access",
    "properties",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "properties.middleware.RequestLog",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "properties.reading.ChosenLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "properties.middleware.CurrentOrganization",
    "properties.middleware.RequiredSecondFactor",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"heroicons": "properties.icons", "timeline_marks": "access.timeline_marks"},
            "builtins": ["properties.marks"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "properties.frame.frame",
                "access.badge.badge",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# PostgreSQL: the application's role owns nothing; the owner's role is for migrations only

DATABASES = {
    "default": {
        **environment.database("DATABASE_URL"),
        "ENGINE": "properties.postgresql",
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    },
    "owner": environment.database("DATABASE_OWNER_URL", environment.text("DATABASE_URL")),
}

# Redis, for the cache and for Celery

CACHES = {
    "default": {
        "BACKEND": "config.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},  # seconds a page may wait for it
    },
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,  # seconds; longer than any task: a killed worker's work comes back after it
    "unacked_restore_interval": 5,  # seconds between looks for such work; the library's own takes 100
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,  # seconds a request may wait for a broker that is gone
    "socket_timeout": 2,  # the same for one that is silent; `access.work_queue` then leaves it alone
    "socket_keepalive": True,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue("news"), Queue("locks"), Queue("mail"), Queue("hooks"), Queue("default")]
CELERY_TASK_ROUTES = {
    "access.tasks.take_in_deliveries": {"queue": "news"},
    "access.tasks.open_lock": {"queue": "news"},  # somebody stands at the door
    "access.tasks.reconcile_lock": {"queue": "locks"},
    "access.tasks.send_message": {"queue": "mail"},
    "access.tasks.send_trial": {"queue": "mail"},
    "access.tasks.tell_host": {"queue": "mail"},
    "access.tasks.deliver_webhooks": {"queue": "hooks"},
    "properties.tasks.send_due_invitations": {"queue": "mail"},
}
CELERY_TASK_TIME_LIMIT = 600  # seconds; far longer than any task. Pools of threads know no limit


def _tick(task: str, every: timedelta, of: str = "access") -> dict[str, Any]:
    """Have a task sent again and again; one that nobody took in time is dropped, as the next does its work.

    So a worker that comes back after hours finds a dozen ticks and not thousands. A minute at least, so that
    a busy worker, or clocks of two machines that differ by seconds, drop none that is needed.
    """
    expires = max(every.total_seconds(), 60.0)
    return {"task": f"{of}.tasks.{task}", "schedule": every, "options": {"expires": expires}}


CELERY_BEAT_SCHEDULE = {
    "ring-due-locks": _tick("ring_due_locks", timedelta(seconds=5)),
    "ring-due-messages": _tick("ring_due_messages", timedelta(seconds=15)),
    "ring-due-webhooks": _tick("ring_due_webhooks", timedelta(seconds=5)),
    "ring-due-accounts": _tick("ring_due_accounts", timedelta(seconds=5)),
    "note-ticks": _tick("note_ticks", timedelta(seconds=15)),
    "ring-late-guests": _tick("ring_late_guests", timedelta(seconds=30)),
    "ring-doors-to-stock": _tick("ring_doors_to_stock", timedelta(minutes=5)),
    "review-alerts": _tick("review_alerts", timedelta(seconds=30)),
    "forget-deliveries": _tick("forget_deliveries", timedelta(hours=1)),
    "send-due-invitations": _tick("send_due_invitations", timedelta(seconds=15), of="properties"),
}
CELERY_ENABLE_UTC = True

# People

AUTH_USER_MODEL = "properties.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
# Who signs up proves the address by a code, or by the link of an invitation. With an address that has an
# account already they see the same page, and its owner gets a letter: nobody learns who has an account.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 900  # seconds
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a forgotten password of nobody's: no letter to strangers
ACCOUNT_RATE_LIMITS = {"signup": "20/h/ip"}  # each sends a letter to whatever address was typed
ACCOUNT_CHANGE_EMAIL = True  # one address each; another one takes its place once it was confirmed
ACCOUNT_ADAPTER = "properties.sign_in.Accounts"
ACCOUNT_FORMS = {"signup": "properties.sign_in.SignUpForm"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_ADAPTER = "properties.sign_in.EncryptedSecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody can sign up with another's address
MFA_TOTP_ISSUER = "Keyturn"
MFA_TOTP_TOLERANCE = 1  # periods of 30 seconds: telephones' clocks differ
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# Mail

MAIL = environment.email("EMAIL_URL")
EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
EMAIL_HOST = MAIL.get("EMAIL_HOST", "")
EMAIL_PORT = MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = MAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20  # seconds
MAIL_PROVIDER = MAIL.get("PROVIDER", "")  # empty: a mail server
ANYMAIL = MAIL.get("ANYMAIL", {})
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL")

# Words and time: everything is stored in UTC; pages and messages use the property's zone

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # of hosts, each in its own words; guests read more
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
zoneinfo.reset_tzpath(to=())  # rules of zones come with the `tzdata` package: every machine has the same

# Files

STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(BASE_DIR / "static_root")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if (STATIC_ROOT / "staticfiles.json").exists()
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_AUTOREFRESH = False

# Safety of pages. An installation served over https asks for it everywhere

IS_HTTPS = PUBLIC_URL.startswith("https://")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS  # browsers themselves allow it on this machine alone
CSRF_FAILURE_VIEW = "properties.failures.form_grown_old"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0  # a year
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
if environment.flag("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # so that sign-ins are counted for each visitor, not for the proxy
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
X_FRAME_OPTIONS = "DENY"
# "Sign in with Nuki" is a form whose answer leads there, and browsers hold a form to `form-action` through
# all redirects. Where Nuki's own sign-in leads on to is not documented; its pages for hosts are the last one.
FORMS_LEAD_TO = [NUKI_API_URL, "https://web.nuki.io"] if NUKI_OAUTH_CLIENT_ID else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *FORMS_LEAD_TO],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}

# REST

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["access.api.parsing.StrictJson"],
    "DEFAULT_SCHEMA_CLASS": "access.api.schema.Schema",
    "EXCEPTION_HANDLER": "access.api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Keyturn",
    "DESCRIPTION": "Guests' codes on the right locks, for exactly the right time. How it works: docs/api.md.",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "access.api.schema_answers.with_headers",
        "access.api.schema_answers.with_links",
    ],
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["access.api.schema.only_operations"],
    "TAGS": [
        {"name": name}
        for name in (
            "Stays",
            "Guests",
            "Messages",
            "Locks",
            "What happens",
            "Places",
            "Nuki accounts",
            "Team",
            "Audit",
            "Webhooks",
            "API keys",
        )
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ToneEnum": [(one, one) for one in ("ready", "moving", "look", "act", "past", "planned")],
        "HealthStateEnum": [(one, one) for one in ("ready", "look", "act")],
        "RoleEnum": [(one, one) for one in ("owner", "manager", "staff", "viewer")],
        "InvitedRoleEnum": [(one, one) for one in ("manager", "staff", "viewer")],
        "DeliveryStateEnum": [(one, one) for one in ("waiting", "delivered", "given_up")],
        "EventTypeEnum": "access.api.webhooks.TYPES",
        "ChosenTypeEnum": "access.api.webhooks.ASKED_FOR",
        "ChosenWordEnum": "access.api.webhooks.WORDS",
    },
}

# Logs

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_configuration(as_json=environment.flag("LOG_JSON", default=True))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG  # a tick each five seconds says nothing
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
