"""What a program sends and gets of a conference. Lengths and choices are those of the models."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

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
    Text,
    YesNo,
    several,
)
from cases.api.shapes import EARLIER, ActionOut, Version
from cases.models import Action
from conferences.enums import Attending, Missed, Outcome, PlanCategory, PoliceView, StepKind
from conferences.models import Conference, OutcomeFor
from conferences.preparing import Line as StepLine
from pages.validators import LONGEST_REASON

# In minutes; the database refuses others.
SHORTEST, LONGEST = 15, 600
DECIDED = [(each.value, each.label) for each in (Attending.GOING, Attending.REPORT_ONLY)]
OFFICER = "The number of the account of who prepares it and goes; null for whoever holds the role."
CHILDREN = "Numbers of children on the record."
EMAIL = "The number of the email that told it, which is dealt with thereby."
ANYWAY = "To save it all the same where the conference officer has another conference at that time."


class ConferenceLineOut(Shown):
    """One line of the list. `children`: whom it is about (numbers)."""

    case = serializers.CharField(source="case.number", read_only=True)
    pclo = OfficerOut(allow_null=True)
    children = serializers.SerializerMethodField()

    class Meta:
        model = Conference
        fields = ["id", "case", "number", "kind", "state", "starts_at", "lasts", "place", "chair", "pclo"]
        fields += ["children", "attending", "attended", "missed"]

    def get_children(self, conference: Conference) -> list[int]:
        return [each.child_id for each in conference.children.all()]


class StepOut(serializers.Serializer[StepLine]):
    """A step of the preparation: by when, how far it is, and who did it. `needed`: no for the briefing where a report
    alone is sent. `due_on`: null where nothing is due any more."""

    step = serializers.ChoiceField(StepKind.choices, source="kind")
    due_on = serializers.DateField(allow_null=True)
    needed = serializers.BooleanField()
    late = serializers.BooleanField()
    state = serializers.CharField()
    done_at = serializers.SerializerMethodField()
    done_by = serializers.SerializerMethodField()

    @extend_schema_field(Moment(allow_null=True))
    def get_done_at(self, step: StepLine) -> Any:
        return Moment().to_representation(step.done.done_at) if step.done else None

    @extend_schema_field(OfficerOut(allow_null=True))
    def get_done_by(self, step: StepLine) -> Any:
        return OfficerOut(step.done.done_by).data if step.done else None


class OutcomeOut(Shown):
    """What was decided about one child, and whether police agreed. `stands`: it was not put right since."""

    recorded_by = OfficerOut()
    stands = serializers.SerializerMethodField()

    class Meta:
        model = OutcomeFor
        fields = ["id", "child", "outcome", "category", "police_view", "dissent", "recorded_at", "recorded_by"]
        fields += ["corrected_why", "stands"]

    def get_stands(self, outcome: OutcomeFor) -> bool:
        return bool(outcome.pk in self.context["standing"])


class ConferenceOut(ConferenceLineOut):
    """One conference from its booking to its minutes."""

    booked_by = OfficerOut()
    attending_decided_by = OfficerOut(allow_null=True)
    briefed_by = OfficerOut(allow_null=True)
    attended_by = OfficerOut(allow_null=True)
    attendance_by = OfficerOut(allow_null=True)
    debriefed_by = OfficerOut(allow_null=True)
    minutes_checked_by = OfficerOut(allow_null=True)
    version = Version()
    preparation = serializers.SerializerMethodField()
    outcomes = serializers.SerializerMethodField()
    police_actions = serializers.SerializerMethodField()

    class Meta(ConferenceLineOut.Meta):
        fields = [
            *ConferenceLineOut.Meta.fields,
            "agencies",
            "initiated_on",
            "discussed_on",
            "booked_at",
            "booked_by",
        ]
        fields += ["dated_at", "cancelled_at", "cancelled_why", "attending_why", "attending_decided_by"]
        fields += ["briefing", "briefed_at", "briefed_by", "attended_by", "missed_why", "attendance_at"]
        fields += ["attendance_by", "our_note", "debrief", "debriefed_at", "debriefed_by"]
        fields += ["minutes_on", "minutes_agree", "minutes_differ", "minutes_checked_by"]
        fields += ["also_decided", "report_again", "report_again_at"]
        fields += ["preparation", "outcomes", "police_actions", "version"]

    @extend_schema_field(StepOut(many=True))
    def get_preparation(self, conference: Conference) -> Any:
        return StepOut(self.context["preparation"], many=True).data

    @extend_schema_field(OutcomeOut(many=True))
    def get_outcomes(self, conference: Conference) -> Any:
        rows = list(conference.outcomes.all())
        standing = {row.child_id: row.pk for row in rows}
        return OutcomeOut(rows, many=True, context={"standing": set(standing.values())}).data

    @extend_schema_field(ActionOut(many=True))
    def get_police_actions(self, conference: Conference) -> Any:
        return ActionOut([each.action for each in conference.police_actions.all()], many=True).data


# --- what is sent before it ----------------------------------------------------------------------


class BookIn(SentOfModel):
    children = Numbers(allow_empty=False, help_text=CHILDREN)
    lasts = Number(min_value=SHORTEST, max_value=LONGEST, default=120, help_text="In minutes.")
    agencies = Text(allow_blank=True, default="", help_text="Who else is invited, one on each line.")
    pclo = Id(allow_null=True, default=None, help_text=OFFICER)
    message = Id(allow_null=True, default=None, help_text="The number of the email of the invitation.")
    anyway = YesNo(default=False, help_text=ANYWAY)

    class Meta:
        model = Conference
        fields = ["kind", "children", "starts_at", "lasts", "place", "chair", "agencies", "pclo"]
        fields += ["initiated_on", "discussed_on", "message", "anyway"]


class ChangeConferenceIn(Sent):
    """What is to be changed; what is left out stays."""

    children = Numbers(allow_empty=False, required=False, help_text=CHILDREN)
    lasts = Number(min_value=SHORTEST, max_value=LONGEST, required=False, help_text="In minutes.")
    place = Line(most=200, required=False)
    chair = Line(most=200, required=False)
    agencies = Text(allow_blank=True, required=False)
    pclo = Id(allow_null=True, required=False, help_text=OFFICER)
    initiated_on = Day(allow_null=True, required=False)
    discussed_on = Day(allow_null=True, required=False)
    anyway = YesNo(default=False, help_text=ANYWAY)
    version = Number(help_text=EARLIER)


class MoveIn(Sent):
    """Its new time. `lasts` and `place` stay where they are left out."""

    starts_at = Moment()
    lasts = Number(min_value=SHORTEST, max_value=LONGEST, required=False, help_text="In minutes.")
    place = Line(most=200, required=False)
    why = Line(most=300)
    message = Id(allow_null=True, default=None, help_text=EMAIL)
    anyway = YesNo(default=False, help_text=ANYWAY)
    version = Number(help_text=EARLIER)


class CancelIn(Sent):
    why = Line(most=300)
    message = Id(allow_null=True, default=None, help_text=EMAIL)
    version = Number(help_text=EARLIER)


class AttendingIn(Sent):
    """Whether police attend a review conference: of the initial ones they attend every one."""

    attending = serializers.ChoiceField(DECIDED)
    why = Line(most=500)
    version = Number(help_text=EARLIER)


class WordsIn(Sent):
    words = Text()
    version = Number(help_text=EARLIER)


# --- what is sent after it -----------------------------------------------------------------------


class AttendedIn(Sent):
    """Who went, or why nobody did."""

    attended_by = Id(allow_null=True, help_text="The number of the account of who attended; null where nobody did.")
    missed = serializers.ChoiceField(Missed.choices, allow_blank=True, default="", help_text="Why nobody did.")
    missed_why = Line(most=500, allow_blank=True, default="")
    our_note = Text(allow_blank=True, default="", help_text="What was said, to be held against the minutes.")
    version = Number(help_text=EARLIER)


class CorrectAttendanceIn(Sent):
    """Who went after all, or why nobody did, and why it is put right."""

    attended_by = Id(allow_null=True, help_text="The number of the account of who attended; null where nobody did.")
    missed = serializers.ChoiceField(Missed.choices, allow_blank=True, default="", help_text="Why nobody did.")
    missed_why = Line(most=500, allow_blank=True, default="")
    why = Line(most=300)
    version = Number(help_text=EARLIER)


class DecidedIn(Sent):
    """What was decided about one child; a plan that begins or continues has a category."""

    outcome = serializers.ChoiceField(Outcome.choices)
    category = serializers.ChoiceField(PlanCategory.choices, allow_blank=True, default="")
    police_view = serializers.ChoiceField(PoliceView.choices)
    dissent = Text(allow_blank=True, default="", help_text="Why police did not agree.")


class OutcomeIn(DecidedIn):
    child = Id(help_text="Their number.")


class OutcomesIn(Sent):
    """Of each child of the conference what was decided. What is wrong stands with the child it is about."""

    outcomes = several(OutcomeIn, most=100, allow_empty=False)
    also_decided = Text(allow_blank=True, default="", help_text="What was decided besides.")


class CorrectOutcomeIn(DecidedIn):
    """What was decided about the child after all. `also_decided`, which is the whole conference's, stays where it is
    left out; with the `version` of the conference it is not changed where somebody else has changed that since."""

    also_decided = Text(allow_blank=True, required=False, help_text="What was decided besides.")
    why = Line(most=300)
    version = Number(required=False, help_text=EARLIER)


class PoliceActionIn(SentOfModel):
    owner = Id(help_text="The number of the account of who does it.")

    class Meta:
        model = Action
        fields = ["what", "owner", "due_on"]


class MinutesIn(Sent):
    received_on = Day()
    agree = YesNo(help_text="Whether they agree with our own note.")
    differ = Text(
        most=LONGEST_REASON, allow_blank=True, default="", help_text="In what they differ, and who was told."
    )
    message = Id(allow_null=True, default=None, help_text="The number of the email with which they came.")
    version = Number(help_text=EARLIER)
