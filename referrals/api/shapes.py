"""What a program sends about a referral, and what it gets. Lengths and choices are those of the models."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import (
    Id,
    Line,
    Moment,
    Number,
    OfficerOut,
    Sent,
    SentOfModel,
    Shown,
    TeamOut,
    Text,
    YesNo,
    several,
)
from cases.enums import Part
from cases.policies import check_is_child
from pages.validators import LONGEST_TEXT
from people.api import PersonIn, PersonOut
from people.enums import Relation
from people.models import Person
from referrals.enums import Category, DecisionKind, Progress, Source
from referrals.known import NEW, Match
from referrals.logging_forms import MOST_PEOPLE
from referrals.models import Referral

MESSAGE = "The number of the email that it came with, of the mailboxes that you handle."
WITH_ANOTHER = "Null where another team than the one that logged it has the record now: the record itself tells."
RING = "Where somebody like one of them is on a restricted record: whom to ring before you go on. Empty otherwise."
USES = "How many uses of the email you have seen. Where a colleague made something of it since, you are told (409)."
ONCE = (
    "A UUID that you make for this referral. Send the same again where you do not know whether it arrived: it is "
    "logged once."
)


class FromEmail(Sent):
    """What an email may be put on."""

    message = Id(allow_null=True, default=None, help_text=MESSAGE)
    message_uses = Number(allow_null=True, default=None, help_text=f"{USES} To be sent with `message`.")

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent["message"] is not None and sent["message_uses"] is None:
            raise serializers.ValidationError({"message_uses": ["Send how many uses of the email you have seen."]})
        return sent


# --- the log -------------------------------------------------------------------------------------


class GivenOut(serializers.Serializer[Any]):
    """One person as the caller described them; `person`: the number of who they were taken to be."""

    child = serializers.BooleanField()
    shown = serializers.CharField()
    birth = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    sex = serializers.CharField(allow_blank=True)
    relation = serializers.CharField(allow_blank=True)
    may_have_harmed = serializers.BooleanField()
    person = serializers.IntegerField()


class ReferralLineOut(Shown):
    """One line of the log, as it was logged. Of a protected caller nothing is told, not even where they come from."""

    case = serializers.CharField(source="case.number")
    urn = serializers.CharField(read_only=True)
    team = TeamOut()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # the name of the field of ours
    children = serializers.ListField(child=serializers.CharField(), source="children_as_given")

    class Meta:
        model = Referral
        fields = ["case", "urn", "team", "received_at", "logged_at", "method", "source", "protected", "urgent"]
        fields += ["categories", "children", "progress", "decision"]

    @extend_schema_field(serializers.ChoiceField(Source.choices, allow_null=True))
    def get_source(self, referral: Referral) -> str | None:
        return None if referral.protected else referral.source


class LogLineOut(ReferralLineOut):
    """One line of the log: of a record that another team has now, nothing is told of what was done since."""

    progress = serializers.SerializerMethodField(help_text=WITH_ANOTHER)
    decision = serializers.SerializerMethodField(help_text=WITH_ANOTHER)

    @extend_schema_field(serializers.ChoiceField(Progress.choices, allow_null=True))
    def get_progress(self, referral: Referral) -> str | None:
        return None if self._is_gone(referral) else referral.progress

    @extend_schema_field(serializers.ChoiceField(DecisionKind.choices, allow_null=True, allow_blank=True))
    def get_decision(self, referral: Referral) -> str | None:
        return None if self._is_gone(referral) else referral.decision

    def _is_gone(self, referral: Referral) -> bool:
        return referral.case.team_id != referral.team_id


class KeptBackOut(serializers.Serializer[Any]):
    """A referral on a restricted record on which one is not named: which, and whom to ask. Nothing else is told."""

    case = serializers.CharField(source="referral.case.number")
    urn = serializers.CharField(source="referral.urn")
    team = TeamOut(source="referral.team")
    received_at = Moment(source="referral.received_at")
    ask = serializers.CharField()


class LogOut(serializers.Serializer[Any]):
    """A page of the log, and what is left out of it."""

    results = LogLineOut(many=True)
    next = serializers.URLField(allow_null=True, help_text="The address of what follows; null at the end.")
    left_out = KeptBackOut(many=True)


class CallerOut(Shown):
    """Who called."""

    class Meta:
        model = Referral
        fields = ["referrer_name", "referrer_job", "referrer_telephone", "referrer_email", "rang_back"]


class ReferralOut(ReferralLineOut):
    """One referral as it was received, and how far the desk has come with it."""

    caller = serializers.SerializerMethodField(help_text="Null where the caller is protected.")
    as_given = GivenOut(many=True)
    logged_by = OfficerOut()
    triaged_by = OfficerOut(allow_null=True)
    confirmed_by = OfficerOut(allow_null=True)

    class Meta(ReferralLineOut.Meta):
        fields = [*ReferralLineOut.Meta.fields, "old_urn", "caller", "as_given", "no_child_because", "circumstances"]
        fields += ["will_be_lost", "who_has_child", "other_children", "whereabouts", "done_so_far", "logged_by"]
        fields += ["confirmed_at", "confirmed_by", "confirmed_how"]
        fields += ["triaged_at", "triaged_by", "triage_urgent", "triage_next", "triage_reason"]

    @extend_schema_field(CallerOut(allow_null=True))
    def get_caller(self, referral: Referral) -> Any:
        return None if referral.protected else CallerOut(referral).data


class LoggedOut(ReferralOut):
    ring = serializers.SerializerMethodField(help_text=RING)

    class Meta(ReferralOut.Meta):
        fields = [*ReferralOut.Meta.fields, "ring"]

    def get_ring(self, referral: Referral) -> str:
        return str(self.context.get("ring", ""))


# --- logging one ---------------------------------------------------------------------------------


class KnownIn(PersonIn):
    """Somebody to be looked for among the records one may open."""

    address = Line(most=200, allow_blank=True, default="")

    class Meta(PersonIn.Meta):
        fields = [*PersonIn.Meta.fields, "address"]


class SomebodyIn(KnownIn):
    """Somebody as the caller describes them, and whether they are known already."""

    same_as = serializers.CharField(
        max_length=20,
        allow_blank=True,
        default="",
        help_text=f"Where somebody like them is known already: the number of the person they are, or “{NEW}” for "
        "none of them.",
    )

    class Meta(KnownIn.Meta):
        fields = [*KnownIn.Meta.fields, "same_as"]

    def validate_same_as(self, said: str) -> str:
        if said not in ("", NEW) and not (said.isascii() and said.isdecimal() and len(said) < 19):
            raise serializers.ValidationError(f"Send the number of a person, or “{NEW}”.")
        return said


class ChildIn(SomebodyIn):
    """A child as the caller describes them."""

    def validate_birth(self, typed: str) -> Any:
        birth = super().validate_birth(typed)
        check_is_child(birth, on=self.context["on"])
        return birth


class AdultIn(SomebodyIn):
    """An adult as the caller describes them."""

    relation = serializers.ChoiceField(
        Relation.choices, default=Relation.UNKNOWN, help_text="What they are to the children."
    )

    class Meta(SomebodyIn.Meta):
        fields = [*SomebodyIn.Meta.fields, "relation"]


class AdultThereIn(AdultIn):
    may_have_harmed = YesNo(default=False)

    class Meta(AdultIn.Meta):
        fields = [*AdultIn.Meta.fields, "may_have_harmed"]


class AddPersonIn(AdultIn):
    """Somebody more on a record."""

    part = serializers.ChoiceField(Part.choices)

    class Meta(AdultIn.Meta):
        fields = [*AdultIn.Meta.fields, "part"]


class AddedOut(PersonOut):
    ring = serializers.SerializerMethodField(help_text=RING)

    class Meta(PersonOut.Meta):
        fields = [*PersonOut.Meta.fields, "ring"]

    def get_ring(self, person: Person) -> str:
        return str(self.context.get("ring", ""))


class ReferralIn(FromEmail, SentOfModel):
    """A referral as the caller tells it. In its context: `on`, the London date of receipt as far as it is known."""

    token = serializers.UUIDField(help_text=ONCE)
    team = serializers.CharField(max_length=3, help_text="The code of the team that logs it.")
    children = several(ChildIn, most=MOST_PEOPLE, default=list)
    adults = several(AdultThereIn, most=MOST_PEOPLE, default=list)
    received_at = Moment()
    circumstances = Text(help_text="In the caller's own words.")
    categories = serializers.ListField(
        child=serializers.ChoiceField(Category.choices), min_length=1, max_length=len(Category)
    )
    urgent = YesNo()
    referrer_email = serializers.EmailField(max_length=254, allow_blank=True, default="")
    restrict = YesNo(
        default=False, help_text="From the first moment only you and the inspectors of the team open its record."
    )
    restrict_reason = Text(
        most=LONGEST_TEXT, allow_blank=True, default="", help_text="To be sent with `restrict`: why."
    )
    another = YesNo(default=False, help_text="The email was logged before, and tells of another child or family too.")

    def validate_categories(self, categories: list[str]) -> list[str]:
        return list(dict.fromkeys(categories))

    class Meta:
        model = Referral
        fields = ["token", "team", "received_at", "method", "source", "children", "adults", "no_child_because"]
        fields += ["circumstances", "categories", "urgent", "will_be_lost", "who_has_child", "other_children"]
        fields += ["whereabouts", "done_so_far", "referrer_name", "referrer_job", "referrer_telephone"]
        fields += ["referrer_email", "rang_back", "protected", "message", "message_uses", "another"]
        fields += ["restrict", "restrict_reason"]


class KnownQuestionIn(Sent):
    people = several(KnownIn, most=2 * MOST_PEOPLE, allow_empty=False)


class MatchOut(serializers.Serializer[Match]):
    """Somebody on record who may be whom the caller means, why, and every referral of theirs that one may open."""

    person = PersonOut()
    probable = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    addresses = serializers.SerializerMethodField()
    referrals = ReferralLineOut(many=True)

    def get_addresses(self, match: Match) -> list[str]:
        return [str(each.address) for each in match.residences]


class KnownOut(serializers.Serializer[Any]):
    """For each person asked about, in their order, who they may be, the likeliest first."""

    results = serializers.ListField(child=MatchOut(many=True))
    ring = serializers.CharField(default="", allow_blank=True, help_text=RING)


# --- triage, confirmation, deciding --------------------------------------------------------------


class TriageIn(Sent):
    urgent = YesNo()
    reason = Text()
    what_next = Text(allow_blank=True, default="")


class ConfirmIn(FromEmail):
    confirmed_at = Moment()
    confirmed_how = Line(most=300, help_text="What arrived, and where it is kept.")


class EmailIn(Sent):
    """Information that came by email, for the chronology."""

    message = Id(help_text=MESSAGE)
    message_uses = Number(help_text=USES)
    from_whom = Line(most=200, allow_blank=True, default="")
    text = Text(help_text="What matters of it.")
