"""What a program sends and gets of gaps, risks, control measures and research."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import Day, Id, Line, Number, Numbers, OfficerOut, Sent, SentOfModel, Shown, Text, YesNo, several
from cases.api.shapes import EARLIER, NOBODY, Version
from cram.enums import System, Works
from cram.managing import MeasureShown, RiskShown
from cram.managing_forms import FOUND
from cram.models import Gap, Measure, MeasureCheck, ResearchRequest, Risk, Search
from pages.validators import LONGEST_REASON

# --- gaps ----------------------------------------------------------------------------------------


class GapOut(Shown):
    """What is not known and matters. `factor`, `person`, `address`: of the answer that raised it."""

    owner = OfficerOut(allow_null=True, help_text=NOBODY)
    raised_by = OfficerOut()
    ended_by = OfficerOut(allow_null=True)
    version = Version()

    class Meta:
        model = Gap
        fields = [
            "id",
            "question",
            "factor",
            "person",
            "address",
            "owner",
            "due_on",
            "state",
            "raised_at",
            "raised_by",
        ]
        fields += ["resolution", "ended_at", "ended_by", "version"]


class GapIn(SentOfModel):
    owner = Id(help_text="The number of the account of who finds out.")

    class Meta:
        model = Gap
        fields = ["question", "owner", "due_on"]


class ChangeGapIn(Sent):
    owner = Id(help_text="The number of the account of who finds out.")
    due_on = Day()
    reason = Line(most=300)
    version = Number(help_text=EARLIER)


class ChangeMeasureIn(Sent):
    owner = Id(help_text="The number of the account of who sees to it.")
    until = Day(allow_null=True, help_text="Its last day; null where it goes on.")
    check_on = Day(help_text="By when it is checked again.")
    reason = Line(most=300)
    version = Number(help_text=EARLIER)


class AnswerGapIn(Sent):
    resolution = Text(most=LONGEST_REASON, help_text="What was found out, and from where.")


class EndIn(Sent):
    why = Text(most=LONGEST_REASON)


# --- risks and control measures ------------------------------------------------------------------


class CheckOut(Shown):
    """One look at whether a control measure works."""

    checked_by = OfficerOut()

    class Meta:
        model = MeasureCheck
        fields = ["id", "works", "found", "next_on", "checked_at", "checked_by"]


class MeasureOut(Shown):
    """What manages a risk, or was to."""

    owner = OfficerOut(allow_null=True, help_text=NOBODY)
    set_by = OfficerOut()
    ended_by = OfficerOut(allow_null=True)
    version = Version()

    class Meta:
        model = Measure
        fields = [
            "id",
            "risk",
            "approach",
            "what",
            "carried_out_by",
            "owner",
            "from_on",
            "until",
            "check_on",
            "works",
        ]
        fields += ["set_at", "set_by", "ended_at", "ended_by", "ended_why", "version"]


class MeasureInFullOut(serializers.Serializer[MeasureShown]):
    """A control measure with each look at it, the latest first. `manages`: whether it manages its risk today.
    `check_overdue`: it does by what was found before, and should have been looked at again by now."""

    measure = MeasureOut()
    manages = serializers.BooleanField()
    check_overdue = serializers.BooleanField(source="check_is_overdue")
    checks = CheckOut(many=True)


class RiskOut(Shown):
    """`children`: to whom it is a risk; of none, to every child of the record. `person`: from whom it comes."""

    identified_by = OfficerOut()
    ended_by = OfficerOut(allow_null=True)
    children = serializers.SerializerMethodField()

    class Meta:
        model = Risk
        fields = ["id", "what", "children", "person", "identified_at", "identified_by"]
        fields += ["ended_at", "ended_by", "ended_why"]

    def get_children(self, risk: Risk) -> list[int]:
        return sorted(child.pk for child in risk.children.all())


class RiskInFullOut(serializers.Serializer[RiskShown]):
    """A risk with its control measures. `unmanaged`: present, and none of them works. `check_overdue_since`: by when
    the first of what manages it should have been looked at again."""

    risk = RiskOut()
    unmanaged = serializers.BooleanField(source="is_unmanaged")
    check_overdue_since = serializers.DateField(allow_null=True)
    measures = MeasureInFullOut(many=True)
    ended_measures = MeasureInFullOut(source="ended", many=True)


class RiskIn(Sent):
    what = Line(most=300)
    children = Numbers(
        default=list, help_text="To whom: numbers of children on the record; none where to every child of it."
    )
    person = Id(allow_null=True, default=None, help_text="From whom it comes: the number of somebody on the record.")


class MeasureIn(SentOfModel):
    owner = Id(help_text="The number of the account of who sees to it.")
    until = Day(allow_null=True, default=None, help_text="Its last day; null where it goes on.")
    works = serializers.ChoiceField(Works.choices, default=Works.UNCHECKED, help_text="What is known of it now.")
    found = Text(most=LONGEST_REASON, allow_blank=True, default="")

    class Meta:
        model = Measure
        fields = ["approach", "what", "carried_out_by", "owner", "from_on", "until", "check_on", "works", "found"]


class CheckIn(Sent):
    works = serializers.ChoiceField(FOUND)
    found = Text(most=LONGEST_REASON)
    next_on = Day(help_text="By when it is checked again.")
    seen = Id(min_value=0, help_text="The `id` of the last check that you read, 0 for none.")


# --- research ------------------------------------------------------------------------------------


class ResearchOut(Shown):
    """Checks of police systems that were asked for. `since`: only what is new since that day."""

    asked_by = OfficerOut()
    ended_by = OfficerOut(allow_null=True)
    people = serializers.SerializerMethodField()

    class Meta:
        model = ResearchRequest
        fields = ["id", "systems", "people", "why", "since", "due_on", "state", "asked_at", "asked_by"]
        fields += ["ended_at", "ended_by", "ended_why"]

    def get_people(self, request: ResearchRequest) -> list[int]:
        return sorted(person.pk for person in request.people.all())


class ResearchIn(Sent):
    systems = serializers.ListField(
        child=serializers.ChoiceField(System.choices), allow_empty=False, max_length=len(System)
    )
    people = Numbers(default=list, help_text="Numbers of people who are on the record.")
    why = Text(most=LONGEST_REASON, help_text="What is looked for, and why.")
    since = Day(allow_null=True, default=None, help_text="Only what is new since that day; null for everything.")
    due_on = Day()


class SearchOut(Shown):
    """One search of one system, and what it found."""

    searched_by = OfficerOut()
    recorded_by = OfficerOut()
    people = serializers.SerializerMethodField()

    class Meta:
        model = Search
        fields = ["id", "system", "people", "since", "found", "result", "request", "searched_at", "searched_by"]
        fields += ["recorded_at", "recorded_by"]

    def get_people(self, search: Search) -> list[int]:
        return sorted(person.pk for person in search.people.all())


class SearchIn(Sent):
    system = serializers.ChoiceField(System.choices)
    found = YesNo()
    result = Text(allow_blank=True, default="", help_text="What it holds; must be said where something was found.")


class SearchesIn(SentOfModel):
    """Searches that were made at once. The account that sends them made them."""

    searches = several(SearchIn, most=len(System), allow_empty=False)
    people = Numbers(default=list, help_text="Numbers of people who are on the record.")
    since = Day(allow_null=True, default=None, help_text="Only what was new since that day; null for everything.")
    request = Id(allow_null=True, default=None, help_text="For which of the requests they were made.")

    class Meta:
        model = Search
        fields = ["searches", "people", "since", "searched_at", "request"]


class SearchesOut(serializers.Serializer[Any]):
    """The searches that were recorded, and the requests (numbers) that are done with them."""

    searches = SearchOut(many=True)
    done = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_done(self, recorded: Any) -> list[int]:
        return [request.pk for request in recorded.done]
