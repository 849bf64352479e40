"""When the sweep and the nightly check last looked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from deadlines.clock import CaitMoment, CaitNow


class Waker(models.TextChoices):
    BEAT = "beat", "the worker, woken by beat"
    COMMAND = "command", "the command `manage.py sweep`"


class Heartbeat(models.Model):
    """When each waker's sweep last succeeded. Screens and the health check speak from it; a stopped diary is seen."""

    waker = models.CharField(max_length=10, choices=Waker, primary_key=True)
    succeeded_at = models.DateTimeField(db_default=CaitNow())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(waker__in=Waker.values), name="waker_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.waker} {self.succeeded_at}"


class Check(models.Model):
    """One nightly check of which duties there should be: every London night once, and it says what it found."""

    on = models.DateField(unique=True)
    began_at = models.DateTimeField(db_default=CaitMoment())
    ended_at = models.DateTimeField(null=True, blank=True)
    # How many records were looked at, and on how many something was wrong.
    records = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "nightly check"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("began_at")),
                name="check_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"check of {self.on}"
