from celery import shared_task

from oversight.counting import bring_up_to_date
from oversight.report_making import make_due


@shared_task(name="oversight.tasks.count")
def count() -> None:
    """The figures, brought up to date; woken by beat."""
    bring_up_to_date()


@shared_task(name="oversight.tasks.make_reports")
def make_reports() -> None:
    """The monthly reports that are due and not there; woken by beat."""
    make_due()
