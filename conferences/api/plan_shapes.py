"""What a program sends and gets of child protection plans and core groups."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import Day, Id, Line, Moment, Number, OfficerOut, Sent, Shown, Text, YesNo
from cases.api.shapes import EARLIER, SharedOut, Version
from conferences.enums import PlanCategory
from conferences.models import CategoryFrom, CoreGroup, Plan
from conferences.plan_policies import ENDED_WITHOUT_CONFERENCE

ENDS = [(each.value, each.label) for each in ENDED_WITHOUT_CONFERENCE]


class CategoryOut(Shown):
    class Meta:
        model = CategoryFrom
        fields = ["category", "from_on"]


class PlanOut(Shown):
    """The child protection plan of one child. `category`: on the day that was asked about, else the last; it is the
    last of `categories` that had begun by then. `begun_at`, `ended_at`: the conferences (numbers by which CAIT knows
    them); of a plan of before, the last conference that was known is `conference_on`."""

    case = serializers.CharField(source="case.number", read_only=True)
    name = serializers.CharField(source="child.full_name", read_only=True)
    category = serializers.SerializerMethodField()
    categories = serializers.SerializerMethodField()
    recorded_by = OfficerOut()
    version = Version()

    class Meta:
        model = Plan
        fields = ["id", "case", "child", "name", "from_on", "to_on", "end", "end_note", "category", "categories"]
        fields += ["begun_at", "ended_at", "conference_on", "conference_was_initial", "recorded_at", "recorded_by"]
        fields += ["withdrawn_at", "withdrawn_why", "version"]

    @extend_schema_field(serializers.ChoiceField(PlanCategory.choices))
    def get_category(self, plan: Plan) -> str:
        on: date | None = self.context.get("on")
        begun = [each for each in in_order(plan) if on is None or each.from_on <= on]
        return begun[-1].category

    @extend_schema_field(CategoryOut(many=True))
    def get_categories(self, plan: Plan) -> Any:
        return CategoryOut(in_order(plan), many=True).data


def in_order(plan: Plan) -> list[CategoryFrom]:
    """Its categories, the first at the beginning; of two of one day the later one counts."""
    return sorted(plan.categories.all(), key=lambda each: (each.from_on, each.pk))


class PlanIn(Sent):
    """A plan that was there before CAIT, as Social Services have it on their list."""

    child = Id(help_text="The number of a child on the record.")
    from_on = Day()
    category = serializers.ChoiceField(PlanCategory.choices)
    conference_on = Day(help_text="The last conference about the child: the next one counts from it.")
    conference_was_initial = YesNo(help_text="Whether that was the initial one.")


class EndPlanIn(Sent):
    """A plan that ended without a conference here."""

    to_on = Day()
    end = serializers.ChoiceField(ENDS)
    note = Line(most=300, help_text="From whom it is known.")
    version = Number(help_text=EARLIER)


class WithdrawPlanIn(Sent):
    why = Line(most=300, help_text="Why it was a mistake.")
    version = Number(help_text=EARLIER)


# --- core groups ---------------------------------------------------------------------------------


class CoreGroupOut(Shown):
    """A core group. `note`: what was said and agreed, or why it was cancelled; `shared`: what police passed on."""

    planned_by = OfficerOut()
    attended_by = OfficerOut(allow_null=True)
    ended_by = OfficerOut(allow_null=True)
    shared = SharedOut(allow_null=True)
    version = Version()

    class Meta:
        model = CoreGroup
        fields = ["id", "number", "state", "starts_at", "place", "planned_at", "planned_by", "dated_at"]
        fields += ["attended_by", "note", "shared", "ended_at", "ended_by", "version"]


class CoreGroupIn(Sent):
    starts_at = Moment()
    place = Line(most=200, allow_blank=True, default="")


class MoveCoreGroupIn(Sent):
    """Its new time. The place stays where it is left out."""

    starts_at = Moment()
    place = Line(most=200, allow_blank=True, required=False)
    why = Line(most=300)
    version = Number(help_text=EARLIER)


class RecordCoreGroupIn(Sent):
    """What was said and agreed, and what police passed on there to whom."""

    attended_by = Id(allow_null=True, help_text="The number of the account of who attended; null where nobody did.")
    note = Text()
    shared_what = Text(allow_blank=True, default="")
    shared_with = Line(most=200, allow_blank=True, default="")
    version = Number(help_text=EARLIER)


class CancelCoreGroupIn(Sent):
    why = Line(most=300)
    version = Number(help_text=EARLIER)
