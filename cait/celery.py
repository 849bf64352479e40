"""The worker and beat. Beat only wakes; what is due stands in the database, never in the broker.

DJANGO_SETTINGS_MODULE says which settings; `make run` sets it.
"""

from typing import Any

from celery import Celery
from celery.signals import beat_init
from kombu.transport.redis import Channel

app = Celery("cait")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_channels: Any = Channel
_connection_of = _channels._connparams


def _open_connection_of(channel: Any, *args: Any, **kwargs: Any) -> Any:
    """A worker that has a task in hand when the broker goes away says later that it is done, on a connection that is
    closed by then. Kombu 5.7 stumbles over it with an error of its own, at which the worker ends instead of
    connecting again; told that the connection is gone, it knows what to do."""
    if channel.connection is None or channel.connection.client is None:
        raise ConnectionError("The connection to the broker is closed.")
    return _connection_of(channel, *args, **kwargs)


_channels._connparams = _open_connection_of

SECONDS_BETWEEN_SWEEPS = 60
MINUTES_BETWEEN_CHECKS = 15

app.conf.beat_schedule = {
    "sweep": {
        "task": "diary.tasks.sweep",
        "schedule": float(SECONDS_BETWEEN_SWEEPS),
        # A wake-up that waited longer than the next one is worthless; dropping it keeps a stalled queue short.
        "options": {"expires": SECONDS_BETWEEN_SWEEPS - 5},
    },
    "receive_mail": {
        "task": "intake.tasks.receive_mail",
        "schedule": float(SECONDS_BETWEEN_SWEEPS),
        "options": {"expires": SECONDS_BETWEEN_SWEEPS - 5},
    },
    "old_logs": {
        "task": "old_logs.tasks.work",
        "schedule": float(SECONDS_BETWEEN_SWEEPS),
        "options": {"expires": SECONDS_BETWEEN_SWEEPS - 5},
    },
    "keep_attachments": {
        "task": "intake.tasks.keep_attachments",
        "schedule": float(SECONDS_BETWEEN_SWEEPS),
        "options": {"expires": SECONDS_BETWEEN_SWEEPS - 5},
    },
    "count": {
        "task": "oversight.tasks.count",
        "schedule": float(SECONDS_BETWEEN_SWEEPS),
        "options": {"expires": SECONDS_BETWEEN_SWEEPS - 5},
    },
    "check": {
        # It runs once in a night; until it is done, whoever comes next begins it.
        "task": "diary.tasks.check",
        "schedule": float(MINUTES_BETWEEN_CHECKS * 60),
        "options": {"expires": MINUTES_BETWEEN_CHECKS * 60 - 5},
    },
    "make_reports": {
        # Once in a month there is something to make; whoever comes next makes what the last one could not.
        "task": "oversight.tasks.make_reports",
        "schedule": float(MINUTES_BETWEEN_CHECKS * 60),
        "options": {"expires": MINUTES_BETWEEN_CHECKS * 60 - 5},
    },
    "send_mail": {
        "task": "diary.tasks.send_mail",
        "schedule": float(SECONDS_BETWEEN_SWEEPS),
        "options": {"expires": SECONDS_BETWEEN_SWEEPS - 5},
    },
}


@beat_init.connect
def begin_at_once(**kwargs: Any) -> None:
    """Beat would wait a whole minute before its first wake-up; after a stop nobody should."""
    for task in ("diary.tasks.sweep", "intake.tasks.receive_mail", "oversight.tasks.count"):
        app.send_task(task, expires=SECONDS_BETWEEN_SWEEPS - 5)
