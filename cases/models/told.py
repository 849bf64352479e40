"""On which records it was told where somebody lives, what else they are called, and what they are to somebody."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models.record import Case
from people.models import OtherName, Relationship, Residence

HOME, NAME, RELATION = WHAT = ("residence", "other_name", "relationship")


class ToldOn(models.Model):
    """That one of these was told on a record; told on two, it has two rows. Rows are only ever added.

    Somebody is one on every record they are on: without this a refuge that was told on a restricted record would
    stand on their other records (ADR 34). Of what was brought in from old logs nothing is kept here.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    residence = models.ForeignKey(Residence, models.PROTECT, null=True, related_name="+", db_index=False)
    other_name = models.ForeignKey(OtherName, models.PROTECT, null=True, related_name="+", db_index=False)
    relationship = models.ForeignKey(Relationship, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "what was told on a record"
        verbose_name_plural = "what was told on records"
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=[what, "case"],
                    name=f"{what}_told_once_on_a_record",
                    condition=Q(**{f"{what}__isnull": False}),
                )
                for what in WHAT
            ),
            models.CheckConstraint(
                name="told_is_one_thing",
                condition=Q(residence__isnull=False, other_name__isnull=True, relationship__isnull=True)
                | Q(residence__isnull=True, other_name__isnull=False, relationship__isnull=True)
                | Q(residence__isnull=True, other_name__isnull=True, relationship__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.residence or self.other_name or self.relationship}, told on {self.case}"
