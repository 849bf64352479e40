from typing import Any

from django.core.management.base import BaseCommand

from diary.models import Waker
from diary.nightly import check_when_due
from diary.outbox import send_due
from diary.sweep import sweep


class Command(BaseCommand):
    help = "One pass of the diary and of its outbox, without Celery: a second waker for cron or systemd."

    def handle(self, *args: Any, **options: Any) -> None:
        at = sweep(woken_by=Waker.COMMAND)
        send_due()
        check_when_due()
        self.stdout.write(f"Due dates checked at {at:%Y-%m-%d %H:%M:%S} UTC.")
