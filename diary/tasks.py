from celery import shared_task

from diary.models import Waker
from diary.nightly import check_when_due
from diary.outbox import send_due
from diary.sweep import sweep as run_sweep


@shared_task(name="diary.tasks.sweep")
def sweep() -> None:
    """One pass of the diary, woken by beat."""
    run_sweep(woken_by=Waker.BEAT)


@shared_task(name="diary.tasks.check")
def check() -> None:
    """Tonight's check of which duties there should be, where it is not done yet."""
    check_when_due()


@shared_task(name="diary.tasks.send_mail")
def send_mail() -> None:
    """Send what the outbox holds, woken by beat; apart from the sweep, which no mail server may hold up."""
    send_due()
