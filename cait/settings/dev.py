"""This machine, with invented people: what `make run` and the management commands use.

Servers: DATABASE_URL and REDIS_URL, or the embedded ones below CAIT_DATA (default: var/).
"""

import os
import secrets

import dj_database_url

from cait import embedded
from workbench import demonstration, post

from .base import *

DATA = embedded.data_folder()
EMBEDDED = True
DEMONSTRATION = True
# Two years of a borough take half an hour of one core.
WITHOUT_BOROUGH = os.environ.get("CAIT_BOROUGH", "") == "no"
HELP_DESK = "the CAIT help desk, extension 4000, day or night"  # invented, like everybody else
# Nothing leaves this machine: its own mail servers take what CAIT sends, and hold the teams' mailboxes.
MAIL_FOLDER = post.folder(DATA)
EMAIL_HOST, EMAIL_PORT = post.HERE, post.ports(DATA).get("smtp", 0)
MAILBOX_ADDRESSES = dict(demonstration.MAILBOX_ADDRESSES)
if post.ports(DATA):
    MAILBOXES = {
        code: post.imap_url(post.ports(DATA)["imap"], demonstration.MAILBOXES[address])
        for code, address in MAILBOX_ADDRESSES.items()
    }
# Off, so that what a newcomer sees is what an office would see; CAIT_DEBUG=1 shows tracebacks.
DEBUG = os.environ.get("CAIT_DEBUG") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def _secret_key() -> str:
    """One key for each data folder, made the first time and kept, so that a restart signs nobody out."""
    DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = DATA / "secret-key"
    if not file.exists():
        new = file.with_suffix(f".{os.getpid()}")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(secrets.token_urlsafe(50))
        try:
            os.link(new, file)  # all or nothing: web, worker and beat start together
        except FileExistsError:
            pass  # another process was first
        new.unlink()
    return file.read_text()


SECRET_KEY = _secret_key()
ATTACHMENTS = DATA / "attachments"
# A real one, where VIRUS_SCANNER names it.
VIRUS_SCANNER = os.environ.get("VIRUS_SCANNER", "demonstration")
DATABASES = {
    "default": dj_database_url.config(default=embedded.database_url(DATA), conn_max_age=600, conn_health_checks=True)
}
CELERY_BROKER_URL = os.environ.get("REDIS_URL") or embedded.redis_url(DATA)
