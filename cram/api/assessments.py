"""Assessments: the list, one in full, and everything that is done on one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from api.filters import narrowing
from api.resources import CREATED, Resource
from audit.events import Look
from cases.api.left_out import left_out_of, listing_with_left_out
from cases.api.shapes import ActionOut
from cases.api.views import OfRecord
from cases.left_out import hidden_here
from cases.models import NUMBER, Action, Case, Shared, not_hidden_from
from cases.reading import open_case
from cram import actions
from cram.actions import Directed
from cram.api import shapes
from cram.challenges import challenges
from cram.enums import AssessmentKind, AssessmentState
from cram.models import Assessment, Decided, Direction, Endorsement, NewInformation
from cram.paper import as_it_was, assessment_paper
from cram.queries import sections_of
from diary.models import Duty, DutyState
from team.forms import OfTeamForm
from team.history import with_version
from team.permissions import Permission, require, several_teams

RELATED = ("case", "matrix", "previous", "started_by", "submitted_by", "endorsed_by", "discarded_by")


def with_all_of_it(rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """With everything that stands in an assessment but its answers, in as many queries however much that is."""
    action = with_version(Action.objects.select_related("owner", "added_by", "ended_by"))
    shared = Shared.objects.select_related("recorded_by").prefetch_related("people")
    of_it = {
        "decided": Decided.objects.select_related("decided_by"),
        "directions": Direction.objects.prefetch_related(Prefetch("action", action)),
        "new_information": NewInformation.objects.select_related("recorded_by").prefetch_related(
            Prefetch("shared", shared)
        ),
        "endorsements": Endorsement.objects.select_related("given_by"),
    }
    found = (Prefetch(name, of.order_by("pk")) for name, of in of_it.items())
    return with_version(rows.select_related(*RELATED)).prefetch_related(*found)


class AssessmentsForm(OfTeamForm):
    """Narrows the list of assessments."""

    all_optional = True
    narrows = True

    case = forms.RegexField(f"^{NUMBER}$", label="The record's number", required=False)
    state = forms.ChoiceField(choices=[("", "All"), *AssessmentState.choices], required=False)
    kind = forms.ChoiceField(choices=[("", "All"), *AssessmentKind.choices], required=False)


ASSESSMENTS = listing_with_left_out(shapes.AssessmentLineOut, "AssessmentList")


class Assessments(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(AssessmentsForm), responses=ASSESSMENTS)
    def get(self, request: Any) -> Response:
        """The assessments of every record one may open, the one begun last first. `left_out`: the restricted
        records of the team with assessments that are left out."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        teams = several_teams(self.user, Permission.SEE_RECORDS)
        asked = self.asked(AssessmentsForm(request.query_params, teams=teams))
        rows = Assessment.objects.filter(case__in=Case.objects.visible_to(self.user))
        if number := asked["case"]:
            rows = rows.filter(case=open_case(number, by=self.user, page=self.address, how=Look.API))
        else:
            self.looked(Assessment, filters=sorted(name for name, value in asked.items() if value))
        if team := asked.get("team"):
            rows = rows.filter(case__team=team)
        rows = rows.filter(**{name: asked[name] for name in ("state", "kind") if asked[name]})
        page = self.page(with_version(rows.select_related(*RELATED)), key="id", descending=True)
        answer = self.listed(page, shapes.AssessmentLineOut)
        # Of one record either all is there or nothing.
        has_one = Exists(Assessment.objects.filter(case=OuterRef("pk")))
        answer.data["left_out"] = [] if number else left_out_of(hidden_here(self.user, team).filter(has_one))
        return answer


class StartAssessment(OfRecord):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.StartIn, responses={CREATED: shapes.AssessmentOut})
    def post(self, request: Any, number: str) -> Response:
        """Begin the record's next CRAM, on the version of the matrix in force today."""
        sent = self.sent(shapes.StartIn)
        sent["kind"] = sent["kind"] and AssessmentKind(sent["kind"])
        return self.done(actions.start_assessment, self.case, sent, shapes.AssessmentOut, status=CREATED)


class OfAssessment(OfRecord):
    """An assessment is of a record: looking at it is a look at that."""

    assessment: Assessment
    how = Look.API

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        Resource.initial(self, request, *args, **kwargs)
        # Whether one may open it is asked of its record. An id can be counted through: of a restricted record on
        # which one is not named, it does not tell that there is anything.
        rows = Assessment.objects.filter(not_hidden_from(self.user)).select_related(*RELATED)
        self.assessment = get_object_or_404(rows, pk=kwargs["pk"])
        self.case = open_case(self.assessment.case.number, by=self.user, page=self.address, how=self.how)
        self.check_writes(self.case.team)
        self.assessment.case = self.case

    def in_full(self, *, status: int = 200) -> Response:
        assessment = with_all_of_it(Assessment.objects.filter(pk=self.assessment.pk)).get()
        return self.shown(
            shapes.AssessmentInFullOut,
            assessment,
            status=status,
            sections=sections_of(assessment),
            against=challenges(assessment),
            as_it_was=as_it_was(assessment),
        )


class OneAssessment(OfAssessment):
    @extend_schema(responses=shapes.AssessmentInFullOut)
    def get(self, request: Any, pk: int) -> Response:
        """One assessment: what was asked, what was answered, what was decided, what a supervisor said."""
        return self.in_full()


class Pdf(BaseRenderer):
    """So that a program may ask for a PDF; what is wrong is said in JSON as ever."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data


class AssessmentPdf(OfAssessment):
    how = Look.PRINT
    renderer_classes = (Pdf, JSONRenderer)

    @extend_schema(responses={(200, Pdf.media_type): OpenApiTypes.BINARY})
    def get(self, request: Any, pk: int) -> HttpResponse:
        """The same paper as on the page, for the case file."""
        return assessment_paper(self.assessment, printed_by=self.user, request=None)


class Answers(OfAssessment):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.AnswersIn, responses=shapes.AnswersOut)
    def post(self, request: Any, pk: int) -> Response:
        """Save answers. “Not known” raises an intelligence gap, unless one is open; another answer ends it."""
        sent = self.sent(shapes.AnswersIn)["answers"]
        answers = [shapes.answered(each, self.owner(each, place)) for place, each in enumerate(sent)]
        return self.done(actions.save_answers, self.assessment, {"answers": answers}, shapes.AnswersOut)

    def owner(self, sent: dict[str, Any], place: int) -> Any:
        try:
            return self.officer(sent["gap_owner"], "gap_owner")
        except ValidationError as wrong:
            raise ValidationError({"answers": {str(place): wrong.detail}}) from None


class SetLevel(OfAssessment):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.LevelIn, responses=shapes.AssessmentOut)
    def post(self, request: Any, pk: int) -> Response:
        """Set the level with its rationale, and answer what contradicts it."""
        return self.done(actions.set_level, self.assessment, self.sent(shapes.LevelIn), shapes.AssessmentOut)


class AddDecision(OfAssessment):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.DecisionIn, responses={CREATED: shapes.CramDecisionOut})
    def post(self, request: Any, pk: int) -> Response:
        """Add a decision: what, why, and what was not chosen."""
        sent = self.sent(shapes.DecisionIn)
        return self.done(actions.add_decision, self.assessment, sent, shapes.CramDecisionOut, status=CREATED)


class AddAssessmentAction(OfAssessment):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.DirectionIn, responses={CREATED: ActionOut})
    def post(self, request: Any, pk: int) -> Response:
        """Add an action that the assessment calls for: it stands at the top of the next one."""
        sent = self.sent(shapes.DirectionIn)
        sent["owner"] = self.officer(sent["owner"], "owner")
        return self.done(actions.add_assessment_action, self.assessment, sent, ActionOut, status=CREATED)


class AddNewInformation(OfAssessment):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.NewInformationIn, responses={CREATED: shapes.NewInformationOut})
    def post(self, request: Any, pk: int) -> Response:
        """Record what has become known, and with what of the record's sharing it was passed on, or why it was not."""
        sent = self.sent(shapes.NewInformationIn)
        if sent["shared"] is not None:
            shared = Shared.objects.filter(case=self.case, pk=sent["shared"]).first()
            if shared is None:
                raise ValidationError({"shared": ["Nothing with this number was shared from this record."]})
            sent["shared"] = shared
        return self.done(actions.add_new_information, self.assessment, sent, shapes.NewInformationOut, status=CREATED)


class SubmitAssessment(OfAssessment):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.SubmitIn, responses=shapes.AssessmentOut)
    def post(self, request: Any, pk: int) -> Response:
        """Send it for endorsement: from now on it is the record's CRAM, and its level the record's level."""
        sent = self.sent(shapes.SubmitIn)
        if sent["together_with"] is not None:
            rows: QuerySet[Duty] = Duty.objects.filter(case=self.case, state=DutyState.OPEN)
            duty = rows.filter(pk=sent["together_with"]).first()
            if duty is None:
                raise ValidationError({"together_with": ["No open duty of this record has this number."]})
            sent["together_with"] = duty
        return self.done(actions.submit_assessment, self.assessment, sent, shapes.AssessmentOut)


class DiscardAssessment(OfAssessment):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.DiscardIn, responses=shapes.AssessmentOut)
    def post(self, request: Any, pk: int) -> Response:
        """Throw away one that was begun by mistake and never sent. The gaps that it raised stay open."""
        sent = self.sent(shapes.DiscardIn)
        return self.done(actions.discard_assessment, self.assessment, sent, shapes.AssessmentOut)


class EndorseAssessment(OfAssessment):
    writes = Permission.ENDORSE_ASSESSMENTS

    @extend_schema(request=shapes.EndorseIn, responses=shapes.AssessmentInFullOut)
    def post(self, request: Any, pk: int) -> Response:
        """Endorse it, with directions that become actions on the record. Nobody endorses their own."""
        sent = self.sent(shapes.EndorseIn)
        sent["directions"] = [self.directed(each, place) for place, each in enumerate(sent["directions"])]
        actions.endorse_assessment(self.assessment, **sent, by=self.user)
        return self.in_full()

    def directed(self, sent: dict[str, Any], place: int) -> Directed:
        try:
            owner = self.officer(sent["owner"], "owner")
        except ValidationError as wrong:
            raise ValidationError({"directions": {str(place): wrong.detail}}) from None
        return Directed(sent["what"], owner, sent["due_on"])


class ReturnAssessment(OfAssessment):
    writes = Permission.ENDORSE_ASSESSMENTS

    @extend_schema(request=shapes.ReturnIn, responses=shapes.AssessmentInFullOut)
    def post(self, request: Any, pk: int) -> Response:
        """Return it to be put right, with reasons."""
        actions.return_assessment(self.assessment, **self.sent(shapes.ReturnIn), by=self.user)
        return self.in_full()
