"""The tests: a data folder of their own for each run, thrown away at its end."""

import os
import tempfile
from pathlib import Path

# Set once, by the process that starts the run; its pytest-xdist workers inherit it.
os.environ.setdefault("CAIT_TEST_DATA", f"{tempfile.gettempdir()}/cait-test-{os.getpid()}")

import dj_database_url

from cait import embedded

from .base import *
from .base import MIDDLEWARE, STORAGES

DATA = Path(os.environ["CAIT_TEST_DATA"])
EMBEDDED = True
SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = {"default": dj_database_url.config(default=embedded.database_url(DATA), conn_health_checks=True)}
DATABASES["default"]["ENGINE"] = "tests.database"
CELERY_BROKER_URL = os.environ.get("REDIS_URL") or embedded.redis_url(DATA)
# Collected files are for a running CAIT; a test finds them where the build puts them.
MIDDLEWARE = [each for each in MIDDLEWARE if not each.startswith("whitenoise")]
# The server that runs inside a test cannot serve files with a fingerprint in their name.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# argon2 is slow on purpose; one test signs in with the real one.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]

ATTACHMENTS = DATA / "attachments"
