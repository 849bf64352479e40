from celery import shared_task

from old_logs import waking
from old_logs.working import work_on_all

# Then the worker lets others in: the sweep has its turn every minute.
SECONDS_AT_A_TIME = 20


# A log is read in one go, the largest in two or three minutes. One that takes longer is refused.
@shared_task(name="old_logs.tasks.work", soft_time_limit=600, time_limit=660)
def work() -> None:
    """Go on with the old logs that are to be read or brought in, woken by whoever asked or by beat."""
    if work_on_all(seconds=SECONDS_AT_A_TIME):
        waking.wake_a_worker()
