from celery import shared_task

from intake.receiving import receive_all


@shared_task(name="intake.tasks.receive_mail")
def receive_mail() -> None:
    """One pass over the teams' mailboxes, woken by beat."""
    receive_all()
