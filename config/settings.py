"""The site's one settings file, read from the environment.

Every variable has a default that suits one machine, all named in docs/reference/environment.md.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from config.launcher import socket_folder
from config.secret import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("FLAMEKEEPER_DATA") or BASE_DIR / ".flamekeeper").resolve()


def listed(name: str, default: str = "") -> list[str]:
    """Return the comma-separated words of an environment variable."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, object]:
    """Return Django's database settings for a postgresql:// address; an empty one means the embedded server."""
    parts = urlsplit(url or f"postgresql://flamekeeper@/flamekeeper?host={socket_folder(DATA_DIR)}")
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured("DATABASE_URL: write postgresql://USER:PASSWORD@HOST:PORT/NAME")
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    host = unquote(options.pop("host", "")) or parts.hostname or ""
    # A pool per process gave the lowest p99 on every server tried (PostgreSQL is asked for a connection less often).
    pooled: dict[str, object] = {"pool": {"min_size": 1, "max_size": 8, "timeout": 20}} if POOLED else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "flamekeeper",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**options, **pooled},
    }


# Only the web server profits from a pool; commands and workers hold one connection a thread.
POOLED = os.environ.get("FLAMEKEEPER_POOL") == "1"

DEBUG = os.environ.get("FLAMEKEEPER_DEBUG") == "1"
SECRET_KEY = secret_key(DATA_DIR)
ALLOWED_HOSTS = listed("FLAMEKEEPER_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = listed("FLAMEKEEPER_ORIGINS")

INSTALLED_APPS = [
    "governance",
    "ecosystem",
    "benchmarks_runner",
    "record",
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "rules",
    "django_celery_beat",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.security.without_nul",
    "config.security.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "ecosystem.middleware.leave_out_what_is_withheld",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.navigation",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "governance.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Signing in is allauth's; what an account may do, django-rules asks of the offices held today. Nothing else grants.
AUTHENTICATION_BACKENDS = ["governance.sign_in.backend.PasswordBackend", "rules.permissions.ObjectPermissionBackend"]
ACCOUNT_ADAPTER = "governance.sign_in.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# Guessing is slowed by governance/actions/sign_in.py, whose counts outlive a restart.
ACCOUNT_RATE_LIMITS = False
SOCIALACCOUNT_ADAPTER = "governance.sign_in.adapters.GitHubAccounts"
SOCIALACCOUNT_STORE_TOKENS = False
# An OAuth app of one's own; without it the page offers no GitHub. The address is GitHub's, or an Enterprise server's.
GITHUB_SIGN_IN = bool(os.environ.get("FLAMEKEEPER_GITHUB_CLIENT_ID"))
GITHUB_URL = os.environ.get("FLAMEKEEPER_GITHUB_URL", "").rstrip("/")
SOCIALACCOUNT_PROVIDERS = {
    "github": {
        **({"GITHUB_URL": GITHUB_URL} if GITHUB_URL else {}),
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "client_id": os.environ["FLAMEKEEPER_GITHUB_CLIENT_ID"],
                "secret": os.environ.get("FLAMEKEEPER_GITHUB_SECRET", ""),
            }
        ]
        if GITHUB_SIGN_IN
        else [],
    }
}
LOGIN_URL = "governance:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# The loopback site speaks plain http; a server behind https says so and gets secure cookies.
SECURE = os.environ.get("FLAMEKEEPER_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("FLAMEKEEPER_LOG_LEVEL", "INFO")},
}

# Reminders go out where a mail server is named; the portal shows them in any case.
EMAIL_HOST = os.environ.get("FLAMEKEEPER_EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("FLAMEKEEPER_EMAIL_PORT", "25"))
DEFAULT_FROM_EMAIL = os.environ.get("FLAMEKEEPER_EMAIL_FROM", "flamekeeper@localhost")

# Celery. PostgreSQL is the truth; a message is a wake-up with an id, so a lost or doubled one changes nothing.
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or f"redis+socket://{socket_folder(DATA_DIR)}/redis.sock"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any one task (a round has a deadline of its own well below), short enough that a message lost
    # with its worker comes back; the reconciler does not wait for it.
    "visibility_timeout": 1800,
    "unacked_restore_interval": 10,
}
CELERY_BEAT_SCHEDULE = {
    "reconcile": {"task": "benchmarks_runner.tasks.reconcile", "schedule": 15.0},
    "nightly": {"task": "benchmarks_runner.tasks.nightly", "schedule": crontab(hour=2, minute=0)},
    "weekly-aa": {"task": "benchmarks_runner.tasks.weekly_aa", "schedule": crontab(day_of_week=0, hour=4, minute=0)},
    "write-down-what-ended": {"task": "governance.tasks.write_down", "schedule": 60.0},
    "remind-electors": {"task": "governance.tasks.remind_electors", "schedule": crontab(minute=17)},
    "collect-bundles": {"task": "benchmarks_runner.tasks.collect_bundles", "schedule": crontab(hour=6, minute=0)},
}

# What an installed bundle may cost on this disk before the least recently used ones are collected.
BUNDLE_DISK_BUDGET_BYTES = int(float(os.environ.get("FLAMEKEEPER_BUNDLE_BUDGET_GB", "20")) * 10**9)
# What the nightly schedule compares; empty means: nothing until somebody says what.
NIGHTLY_BASELINE = os.environ.get("FLAMEKEEPER_NIGHTLY_BASELINE", "")
NIGHTLY_CANDIDATE = os.environ.get("FLAMEKEEPER_NIGHTLY_CANDIDATE", "")
NIGHTLY_SUITE = os.environ.get("FLAMEKEEPER_NIGHTLY_SUITE", "smoke")
