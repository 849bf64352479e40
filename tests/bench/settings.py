"""As a real installation, but on this machine and without TLS: what the measured pages run under.

The database is named by CAIT_BENCH_DATABASE and the data folder by CAIT_BENCH_DATA, which `tests.bench` sets.
"""

import os
import tempfile
from pathlib import Path

import dj_database_url

from cait import embedded
from cait.settings.base import *  # noqa: F403
from cait.settings.base import BASE_DIR, MIDDLEWARE, STATIC_ROOT, STORAGES, TEMPLATES

DATA = Path(os.environ.get("CAIT_BENCH_DATA") or f"{tempfile.gettempdir()}/cait-bench")
# So that the past may be filled through the real actions (workbench.past); nobody works here.
EMBEDDED = True
DEBUG = False
SECRET_KEY = "only for measuring, on invented people; nothing of it is reached from outside"
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
ATTACHMENTS = DATA / "attachments"
# As in cait.settings.prod.
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("CAIT_BENCH_DATABASE") or embedded.database_url(DATA),
        conn_max_age=600,
        conn_health_checks=True,
    )
}
CELERY_BROKER_URL = os.environ.get("REDIS_URL") or embedded.redis_url(DATA)
ROOT_URLCONF = "tests.bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "tests" / "bench" / "templates"]  # type: ignore[misc]
if not (STATIC_ROOT / "staticfiles.json").exists():  # nothing is collected: the same pages with plain names in them
    MIDDLEWARE = [each for each in MIDDLEWARE if not each.startswith("whitenoise")]
    STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
