"""What a program sends about deciding and what follows it, and what it gets. As `referrals.api.shapes`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import Day, Id, Line, Number, OfficerOut, Sent, SentOfModel, Shown, Text
from referrals.api.shapes import FromEmail
from referrals.models import Answer, Decision, Strategy, Supervision


class StrategyOut(Shown):
    took_part = serializers.DictField(child=serializers.CharField())
    supervisor = OfficerOut(allow_null=True)
    recorded_by = OfficerOut()

    class Meta:
        model = Strategy
        fields = ["id", "how", "held_at", "took_part", "supervisor", "enquiry", "decided", "reason"]
        fields += ["recorded_at", "recorded_by"]


class TookPartIn(Sent):
    """Who came from each agency, in words. Police and Social Services always."""

    police = Line(most=300)
    social_services = Line(most=300)
    health = Line(most=300, allow_blank=True, default="")
    school = Line(most=300, allow_blank=True, default="")
    other = Line(most=300, allow_blank=True, default="")


class StrategyIn(SentOfModel):
    took_part = TookPartIn()
    supervisor = Id(
        allow_null=True, help_text="The number of the account of the police supervisor who took part; null: none did."
    )

    class Meta:
        model = Strategy
        fields = ["how", "held_at", "took_part", "supervisor", "enquiry", "decided", "reason"]


class DecisionOut(Shown):
    decided_by = OfficerOut(allow_null=True, help_text="Null for a decision of an old log.")

    class Meta:
        model = Decision
        fields = ["number", "kind", "reason", "not_chosen", "passed_to", "decided_at", "decided_by"]
        fields += ["decided_by_name", "recorded_at"]


class DecideIn(SentOfModel):
    hold_why = Line(
        most=300,
        allow_blank=True,
        default="",
        help_text="Why no email may be sent to Social Services, such as a worker who is the subject.",
    )
    seen = Number(
        help_text="The `number` of the last decision that you read, 0 for none. Where somebody has decided since, "
        "you are told (409)."
    )

    class Meta:
        model = Decision
        fields = ["kind", "reason", "not_chosen", "passed_to", "decided_at", "hold_why", "seen"]


class DecidedOut(DecisionOut):
    """The decision, and to whom an email goes that asks for an update; empty where none does."""

    asked = serializers.SerializerMethodField()

    class Meta(DecisionOut.Meta):
        fields = [*DecisionOut.Meta.fields, "asked"]

    def get_asked(self, decision: Decision) -> str:
        return str(self.context.get("asked", ""))


class SupervisionOut(Shown):
    reviewed_by = OfficerOut()

    class Meta:
        model = Supervision
        fields = ["id", "reviewed_at", "reviewed_by", "found", "directions", "next_due_on", "recorded_at"]


class SuperviseIn(SentOfModel):
    found = Text(help_text="What was found: how far it has come, and what is missing.")
    directions = Text(help_text="What is to be done, by whom and by when; or that nothing is.")
    seen = Number(
        help_text="The `id` of the last supervision of the record that you read, 0 for none. Where somebody has "
        "recorded one since, you are told (409)."
    )

    class Meta:
        model = Supervision
        fields = ["found", "directions", "reviewed_at", "seen"]


class UpdateOut(Shown):
    recorded_by = OfficerOut()
    judged_by = OfficerOut(allow_null=True)

    class Meta:
        model = Answer
        fields = ["id", "received_at", "way", "from_whom", "text", "came", "after_chases", "recorded_at"]
        fields += ["recorded_by", "judgement", "reason", "judged_at", "judged_by"]


class AskedOut(serializers.Serializer[Any]):
    """One request for an update: its duty, by when, how far the chasing has come."""

    duty = serializers.IntegerField(source="duty.pk")
    state = serializers.CharField(source="duty.state")
    due_on = Day(source="duty.due_on")
    progress = serializers.CharField()
    next_on = Day(allow_null=True, help_text="When the next email goes.")


class UpdatesOut(serializers.Serializer[Any]):
    """What Social Services were asked, and what they told."""

    asked = AskedOut(many=True)
    results = UpdateOut(many=True)


class UpdateIn(FromEmail, SentOfModel):
    text = Text(help_text="What they told us.")

    class Meta:
        model = Answer
        fields = ["received_at", "way", "from_whom", "text", "message", "message_uses"]


class JudgeIn(SentOfModel):
    reason = Text()

    class Meta:
        model = Answer
        fields = ["judgement", "reason"]
        extra_kwargs = {"judgement": {"required": True, "allow_blank": False}}
