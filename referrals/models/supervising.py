"""How an investigation is supervised."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Case, Entry
from deadlines.clock import CaitMoment
from diary.models import Duty
from team.models import User


class Supervision(models.Model):
    """One review of an investigation by a supervisor. Rows are only ever added.

    Each belongs to one run of the investigation, from an allocation until the investigation falls away (decided
    otherwise, taken from its officer, closed). `began_with` is the duty that the allocation raised, the first
    supervision: reviews with the same one are of the same run, and of no other do any count. The moment of the
    allocation stands in the reason for that duty's date, and no review of the run lies before it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="supervisions", db_index=False)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")
    began_with = models.ForeignKey(Duty, models.PROTECT, related_name="+", db_index=False)
    reviewed_at = models.DateTimeField("reviewed")
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    # What was found: how far it has come, and what is missing.
    found = models.TextField()
    # What is to be done, by whom and by when; where nothing is, that is written too.
    directions = models.TextField()
    # When the next was due, as whoever reviewed was told.
    next_due_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=CaitMoment())

    class Meta:
        indexes = [models.Index(fields=["case", "-id"], name="supervision_by_case")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(found="") & ~Q(directions=""), name="supervision_says_what_is_to_be_done"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__lte=F("recorded_at")), name="supervision_reviewed_before_recorded"
            ),
        ]

    def __str__(self) -> str:
        return f"Supervision, {self.case}"
