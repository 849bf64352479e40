"""Reference data of the time limits: bank holidays, and the value of each limit from a date.

Both came with the migrations; they are changed through oversight's actions, which audit. A change never moves a
date already set: a date is stored with its duty when the event happens.
"""

from datetime import date

from django.db import models

from deadlines.clock import CaitNow
from deadlines.enums import CountedFrom
from deadlines.together import read_once, together


class BankHoliday(models.Model):
    """A bank holiday of England and Wales, listed as GOV.UK lists them.

    One that falls on a weekend is entered on its substitute day alone, so that every row is a weekday lost.
    Sources: Banking and Financial Dealings Act 1971, Schedule 1, the yearly proclamations under its section 1,
    and the common-law holidays Good Friday and Christmas Day; https://www.gov.uk/bank-holidays.
    """

    on = models.DateField(unique=True)
    name = models.CharField(max_length=100)
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=CaitNow(), editable=False)
    # As with a limit; the days that the system came with have no reason either.
    created_by_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["on"]
        constraints = [
            models.CheckConstraint(
                name="deadlines_bank_holiday_on_a_weekday",
                condition=models.Q(on__iso_week_day__lte=5),
                violation_error_message="Enter the substitute day: a bank holiday is a Monday to Friday.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.on}"


class LimitQuerySet(models.QuerySet["Limit"]):
    def in_force(self, rule: str, on: date) -> "Limit | None":
        """The row of a rule that applies to an event on that London date; None before its first row."""
        if not together():
            return self.filter(rule=rule, effective_from__lte=on).order_by("-effective_from").first()
        rows = read_once("limits", lambda: list(self.order_by("-effective_from")))
        return next((row for row in rows if row.rule == rule and row.effective_from <= on), None)


class Limit(models.Model):
    """The value of one time limit for events from a date on, until a later row takes over.

    Its unit is the rule's (`deadlines.rules`). Source: handbook, "Time limits"; the rule names its own.
    """

    rule = models.CharField(max_length=40, help_text="Code of the rule, such as SS-UPDATE.")
    value = models.PositiveSmallIntegerField()
    counted_from = models.CharField(
        max_length=20,
        choices=CountedFrom,
        blank=True,
        help_text="Initial conference only: which strategy discussion starts the limit.",
    )
    effective_from = models.DateField(help_text="Applies to events on this London date and after it.")
    reason = models.TextField()
    created_at = models.DateTimeField(db_default=CaitNow(), editable=False)
    # An id, not a foreign key: this room knows no other. Empty for the values the system came with.
    created_by_id = models.BigIntegerField(null=True, editable=False)

    objects = LimitQuerySet.as_manager()

    class Meta:
        ordering = ["rule", "effective_from"]
        constraints = [
            models.UniqueConstraint(
                name="deadlines_limit_once_a_day",
                fields=["rule", "effective_from"],
                violation_error_message="This limit already has a value from that date.",
            ),
            models.CheckConstraint(
                # "Before the conference" is the one limit without a number: by its start.
                name="deadlines_limit_above_zero",
                condition=models.Q(value__gt=0) | models.Q(rule="BRIEFING"),
                violation_error_message="The limit must be more than 0.",
            ),
            models.CheckConstraint(
                name="deadlines_limit_counted_from",
                condition=models.Q(rule="INITIAL-CONFERENCE", counted_from__in=CountedFrom.values)
                | (~models.Q(rule="INITIAL-CONFERENCE") & models.Q(counted_from="")),
                violation_error_message="Say which strategy discussion starts the limit.",
            ),
            models.CheckConstraint(
                # As `Rule.statutory_most` says: a test holds the two together.
                name="deadlines_limit_within_the_law",
                condition=~models.Q(rule="S46-END") | models.Q(value__lte=72),
                violation_error_message="The law says 72 hours at most (Children Act 1989, s46(6)).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.value} from {self.effective_from}"


class Withdrawal(models.Model):
    """A change that was taken back before its date: what was to be, and why it is not. Its row is gone."""

    rule = models.CharField(max_length=40, blank=True, help_text="Code of the rule; empty for a bank holiday.")
    row_id = models.BigIntegerField(help_text="The number that the row had.")
    # As it was read, such as "10 days" or "Christmas Day".
    words = models.CharField(max_length=200)
    on = models.DateField(help_text="From when the limit was to apply; the day of the bank holiday.")
    reason = models.TextField()
    created_at = models.DateTimeField(db_default=CaitNow(), editable=False)
    created_by_id = models.BigIntegerField(editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="deadlines_withdrawn_once", fields=["rule", "row_id"]),
            models.CheckConstraint(name="deadlines_withdrawn_for_a_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.words}, {self.on}"
