"""What a program sends and gets of an assessment. Lengths and choices are those of the models."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import Day, Id, Line, Number, OfficerOut, Sent, SentOfModel, Shown, Text, YesNo, several
from cases.api.shapes import EARLIER, ActionOut, SharedOut, Version
from cases.enums import Level
from cases.models import Action
from cram.actions import Answered
from cram.api.then_shapes import AsItWasOut
from cram.enums import AssessmentKind, Category, Said
from cram.models import Answer, Assessment, Decided, Direction, Endorsement, Factor, NewInformation
from cram.queries import Question, Section
from pages.validators import LONGEST_REASON

# What a program can begin by name; what else it is follows from what the record has.
KINDS_BY_NAME = [(AssessmentKind.CONFERENCE.value, AssessmentKind.CONFERENCE.label)]


class AssessmentOut(Shown):
    """One assessment of a record: its level and why, and what became of it."""

    case = serializers.CharField(source="case.number", read_only=True)
    matrix = serializers.CharField(source="matrix.number", read_only=True, help_text="The version it was made on.")
    started_by = OfficerOut()
    submitted_by = OfficerOut(allow_null=True)
    endorsed_by = OfficerOut(allow_null=True)
    discarded_by = OfficerOut(allow_null=True)
    version = Version()

    class Meta:
        model = Assessment
        fields = ["id", "case", "number", "kind", "state", "matrix", "level", "rationale"]
        fields += ["challenged", "challenge_answer", "nothing_new", "sent_without", "started_at", "started_by"]
        fields += ["first_submitted_at", "submitted_at", "submitted_by", "endorsed_at", "endorsed_by"]
        fields += ["discarded_at", "discarded_by", "discarded_why"]
        fields += ["on_time", "research_repeated", "measures_checked", "sharing_answered", "endorsed_in_time"]
        fields += ["version"]


class AssessmentLineOut(AssessmentOut):
    """One line of the list."""


class AnswerOut(Shown):
    """What was answered. `version`: to be sent back with a change of it."""

    factor = serializers.CharField(source="factor.code", read_only=True)
    answered_by = OfficerOut()

    class Meta:
        model = Answer
        fields = ["factor", "person", "address", "said", "note", "source", "version", "answered_at", "answered_by"]


class FactorOut(Shown):
    """What is asked. `definite`: a risk; otherwise it may indicate vulnerability."""

    class Meta:
        model = Factor
        fields = ["code", "name", "question", "definition", "definite"]


class QuestionOut(serializers.Serializer[Question]):
    """A factor with its answer, null before there is one, and what was answered last time."""

    factor = FactorOut()
    answer = AnswerOut(source="now", allow_null=True)
    before = serializers.SerializerMethodField(help_text="Null where it was not answered.")

    @extend_schema_field(serializers.ChoiceField(Said.choices, allow_null=True))
    def get_before(self, question: Question) -> str | None:
        return question.before.said if question.before else None


class SectionOut(serializers.Serializer[Section]):
    """What is asked about one child, one suspect or one household: `person` or `address`, or neither where nobody
    knows where the children live."""

    category = serializers.ChoiceField(Category.choices, source="about.category")
    person = serializers.SerializerMethodField(help_text="The number of the child or suspect.")
    address = serializers.SerializerMethodField(help_text="The number of the household’s address.")
    about = serializers.CharField(source="about.label")
    questions = QuestionOut(many=True)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_person(self, section: Section) -> int | None:
        return section.about.ids[0]

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_address(self, section: Section) -> int | None:
        return section.about.ids[1]


class CramDecisionOut(Shown):
    decided_by = OfficerOut()

    class Meta:
        model = Decided
        fields = ["id", "what", "why", "not_chosen", "decided_at", "decided_by"]


class DirectionOut(Shown):
    """An action that an assessment calls for."""

    action = ActionOut()

    class Meta:
        model = Direction
        fields = ["action", "by_supervisor"]


class NewInformationOut(Shown):
    """What has become known, and with what it was passed on; or why nobody was told."""

    shared = SharedOut(allow_null=True)
    recorded_by = OfficerOut()

    class Meta:
        model = NewInformation
        fields = ["id", "what", "shared", "why_not", "recorded_at", "recorded_by"]


class EndorsementOut(Shown):
    given_by = OfficerOut()

    class Meta:
        model = Endorsement
        fields = ["id", "outcome", "words", "given_at", "given_by"]


class AssessmentInFullOut(AssessmentOut):
    """One assessment with everything that stands in it. `against`: what speaks against its level now, in words."""

    against = serializers.SerializerMethodField()
    sections = serializers.SerializerMethodField()
    decisions = CramDecisionOut(source="decided", many=True)
    actions = DirectionOut(source="directions", many=True)
    new_information = NewInformationOut(many=True)
    endorsements = EndorsementOut(many=True)
    as_it_was = serializers.SerializerMethodField()

    class Meta(AssessmentOut.Meta):
        fields = [*AssessmentOut.Meta.fields, "against", "sections", "decisions", "actions", "new_information"]
        fields += ["endorsements", "as_it_was"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_against(self, assessment: Assessment) -> Any:
        return self.context["against"]

    @extend_schema_field(SectionOut(many=True))
    def get_sections(self, assessment: Assessment) -> Any:
        return SectionOut(self.context["sections"], many=True).data

    @extend_schema_field(AsItWasOut)
    def get_as_it_was(self, assessment: Assessment) -> Any:
        return AsItWasOut(self.context["as_it_was"], context={**self.context, "assessment_id": assessment.pk}).data


# --- what is sent --------------------------------------------------------------------------------


class StartIn(Sent):
    kind = serializers.ChoiceField(
        KINDS_BY_NAME,
        allow_null=True,
        help_text="Null: the first CRAM; where there is one already, the one before a conference that is booked, or "
        "else a review.",
    )


class FactorAnswerIn(SentOfModel):
    """The answer to one factor about one person or household, as `sections` name them. `version`: of the answer that
    you read, 0 where there was none. The gap that “not known” raises: what is to be found out, by whom, by when; what
    is left out CAIT fills."""

    factor = Line(most=40, help_text="Its code.")
    person = Id(allow_null=True, default=None)
    address = Id(allow_null=True, default=None)
    note = Text(allow_blank=True, default="")
    version = Number(default=0)
    gap_question = Line(most=300, allow_blank=True, default="")
    gap_owner = Id(allow_null=True, default=None, help_text="The number of the account of who finds out.")
    gap_due_on = Day(allow_null=True, default=None)

    class Meta:
        model = Answer
        fields = ["factor", "person", "address", "said", "note", "source", "version"]
        fields += ["gap_question", "gap_owner", "gap_due_on"]


class AnswersIn(Sent):
    answers = several(FactorAnswerIn, most=500, allow_empty=False)


class AnswersOut(serializers.Serializer[Any]):
    """How many answers were saved; and in `theirs` those that somebody changed after you read them, as they are now:
    yours to these are not saved."""

    saved = serializers.IntegerField()
    theirs = AnswerOut(many=True)


class LevelIn(Sent):
    """The level and all that is said of it, as it is to be."""

    level = serializers.ChoiceField(Level.choices)
    rationale = Text()
    challenge_answer = Text(
        most=LONGEST_REASON,
        allow_blank=True,
        default="",
        help_text="Why the level is right all the same, where something in `against` speaks against it.",
    )
    nothing_new = YesNo(
        allow_null=True,
        default=None,
        help_text="Of a review: whether nothing is new that Social Services should hear; null leaves it.",
    )
    version = Number(help_text=EARLIER)


class DecisionIn(SentOfModel):
    why = Text()
    not_chosen = Text(allow_blank=True, default="")

    class Meta:
        model = Decided
        fields = ["what", "why", "not_chosen"]


class DirectionIn(SentOfModel):
    owner = Id(help_text="The number of the account of who does it.")

    class Meta:
        model = Action
        fields = ["what", "owner", "due_on"]


class NewInformationIn(Sent):
    what = Text()
    shared = Id(allow_null=True, default=None, help_text="With what of the record’s sharing it was passed on.")
    why_not = Text(most=LONGEST_REASON, allow_blank=True, default="", help_text="Where nobody was told.")


class SubmitIn(Sent):
    sent_without = Text(
        most=LONGEST_REASON,
        allow_blank=True,
        default="",
        help_text="Of a review: why it is sent although research was not repeated, or a control measure not checked.",
    )
    version = Number(help_text=EARLIER)
    together_with = Id(
        allow_null=True,
        default=None,
        help_text="Another review that is due within 7 days, by the number of its duty, where this one answers both.",
    )


class DiscardIn(Sent):
    why = Line(most=300, help_text="Why it was begun by mistake.")
    version = Number(help_text=EARLIER)


class EndorseIn(Sent):
    words = Text(most=LONGEST_REASON, allow_blank=True, default="")
    directions = several(DirectionIn, most=20, default=list)
    version = Number(help_text=EARLIER)


class ReturnIn(Sent):
    words = Text(most=LONGEST_REASON, help_text="What must be put right.")
    version = Number(help_text=EARLIER)


def answered(sent: dict[str, Any], owner: Model | None) -> Answered:
    """One answer as the action takes it."""
    return Answered(**{**sent, "gap_owner": owner})
