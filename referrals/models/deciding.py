"""What is decided about a referral, with whom, and what Social Services answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.enums import Way
from cases.models import Case, Entry
from deadlines.clock import CaitMoment
from diary.models import Duty
from pages.validators import one_line
from pages.words import uncapitalised
from referrals.enums import Agency, Came, DecisionKind, Enquiry, Held, Judgement
from team.history import tracked
from team.models import User


class Strategy(models.Model):
    """One strategy discussion or meeting; a referral may have several. Rows are only ever added.

    Its words are those of its entry in the chronology, where a correction stands beside them.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="strategies", db_index=False)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")
    how = models.CharField(max_length=10, choices=Held)
    held_at = models.DateTimeField()
    # Who took part for each agency, in words: {"police": "DS Nandra", "social_services": "S Arikan, team manager"}.
    took_part = models.JSONField()
    # The police supervisor who took part; empty: none did (HMIC 2010, AFI 6 and 17).
    supervisor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    enquiry = models.CharField("section 47 enquiry", max_length=20, choices=Enquiry)
    decided = models.TextField("what was agreed")
    reason = models.TextField()
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "strategy discussion"
        indexes = [models.Index(fields=["case", "-held_at", "-id"], name="strategy_by_case")]
        constraints = [
            models.CheckConstraint(condition=Q(how__in=Held.values), name="strategy_how_is_known"),
            models.CheckConstraint(condition=Q(enquiry__in=Enquiry.values), name="strategy_enquiry_is_known"),
            models.CheckConstraint(condition=~Q(decided="") & ~Q(reason=""), name="strategy_says_what_and_why"),
            models.CheckConstraint(
                condition=Q(took_part__has_keys=[Agency.POLICE, Agency.SOCIAL_SERVICES]),
                name="strategy_with_social_services",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}, {self.case}"

    @property
    def who_took_part(self) -> list[tuple[str, str]]:
        """Each agency and who came from it."""
        return [(str(each.label), self.took_part[each]) for each in Agency if self.took_part.get(each)]


class Decision(models.Model):
    """What was decided about a referral, and why. Rows are only added: a later one takes the place of an earlier."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions", db_index=False)
    # 1 is the first on the record.
    number = models.PositiveIntegerField()
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=DecisionKind)
    reason = models.TextField()
    # What else was weighed, and why it was not chosen.
    not_chosen = models.TextField(blank=True, default="")
    passed_to = models.CharField(max_length=200, blank=True, default="", validators=[one_line])
    decided_at = models.DateTimeField()
    # Whoever has an account; or in the words of the old log, whoever that was.
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    decided_by_name = models.CharField(max_length=120, blank=True, default="", validators=[one_line])
    recorded_at = models.DateTimeField(db_default=CaitMoment())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="decisions_follow_each_other"),
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="decision_kind_is_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_a_reason"),
            models.CheckConstraint(
                condition=(Q(kind=DecisionKind.PASSED_ON) & ~Q(passed_to=""))
                | (~Q(kind=DecisionKind.PASSED_ON) & Q(passed_to="")),
                name="passed_on_says_to_whom",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False, decided_by_name="")
                | (Q(decided_by__isnull=True) & ~Q(decided_by_name="")),
                name="decision_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.case}"

    @property
    def by_whom(self) -> str:
        """Who decided: "PS Amara Nandra"; of an old log "DS Roberts (in the old log)"."""
        return f"{self.decided_by_name} (in the old log)" if self.decided_by is None else str(self.decided_by)


class Answer(models.Model):
    """An update from Social Services, and whether circumstances have changed. An answer once it is judged one."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="answers", db_index=False)
    # What it answers; empty where nothing was asked.
    duty = models.ForeignKey(Duty, models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField()
    way = models.CharField(max_length=12, choices=Way)
    from_whom = models.CharField("name and job", max_length=200, validators=[one_line])
    text = models.TextField()
    came = models.CharField(max_length=12, choices=Came)
    # How many chases had gone out before it came.
    after_chases = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    judgement = models.CharField(max_length=10, choices=Judgement, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    history = tracked()

    class Meta:
        verbose_name = "update from Social Services"
        verbose_name_plural = "updates from Social Services"
        indexes = [models.Index(fields=["case", "-received_at", "-id"], name="answer_by_case")]
        constraints = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="answer_way_is_known"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(from_whom=""), name="answer_says_what_and_from_whom"),
            models.CheckConstraint(
                condition=Q(came=Came.CHASED, after_chases__gte=1) | (~Q(came=Came.CHASED) & Q(after_chases=0)),
                name="answer_after_which_chase",
            ),
            models.CheckConstraint(
                condition=Q(came__in=Came.values) & Q(judgement__in=["", *Judgement.values]),
                name="answer_words_are_known",
            ),
            models.CheckConstraint(
                name="judged_answer_says_by_whom_and_why",
                condition=Q(judged_at__isnull=True, judged_by__isnull=True, judgement="", reason="")
                | (Q(judged_at__isnull=False, judged_by__isnull=False) & ~Q(judgement="") & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_whom}, {self.case}"

    @property
    def came_words(self) -> str:
        """ "unasked", "on request", "after 2 chases", "before CAIT" """
        if self.came == Came.CHASED:
            return "after 1 chase" if self.after_chases == 1 else f"after {self.after_chases} chases"
        return uncapitalised(str(self.get_came_display())) if self.came != Came.NOT_SAID else "before CAIT"
