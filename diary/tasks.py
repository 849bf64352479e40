from celery import shared_task

from diary.models import Waker
from diary.sweep import sweep as run_sweep


@shared_task(name="diary.tasks.sweep")
def sweep() -> None:
    """One pass of the diary, woken by beat."""
    run_sweep(woken_by=Waker.BEAT)
