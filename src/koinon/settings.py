"""The one settings file. What differs between places comes from the environment and is listed in `.env.example`."""

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from koinon.base import sqlite
from koinon.base.languages import ENDONYMS

sqlite.choose()

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("KOINON_DATA", "var")).resolve()


def _secret() -> str:
    """The installation's secret: from the environment, or made once in the data folder, readable by its owner alone."""
    if given := os.environ.get("KOINON_SECRET"):
        return given
    file = DATA / "secret"
    if not file.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w") as out:
            out.write(secrets.token_urlsafe(50))
    return file.read_text().strip()


def _database() -> dict[str, Any]:
    """SQLite in the data folder, unless DATABASE_URL names a PostgreSQL."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        pragmas = (
            f"PRAGMA journal_mode={sqlite.journal_mode()};"
            "PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA busy_timeout=10000;"
            "PRAGMA cache_size=-20000;PRAGMA mmap_size=134217728;"
        )
        return {
            "ENGINE": "koinon.base.backends.sqlite",
            "NAME": DATA / "koinon.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": pragmas, "timeout": 10},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit(f"DATABASE_URL: only postgresql:// is understood, not {parts.scheme}://")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("KOINON_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if host.strip()
]
# Behind a reverse proxy that ends TLS (docs/operating.md). Addresses in mails and QR codes begin with the first host.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("KOINON_HTTPS") else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(os.environ.get("KOINON_HTTPS"))
SESSION_COOKIE_NAME = "koinon"
SESSION_ENGINE = "koinon.people.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_USE_SESSIONS = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "koinon.base",
    "koinon.journal",
    "koinon.live",
    "koinon.mail",
    "koinon.search",
    "koinon.topics",
    "koinon.places",
    "koinon.people",
    "koinon.network",
    "koinon.notices",
    "koinon.practices",
    "koinon.questions",
    "koinon.agenda",
    "koinon.calls",
    "koinon.courses",
    "koinon.peers",
    "koinon.spaces",
    "koinon.desk",
    "koinon.room",
    "koinon.minutes",
    "koinon.guide",
    "koinon.reports",
    "koinon.news",
    "koinon.webhooks",
    "koinon.home",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
]

MIDDLEWARE = [
    "koinon.base.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "koinon.base.languages.LanguageFromAddress",
    "koinon.base.problems.ProblemPages",
    "koinon.base.heads.HeadAsGet",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "koinon.base.forms_guard.FormGuard",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "koinon.base.keys.KeysThatFit",
    "koinon.base.known_fields.KnownFieldsOnly",
    "allauth.account.middleware.AccountMiddleware",
    "koinon.network.middleware.VisitorOfRequest",
]

ROOT_URLCONF = "koinon.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "koinon.base.context.frame",
                "koinon.network.context.invented",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "koinon.base.templatetags.koinon",
            ],
        },
    },
]
FORM_RENDERER = "koinon.base.forms.Renderer"

DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

LANGUAGE_CODE = "en"
LANGUAGES = list(ENDONYMS.items())
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Brussels"
LOCALE_PATHS = [HERE / "locale"]
FORMAT_MODULE_PATH = ["koinon.base.formats"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "koinon.base.static.HashedFiles"},
}
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# One more than `base.uploads.MOST_FILES`, so that the form itself can say that there were too many. A body larger than the line above reaches Django only at the one address that takes
# files (asgi.py).
DATA_UPLOAD_MAX_NUMBER_FILES = 6
FILE_UPLOAD_PERMISSIONS = 0o600

# Mail: an SMTP URL in KOINON_MAIL, else files in DATA/mail.
DEFAULT_FROM_EMAIL = os.environ.get("KOINON_MAIL_FROM", "Koinon <koinon@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if mail_url := os.environ.get("KOINON_MAIL"):
    _mail = urlsplit(mail_url)
    if _mail.scheme not in {"smtp", "smtps", "smtp+starttls"} or not _mail.hostname:
        raise SystemExit("KOINON_MAIL: smtp://, smtps:// or smtp+starttls://USER:PASSWORD@HOST:PORT")
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp+starttls"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA / "mail"

# Mail that comes in: replies go to NAME+TOKEN@DOMAIN of this address. Unset: no reply addresses, nothing is taken.
MAIL_IN = os.environ.get("KOINON_MAIL_IN", "").strip().lower()
if MAIL_IN and not re.fullmatch(r"[a-z0-9._-]{1,15}@[a-z0-9-]+(\.[a-z0-9-]+)*", MAIL_IN):
    raise SystemExit(
        "KOINON_MAIL_IN: one bare address with a short name before the @, such as reply@koinon.example"
    )

# Speaking to machines of others (webhooks): only the open internet. For tests alone: also http://127.0.0.1:PORT.
OUTWARD_LOOPBACK = os.environ.get("KOINON_OUTWARD_LOOPBACK", "") == "for-tests"

# Sign-in: a mailed code or a passkey; there are no passwords. Limits are counted in each process (Django's local cache).
ACCOUNT_ADAPTER = "koinon.people.allauth.AccountAdapter"
MFA_ADAPTER = "koinon.people.allauth.PasskeyAdapter"
SOCIALACCOUNT_ADAPTER = "koinon.people.allauth.ServiceAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,12/h/key"}
ACCOUNT_REAUTHENTICATION_METHODS = ("mfa", "code")
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "request_login_code": "koinon.people.forms.AddressForm",
    "confirm_login_code": "koinon.people.forms.CodeForm",
    "confirm_reauthentication_code": "koinon.people.forms.CodeForm",
    "add_email": "koinon.people.forms.NewAddressForm",
    "confirm_email_verification_code": "koinon.people.forms.NewAddressCodeForm",
}
MFA_FORMS = {
    "add_webauthn": "koinon.people.forms_passkeys.PasskeyForm",
    "login_webauthn": "koinon.people.forms_passkeys.PasskeySignInForm",
    "reauthenticate_webauthn": "koinon.people.forms_passkeys.PasskeyProofForm",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "people:account"
LOGOUT_REDIRECT_URL = "home"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
# How many reverse proxies of ours stand before us; the limits above count by the address that the first of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("KOINON_PROXIES", "0"))
SOCIALACCOUNT_ONLY = False
# The organisation's own sign-in (OpenID Connect): addresses that it vouches for are taken as proved.
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
if oidc_issuer := os.environ.get("KOINON_OIDC_ISSUER"):
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "organisation",
                "name": os.environ.get("KOINON_OIDC_NAME", urlsplit(oidc_issuer).hostname),
                "client_id": os.environ.get("KOINON_OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("KOINON_OIDC_SECRET", ""),
                "settings": {"server_url": oidc_issuer},
            }
        ],
    }

# Meaning (docs/decisions/meaning.md). Empty: the bundled encoder; `off`; a folder with an ONNX model; or the address of an encoder
# on one's own network that speaks as OpenAI's do.
ENCODER = os.environ.get("KOINON_ENCODER", "")
ENCODER_MODEL = os.environ.get("KOINON_ENCODER_MODEL", "")
ENCODER_KEY = os.environ.get("KOINON_ENCODER_KEY", "")
ENCODER_BEFORE_QUERY = os.environ.get("KOINON_ENCODER_BEFORE_QUERY", "")
ENCODER_BEFORE_PASSAGE = os.environ.get("KOINON_ENCODER_BEFORE_PASSAGE", "")
ENCODER_SECONDS = float(os.environ.get("KOINON_ENCODER_SECONDS", "1.0"))
MEANING_MOST = int(os.environ.get("KOINON_MEANING_MOST", "50000"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"short": {"()": "koinon.base.problems.WithoutTraceback"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "short": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short"]},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        # What somebody sends wrong is a line in the log, not a traceback: it is no fault of ours, and anybody can do it.
        "django.security": {"handlers": ["short"], "level": "ERROR", "propagate": False},
        "koinon": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
