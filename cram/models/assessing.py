"""An assessment of a record: its answers, what is decided, what is new and who was told, what a supervisor says."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.enums import Level
from cases.models import Action, Case, Shared
from cram.enums import BEING_WRITTEN, NEVER_SENT, AssessmentKind, AssessmentState, Outcome, Said
from cram.models.matrix import Factor, Version
from deadlines.clock import CaitMoment
from pages.validators import one_line
from people.models import Address, Person
from team.history import tracked
from team.models import User

IS_BEING_WRITTEN = Q(state__in=BEING_WRITTEN)


class Assessment(models.Model):
    """One CRAM of a record: the first, a review, or the one before a conference (HMIC 2010, AFI 1 and 6).

    It is worked on until it is submitted; then it counts, and a supervisor endorses it or returns it. One that was
    begun by mistake is thrown away before. The level is set by judgement, with a rationale, never by counting.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments", db_index=False)
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=AssessmentKind)
    state = models.CharField(max_length=10, choices=AssessmentState, default=AssessmentState.UNDER_WAY)
    matrix = models.ForeignKey(Version, models.PROTECT, related_name="+", db_index=False)
    # The last one that was submitted before it, whose answers stand beside.
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    started_at = models.DateTimeField(db_default=CaitMoment())
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(max_length=10, choices=Level, blank=True, default="")
    rationale = models.TextField(blank=True, default="")
    # Where level and answers contradict: each contradiction as it was read, and the written answer to them.
    challenged = ArrayField(models.TextField(), default=list, blank=True)
    challenge_answer = models.TextField(blank=True, default="")
    # Of a review: that nothing has become known since the last one that Social Services should hear.
    nothing_new = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # When it was sent for the first time: the next review counts from then. One that is returned and put right is
    # sent again, and nothing was reviewed anew.
    first_submitted_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    discarded_why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    endorsed_at = models.DateTimeField(null=True, blank=True)
    endorsed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # How well it was done, set down when it is submitted and endorsed (HMIC 2010, AFI 6); None: does not apply, or
    # not yet.
    on_time = models.BooleanField(null=True, blank=True)
    research_repeated = models.BooleanField(null=True, blank=True)
    measures_checked = models.BooleanField(null=True, blank=True)
    sharing_answered = models.BooleanField(null=True, blank=True)
    endorsed_in_time = models.BooleanField(null=True, blank=True)
    # Of a review: why it was sent although research was not repeated, or control measures were not checked again.
    sent_without = models.TextField(blank=True, default="")

    history = tracked()

    class Meta:
        verbose_name = "assessment"
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="assessments_are_numbered"),
            models.UniqueConstraint(
                fields=["case"], name="one_assessment_is_written_at_a_time", condition=IS_BEING_WRITTEN
            ),
            models.CheckConstraint(condition=Q(kind__in=AssessmentKind.values), name="assessment_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=AssessmentState.values), name="assessment_state_is_known"),
            models.CheckConstraint(condition=Q(level__in=["", *Level.values]), name="assessment_level_is_known"),
            models.CheckConstraint(
                name="submitted_assessment_is_whole",
                condition=Q(state__in=NEVER_SENT, submitted_at__isnull=True, submitted_by__isnull=True)
                | (
                    ~Q(state__in=NEVER_SENT)
                    & Q(submitted_at__isnull=False, submitted_by__isnull=False)
                    & ~Q(level="")
                    & ~Q(rationale="")
                ),
            ),
            models.CheckConstraint(
                name="submitted_assessment_was_sent_first",
                condition=Q(submitted_at__isnull=True, first_submitted_at__isnull=True)
                | Q(
                    submitted_at__isnull=False,
                    first_submitted_at__isnull=False,
                    first_submitted_at__lte=F("submitted_at"),
                ),
            ),
            models.CheckConstraint(
                name="discarded_assessment_says_why",
                condition=Q(state=AssessmentState.DISCARDED, discarded_at__isnull=False, discarded_by__isnull=False)
                & ~Q(discarded_why="")
                | ~Q(state=AssessmentState.DISCARDED)
                & Q(discarded_at__isnull=True, discarded_by__isnull=True, discarded_why=""),
            ),
            models.CheckConstraint(
                name="endorsed_assessment_says_by_whom",
                condition=Q(state=AssessmentState.ENDORSED, endorsed_at__isnull=False, endorsed_by__isnull=False)
                | (~Q(state=AssessmentState.ENDORSED) & Q(endorsed_at__isnull=True, endorsed_by__isnull=True)),
            ),
            # Said of "none" too, because a comparison with nothing would pass.
            models.CheckConstraint(
                name="nobody_endorses_their_own",
                condition=Q(endorsed_by__isnull=True) | ~Q(endorsed_by=F("submitted_by")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["case", "-submitted_at", "-id"],
                name="assessment_by_case",
                condition=Q(submitted_at__isnull=False),
            ),
            models.Index(
                fields=["submitted_at", "case"],
                name="assessment_by_time",
                condition=Q(submitted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}, {self.case}"

    @property
    def is_being_written(self) -> bool:
        return self.state in BEING_WRITTEN


class Answer(models.Model):
    """The answer to one factor, about one child, one suspect or one household.

    `person`: whom it is about; of a household `address`, or neither where it is not known where they live. `version`
    counts its changes, so that two at once are noticed. The database refuses a change once it is submitted.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="answers", db_index=False)
    factor = models.ForeignKey(Factor, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    address = models.ForeignKey(Address, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    said = models.CharField(max_length=10, choices=Said)
    note = models.TextField("evidence", blank=True, default="")
    # From where or from whom it is known.
    source = models.CharField(max_length=200, blank=True, default="", validators=[one_line])
    version = models.PositiveIntegerField(default=1)
    answered_at = models.DateTimeField(db_default=CaitMoment())
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    history = tracked()

    class Meta:
        verbose_name = "answer"
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "factor", "person", "address"],
                name="factor_answered_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(said__in=Said.values), name="answer_is_known"),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(address__isnull=True), name="answer_is_about_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor}: {self.get_said_display()}"


class Decided(models.Model):
    """A decision of an assessment: what, why, and what was not chosen. Rows are only ever added."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="decided", db_index=False)
    what = models.CharField(max_length=300, validators=[one_line])
    why = models.TextField()
    not_chosen = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(db_default=CaitMoment())
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "decision"
        indexes = [models.Index(fields=["assessment", "id"], name="decided_by_assessment")]
        constraints = [models.CheckConstraint(condition=~Q(what="") & ~Q(why=""), name="decided_says_what_and_why")]

    def __str__(self) -> str:
        return self.what


class NewInformation(models.Model):
    """What has become known since the last assessment, and what Social Services were told of it, or why not.

    Police share new information proactively (HMIC 2010, AFI 1). Rows are only ever added.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="new_information", db_index=False)
    what = models.TextField()
    shared = models.ForeignKey(Shared, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    why_not = models.TextField(blank=True, default="")
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "new information"
        indexes = [models.Index(fields=["assessment", "id"], name="new_information_by_assessment")]
        constraints = [
            models.CheckConstraint(
                name="new_information_is_shared_or_says_why_not",
                condition=(Q(shared__isnull=False, why_not="") | (Q(shared__isnull=True) & ~Q(why_not="")))
                & ~Q(what=""),
            )
        ]

    def __str__(self) -> str:
        return self.what


class Endorsement(models.Model):
    """What a supervisor said of an assessment that was sent to them. Rows are only ever added."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="endorsements", db_index=False)
    outcome = models.CharField(max_length=10, choices=Outcome)
    # Why it is returned; of one that is endorsed what the supervisor adds.
    words = models.TextField(blank=True, default="")
    given_at = models.DateTimeField(db_default=CaitMoment())
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "endorsement"
        indexes = [models.Index(fields=["assessment", "id"], name="endorsement_by_assessment")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="endorsement_outcome_is_known"),
            models.CheckConstraint(condition=~Q(outcome=Outcome.RETURNED) | ~Q(words=""), name="return_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.assessment}"


class Direction(models.Model):
    """An action that an assessment calls for, by whoever assesses or by the supervisor who endorses it.

    The directions of the last one stand at the top of the next, done or not. Rows are only ever added.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="directions", db_index=False)
    action = models.OneToOneField(Action, models.PROTECT, related_name="+")
    # Given with an endorsement, by the supervisor.
    by_supervisor = models.BooleanField(default=False)

    class Meta:
        verbose_name = "direction"
        indexes = [models.Index(fields=["assessment", "id"], name="direction_by_assessment")]

    def __str__(self) -> str:
        return str(self.action)
