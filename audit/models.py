"""Append-only tables: what was done, and who looked at what (Data Protection Act 2018, section 62).

Both refuse UPDATE, DELETE and TRUNCATE by a trigger in the database, from their first migration. They hold ids and
no foreign keys: a row must outlive whatever it is about. They copy no names and no words from a record either, for
reading the log is not reading the record. A reason is what somebody wrote for the auditor.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models

from audit.events import DETAILS, FILTERS, Event, Look
from deadlines.clock import CaitMoment


class OfAnObject(models.Model):
    """What a row of either log is about: the type and id of one object, or the type alone for a list."""

    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    # Ids, codes and dates by a key of DETAILS; never a name or words from a record.
    detail = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def object_words(self) -> str:
        """What the row is about, without opening it: "account 12"."""
        try:
            name = str(apps.get_model(self.object_type)._meta.verbose_name)
        except (LookupError, ValueError):  # a model that there is no more
            name = self.object_type
        return name if self.object_id is None else f"{name} {self.object_id}"

    def details(self) -> list[tuple[str, Any]]:
        """What is known beyond what it was about: pairs of words and a value, such as a code or a date."""
        known = [key for key in DETAILS if key in self.detail]
        named = ((DETAILS.get(key, key), self._said(key)) for key in dict.fromkeys([*known, *self.detail]))
        return [(words, value) for words, value in named if words and value not in ("", None, [])]

    def _said(self, key: str) -> Any:
        value = self.detail[key]
        if key == "filters" and isinstance(value, list):
            return [FILTERS.get(name, name) for name in map(str, value)]
        return value


class AuditEvent(OfAnObject):
    """One act: who did what to which object, when. Written in the transaction of the act by `audit.record`."""

    at = models.DateTimeField(db_default=CaitMoment())
    # Empty only for somebody who was not signed in (a failed sign-in).
    by_id = models.BigIntegerField(null=True)
    # An Event. No `choices` and no constraint here: each new act would be a migration of the largest table.
    event = models.CharField(max_length=40)
    case_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "Who did what"
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


class AccessLog(OfAnObject):
    """One look: who opened which object, how and, where they were asked, why."""

    at = models.DateTimeField(db_default=CaitMoment())
    by_id = models.BigIntegerField()
    # A Look; without `choices` or a constraint, as with an event.
    how = models.CharField(max_length=20)
    case_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = "Who looked at what"
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_by_time"),
            models.Index(fields=["by_id", "-at", "-id"], name="access_by_person"),
            models.Index(fields=["team_id", "-at", "-id"], name="access_by_team"),
            models.Index(fields=["object_type", "object_id", "-at", "-id"], name="access_by_object"),
            models.Index(
                fields=["case_id", "-at", "-id"], name="access_by_case", condition=models.Q(case_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by_id} {self.how} {self.object_type} {self.object_id}"

    def label(self) -> str:
        """How it was looked at, in the auditor's words."""
        return str(Look(self.how).label) if self.how in Look else self.how


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
