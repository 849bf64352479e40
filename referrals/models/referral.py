"""The referral as it was received, and what is half typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cases.models import Case, not_hidden_from
from deadlines.clock import CaitMoment, london_date, london_midnight
from pages.validators import one_line
from pages.words import day, moment
from referrals.enums import Category, DecisionKind, Method, Progress, Source
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

A_URN = re.compile(r"^\s*0*(?P<serial>\d{1,6})\s*/\s*(?:20)?(?P<year>\d\d)\s*$", re.A)


def urn_of(year: int, serial: int) -> str:
    """As it is read out: 0598/09."""
    return f"{serial:04}/{year % 100:02}"


def read_urn(text: str) -> tuple[int, int] | None:
    """Year and serial of a URN as somebody types it: 0598/09, 598/2009. None for anything else."""
    found = A_URN.match(text)
    return (2000 + int(found["year"]), int(found["serial"])) if found else None


def children_given(as_given: list[dict[str, Any]]) -> list[str]:
    """The children as they were logged, each with the age then: "Rhys Calloway, 6"."""
    return [each["shown"] for each in as_given if each["child"]]


def categories_in_words(categories: list[str]) -> str:
    """ "Physical, neglect" """
    words = [str(Category(each).label) for each in categories]
    return ", ".join([*words[:1], *(word.lower() for word in words[1:])])


def source_in_words(source: str, protected: bool) -> str:
    """Where it came from, as it may be shown anywhere."""
    return "A caller" if protected else str(Source(source).label)


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: User | AnonymousUser) -> ReferralQuerySet:
        """The log: the referrals that reached the teams whose records the user may open today, but for those of
        restricted records on which they are not named. The record of one may be with another team by now; whether it
        can be opened is asked of the record (`Case`)."""
        teams = teams_held(user, Permission.SEE_RECORDS)
        rows = self.filter(not_hidden_from(user))
        return rows if teams is None else rows.filter(team_id__in=teams)

    def still_there(self) -> ReferralQuerySet:
        """Those whose record is with the team that they reached."""
        return self.filter(case__team=models.F("team"))


class Referral(models.Model):
    """What reached the team, as it was received; logged whatever its source or reason (HMIC 2010, AFI 2)."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="referral")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    # The URN, per team and year of logging. Never given twice, none left out.
    urn_year = models.PositiveSmallIntegerField()
    urn_serial = models.PositiveIntegerField()
    # In the log that was kept before CAIT, as it was written there; empty for what was logged in CAIT.
    old_urn = models.CharField("URN in the old log", max_length=40, blank=True, default="", validators=[one_line])
    # Of the form it was sent with: a form that is sent twice is logged once.
    token = models.UUIDField(unique=True)
    logged_at = models.DateTimeField(db_default=CaitMoment())
    logged_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    received_at = models.DateTimeField("received")
    method = models.CharField("how it reached us", max_length=15, choices=Method)
    source = models.CharField(max_length=20, choices=Source)
    referrer_name = models.CharField(max_length=120, blank=True, default="", validators=[one_line])
    referrer_job = models.CharField(max_length=200, blank=True, default="", validators=[one_line])
    referrer_telephone = models.CharField(max_length=60, blank=True, default="", validators=[one_line])
    referrer_email = models.CharField(max_length=254, blank=True, default="", validators=[one_line])
    rang_back = models.BooleanField(default=False)
    # Known, but left out of every report, picture, print and email.
    protected = models.BooleanField(default=False)

    # Everybody as the caller described them, a row each, as `people.given.as_given` writes it; never changed.
    as_given = models.JSONField(default=list, blank=True)
    # Why no child is named: an adult who tells of their own childhood, a professional who reaches many children.
    no_child_because = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    circumstances = models.TextField()
    categories = ArrayField(models.CharField(max_length=10, choices=Category))
    will_be_lost = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    urgent = models.BooleanField()
    who_has_child = models.TextField(blank=True, default="")
    other_children = models.TextField(blank=True, default="")
    whereabouts = models.TextField(blank=True, default="")
    done_so_far = models.TextField(blank=True, default="")

    # A telephone referral must be confirmed in writing.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    confirmed_how = models.CharField(max_length=300, blank=True, default="", validators=[one_line])

    progress = models.CharField(max_length=10, choices=Progress, default=Progress.LOGGED)
    triaged_at = models.DateTimeField(null=True, blank=True)
    triaged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    triage_urgent = models.BooleanField(null=True, blank=True)
    triage_next = models.TextField(blank=True, default="")
    triage_reason = models.TextField(blank=True, default="")
    # The kind of the last decision; each decision with its reason is a row of its own.
    decision = models.CharField(max_length=20, choices=DecisionKind, blank=True, default="")

    history = tracked()
    objects = ReferralQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-received_at", "-id"], name="referral_by_team_received"),
            models.Index(fields=["team", "-logged_at", "-id"], name="referral_by_team_logged"),
            models.Index(fields=["-received_at", "-id"], name="referral_by_received"),
            models.Index(fields=["-logged_at", "-id"], name="referral_by_logged"),
            models.Index(
                fields=["team", "-received_at", "-id"], name="referral_to_triage", condition=Q(progress="logged")
            ),
            models.Index(
                fields=["team", "-received_at", "-id"], name="referral_to_decide", condition=Q(progress="triaged")
            ),
            models.Index(
                fields=["team", "-received_at", "-id"],
                name="referral_to_confirm",
                condition=Q(method="telephone", confirmed_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["team", "urn_year", "urn_serial"], name="urn_is_unique"),
            models.UniqueConstraint(fields=["old_urn", "team"], name="old_urn_is_unique", condition=~Q(old_urn="")),
            models.CheckConstraint(condition=Q(urn_serial__gte=1), name="urn_begins_at_one"),
            models.CheckConstraint(condition=Q(method__in=Method.values), name="referral_method_is_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="referral_source_is_known"),
            models.CheckConstraint(
                condition=Q(categories__contained_by=Category.values) & ~Q(categories=[]),
                name="referral_categories_are_known",
            ),
            models.CheckConstraint(condition=~Q(circumstances=""), name="referral_says_what_happened"),
            models.CheckConstraint(
                condition=Q(received_at__lte=models.F("logged_at")), name="referral_received_before_logged"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True, confirmed_how="")
                | (
                    Q(confirmed_at__isnull=False, confirmed_by__isnull=False, method="telephone")
                    & ~Q(confirmed_how="")
                ),
                name="confirmed_referral_was_telephoned",
            ),
            models.CheckConstraint(
                name="triaged_referral_says_by_whom_and_why",
                condition=Q(
                    progress=Progress.LOGGED,
                    triaged_at__isnull=True,
                    triaged_by__isnull=True,
                    triage_urgent__isnull=True,
                    triage_reason="",
                )
                | Q(
                    progress__in=[Progress.TRIAGED, Progress.DECIDED],
                    triaged_at__isnull=False,
                    triaged_by__isnull=False,
                    triage_urgent__isnull=False,
                )
                & ~Q(triage_reason="")
                # Of an old log, which does not say who looked at it first.
                | Q(
                    progress__in=[Progress.TRIAGED, Progress.DECIDED],
                    triaged_at__isnull=True,
                    triaged_by__isnull=True,
                    triage_urgent__isnull=True,
                    triage_reason="",
                )
                & ~Q(old_urn=""),
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", *DecisionKind.values]), name="referral_decision_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(progress=Progress.DECIDED) | ~Q(decision=""), name="decided_referral_says_how"
            ),
        ]

    def __str__(self) -> str:
        return self.urn

    @property
    def urn(self) -> str:
        """As it is read out: 0598/09."""
        return urn_of(self.urn_year, self.urn_serial)

    @property
    def is_gone(self) -> bool:
        """Whether its record is with another team than the one that it reached."""
        return self.case.team_id != self.team_id

    @property
    def received_words(self) -> str:
        """ "2 July 2009, 3:20pm"; the day alone where an old log gives no time, which is kept as its beginning."""
        on = london_date(self.received_at)
        day_alone = self.old_urn and self.received_at == london_midnight(on)
        return day(on) if day_alone else moment(self.received_at)

    @property
    def caller(self) -> str:
        """Who referred it, as it may be shown anywhere: a protected caller is "a caller", never what they are."""
        if self.protected:
            return "a caller whose identity is protected"
        named = ", ".join(part for part in (self.referrer_name, self.referrer_job) if part)
        return named or f"{self.get_source_display()}, name not given"

    @property
    def children_as_given(self) -> list[str]:
        """The children as they were logged, each with the age then: "Rhys Calloway, 6"."""
        return children_given(self.as_given)

    @property
    def source_shown(self) -> str:
        """Where it came from, as it may be shown anywhere."""
        return source_in_words(self.source, self.protected)

    @property
    def needs_confirmation(self) -> bool:
        """Telephoned, and not yet confirmed in writing (HMIC 2010, AFI 2). Of an old log nobody knows."""
        return self.method == Method.TELEPHONE and self.confirmed_at is None and not self.old_urn

    def category_words(self) -> str:
        """ "Physical, neglect" """
        return categories_in_words(self.categories)


LONGEST_TITLE = 80


class Draft(models.Model):
    """A half-typed referral, kept on the server from the first seconds. It is thrown away when it is logged.

    The team sees that it is there: nothing that reached the team may be lost with a sergeant's tour.
    """

    key = models.UUIDField(primary_key=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=CaitMoment())
    saved_at = models.DateTimeField(db_default=CaitMoment())
    # What was typed: each field with the list of its values, as the form sends them.
    typed = models.JSONField(default=dict)
    # Ids of the people whom "known already?" has shown beside it: each look is logged once.
    shown = ArrayField(models.BigIntegerField(), default=list)
    # And of the records shown with them: a new one is a new look.
    shown_records = ArrayField(models.BigIntegerField(), default=list)
    # How often it was saved: whoever saves says on which they build.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "half-typed referral"
        indexes = [models.Index(fields=["team", "begun_at"], name="draft_by_team")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The first child's name. Never the caller's: they may be protected."""

        def first(name: str) -> str:
            values: Any = self.typed.get(name) or [""]
            return str(values[0]).strip()

        name = f"{first('children-0-given_names')} {first('children-0-family_name')}".strip()
        name = "".join(each for each in name if each.isprintable())[:LONGEST_TITLE]
        return name or "no child named yet"
