"""Settings, driven by the environment.

The defaults run an embedded installation on SQLite in ``var/``.

The variables are listed in the operator's guide (``docs/guides/operator.md``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# What an installation keeps between starts: database, files, keys, queue of an installation without Redis.
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"The folder {VAR_DIR} can't be made ({error.strerror}): set VAR_DIR to one that can be written to."
    ) from error

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "for-development-only-" * 3 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it to a long random value that stays the same, or DEBUG=1 for trying things out on this machine."
    )

BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
VERSION = "0.1.0"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Before staticfiles, whose runserver would else serve static files itself.
    "whitenoise.runserver_nostatic",
    "customerfocus.staticfiles.StaticFilesConfig",
    "django.contrib.humanize",
    # For the form renderer, which looks for Django's widget templates among the apps'.
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
    "simple_history",
    "organizations",
    "trail",
    "registers",
    "imports",
    "comments",
    "clauses",
    "actions",
    "requirements_registry",
    "risks",
    "feedback",
    "reviews",
    "evidence",
    "packs",  # before audits: the navigation lists pages in this order
    "audits",
    "customerfocus",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "customerfocus.middleware.CompressPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "registers.middleware.PastAddresses",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before anything reads the body, which the check against forged requests does.
    "organizations.boundaries.Boundaries",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "organizations.sessions.IdleSessions",
    "django_htmx.middleware.HtmxMiddleware",
    "trail.busy.BusyDatabase",
    "trail.middleware.ViewsMiddleware",
    "organizations.middleware.OrganizationMiddleware",
    "trail.middleware.ActorMiddleware",
    # Last: who somebody is, and what they may, is a matter of today also where the page is of the past.
    "registers.middleware.TimeTravel",
]

ROOT_URLCONF = "customerfocus.urls"
WSGI_APPLICATION = "customerfocus.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organizations.context_processors.organization",
                "registers.navigation.navigation",
            ],
        },
    }
]
FORM_RENDERER = "customerfocus.form_renderer.Renderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FILTERS_EMPTY_CHOICE_LABEL = _("Any")

# --- Database ---------------------------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'customerfocus.sqlite3'}")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Writers take the lock when their transaction begins: waiting for it then is safe, upgrading to it later is not.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A page that waited so long for others that write says so; workers wait longer.
WEB_LOCK_SECONDS = env.int("WEB_LOCK_SECONDS", 10)
SIMPLE_HISTORY_DATE_INDEX = False
SIMPLE_HISTORY_ENABLED = True

# --- Cache and queue --------------------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "customerfocus.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    # A message in the hands of a worker that died comes back after this many seconds; the sweeper is usually faster.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 3600, "socket_connect_timeout": 2}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    _queue = VAR_DIR / "queue"
    for _folder in ("messages", "processed", "control"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "customerfocus.queue:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "processed_folder": str(_queue / "processed"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.1,  # a message is taken at each look, so with the usual second a queue drains slowly
    }
# Rows hold every job's state, so no result backend: a result nobody reads is a second truth.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 3600
# Nobody waits for a queue that is away: rows are offered again by beat.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# Seconds without a sign of life after which a job counts as orphaned and is taken up again.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", 60)
# How many workers may be at one pack at once.
PACK_WORKERS = env.int("PACK_WORKERS", 4)
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "take-up-orphaned-packs": {"task": "packs.tasks.take_up_orphaned_packs", "schedule": JOB_LEASE_SECONDS / 4},
    "take-up-orphaned-imports": {"task": "imports.tasks.take_up_orphaned_imports", "schedule": JOB_LEASE_SECONDS / 4},
    "take-up-orphaned-edits": {"task": "registers.tasks.take_up_orphaned_edits", "schedule": JOB_LEASE_SECONDS / 4},
    "forget-old-imports": {"task": "imports.tasks.forget_old_imports", "schedule": 24 * 3600},
    "seal": {"task": "trail.tasks.seal_every_organization", "schedule": 300},
    "mail-heads": {"task": "trail.tasks.mail_heads_of_every_organization", "schedule": 3600},
    "tell-watchers": {"task": "comments.tasks.tell_watchers_of_every_organization", "schedule": 3600},
    "tell-signers": {"task": "reviews.tasks.tell_signers_of_every_organization", "schedule": 3600},
    "forget-security-events": {"task": "organizations.tasks.forget_old_security_events", "schedule": 24 * 3600},
    "send-mails": {"task": "organizations.tasks.send_every_waiting_mail", "schedule": 60},
    "snapshot-evaluations": {"task": "clauses.tasks.snapshot_every_organization", "schedule": 6 * 3600},
}

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "organizations:home"
ACCOUNT_ADAPTER = "organizations.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # the address one is entered or invited under is; see organizations.accounts
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # of address, passkeys and codes
ACCOUNT_CHANGE_EMAIL = True  # once the new address is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # also to the address that counted before
USERSESSIONS_TRACK_ACTIVITY = True  # shows when each was used; organizations.sessions keeps it
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", 120)
# Attempts to log in are counted by organizations.log_in_limits; a passkey is nothing to guess.
ACCOUNT_RATE_LIMITS: dict[str, str | None] = {"login": None}
MFA_RATE_LIMITS: dict[str, str | None] = {"webauthn_login": None}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Customer Focus"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
INVITATION_DAYS = 14
SECURITY_LOG_DAYS = env.int("SECURITY_LOG_DAYS", 400)

# --- Mail -------------------------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://127.0.0.1:25"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "customer-focus@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_ATTEMPTS = 100  # a minute apart: a mail server that is away for an hour loses nothing

# --- Language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"  # pages show times in the organization's zone

# --- Files ------------------------------------------------------------------------------------------------------------
NODE_MODULES = BASE_DIR / "node_modules"
STATIC_URL = "/static/"  # the same for pages of the past
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("tabler", NODE_MODULES / "@tabler/core/dist"),
    ("inter", NODE_MODULES / "@fontsource-variable/inter/files"),
]
PACK_FONT_DIRS = [NODE_MODULES / "@expo-google-fonts/noto-sans", NODE_MODULES / "@expo-google-fonts/noto-sans-sc"]
# Signs seals; made on first run. Keep it out of the database's backups: see "Keys" in the operator's guide.
SIGNING_KEY_FILE = env.str("SIGNING_KEY_FILE", str(VAR_DIR / "keys" / "signing.pem"))
MEDIA_ROOT = VAR_DIR / "files"  # never served by path: every file goes through a view that checks who asks
STORAGES = {
    "default": {"BACKEND": "organizations.file_storage.DurableStorage"},
    "staticfiles": {"BACKEND": "customerfocus.staticfiles.StaticFilesStorage"},
}
# /readyz calls the storage full where less is free.
STORAGE_LEAST_BYTES = env.int("STORAGE_LEAST_BYTES", 100 * 1024 * 1024)
WORK_DIR = VAR_DIR / "work"
# Signs packs; PKCS#12 with an RSA key. Where none is given each organization gets one, beside the key of seals.
PACK_CERTIFICATE = env.str("PACK_CERTIFICATE", "")
PACK_CERTIFICATE_PASSWORD = env.str("PACK_CERTIFICATE_PASSWORD", "")
TIMESTAMP_URL = env.str("TIMESTAMP_URL", "")  # an RFC 3161 authority that stamps packs
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", 50 * 1024 * 1024)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 100 * 1024 * 1024)
# Above this many rows an import runs in the worker.
IMPORT_BACKGROUND_ROWS = env.int("IMPORT_BACKGROUND_ROWS", 500)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# What somebody may send who isn't logged in.
ANONYMOUS_MAX_BYTES = env.int("ANONYMOUS_MAX_BYTES", 256 * 1024)
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Security ---------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
# The container's own health check asks without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
TRUST_PROXY = env.bool("TRUST_PROXY", False)
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies stand between browsers and us: each adds the address it was asked from to X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 1) if TRUST_PROXY else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Logging ----------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_secrets": {"()": "customerfocus.log_filters.WithoutSecrets"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["without_secrets"]},
    },
    "loggers": {
        # One line of JSON for each thing that happens to accounts and roles, whatever the level of the rest.
        "security": {"level": "INFO"},
        # Its own handlers would write the links that the filter cuts off.
        "django": {"handlers": []},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO" if DEBUG else "WARNING")},
}
