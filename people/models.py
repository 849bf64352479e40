"""Children and adults. What a person is to a record stands in `cases`; here only who somebody is."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from deadlines.clock import CaitMoment
from pages.validators import one_line
from people.births import Birth
from people.enums import BirthKnown, Relation, Sex
from people.said import full_name, name_key, with_age
from team.history import tracked
from team.models import User

NAMED = ~Q(given_names="") | ~Q(family_name="")


class Named(models.Model):
    """Given and family names; either may be unknown, not both."""

    given_names = models.CharField("first names", max_length=80, blank=True, default="", validators=[one_line])
    family_name = models.CharField(max_length=80, blank=True, default="", validators=[one_line])
    # What is searched and compared: both names without capitals, as `people.said.name_key` writes them.
    name_key = models.CharField(max_length=500, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = name_key(self.given_names, self.family_name)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        """As it is said: "Rhys Calloway"; "Martin (family name not known)"."""
        return full_name(self.given_names, self.family_name)


class Person(Named):
    """A child or an adult: one row for one human being, on however many records.

    An unborn child becomes the same person at birth. Nothing here says why somebody is on a record.
    """

    sex = models.CharField(max_length=10, choices=Sex, blank=True, default=Sex.UNKNOWN)
    birth_known = models.CharField(max_length=12, choices=BirthKnown, default=BirthKnown.UNKNOWN)
    # London dates between which the person was born, both the same where the date is known.
    born_earliest = models.DateField(null=True, blank=True)
    born_latest = models.DateField(null=True, blank=True)
    expected_on = models.DateField("expected date of birth", null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=CaitMoment())

    history = tracked(leave_out=("name_key",))

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        indexes = [
            GinIndex(OpClass("name_key", name="gin_trgm_ops"), name="person_by_like_name"),
            models.Index(fields=["born_earliest", "born_latest"], name="person_by_birth"),
            models.Index(fields=["-recorded_at", "-id"], name="person_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=NAMED, name="person_has_a_name"),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="person_sex_is_known"),
            models.CheckConstraint(
                name="birth_says_what_is_known",
                condition=Q(
                    birth_known=BirthKnown.EXACT,
                    born_earliest__isnull=False,
                    born_latest__isnull=False,  # said, because a comparison with nothing would pass
                    born_latest=F("born_earliest"),
                    expected_on__isnull=True,
                )
                | Q(
                    birth_known=BirthKnown.APPROXIMATE,
                    born_earliest__isnull=False,
                    born_latest__isnull=False,
                    born_latest__gte=F("born_earliest"),
                    expected_on__isnull=True,
                )
                | Q(
                    birth_known=BirthKnown.UNBORN,
                    born_earliest__isnull=True,
                    born_latest__isnull=True,
                    expected_on__isnull=False,
                )
                | Q(
                    birth_known=BirthKnown.UNKNOWN,
                    born_earliest__isnull=True,
                    born_latest__isnull=True,
                    expected_on__isnull=True,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name; "Unborn baby Aldous" where there is no first name before the birth."""
        return full_name(self.given_names, self.family_name, unborn=self.birth_known == BirthKnown.UNBORN)

    @property
    def birth(self) -> Birth:
        return Birth(BirthKnown(self.birth_known), self.born_earliest, self.born_latest, self.expected_on)

    @birth.setter
    def birth(self, birth: Birth) -> None:
        self.birth_known = birth.known
        self.born_earliest, self.born_latest, self.expected_on = birth.earliest, birth.latest, birth.expected

    def with_age(self, on: date) -> str:
        """ "Rhys Calloway, 6"; the name alone where no age is known."""
        return with_age(self.full_name, self.birth, on)


class OtherName(Named):
    """Another name under which somebody is or was known, as it was once said. Rows are only ever added."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="other_names", db_index=False)
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "other name"
        indexes = [GinIndex(OpClass("name_key", name="gin_trgm_ops"), name="other_name_by_like_name")]
        constraints = [
            models.CheckConstraint(condition=NAMED, name="other_name_is_one"),
            models.UniqueConstraint(fields=["person", "given_names", "family_name"], name="other_name_once"),
        ]

    def __str__(self) -> str:
        return self.full_name


class Address(models.Model):
    """A place as it was first written. Rows are only ever added: one for each way of writing it that differs."""

    text = models.CharField("address", max_length=200, validators=[one_line])
    # Small letters and figures alone, so that commas, capitals and spaces make no second address.
    key = models.CharField(max_length=200, unique=True)
    # Its house and flat numbers: another number in the same street is another address, however alike.
    numbers = ArrayField(models.CharField(max_length=20), default=list)

    class Meta:
        verbose_name = "address"
        verbose_name_plural = "addresses"
        indexes = [
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="address_by_likeness"),
            GinIndex(fields=["numbers"], name="address_by_number"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="address_is_not_empty")]

    def __str__(self) -> str:
        return self.text


class Residence(models.Model):
    """Somebody was said to live somewhere on a London date. Rows are only ever added: the latest is where they live.

    Somebody who moves back to an old address has a second row for it.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="residences", db_index=False)
    address = models.ForeignKey(Address, models.PROTECT, related_name="residences")
    from_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "residence"
        constraints = [models.UniqueConstraint(fields=["person", "address", "from_on"], name="residence_once_a_day")]

    def __str__(self) -> str:
        return f"{self.person}: {self.address}"


class Relationship(models.Model):
    """What one person was said to be to another. Rows are only ever added: a later one says it better."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="relationships", db_index=False)
    relation = models.CharField(max_length=20, choices=Relation)
    to = models.ForeignKey(Person, models.PROTECT, related_name="relationships_to")
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "relationship"
        indexes = [models.Index(fields=["person", "to", "-id"], name="relationship_of_two")]
        constraints = [
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="relation_is_known"),
            models.CheckConstraint(condition=~Q(person=F("to")), name="nobody_is_related_to_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_relation_display()} of {self.to}"
