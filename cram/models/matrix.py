"""The matrix: versions of it, and the factors of each. A published version never changes."""

from __future__ import annotations

from datetime import date

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from cram.enums import Category, VersionState
from deadlines.clock import CaitMoment
from pages.validators import one_line
from team.history import tracked
from team.models import User

CODE = r"[a-z][a-z0-9_]*"


class VersionQuerySet(models.QuerySet["Version"]):
    def in_force(self, on: date) -> Version | None:
        """The version on which assessments are begun on a London date; None before the first."""
        rows = self.filter(state=VersionState.PUBLISHED, from_on__lte=on)
        return rows.order_by("-from_on", "-published_at").first()


class Version(models.Model):
    """One version of the matrix. It is drafted, compared with the one before, and published from a date.

    What was assessed on it is for ever shown with it (handbook section 3).
    """

    number = models.CharField("version", max_length=10, unique=True, validators=[RegexValidator(r"^\d+\.\d+$")])
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.DRAFT)
    # What it is and whose: such as that it is no force's own form.
    about = models.TextField()
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    drafted_at = models.DateTimeField(db_default=CaitMoment())
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    from_on = models.DateField("first day", null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Why there is a new one.
    reason = models.TextField(blank=True, default="")

    history = tracked()
    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version of the matrix"
        verbose_name_plural = "versions of the matrix"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="version_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT, from_on__isnull=True, published_at__isnull=True)
                | Q(state=VersionState.PUBLISHED, from_on__isnull=False, published_at__isnull=False),
                name="published_version_says_from_when",
            ),
            models.UniqueConstraint(
                fields=["from_on"], name="one_version_from_a_day", condition=Q(from_on__isnull=False)
            ),
            models.UniqueConstraint(fields=["state"], name="one_draft_at_a_time", condition=Q(state="draft")),
        ]

    def __str__(self) -> str:
        return f"Matrix version {self.number}"


class Factor(models.Model):
    """One factor of a version: what is asked, what it means, and what is known about it from research and reviews.

    `code` is the same in every version, so that answers can be laid side by side. `definite`: a risk; otherwise it
    may indicate vulnerability, and is kept apart.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="factors", db_index=False)
    code = models.CharField(max_length=40, validators=[RegexValidator(f"^{CODE}$")])
    category = models.CharField(max_length=10, choices=Category)
    definite = models.BooleanField(default=True)
    # In few words, as it stands in lists; and as it is asked.
    name = models.CharField(max_length=120, validators=[one_line])
    question = models.CharField(max_length=300, validators=[one_line])
    definition = models.TextField()
    evidence = models.TextField("evidence base")
    source = models.CharField(max_length=300, validators=[one_line])
    place = models.PositiveSmallIntegerField()

    history = tracked()

    class Meta:
        verbose_name = "factor"
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="factor_once_in_a_version"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="factor_category_is_known"),
            models.CheckConstraint(condition=Q(code__regex=f"^{CODE}$"), name="factor_code_is_one"),
        ]

    def __str__(self) -> str:
        return self.name
