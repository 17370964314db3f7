"""Settings, read from the environment; `NAME_FILE` may hold the path of a file with the value.

Without DATABASE_URL the engines that `manage.py demo` started under .local/ are used.
"""

import json
import os
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pghistory
from celery.schedules import crontab
from csp.constants import NONCE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE names, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def env_list(name: str) -> list[str]:
    return [part.strip() for part in env(name).split(",") if part.strip()]


def refuse(sentence: str) -> NoReturn:
    """End whichever program reads the settings with a sentence, as a traceback helps nobody here.

    gunicorn takes 3 as "cannot boot" (see gunicorn.conf.py); after any other code of a worker it
    starts another, for ever.
    """
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(3)


def env_map(name: str) -> dict[str, str]:
    """Names and values as a JSON object; it may hold secrets, so an error does not repeat it."""
    try:
        found = json.loads(env(name, "{}") or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        refuse(
            f"{name} 须是 JSON 对象，名称与值都是字符串，请改正后再启动。 "
            f"{name} must be a JSON object of strings: correct it, then start again."
        )
    return found


DEVELOPMENT = env("DEBUG") == "1"
# People who try the demo meet our own error pages, not Django's.
DEBUG = DEVELOPMENT and env("DEMO") != "1"
SECRET_KEY = env("SECRET_KEY", "demo-only-" + "0" * 50 if DEVELOPMENT else "")
if not SECRET_KEY:
    refuse(
        "没有设置 SECRET_KEY：请设置它或 SECRET_KEY_FILE；只想试用时用 make run。 "
        "SECRET_KEY is not set: set it or SECRET_KEY_FILE, or use make run to try the demo."
    )
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or (["*"] if DEVELOPMENT else [])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

# Engines ----------------------------------------------------------------------------------------

# What this machine alone keeps: the embedded engines, uploads, collected static files.
LOCAL_FOLDER = Path(env("LOCAL_FOLDER", str(BASE_DIR / ".local")))
ENGINES_FILE = LOCAL_FOLDER / "engines.json"
_engines: dict[str, str] = json.loads(ENGINES_FILE.read_text()) if ENGINES_FILE.exists() else {}


# How many connections the threads of a process share; 0 for one that each thread keeps, as sync
# workers of gunicorn and of Celery should.
POOL = int(env("DATABASE_POOL", "4"))


def database_url(name: str, default: str) -> str:
    """The address of a PostgreSQL; refused where it cannot be one. Its text may hold a password."""
    url = env(name) or default
    try:
        port = conninfo_to_dict(url).get("port") or ""
    except ProgrammingError:
        port = "?"
    if not str(port).replace(",", "").isdigit() and port:
        refuse(
            f"{name} 不是 PostgreSQL 地址，请写成 postgresql://用户:密码@主机:端口/库名"
            f"（密码里的特殊字符写成 %XX）。 {name} is no address of a PostgreSQL: write "
            f"postgresql://user:password@host:port/name, with special characters as %XX."
        )
    return url


def database(url: str, *, pool: bool) -> dict[str, Any]:
    """A Django database entry for a PostgreSQL URL."""
    parts = conninfo_to_dict(url)
    options: dict[str, Any] = {"connect_timeout": 5, "application_name": "governance"}
    known = ("dbname", "host", "port", "user", "password")
    options |= {name: value for name, value in parts.items() if name not in known}  # e.g. sslmode
    if pool and POOL:
        options["pool"] = {"min_size": 1, "max_size": POOL, "timeout": 10}
    return {
        "ENGINE": "governance.database",
        "NAME": parts.get("dbname", "governance"),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "CONN_MAX_AGE": 0 if POOL else 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": pool,
        "OPTIONS": options,
    }


DATABASE_URL = database_url("DATABASE_URL", _engines.get("app_url", ""))
DATABASES = {
    "default": database(DATABASE_URL, pool=True),
    # Only `migrate` uses it: the application's own role may not alter tables or history.
    "owner": database(
        database_url("DATABASE_OWNER_URL", _engines.get("owner_url", "")), pool=False
    ),
}
# Live hints LISTEN straight on PostgreSQL, also where DATABASE_URL is a PgBouncer.
LISTEN_URL = database_url("LISTEN_DATABASE_URL", DATABASE_URL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL", _engines.get("redis_url", "redis://127.0.0.1:6379/0"))

# The house --------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "governance.admin_config.GovernanceAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "axes",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
    "leaflet",
    "guardian",
    "governance",
    "grids",
    "people",
    "cases",
]
AUTH_USER_MODEL = "governance.User"
ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "governance.middleware.ActorMiddleware",
    "governance.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.middleware.SessionAgeMiddleware",
    "governance.middleware.NotAllowedMiddleware",
    "axes.middleware.AxesMiddleware",
]

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
                "django.template.context_processors.i18n",
                "governance.pages.chrome",
            ],
            "builtins": ["governance.templatetags.interface"],
            "libraries": {"i18n": "governance.templatetags.quick_i18n"},
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Map tiles --------------------------------------------------------------------------------------


def tile_sources(template: str) -> list[str]:
    """Whom pages may load tiles from, as a content security policy names them.

    The part of a host in braces, as in t{s}.example, stands for several: *.example.
    """
    parts = urlsplit(template)
    host = parts.netloc.rpartition("@")[2]
    if not host:
        return []  # our own, or none
    if "}" in host:
        host = f"*.{host.rpartition('}')[2].partition('.')[2]}"
    return [f"{parts.scheme}://{host}" if parts.scheme else host]


# The address of a tile with {z}, {x} and {y} in it, and whose map it is.
MAP_TILES = env("MAP_TILES")
MAP_ATTRIBUTION = env("MAP_ATTRIBUTION")

# Who may enter ----------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "governance.passwords.LongEnoughValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "governance.passwords.ThreeClassesValidator"},
    {"NAME": "governance.passwords.NotReusedValidator"},
]
PASSWORD_DAYS = 90
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_CLIENT_IP_CALLABLE = "governance.rates.address_of"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]
AXES_VERBOSE = False
# How long a session lasts unused. An hour is longer than a call or the way between two visits, and
# shorter than a lunch break; for administrators half an hour, as assessors of level 3 expect.
SESSION_COOKIE_AGE = int(env("SESSION_MINUTES", "60")) * 60
ADMIN_SESSION_AGE = int(env("ADMIN_SESSION_MINUTES", "30")) * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SECURE_SSL_REDIRECT = not DEVELOPMENT and env("SSL_REDIRECT", "1") == "1"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *tile_sources(MAP_TILES)],
        "object-src": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

# Words and times --------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
LANGUAGE_COOKIE_HTTPONLY = True

# Files ------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env("STATIC_ROOT", str(LOCAL_FOLDER / "static"))
MEDIA_ROOT = env("MEDIA_ROOT", str(LOCAL_FOLDER / "media"))
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
# What is uploaded stays in memory: a table of people must not lie on a disk in the clear.
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE
# Behind nginx the download view only answers with this prefix and nginx sends the file.
ACCEL_REDIRECT_PREFIX = env("ACCEL_REDIRECT_PREFIX")
BEHIND_NGINX = bool(ACCEL_REDIRECT_PREFIX)

# Personal data ----------------------------------------------------------------------------------

PERSONAL_DATA_KEY = env("PERSONAL_DATA_KEY", "00" * 32 if DEVELOPMENT else "")
# Others that may still open, or shall soon wrap: see governance/keys.py.
PERSONAL_DATA_OTHER_KEYS = env("PERSONAL_DATA_OTHER_KEYS").replace(",", " ").split()
# What blind indexes are made with; PERSONAL_DATA_KEY until that one is changed for the first time.
PERSONAL_INDEX_KEY = env("PERSONAL_INDEX_KEY")
PERSONAL_DATA_CIPHER = env("PERSONAL_DATA_CIPHER", "aes-256-gcm")
RETENTION_FILE = BASE_DIR / "governance" / "retention.toml"
# Who looks at more people than this within an hour is reported to the security administrators.
BURST_PEOPLE = int(env("BURST_PEOPLE", "60"))
# Certificates of erasures, outside the database: replayed after a restore. On a disk of its own,
# and shared where there are several machines.
ERASURE_FILE = env("ERASURE_FILE", str(LOCAL_FOLDER / "erasures.jsonl"))

# History ----------------------------------------------------------------------------------------

PGHISTORY_APPEND_ONLY = True
# History is read by row (pgh_obj) and sealed by transaction; other indexes would only cost.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_BASE_MODEL = "governance.history.HistoryRow"
# Triggers follow the models after each `migrate`. As operations of migrations, each new field of a
# tracked model wrote its six triggers anew.
PGTRIGGER_MIGRATIONS = False
PGTRIGGER_INSTALL_ON_MIGRATE = True

# Celery -----------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY = False
SWEEP_SECONDS = float(env("SWEEP_SECONDS", "5"))
CELERY_BEAT_SCHEDULE = {
    # `expires` is the interval, so that knocks do not pile up while no worker listens.
    "sweep": {
        "task": "governance.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "deliver": {
        "task": "governance.tasks.deliver",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    # learns from the closed cases of the day before; a name upward, as the URLs are
    "train_items": {
        "task": "cases.tasks.train_items",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 3600},
    },
    # the last week's and month's figures of each grid, once they are over
    "write_sheets": {
        "task": "people.tasks.write_sheets",
        "schedule": crontab(hour=1, minute=10),
        "options": {"expires": 3600},
    },
    # apart from e-mail: a gateway that hangs must not hold up what staff are told
    "deliver_outside": {
        "task": "governance.tasks.deliver_outside",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "retention": {
        "task": "governance.tasks.retention",
        "schedule": crontab(hour=2, minute=40),
        "options": {"expires": 3600},
    },
    "watch": {"task": "governance.tasks.watch", "schedule": 60, "options": {"expires": 60}},
    # a person waits at the page for the file to be read; mostly there is nothing to do
    "import_places": {
        "task": "grids.tasks.import_places",
        "schedule": 2,
        "options": {"expires": 2},
    },
    "import_people": {
        "task": "people.tasks.import_people",
        "schedule": 2,
        "options": {"expires": 2},
    },
    "seal": {"task": "governance.tasks.seal", "schedule": 60, "options": {"expires": 60}},
}

# Messages ---------------------------------------------------------------------------------------

EMAIL_BACKEND = env("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env("EMAIL_HOST") or "localhost"
# Residents are written to only where a mail server was named; messages to staff try this machine.
EMAIL_TO_RESIDENTS = bool(env("EMAIL_HOST"))
EMAIL_PER_MINUTE = int(env("EMAIL_PER_MINUTE", "60"))  # to residents
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env("EMAIL_USE_TLS") == "1"
EMAIL_TIMEOUT = float(env("EMAIL_TIMEOUT", "10"))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "governance@localhost")
# A channel is on when its address is given (governance/channels.py); with a secret it is signed.
SMS_URL = env("SMS_URL")
SMS_SECRET = env("SMS_SECRET")
SMS_PER_MINUTE = int(env("SMS_PER_MINUTE", "60"))
# {"name of a department or street": "address of its group's robot"}; the address is the secret
WECOM_ROBOTS = env_map("WECOM_ROBOTS")
WECOM_SECRET = env("WECOM_SECRET")  # for a relay in between; WeCom itself reads no signature
WECOM_PER_MINUTE = int(env("WECOM_PER_MINUTE", "20"))
CHANNEL_SECONDS = float(env("CHANNEL_SECONDS", "5"))

# API --------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.api.TokenAuthentication",
        "governance.api.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["governance.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "governance.api.OrjsonParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "governance.api.problem",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=90), "AUTH_HEADER_PREFIX": "Token"}
SPECTACULAR_SETTINGS = {
    "TITLE": _("社区网格治理平台 API"),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "governance.api.with_problems",
    ],
}

# Maps -------------------------------------------------------------------------------------------


def wheel_library(package: str, pattern: str) -> str:
    """A library inside a wheel: django-leaflet's widget asks Django for GEOS and GDAL."""
    spec = find_spec(package)
    assert spec, package
    assert spec.origin, package
    folder = Path(spec.origin).parent.parent / f"{package}.libs"
    return str(next(folder.glob(pattern)))


GEOS_LIBRARY_PATH = wheel_library("shapely", "libgeos_c*")
GDAL_LIBRARY_PATH = wheel_library("pyogrio", "libgdal*")
LEAFLET_CONFIG = {"ATTRIBUTION_PREFIX": "", "TILES": [], "MAX_ZOOM": 19, "NO_GLOBALS": False}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # at DEBUG it would print whole contexts, and with them what somebody looked at
    "loggers": {"django.template": {"level": "INFO"}},
}
# axes.W006: lock-out follows the account, as GB/T 22239 asks; a whole office shares one address.
# templates.W003: our i18n tags stand in for Django's on purpose (governance/templatetags).
# guardian's backend knows no dates: cases/shared.py reads its rows with the shares' own
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["axes.W006", "templates.W003", "guardian.W001"]
