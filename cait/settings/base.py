"""What holds everywhere. Where the database, the broker and the secrets are is said by dev, test and prod."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# True only where invented people may be loaded and the accounts printed on the login page are safe.
DEMONSTRATION = False
# True where the demonstration goes without its borough: nobody fills it in, and nobody waits for it.
WITHOUT_BOROUGH = False

# True where servers that the environment does not name are embedded ones, below DATA.
EMBEDDED = False

# Whom to ring when CAIT itself fails, as it stands after "Ring": error pages and warnings say it.
HELP_DESK = "the CAIT help desk"
# Whom emails to partners come from, and how long a mail server may take to answer.
MAIL_FROM = "cait@police.example"
EMAIL_TIMEOUT = 20

# The mailbox of each team, by its code: where it is read (see intake/places.py), and the address that is answered to.
MAILBOXES: dict[str, str] = {}
MAILBOX_ADDRESSES: dict[str, str] = {}
# Where the demonstration's own mail lies; a real installation has mail servers.
MAIL_FOLDER: Path | None = None

# Printed on every page, print and export (handbook: protective marking).
PROTECTIVE_MARKING = "OFFICIAL-SENSITIVE"

# --- the house -----------------------------------------------------------------------------------

ROOMS = [
    "workbench",
    "oversight",
    "old_logs",
    "referrals",
    "cram",
    "conferences",
    "intake",
    "diary",
    "cases",
    "people",
    "api",
    "team",
    "pages",
    "audit",
    "deadlines",
]

INSTALLED_APPS = [
    "cait",
    *ROOMS,
    "allauth",
    "allauth.account",
    "simple_history",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",  # its look-ups: names that are like each other
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",  # first, so that what the others answer by themselves has it too
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pages.middleware.no_body_after_head",
    "pages.middleware.keep_private",
    "pages.middleware.only_utf_8",
    "pages.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "api.middleware.CommonToPages",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "workbench.errors.explain_method_not_allowed",
    "team.middleware.OwnPasswordMiddleware",
]

ROOT_URLCONF = "cait.urls"
WSGI_APPLICATION = "cait.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "workbench.frame.frame",
            ],
            "builtins": ["pages.templatetags.words"],
        },
    },
]
# Only for the rows of long tables, which are asked for by name (docs/adr/0023-rows-in-jinja.md).
TEMPLATES.append(
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "rows",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "pages.jinja.environment"},
    }
)
FORM_RENDERER = "pages.forms.GovukRenderer"

# --- words and times -----------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"  # shown and counted in London; stored in UTC by PostgreSQL
FORMAT_MODULE_PATH = ["pages.formats"]

# --- who is asking -------------------------------------------------------------------------------

AUTH_USER_MODEL = "team.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "given_names", "family_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workbench:today"
ACCOUNT_ADAPTER = "team.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "pages.account_forms.SignInForm",
    "change_password": "pages.account_forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_CHANGE_EMAIL = False
# A whole office sits behind one address, so the limit for an address is wide and the limit for an account narrow.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "100/m/ip,10/5m/key",
    "change_password": "10/m/user",
    "reauthenticate": "10/m/user",
}

# In the database, not in the broker: signing in and its throttling must not depend on Valkey.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Above 300 Django throws entries out, and with them the counts of failed tries.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_COOKIE_AGE = 10 * 60 * 60  # a tour of duty; nobody is left signed in on an office machine overnight
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "workbench.errors.form_refused"

# --- programs ------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.access.Token", "api.access.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["api.access.SignedIn"],
    "DEFAULT_PARSER_CLASSES": ["api.parsing.Json"],
    # No page to click through: it would need scripts of its own, and the description says it all.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Described",
    "DEFAULT_METADATA_CLASS": None,  # what OPTIONS would tell stands in the description
    "EXCEPTION_HANDLER": "api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
# A token ends after a year: one that nobody remembers does not stay open for ever.
REST_KNOX = {"TOKEN_TTL": timedelta(hours=365 * 24)}
SPECTACULAR_SETTINGS = {
    "TITLE": "CAIT",
    "DESCRIPTION": (
        "What the pages do, for programs: the same actions, the same permissions, the same sentences when something "
        "is refused. Moments are in UTC, and sent with their offset. Every look at a record is logged under the name "
        "of whoever holds the token."
    ),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["api.access.SignedIn"],
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {
        "Role": "team.enums.Role",
        "RecordState": "cases.enums.State",
        "ActionState": "cases.enums.ActionState",
        "ClosureState": "cases.enums.ClosureState",
        "TransferState": "cases.enums.TransferState",
        "DutyState": "diary.models.DutyState",
        "EmailState": "intake.enums.State",
        "EmailUse": "intake.enums.UseKind",
        "EntryKind": "cases.enums.Kind",
        "EntryKindByHand": "cases.api.shapes.KINDS_BY_HAND",
        "DecisionKind": "referrals.enums.DecisionKind",
        "AssessmentState": "cram.enums.AssessmentState",
        "AssessmentKind": "cram.enums.AssessmentKind",
        "AssessmentKindByName": "cram.api.shapes.KINDS_BY_NAME",
        "GapState": "cram.enums.GapState",
        "ResearchState": "cram.enums.RequestState",
        "FactorAnswer": "cram.enums.Said",
        "PoliceSystem": "cram.enums.System",
        "MeasureWorks": "cram.enums.Works",
        "MeasureFound": "cram.managing_forms.FOUND",
        "ConferenceState": "conferences.enums.ConferenceState",
        "ConferenceKind": "conferences.enums.ConferenceKind",
        "Attending": "conferences.enums.Attending",
        "AttendingDecided": "conferences.api.shapes.DECIDED",
        "ConferenceOutcome": "conferences.enums.Outcome",
        "PlanCategory": "conferences.enums.PlanCategory",
        "PlanEnd": "conferences.enums.PlanEnd",
        "PlanEndByHand": "conferences.api.plan_shapes.ENDS",
        "CoreGroupState": "conferences.enums.CoreGroupState",
        "ReportState": "conferences.enums.ReportState",
        "ReportOutcome": "conferences.enums.ReportOutcome",
        "RecipientKind": "conferences.enums.RecipientKind",
        "Way": "cases.enums.Way",
        "WayToSend": "conferences.api.report_shapes.WAYS",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "api.schema.add_refusals"],
}

# --- what a page may do --------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
FILE_UPLOAD_HANDLERS = ["pages.uploads.NoUploads"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
# static/ holds what we write; build/frontend what npm's build makes of it.
STATICFILES_DIRS = [BASE_DIR / "build" / "frontend"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- what is written down ------------------------------------------------------------------------

# Names, circumstances and what was typed never go to a log: what was done and seen is kept by audit/.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "cait.logs.WithoutMessages",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {
        "refusals": {"()": "cait.logs.RefusalsWithoutAddresses"},
        "tasks": {"()": "cait.logs.TaskFailuresWithoutMessages"},
        "requests": {"()": "cait.logs.RequestsWithoutAddresses"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tasks"]},
        "requests": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["requests"]},
        "refusals": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.security": {"handlers": ["refusals"], "level": "WARNING", "propagate": False},
        # A refused or unknown address is nothing wrong with CAIT, and may hold what somebody typed.
        "django.request": {"handlers": ["requests"], "level": "ERROR", "propagate": False},
    },
}

# --- the worker ----------------------------------------------------------------------------------

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a task whose worker is killed is done again: every task is idempotent
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Where attachments of emails are kept once they are checked; and the virus scanner that checks them: clamd as
# host:port or unix:/path. Without one every attachment is held.
ATTACHMENTS = BASE_DIR / "var" / "attachments"
VIRUS_SCANNER = ""

# Lines of history are looked up by the row that they are of (team.history).
SIMPLE_HISTORY_DATE_INDEX = False

# auth.W004: the user name is unique, whatever its capitals, by a constraint on lower(username).
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
