"""The demonstration's settings, with a beat that wakes the reading of mail every few seconds, not every minute.

Only tests name these settings, and only beat hears: nothing that an installation reads makes it wake otherwise.

To migrate takes half as long where Python looks less often for rubbish that refers to itself.
"""

import gc
from typing import Any

from celery import schedules
from celery.signals import beat_init

from cait.settings.dev import *  # noqa: F403

SECONDS_BETWEEN = 3

gc.set_threshold(50_000, 20, 20)


@beat_init.connect
def hurry(sender: Any, **kwargs: Any) -> None:
    entry = sender.scheduler.schedule["receive_mail"]
    entry.schedule = schedules.schedule(SECONDS_BETWEEN, app=sender.app)
