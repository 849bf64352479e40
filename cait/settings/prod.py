"""A real installation: everything that differs from place to place, and every secret, comes from outside.

Secrets may stand in files (Docker and Kubernetes secrets): SECRET_KEY_FILE is read where SECRET_KEY is not set.
"""

import os
import re
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from cait.mailboxes import read_mailboxes

from .base import *
from .base import HELP_DESK


def _setting(name: str, default: str | None = None) -> str:
    """NAME from the environment, or the contents of the file that NAME_FILE names."""
    if value := os.environ.get(name):
        return value
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    if default is None:
        raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to the path of a file that holds it.")
    return default


DEBUG = False
SECRET_KEY = _setting("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is too short to be secret. Make one of at least 50 random characters.")
# localhost too: a container's own health check asks there.
ALLOWED_HOSTS = ["localhost", *filter(None, map(str.strip, _setting("ALLOWED_HOSTS").split(",")))]
HELP_DESK = _setting("HELP_DESK", HELP_DESK)
DATABASES = {"default": dj_database_url.parse(_setting("DATABASE_URL"), conn_max_age=600, conn_health_checks=True)}
CELERY_BROKER_URL = _setting("REDIS_URL")

# The mail server. Partners see MAIL_FROM as the sender.
MAIL_FROM = _setting("MAIL_FROM")
if not re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", MAIL_FROM):
    raise ImproperlyConfigured("Set MAIL_FROM to an email address alone, such as cait@police.example.")
EMAIL_HOST = _setting("EMAIL_HOST")
EMAIL_PORT = int(_setting("EMAIL_PORT", "25"))
EMAIL_HOST_USER = _setting("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _setting("EMAIL_HOST_PASSWORD", "")
if (tls := _setting("EMAIL_TLS", "yes")) not in ("yes", "no"):
    raise ImproperlyConfigured("Set EMAIL_TLS to yes or no.")
EMAIL_USE_TLS = tls == "yes"

# The teams' mailboxes, a line for each (cait/mailboxes.py); without one no email is read.
MAILBOXES, MAILBOX_ADDRESSES = read_mailboxes(_setting("MAILBOXES", ""))

# Attachments: a folder that web and worker share, and clamd, to which each is sent before it can be opened.
ATTACHMENTS = Path(_setting("ATTACHMENTS"))
VIRUS_SCANNER = _setting("VIRUS_SCANNER")
if not re.fullmatch(r"unix:/\S+|[^\s:]+:\d+", VIRUS_SCANNER):
    raise ImproperlyConfigured("Set VIRUS_SCANNER to where clamd answers: host:port, or unix:/path/of/its.socket.")

# Behind a proxy that ends TLS and sets this header (and strips it from what comes in).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = int(_setting("TRUSTED_PROXIES", "1"))
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # the monitor asks the container itself
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
