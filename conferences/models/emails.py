"""What came of the emails that were passed to conferences, but for what was booked from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from conferences.enums import EmailUse
from conferences.models.meeting import Conference
from deadlines.clock import CaitMoment
from intake.models import Message
from pages.validators import one_line
from team.models import User


class EmailUsed(models.Model):
    """A conference was moved or cancelled by an email, its minutes came with it, or it leaves nothing to do. Rows are
    only ever added: one email may be about several conferences."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="used_for_conferences")
    use = models.CharField(max_length=10, choices=EmailUse)
    conference = models.ForeignKey(Conference, models.PROTECT, null=True, blank=True, related_name="emails_used")
    # Of one that leaves nothing to do.
    why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    used_at = models.DateTimeField(db_default=CaitMoment())
    used_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "use of an email to conferences"
        constraints = [
            models.CheckConstraint(condition=Q(use__in=EmailUse.values), name="email_use_is_known"),
            models.CheckConstraint(
                name="email_is_about_a_conference_or_says_why_not",
                condition=Q(use=EmailUse.NOTHING, conference__isnull=True) & ~Q(why="")
                | ~Q(use=EmailUse.NOTHING) & Q(conference__isnull=False, why=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()}, {self.message_id}"
