"""A case conference from its booking to its minutes: who it is about, how it is prepared, who attended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cases.models import Action, Case, not_hidden_from
from conferences.enums import (
    INITIALS,
    Attending,
    ConferenceKind,
    ConferenceState,
    Missed,
    Outcome,
    PlanCategory,
    PoliceView,
    StepKind,
)
from deadlines.clock import CaitMoment
from intake.models import Message
from pages.validators import one_line
from people.models import Person
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

IS_INITIAL = Q(kind__in=INITIALS)


class ConferenceQuerySet(models.QuerySet["Conference"]):
    def counted_for(self, user: User | AnonymousUser) -> ConferenceQuerySet:
        """The conferences of the teams whose records the user may open today: for figures, and the lists behind them.
        One that was held stays with the team that had its record then, and one of a restricted record counts as well;
        whether it can be opened, and so who it is about, is asked of the record (`Case`)."""
        teams = teams_held(user, Permission.SEE_RECORDS)
        return self if teams is None else self.filter(team_id__in=teams)

    def visible_to(self, user: User | AnonymousUser) -> ConferenceQuerySet:
        """As `counted_for`, for lists: without those of a restricted record on which the user is not named."""
        return self.counted_for(user).filter(not_hidden_from(user))

    def booked(self) -> ConferenceQuerySet:
        """Those that are to come, or whose outcome nobody has recorded yet."""
        return self.filter(state=ConferenceState.BOOKED)

    def held(self) -> ConferenceQuerySet:
        return self.filter(state=ConferenceState.HELD)

    def initial(self) -> ConferenceQuerySet:
        """Those that police attend every one of."""
        return self.filter(IS_INITIAL)


class Conference(models.Model):
    """An initial or review conference about the children of a family, prepared on one record.

    Its children may be on other records too, whose pages show it. It is booked until it is recorded who attended, or
    cancelled. Source: HMIC 2010, AFI 8; Working Together.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="conferences", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    # 1 is the first of the record; in the address of its page.
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=ConferenceKind)
    state = models.CharField(max_length=10, choices=ConferenceState, default=ConferenceState.BOOKED)
    starts_at = models.DateTimeField("date and time")
    # In minutes, as far as it is known beforehand.
    lasts = models.PositiveSmallIntegerField("length in minutes", default=120)
    place = models.CharField(max_length=200, validators=[one_line])
    chair = models.CharField(max_length=200, validators=[one_line])
    # Who else is invited, one on each line.
    agencies = models.TextField(blank=True, default="")
    # Who prepares it and goes; nobody by name: whoever holds the role.
    pclo = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="conference officer",
        db_index=False,
    )
    # The strategy discussions before an initial conference: what its 15 working days count from (Working Together).
    initiated_on = models.DateField("strategy discussion", null=True, blank=True)
    discussed_on = models.DateField("last strategy discussion", null=True, blank=True)
    # The email with the invitation.
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="conferences")
    # What its calendar calls it, so that an update by email is known for one; empty where none came with an email.
    calendar_uid = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    booked_at = models.DateTimeField(db_default=CaitMoment())
    booked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    # When the date that stands now became known.
    dated_at = models.DateTimeField(db_default=CaitMoment())
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])

    attending = models.CharField(max_length=12, choices=Attending, default=Attending.UNDECIDED)
    attending_why = models.CharField(max_length=500, blank=True, default="", validators=[one_line])
    attending_decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    briefing = models.TextField(blank=True, default="")
    briefed_at = models.DateTimeField(null=True, blank=True)
    briefed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Why the police report that was sent has to be written once more, and since when; until the next one is sent.
    report_again = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    report_again_at = models.DateTimeField(null=True, blank=True)

    # Who went; None until it is recorded.
    attended = models.BooleanField(null=True, blank=True)
    attended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    missed = models.CharField(max_length=12, choices=Missed, blank=True, default="")
    missed_why = models.CharField(max_length=500, blank=True, default="", validators=[one_line])
    attendance_at = models.DateTimeField(null=True, blank=True)
    attendance_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # What our own note says of it, to be held against the minutes.
    our_note = models.TextField(blank=True, default="")
    # What was decided besides what became of each child (`OutcomeFor`).
    also_decided = models.TextField("what else was decided", blank=True, default="")
    debrief = models.TextField(blank=True, default="")
    debriefed_at = models.DateTimeField(null=True, blank=True)
    debriefed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    minutes_on = models.DateField("minutes received", null=True, blank=True)
    minutes_agree = models.BooleanField(null=True, blank=True)
    minutes_differ = models.TextField(blank=True, default="")
    minutes_checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    history = tracked()
    objects = ConferenceQuerySet.as_manager()

    class Meta:
        verbose_name = "conference"
        indexes = [
            models.Index(fields=["team", "starts_at", "id"], name="conference_by_team_and_time"),
            models.Index(fields=["starts_at", "id"], name="conference_by_time"),
            models.Index(fields=["pclo", "starts_at"], name="conference_by_pclo", condition=Q(state="booked")),
            models.Index(fields=["calendar_uid"], name="conference_by_calendar", condition=~Q(calendar_uid="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="conferences_are_numbered"),
            models.CheckConstraint(condition=Q(kind__in=ConferenceKind.values), name="conference_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=ConferenceState.values), name="conference_state_is_known"),
            models.CheckConstraint(condition=Q(attending__in=Attending.values), name="attending_is_known"),
            models.CheckConstraint(condition=Q(missed__in=["", *Missed.values]), name="missed_is_known"),
            models.CheckConstraint(condition=Q(lasts__range=(15, 600)), name="conference_lasts_so_long"),
            models.CheckConstraint(
                name="cancelled_conference_says_why",
                condition=Q(state=ConferenceState.CANCELLED, cancelled_at__isnull=False) & ~Q(cancelled_why="")
                | ~Q(state=ConferenceState.CANCELLED) & Q(cancelled_at__isnull=True, cancelled_why=""),
            ),
            models.CheckConstraint(
                name="held_conference_says_who_attended",
                condition=Q(state=ConferenceState.HELD, attended__isnull=False, attendance_at__isnull=False)
                & Q(attendance_by__isnull=False)
                | ~Q(state=ConferenceState.HELD) & Q(attended__isnull=True, attendance_at__isnull=True),
            ),
            # Said of "nothing" too, because a comparison with nothing would pass.
            models.CheckConstraint(
                name="attended_by_somebody_or_missed_for_a_reason",
                condition=Q(attended__isnull=True, attended_by__isnull=True, missed="")
                | Q(attended__isnull=False, attended=True, attended_by__isnull=False, missed="")
                | Q(attended__isnull=False, attended=False, attended_by__isnull=True) & ~Q(missed=""),
            ),
            # HMIC 2010, AFI 8: police attend every initial conference; a report alone is for reviews, with a reason.
            models.CheckConstraint(
                name="report_alone_is_for_reviews_with_a_reason",
                condition=~Q(attending=Attending.REPORT_ONLY)
                | Q(kind=ConferenceKind.REVIEW, attending_decided_by__isnull=False) & ~Q(attending_why=""),
            ),
            models.CheckConstraint(
                name="briefing_says_what_and_by_whom",
                condition=Q(briefed_at__isnull=True, briefed_by__isnull=True, briefing="")
                | Q(briefed_at__isnull=False, briefed_by__isnull=False) & ~Q(briefing=""),
            ),
            models.CheckConstraint(
                name="report_to_be_written_again_says_why",
                condition=Q(report_again_at__isnull=True, report_again="")
                | Q(report_again_at__isnull=False) & ~Q(report_again=""),
            ),
            models.CheckConstraint(
                name="debrief_says_what_and_by_whom",
                condition=Q(debriefed_at__isnull=True, debriefed_by__isnull=True, debrief="")
                | Q(debriefed_at__isnull=False, debriefed_by__isnull=False) & ~Q(debrief=""),
            ),
            models.CheckConstraint(
                name="minutes_are_checked_or_not_there",
                condition=Q(minutes_on__isnull=True, minutes_agree__isnull=True, minutes_differ="")
                | Q(minutes_on__isnull=False, minutes_agree__isnull=False, minutes_agree=True, minutes_differ="")
                | Q(minutes_on__isnull=False, minutes_agree__isnull=False, minutes_agree=False)
                & ~Q(minutes_differ=""),
            ),
            models.CheckConstraint(
                name="discussions_before_a_conference_in_order",
                condition=Q(discussed_on__isnull=True)
                | Q(initiated_on__isnull=False, discussed_on__gte=F("initiated_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.case}"

    @property
    def is_initial(self) -> bool:
        """Whether police attend whatever the case is, and its dates are those of an initial conference."""
        return self.kind in INITIALS

    @property
    def ends_at(self) -> datetime:
        """As far as it is known beforehand."""
        return self.starts_at + timedelta(minutes=self.lasts)


class ConferenceChild(models.Model):
    """A child whom a conference is about. What was decided about each is an `OutcomeFor`."""

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="children", db_index=False)
    child = models.ForeignKey(Person, models.PROTECT, related_name="conferences")

    history = tracked()

    class Meta:
        verbose_name = "child of a conference"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["conference", "child"], name="child_once_at_a_conference")]

    def __str__(self) -> str:
        return f"{self.child}, {self.conference}"


class StepDone(models.Model):
    """A step of the preparation that was done. The row goes when the conference is moved so far that it has to be
    done again; its history stays."""

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=12, choices=StepKind)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    # In words what was done, such as "CRAM 3, level high".
    what = models.CharField(max_length=300, validators=[one_line])

    history = tracked()

    class Meta:
        verbose_name = "step of a preparation"
        constraints = [
            models.UniqueConstraint(fields=["conference", "kind"], name="step_done_once"),
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="step_kind_is_known"),
            models.CheckConstraint(condition=~Q(what=""), name="step_says_what_was_done"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.conference}"


class OutcomeFor(models.Model):
    """What a conference decided about one child, and whether police agreed (HMIC 2010, AFI 8). Rows are only ever
    added: the last one of a child counts, and a later one says why it puts the earlier right."""

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="outcomes", db_index=False)
    child = models.ForeignKey(Person, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    category = models.CharField(max_length=10, choices=PlanCategory, blank=True, default="")
    police_view = models.CharField(max_length=10, choices=PoliceView)
    # Why police did not agree, in the words that were said.
    dissent = models.TextField(blank=True, default="")
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    # Of one that puts an earlier one right.
    corrected_why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])

    class Meta:
        verbose_name = "outcome for a child"
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "child"], name="one_first_outcome_for_a_child", condition=Q(corrected_why="")
            ),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="outcome_is_known"),
            models.CheckConstraint(condition=Q(police_view__in=PoliceView.values), name="police_view_is_known"),
            models.CheckConstraint(
                name="plan_has_a_category",
                condition=Q(outcome__in=[Outcome.PLAN, Outcome.CONTINUES], category__in=PlanCategory.values)
                | ~Q(outcome__in=[Outcome.PLAN, Outcome.CONTINUES]) & Q(category=""),
            ),
            models.CheckConstraint(
                name="dissent_says_why",
                condition=Q(police_view=PoliceView.DISSENTED) & ~Q(dissent="")
                | ~Q(police_view=PoliceView.DISSENTED) & Q(dissent=""),
            ),
        ]
        indexes = [models.Index(fields=["conference", "child", "-id"], name="outcome_by_conference")]

    def __str__(self) -> str:
        return f"{self.child}: {self.get_outcome_display()}"


class PoliceAction(models.Model):
    """An action of the police that a conference decided: it stands among the record's actions."""

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="police_actions")
    action = models.OneToOneField(Action, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "police action of a conference"

    def __str__(self) -> str:
        return str(self.action)
