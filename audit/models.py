"""Append-only tables: what was done, and who looked at what (Data Protection Act 2018, section 62).

Both refuse UPDATE, DELETE and TRUNCATE by a trigger in the database, from their first migration. They hold ids and
no foreign keys: a row must outlive whatever it is about. They hold no names and no words of a record either, so
that reading the log is not reading the record.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from audit.events import Event, Seen
from deadlines.clock import CaitMoment

# What the auditor reads for a type of object.
OBJECT_WORDS = {
    "team.user": "account",
    "team.team": "team",
    "audit.auditevent": "Who did what",
    "audit.accesslog": "Who looked at what",
}


def object_words(object_type: str, object_id: int | None) -> str:
    """What a row is about, without opening it: "account 12"."""
    words = OBJECT_WORDS.get(object_type, object_type)
    return words if object_id is None else f"{words} {object_id}"


class AuditEvent(models.Model):
    """One act: who did what to which object, when. Written in the transaction of the act by `audit.record`."""

    at = models.DateTimeField(db_default=CaitMoment())
    # Empty only for somebody who was not signed in (a failed sign-in).
    by_id = models.BigIntegerField(null=True)
    # An Event. No `choices` and no constraint here: each new act would be a migration of the largest table.
    event = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_event_by_time"),
            models.Index(fields=["by_id", "-at", "-id"], name="audit_event_by_person"),
            models.Index(fields=["team_id", "-at", "-id"], name="audit_event_by_team"),
            models.Index(fields=["object_type", "object_id", "-at", "-id"], name="audit_event_by_object"),
            models.Index(
                fields=["case_id", "-at", "-id"],
                name="audit_event_by_case",
                condition=models.Q(case_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.object_type} {self.object_id}"

    def label(self) -> str:
        """The act in the auditor's words."""
        return str(Event(self.event).label) if self.event in Event else self.event

    def object_words(self) -> str:
        return object_words(self.object_type, self.object_id)


class AccessLog(models.Model):
    """One look: who opened which object, how and, where they were asked, why."""

    at = models.DateTimeField(db_default=CaitMoment())
    by_id = models.BigIntegerField()
    how = models.CharField(max_length=10, choices=Seen)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_by_time"),
            models.Index(fields=["by_id", "-at", "-id"], name="access_by_person"),
            models.Index(fields=["team_id", "-at", "-id"], name="access_by_team"),
            models.Index(
                fields=["case_id", "-at", "-id"], name="access_by_case", condition=models.Q(case_id__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(how__in=Seen.values), name="access_how_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.by_id} {self.how} {self.object_type} {self.object_id}"

    def object_words(self) -> str:
        return object_words(self.object_type, self.object_id)


def named(on: models.Model | type[models.Model] | None) -> dict[str, Any]:
    """Type and id of what an act or a look was about."""
    if on is None:
        return {"object_type": "", "object_id": None}
    if isinstance(on, models.Model) and on.pk is None:
        raise ValueError(f"{on._meta.label} must be saved before it can be recorded: it has no id yet.")
    return {
        "object_type": on._meta.label_lower,
        "object_id": getattr(on, "pk", None) if not isinstance(on, type) else None,
    }
