"""The checks of police systems: what is to be searched, and what each search found."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.models import Case
from cram.enums import RequestState, System
from cram.models.assessing import Assessment
from deadlines.clock import CaitMoment
from people.models import Person
from team.history import tracked
from team.models import User


class ResearchRequest(models.Model):
    """Checks that somebody asks the researcher to make (HMIC 2010, AFI 1 and 8)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="research_requests", db_index=False)
    systems = ArrayField(models.CharField(max_length=10, choices=System))
    people = models.ManyToManyField(Person, related_name="+", blank=True)
    # What is looked for, and why.
    why = models.TextField()
    # Only what is new since that London date; everything where there is none.
    since = models.DateField(null=True, blank=True)
    due_on = models.DateField("by")
    asked_at = models.DateTimeField(db_default=CaitMoment())
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.ASKED)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Why it is not needed.
    ended_why = models.TextField(blank=True, default="")

    history = tracked()

    class Meta:
        verbose_name = "request for research"
        verbose_name_plural = "requests for research"
        indexes = [models.Index(fields=["case", "-id"], name="research_request_by_case")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_is_known"),
            models.CheckConstraint(
                condition=Q(systems__contained_by=System.values) & ~Q(systems=[]), name="request_names_systems"
            ),
            models.CheckConstraint(
                name="ended_request_says_when_and_by_whom",
                condition=Q(state=RequestState.ASKED, ended_at__isnull=True, ended_by__isnull=True)
                | (~Q(state=RequestState.ASKED) & Q(ended_at__isnull=False, ended_by__isnull=False)),
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.NOT_NEEDED) | ~Q(ended_why=""), name="needless_request_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"Research, {self.case}"

    @property
    def asked_in_words(self) -> str:
        """ "CRIS, PNC": the systems that are to be searched."""
        return ", ".join(System(each).short for each in self.systems)


class Search(models.Model):
    """One search of one system about some people: by whom, when, since when, and what it found.

    Rows are only ever added. What is new is asked "since the last research was completed" (HMIC 2010, AFI 1).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="searches", db_index=False)
    request = models.ForeignKey(
        ResearchRequest, models.PROTECT, null=True, blank=True, related_name="searches", db_index=False
    )
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="searches", db_index=False
    )
    system = models.CharField(max_length=10, choices=System)
    people = models.ManyToManyField(Person, related_name="+", blank=True)
    since = models.DateField(null=True, blank=True)
    # Something was found; what, or in few words that nothing was.
    found = models.BooleanField()
    result = models.TextField()
    searched_at = models.DateTimeField()
    searched_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "search of a police system"
        verbose_name_plural = "searches of police systems"
        indexes = [models.Index(fields=["case", "-searched_at", "-id"], name="search_by_case")]
        constraints = [
            models.CheckConstraint(condition=Q(system__in=System.values), name="search_system_is_known"),
            models.CheckConstraint(condition=~Q(found=True) | ~Q(result=""), name="search_says_what_it_found"),
            models.CheckConstraint(
                condition=Q(searched_at__lte=F("recorded_at")), name="searched_before_it_is_recorded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_system_display()}, {self.case}"
