"""What a program sends about a record, and what it gets. Lengths and choices are those of the models."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from api.fields import (
    Day,
    Id,
    Line,
    Moment,
    Number,
    Numbers,
    OfficerOut,
    Sent,
    SentOfModel,
    Shown,
    TeamOut,
    Text,
    YesNo,
)
from cases.enums import BY_HAND, Happened, Kind, Part
from cases.models import Action, Case, Closure, Entry, Shared
from cases.queries import OnRecord, RecordLine, Told
from pages.validators import LONGEST_REASON
from people.api import PersonIn, PersonOut
from team.enums import Role
from team.history import version_of
from team.models import User

# What stands beside a version that is sent.
KINDS_BY_HAND = [(each.value, each.label) for each in BY_HAND]
EARLIER = "The `version` of the row as you read it. Where somebody has changed it since, you are told what (409)."


@extend_schema_field(OpenApiTypes.INT)
class Version(serializers.Field[int, Any, int, Any]):
    """Which version of a row this is: to be sent back with a change, so that two at once are noticed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, row: Any) -> int:
        known: int | None = getattr(row, "version", None)  # selected with it by `with_version`
        return version_of(row) if known is None else known


# --- people --------------------------------------------------------------------------------------


class OnRecordOut(serializers.Serializer[OnRecord]):
    """Somebody on a record, and what they are to it."""

    id = serializers.IntegerField(source="part.pk", help_text="Of this part, for taking them off the record.")
    person = PersonOut()
    part = serializers.ChoiceField(Part.choices, source="part.part")
    age = serializers.CharField(help_text="Today, in words; empty where it is not known.")
    relation = serializers.CharField(help_text="What an adult was last said to be to the first of the children.")
    addresses = serializers.SerializerMethodField(help_text="Where they were said to live, the latest first.")

    def get_addresses(self, on_record: OnRecord) -> list[str]:
        return [str(each.address) for each in on_record.addresses]


# --- records -------------------------------------------------------------------------------------


class CaseOut(Shown):
    team = TeamOut()
    officer_in_case = OfficerOut(allow_null=True)
    supervisor = OfficerOut(allow_null=True)

    class Meta:
        model = Case
        fields = [
            "number",
            "urn",
            "team",
            "state",
            "level",
            "restricted",
            "officer_in_case",
            "supervisor",
            "raised_at",
            "closed_at",
        ]


class CaseLineOut(CaseOut):
    """One line of the list of records, with the names and ages of its children."""

    children = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(CaseOut.Meta):
        fields = [*CaseOut.Meta.fields, "children"]

    def to_representation(self, line: RecordLine) -> dict[str, Any]:
        return {**CaseOut(line.case).data, "children": line.children}


class CaseInFullOut(CaseOut):
    """One record, with who is on it."""

    people = serializers.SerializerMethodField()
    version = Version()

    class Meta(CaseOut.Meta):
        fields = [*CaseOut.Meta.fields, "version", "people"]

    @extend_schema_field(OnRecordOut(many=True))
    def get_people(self, case: Case) -> Any:
        return OnRecordOut(self.context["people"], many=True).data


class CanBeGivenOut(serializers.Serializer[Any]):
    """Somebody who can be given a record, or an action on one."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    may_supervise = serializers.BooleanField()

    def to_representation(self, officer: tuple[User, bool]) -> dict[str, Any]:
        user, may_supervise = officer
        roles = sorted({membership.role for membership in user.here})  # type: ignore[attr-defined]  # prefetched
        return {"id": user.pk, "name": user.get_full_name(), "roles": roles, "may_supervise": may_supervise}


class AssignIn(Sent):
    """Who works on it: the numbers of their accounts, null for nobody."""

    officer_in_case = Id(allow_null=True)
    supervisor = Id(allow_null=True)
    reason = Line(most=300, allow_blank=True, default="")
    version = Number(help_text=EARLIER)


# --- the chronology ------------------------------------------------------------------------------


class EntryNowOut(Shown):
    """An entry, or a correction of one."""

    recorded_by = OfficerOut()
    people = serializers.SerializerMethodField()

    class Meta:
        model = Entry
        fields = ["id", "title", "text", "happened_at", "happened", "significant"]
        fields += ["people", "recorded_at", "recorded_by", "reason"]

    def get_people(self, entry: Entry) -> list[int]:
        return sorted(person.pk for person in entry.people.all())


class EntryOut(serializers.Serializer[Told]):
    """An entry as it was written, which never changes, and the corrections beside it, the last of which holds."""

    id = serializers.IntegerField(source="entry.pk")
    kind = serializers.ChoiceField(Kind.choices, source="entry.kind")
    source = serializers.CharField(source="entry.source")  # type: ignore[assignment]  # the name of the field of ours
    automatic = serializers.BooleanField(source="entry.automatic")
    entry = EntryNowOut()
    corrections = EntryNowOut(many=True)


class EntryIn(SentOfModel):
    kind = serializers.ChoiceField(KINDS_BY_HAND)
    text = Text()
    happened_at = Moment()
    happened = serializers.ChoiceField(Happened.choices, default=Happened.AT)
    people = Numbers(default=list, help_text="Numbers of people who are on the record.")

    class Meta:
        model = Entry
        fields = ["kind", "title", "text", "happened_at", "happened", "source", "people", "significant"]


class CorrectionIn(SentOfModel):
    text = Text(allow_blank=True)
    happened_at = Moment()
    happened = serializers.ChoiceField(Happened.choices, default=Happened.AT)
    people = Numbers(required=False, help_text="Left out: as they are.")
    significant = YesNo(allow_null=True, default=None)
    reason = Line(most=500)
    seen = Id(min_value=0, help_text="The `id` of the last correction that you read, 0 for none.")

    class Meta:
        model = Entry
        fields = ["title", "text", "happened_at", "happened", "people", "significant", "reason", "seen"]


# --- actions, sharing ----------------------------------------------------------------------------


NOBODY = "Null where it is nobody's by name: any investigator of the team sees to it."


class ActionOut(Shown):
    owner = OfficerOut(allow_null=True, help_text=NOBODY)
    added_by = OfficerOut()
    ended_by = OfficerOut(allow_null=True)
    version = Version()

    class Meta:
        model = Action
        fields = ["id", "what", "owner", "due_on", "state", "added_at", "added_by", "ended_at", "ended_by", "result"]
        fields += ["version"]


class ActionIn(SentOfModel):
    owner = Id(help_text="The number of the account of who does it.")

    class Meta:
        model = Action
        fields = ["what", "owner", "due_on"]


class ChangeActionIn(Sent):
    owner = Id(help_text="The number of the account of who does it.")
    due_on = Day()
    reason = Line(most=300)
    version = Number(help_text=EARLIER)


class ResultIn(Sent):
    result = Text(most=LONGEST_REASON, help_text="What came of it, or why it is not needed.")


class SharedOut(Shown):
    recorded_by = OfficerOut()
    people = serializers.SerializerMethodField()

    class Meta:
        model = Shared
        fields = ["id", "partner", "to_whom", "what", "way", "basis", "shared_at", "people", "recorded_at"]
        fields += ["recorded_by"]

    def get_people(self, shared: Shared) -> list[int]:
        return sorted(person.pk for person in shared.people.all())


class SharedIn(SentOfModel):
    people = Numbers(default=list, help_text="Numbers of people who are on the record.")

    class Meta:
        model = Shared
        fields = ["partner", "to_whom", "what", "way", "basis", "shared_at", "people"]


# --- closure -------------------------------------------------------------------------------------


class ClosureOut(Shown):
    asked_by = OfficerOut()
    answered_by = OfficerOut(allow_null=True)

    class Meta:
        model = Closure
        fields = ["id", "state", "outcome", "court", "asked_at", "asked_by", "answered_at", "answered_by", "answer"]


class ClosuresOut(serializers.Serializer[Any]):
    """What stands in the way of closing a record, in words; what would end undone with it; each request to close."""

    in_the_way = serializers.ListField(child=serializers.CharField())
    ends_undone = serializers.ListField(child=serializers.CharField())
    results = ClosureOut(many=True)


class AskClosureIn(SentOfModel):
    outcome = Text(most=LONGEST_REASON)

    class Meta:
        model = Closure
        fields = ["outcome", "court"]


class AgreeIn(Sent):
    read = YesNo(help_text="True: I have read the record, and no child on it is left at a risk that nobody manages.")
    answer = Text(most=LONGEST_REASON, allow_blank=True, default="")

    def validate_read(self, read: bool) -> bool:
        if not read:
            raise serializers.ValidationError(
                "Confirm that no child is left at risk, or do not agree and say what is missing."
            )
        return read


class AnswerIn(Sent):
    answer = Text(most=LONGEST_REASON, help_text="What is missing, or why the request is withdrawn.")


class ReasonIn(Sent):
    reason = Text(most=LONGEST_REASON)


# --- people put right ----------------------------------------------------------------------------


class ChangePersonIn(PersonIn):
    """All that is known of them, as it is to be. A birth that is left as `words` has it stays as it is."""

    reason = Line(most=300)
    version = Number(help_text=f"{EARLIER} It stands at /people/NUMBER/.")

    class Meta(PersonIn.Meta):
        fields = [*PersonIn.Meta.fields, "reason", "version"]

    def get_fields(self) -> Any:
        fields = super().get_fields()
        for name in PersonIn.Meta.fields:  # left out, they would be emptied
            fields[name].required, fields[name].default = True, empty
        return fields
