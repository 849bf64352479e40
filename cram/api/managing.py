"""What is not known of a record, which risks there are, what manages them, and the research they rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.resources import CREATED
from api.schema import listing
from cases.api.shapes import ReasonIn
from cases.api.views import OfRecord
from cram import actions
from cram.api import managing_shapes as shapes
from cram.managing import MeasureShown, RiskShown, risks_of, shown, with_measures
from cram.models import Gap, Measure, ResearchRequest, Risk
from cram.research import searches_of
from deadlines import clock
from team.history import with_version
from team.permissions import Permission

# --- gaps ----------------------------------------------------------------------------------------


class OfGap(OfRecord):
    writes = Permission.WRITE_RECORDS

    def gaps(self) -> QuerySet[Gap]:
        return Gap.objects.filter(case=self.case).select_related("owner", "raised_by", "ended_by", "case")

    def gap(self, pk: int) -> Gap:
        return get_object_or_404(self.gaps(), pk=pk)


class Gaps(OfGap):
    @extend_schema(responses=listing(shapes.GapOut))
    def get(self, request: Any, number: str) -> Response:
        """What is not known and matters: open ones first, the next due at the top; then what has ended."""
        rows = self.gaps().order_by(F("ended_at").desc(nulls_first=True), "due_on", "pk")
        return self.all_shown(shapes.GapOut, with_version(rows))

    @extend_schema(request=shapes.GapIn, responses={CREATED: shapes.GapOut})
    def post(self, request: Any, number: str) -> Response:
        """Raise an intelligence gap by hand."""
        sent = self.sent(shapes.GapIn)
        sent["owner"] = self.officer(sent["owner"], "owner")
        return self.done(actions.raise_gap_on, self.case, sent, shapes.GapOut, status=CREATED)


class OneGap(OfGap):
    @extend_schema(request=shapes.ChangeGapIn, responses=shapes.GapOut)
    def patch(self, request: Any, number: str, pk: int) -> Response:
        """Give a gap to somebody else, or another date, and say why."""
        gap, sent = self.gap(pk), self.sent(shapes.ChangeGapIn)
        sent["owner"] = self.officer(sent["owner"], "owner")
        return self.done(actions.change_gap, gap, sent, shapes.GapOut)


class AnswerGap(OfGap):
    @extend_schema(request=shapes.AnswerGapIn, responses=shapes.GapOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record what was found out."""
        return self.done(actions.answer_gap, self.gap(pk), self.sent(shapes.AnswerGapIn), shapes.GapOut)


class DropGap(OfGap):
    @extend_schema(request=ReasonIn, responses=shapes.GapOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record why nobody needs to know any more."""
        return self.done(actions.drop_gap, self.gap(pk), self.sent(ReasonIn), shapes.GapOut)


# --- risks and control measures ------------------------------------------------------------------


class OfRisk(OfRecord):
    def risk(self, pk: int) -> Risk:
        return get_object_or_404(Risk.objects.filter(case=self.case).select_related("case"), pk=pk)

    def in_full(self, risk: Risk) -> RiskShown:
        rows = Risk.objects.filter(pk=risk.pk).select_related("identified_by", "ended_by")
        return shown(with_measures(rows), today=clock.today())[0]


class Risks(OfRisk):
    writes = Permission.ASSESS_RISK

    @extend_schema(responses=listing(shapes.RiskInFullOut))
    def get(self, request: Any, number: str) -> Response:
        """The risks with their control measures: unmanaged ones first; then what is no longer present."""
        return self.all_shown(shapes.RiskInFullOut, risks_of(self.case, today=clock.today()))

    @extend_schema(request=shapes.RiskIn, responses={CREATED: shapes.RiskInFullOut})
    def post(self, request: Any, number: str) -> Response:
        """Identify a risk to a child. It is unmanaged until a control measure is set that works."""
        sent = self.sent(shapes.RiskIn)
        sent["children"] = self.people(sent["children"], "children")
        if sent["person"] is not None:
            (sent["person"],) = self.people([sent["person"]], "person")
        risk = actions.identify_risk(self.case, **sent, by=self.user)
        return self.shown(shapes.RiskInFullOut, self.in_full(risk), status=CREATED)


class EndRisk(OfRisk):
    writes = Permission.ASSESS_RISK

    @extend_schema(request=shapes.EndIn, responses=shapes.RiskInFullOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record that a risk is no longer present, and why. Its control measures end with it."""
        risk = actions.end_risk(self.risk(pk), **self.sent(shapes.EndIn), by=self.user)
        return self.shown(shapes.RiskInFullOut, self.in_full(risk))


class SetMeasure(OfRisk):
    writes = Permission.WRITE_RECORDS

    @extend_schema(request=shapes.MeasureIn, responses={CREATED: shapes.RiskInFullOut})
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Set what manages a risk. A sergeant or the inspector alone accepts one."""
        risk, sent = self.risk(pk), self.sent(shapes.MeasureIn)
        sent["owner"] = self.officer(sent["owner"], "owner")
        actions.set_measure(risk, **sent, by=self.user)
        return self.shown(shapes.RiskInFullOut, self.in_full(risk), status=CREATED)


class OfMeasure(OfRisk):
    writes = Permission.WRITE_RECORDS

    def acted(self, act: Callable[..., Any], pk: int, shape: Any, *, status: int = 200) -> Response:
        measure = get_object_or_404(Measure.objects.filter(case=self.case).select_related("case", "risk"), pk=pk)
        sent = self.sent(shape)
        if "owner" in sent:
            sent["owner"] = self.officer(sent["owner"], "owner")
        act(measure, **sent, by=self.user)
        risk = self.in_full(measure.risk)
        found: MeasureShown = next(each for each in [*risk.measures, *risk.ended] if each.measure.pk == pk)
        return self.shown(shapes.MeasureInFullOut, found, status=status)


class OneMeasure(OfMeasure):
    @extend_schema(request=shapes.ChangeMeasureIn, responses=shapes.MeasureInFullOut)
    def patch(self, request: Any, number: str, pk: int) -> Response:
        """Give a control measure to somebody else, or another last day or next check, and say why."""
        return self.acted(actions.change_measure, pk, shapes.ChangeMeasureIn)


class CheckMeasure(OfMeasure):
    @extend_schema(request=shapes.CheckIn, responses={CREATED: shapes.MeasureInFullOut})
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record whether a control measure still works, and by when it is checked again."""
        return self.acted(actions.check_measure, pk, shapes.CheckIn, status=CREATED)


class EndMeasure(OfMeasure):
    @extend_schema(request=shapes.EndIn, responses=shapes.MeasureInFullOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """End a control measure, and say why."""
        return self.acted(actions.end_measure, pk, shapes.EndIn)


# --- research ------------------------------------------------------------------------------------


class Research(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(responses=listing(shapes.ResearchOut))
    def get(self, request: Any, number: str) -> Response:
        """The checks of police systems that were asked for, the last first."""
        rows = ResearchRequest.objects.filter(case=self.case).select_related("asked_by", "ended_by")
        return self.all_shown(shapes.ResearchOut, rows.prefetch_related("people").order_by("-pk"))

    @extend_schema(request=shapes.ResearchIn, responses={CREATED: shapes.ResearchOut})
    def post(self, request: Any, number: str) -> Response:
        """Ask the researcher to search some systems about some of the people on the record."""
        sent = self.sent(shapes.ResearchIn)
        sent["people"] = self.people(sent["people"])
        return self.done(actions.ask_research, self.case, sent, shapes.ResearchOut, status=CREATED)


class DropResearch(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(request=shapes.EndIn, responses=shapes.ResearchOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record that what was asked for need not be searched any more, and why."""
        rows = ResearchRequest.objects.filter(case=self.case).select_related("case", "asked_by", "ended_by")
        asked = get_object_or_404(rows, pk=pk)
        return self.done(actions.drop_research, asked, self.sent(shapes.EndIn), shapes.ResearchOut)


class Searches(OfRecord):
    writes = Permission.RECORD_RESEARCH

    @extend_schema(responses=listing(shapes.SearchOut))
    def get(self, request: Any, number: str) -> Response:
        """Every search of a police system, the newest first."""
        rows = searches_of(self.case).select_related("searched_by", "recorded_by").prefetch_related("people")
        return self.all_shown(shapes.SearchOut, rows)

    @extend_schema(request=shapes.SearchesIn, responses={CREATED: shapes.SearchesOut})
    def post(self, request: Any, number: str) -> Response:
        """Record which systems were searched, when, about whom, and what each search found."""
        sent = self.sent(shapes.SearchesIn)
        sent["people"] = self.people(sent["people"])
        sent["searches"] = [(each["system"], each["found"], each["result"]) for each in sent["searches"]]
        if sent["request"] is not None:
            asked = ResearchRequest.objects.filter(case=self.case, pk=sent["request"]).first()
            if asked is None:
                raise ValidationError({"request": ["No research with this number was asked for on this record."]})
            sent["request"] = asked
        return self.done(actions.record_searches, self.case, sent, shapes.SearchesOut, status=CREATED)
