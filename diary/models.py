"""What the diary keeps. The duties themselves come with the first rule that raises one."""

from __future__ import annotations

from django.db import models

from deadlines.clock import CaitNow


class Waker(models.TextChoices):
    BEAT = "beat", "the worker, woken by beat"
    COMMAND = "command", "the command `manage.py sweep`"


class Heartbeat(models.Model):
    """When each waker's sweep last succeeded. Screens and the health check speak from it; a stopped diary is seen."""

    waker = models.CharField(max_length=10, choices=Waker, primary_key=True)
    succeeded_at = models.DateTimeField(db_default=CaitNow())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(waker__in=Waker.values), name="waker_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.waker} {self.succeeded_at}"
