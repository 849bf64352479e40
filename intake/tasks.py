from celery import shared_task

from intake.keeping import keep_held
from intake.receiving import receive_all


# It ends before the next one is woken, whatever a mail server does: the worker has other work.
@shared_task(name="intake.tasks.receive_mail", soft_time_limit=50, time_limit=58)
def receive_mail() -> None:
    """One pass over the teams' mailboxes, woken by beat."""
    receive_all()


@shared_task(name="intake.tasks.keep_attachments", soft_time_limit=50, time_limit=58)
def keep_attachments() -> None:
    """Take attachments out, see what they are and have them scanned, woken by beat."""
    keep_held()
