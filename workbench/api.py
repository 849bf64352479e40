"""People over the API: whoever is on a record that one may open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.fields import Moment
from api.filters import narrowing
from api.resources import Resource
from cases.left_out import hidden_here, left_out
from cases.models import Case, CasePerson
from deadlines import clock
from people.api import PersonOut
from people.enums import Relation
from people.models import Person
from team.history import with_version
from team.permissions import Permission, require
from workbench.forms import PeopleForm
from workbench.people import (
    OnRecords,
    homes_of,
    left_out_of,
    on_records,
    people_visible_to,
    records_of,
    relations_of,
    with_other_names,
)
from workbench.searching import MOST, Found, searched

RESTRICTED = "Which restricted records are left out, or that one is like it, and whom to ask. Empty for none."


class PartOut(serializers.Serializer[CasePerson]):
    case = serializers.CharField(source="case.number")
    urn = serializers.CharField(source="case.urn")
    part = serializers.CharField()
    taken_off_at = Moment(allow_null=True)


class PersonLineOut(serializers.Serializer[OnRecords]):
    """Somebody, where they were last said to live, and the records they are on that one may open."""

    person = PersonOut()
    age = serializers.CharField()
    other_names = serializers.SerializerMethodField()
    address = serializers.CharField()
    records = PartOut(source="parts", many=True)

    def get_other_names(self, row: OnRecords) -> list[str]:
        return [str(each) for each in row.other_names]


class PeopleOut(serializers.Serializer[Any]):
    """A page of people, and what is left out of it."""

    results = PersonLineOut(many=True)
    next = serializers.URLField(allow_null=True, help_text="The address of what follows; null at the end.")
    not_shown = serializers.CharField(allow_blank=True, help_text=RESTRICTED)


class RelationOut(serializers.Serializer[Any]):
    """What one person was said to be to another."""

    person = serializers.IntegerField(source="person_id")
    relation = serializers.ChoiceField(Relation.choices)
    to = serializers.IntegerField(source="to_id")


class PersonInFullOut(PersonLineOut):
    """One child or adult; `version` is to be sent back with a change."""

    version = serializers.IntegerField(source="person.version")
    addresses = serializers.SerializerMethodField(help_text="Where they were said to live, the latest first.")
    relations = serializers.SerializerMethodField()
    not_shown = serializers.SerializerMethodField(help_text=RESTRICTED)

    def get_not_shown(self, row: OnRecords) -> str:
        return str(self.context["left_out"])

    def get_addresses(self, row: OnRecords) -> list[str]:
        return [str(home.address) for home in homes_of(row.person, user=self.context["request"].user)]

    @extend_schema_field(RelationOut(many=True))
    def get_relations(self, row: OnRecords) -> Any:
        return RelationOut(self.context["relations"], many=True).data


class People(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(PeopleForm), responses=PeopleOut)
    def get(self, request: Any) -> Response:
        """Whoever is on a record that one may open, the latest recorded first. With `q` whoever fits: by name, the
        latest recorded first, then those whose name is like it, then by address or by the number of a record. Of one
        name fifty at most: ask for more of it. `not_shown` says whom to ask where a restricted record is left
        out."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        words = " ".join(self.asked(PeopleForm(request.query_params))["q"].split())
        today = clock.today()
        if words:
            found = searched(words, user=self.user, today=today)
            if found.more:
                raise ValidationError({"q": [f"More than {MOST} people have this name. Add another of their names"]})
            rows = [*found.people, *found.alike, *self.others(found, today)]
            kept = {"restricted": found.looked_at()["restricted"]} if found.restricted else {}
            self.looked(Person, people=sorted(row.person.pk for row in rows), records=records_of(rows), **kept)
            return self.told(self.all_shown(PersonLineOut, rows), found.left_out)
        people = people_visible_to(self.user).prefetch_related(with_other_names(self.user))
        page = self.page(people, key="recorded_at", descending=True)
        rows = on_records(page.rows, user=self.user, today=today)
        self.looked(Person, people=sorted(person.pk for person in page.rows), records=records_of(rows))
        one, several = "restricted record is left out", "restricted records are left out"
        return self.told(self.listed(page, PersonLineOut, rows), left_out(hidden_here(self.user), one, several))

    def told(self, answer: Response, not_shown: str) -> Response:
        """A list, with what is said of what it leaves out."""
        answer.data["not_shown"] = not_shown
        return answer

    def others(self, found: Found, today: date) -> list[OnRecords]:
        """Whoever lives at an address that was found, or is on a record that was, beside those found by name."""
        named = {row.person.pk for row in (*found.people, *found.alike)}
        ids = {person.pk for place in found.places for person in place.people}
        # Not of a record that is with another team by now.
        cases = Case.objects.visible_to(self.user).filter(pk__in=[each.case_id for each in found.referrals])
        ids |= set(CasePerson.objects.filter(case__in=cases, taken_off_at=None).values_list("person", flat=True))
        rows = Person.objects.filter(pk__in=ids - named).prefetch_related(with_other_names(self.user))
        people = rows.order_by("-pk")
        return on_records(people, user=self.user, today=today)


class OnePerson(Resource):
    @extend_schema(responses=PersonInFullOut)
    def get(self, request: Any, pk: int) -> Response:
        """One child or adult: who they are, what they are to others, every record they are on."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        visible = with_version(people_visible_to(self.user).prefetch_related(with_other_names(self.user)))
        person = get_object_or_404(visible, pk=pk)
        (row,) = on_records([person], user=self.user, today=clock.today())
        relations = relations_of(person, user=self.user)
        related = {each.person_id for each in relations} | {each.to_id for each in relations}
        self.looked(person, records=records_of([row]), people=sorted(related - {pk}))
        kept = left_out_of([person], user=self.user)
        return self.shown(PersonInFullOut, row, relations=relations, left_out=kept)


urlpatterns = [
    path("people/", People.as_view(), name="people"),
    path("people/<int:pk>/", OnePerson.as_view(), name="person"),
]
