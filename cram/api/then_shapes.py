"""What a program gets of a record as it was when one of its assessments was sent (`cram.paper.as_it_was`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import OfficerOut, Shown
from cases.api.shapes import NOBODY
from cram.api.managing_shapes import CheckOut, SearchOut
from cram.enums import Approach, System, Works
from cram.models import Gap, Measure, Risk
from cram.paper import MeasureThen, RiskThen
from cram.repeating import NotSearched


class MeasureThenOut(serializers.Serializer[MeasureThen]):
    """A control measure as it was then, with the last look at it until then."""

    id = serializers.IntegerField(source="line.id")
    approach = serializers.ChoiceField(Approach.choices, source="line.approach")
    what = serializers.CharField(source="line.what")
    carried_out_by = serializers.CharField(source="line.carried_out_by")
    owner = OfficerOut(allow_null=True, help_text=NOBODY)
    from_on = serializers.DateField(source="line.from_on")
    until = serializers.DateField(source="line.until", allow_null=True)
    check_on = serializers.DateField(source="line.check_on")
    works = serializers.ChoiceField(Works.choices, source="line.works")
    has_run_out = serializers.BooleanField()
    last_check = CheckOut(source="last", allow_null=True)
    checked_again = serializers.SerializerMethodField(help_text="Whether the last look at it is part of this CRAM.")

    def get_checked_again(self, measure: MeasureThen) -> bool:
        return measure.last is not None and measure.last.assessment_id == self.context["assessment_id"]


class RiskThenOut(serializers.Serializer[RiskThen]):
    """A risk that was present then. `children`: to whom it was; of none, to every child of the record. `unmanaged`:
    none of its control measures worked. `check_overdue_since`: by when what managed it should have been looked at."""

    id = serializers.IntegerField(source="risk.pk")
    what = serializers.CharField(source="risk.what")
    children = serializers.SerializerMethodField()
    person = serializers.IntegerField(source="risk.person_id", allow_null=True)
    identified_at = serializers.DateTimeField(source="risk.identified_at")
    unmanaged = serializers.BooleanField()
    check_overdue_since = serializers.DateField(allow_null=True)
    measures = MeasureThenOut(many=True)

    def get_children(self, risk: RiskThen) -> list[int]:
        return sorted(child.pk for child in risk.risk.children.all())


class GapThenOut(Shown):
    """What was not known then."""

    owner = OfficerOut(allow_null=True, help_text=NOBODY)

    class Meta:
        model = Gap
        fields = ["id", "question", "factor", "person", "address", "owner", "due_on", "raised_at"]


class GapEndedOut(Shown):
    ended_by = OfficerOut()

    class Meta:
        model = Gap
        fields = ["id", "question", "state", "resolution", "ended_at", "ended_by"]


class RiskEndedOut(Shown):
    ended_by = OfficerOut()

    class Meta:
        model = Risk
        fields = ["id", "what", "ended_why", "ended_at", "ended_by"]


class MeasureEndedOut(Shown):
    ended_by = OfficerOut()

    class Meta:
        model = Measure
        fields = ["id", "risk", "what", "ended_why", "ended_at", "ended_by"]


class NotSearchedOut(serializers.Serializer[NotSearched]):
    """Who was not searched for again, in which systems; in none at all where no system is named."""

    person = serializers.IntegerField(source="person.pk")
    systems = serializers.ListField(child=serializers.ChoiceField(System.choices))


class AsItWasOut(serializers.Serializer[Any]):
    """Risks, control measures, gaps and research as they were at `then`: when it was sent, or thrown away; now, while
    it is written. Of a review what had ended since the one before was sent (`since`), and who was not searched for
    again."""

    then = serializers.DateTimeField()
    since = serializers.DateTimeField(allow_null=True)
    risks = RiskThenOut(many=True)
    risks_ended = RiskEndedOut(many=True)
    measures_ended = MeasureEndedOut(many=True)
    gaps = GapThenOut(many=True)
    gaps_ended = GapEndedOut(many=True)
    searches = SearchOut(many=True)
    not_searched = NotSearchedOut(many=True)
