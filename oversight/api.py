"""Figures over the API: the same measures, tallies and lists as on the pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from api.fields import Moment, TeamOut
from api.filters import AFTER
from api.resources import Resource
from api.schema import listing
from cases.opening import opening
from deadlines import clock
from oversight.dashboards import Figure, Series, as_at, parts_of, series_of
from oversight.enums import Group, Period, Shape
from oversight.figures_forms import FactsForm
from oversight.lists import facts_listed, looked_at, not_told
from oversight.measures import BY_CODE, MEASURES
from oversight.models import Fact
from team.enums import TeamKind
from team.models import Team
from team.permissions import Permission, require, teams_where

TEAM = OpenApiParameter("team", OpenApiTypes.STR, description="The code of a team; without it all one sees.")


class MonthFigureOut(serializers.Serializer[Figure]):
    """What a measure was in a month, given by its first day; null stands for now. Of a share `counted` of `of`."""

    month = serializers.DateField(allow_null=True)
    counted = serializers.IntegerField()
    of = serializers.IntegerField()


class SeriesOut(serializers.Serializer[Series]):
    """`now`: of what lasts as it is now, of what happens this month so far. `months`: the thirteen full ones before,
    the earliest first; none of what has no past. `finding`: whether it has changed, or varies by chance."""

    now = MonthFigureOut()
    months = MonthFigureOut(many=True)
    finding = serializers.CharField()


class FigureOut(serializers.Serializer[Series]):
    """One measure, and its figures of a team, or of all that one sees together."""

    code = serializers.CharField(source="measure.code")
    name = serializers.CharField(source="measure.name")
    question = serializers.CharField(source="measure.question")
    definition = serializers.CharField(source="measure.definition")
    counted_from = serializers.CharField(source="measure.source")
    group = serializers.ChoiceField(Group.choices, source="measure.group")
    period = serializers.ChoiceField(Period.choices, source="measure.period")
    shape = serializers.ChoiceField(Shape.choices, source="measure.shape")
    target = serializers.IntegerField(source="measure.target", allow_null=True)
    figures = SeriesOut(source="*")


class FiguresOut(serializers.Serializer[Any]):
    """`as_at`: as at when all of it is counted; null where it never was. `left_out`: how many records, of whichever
    team, could not be counted: they stand as they were last, or not at all."""

    as_at = Moment(allow_null=True, source="as_at.at")
    left_out = serializers.IntegerField(source="as_at.left_out")
    results = FigureOut(many=True)


class FigurePartOut(serializers.Serializer[Any]):
    part = serializers.CharField()
    name = serializers.CharField()
    figures = SeriesOut()


class FigureInFullOut(FigureOut):
    """One measure with its parts, where it has some."""

    as_at = serializers.SerializerMethodField()
    left_out = serializers.SerializerMethodField(
        help_text="How many records, of whichever team, could not be counted."
    )
    parts = serializers.SerializerMethodField()

    @extend_schema_field(Moment(allow_null=True))
    def get_as_at(self, series: Series) -> str | None:
        at = self.context["as_at"].at
        return Moment().to_representation(at) if at else None

    def get_left_out(self, series: Series) -> int:
        return int(self.context["as_at"].left_out)

    @extend_schema_field(FigurePartOut(many=True))
    def get_parts(self, series: Series) -> Any:
        return FigurePartOut(self.context["parts"], many=True).data


# What is told of a restricted record.
TOLD = ("id", "may_open", "ask", "team")


class FactOut(serializers.Serializer[Fact]):
    """One thing that a figure counts. `until`: of what lasted the first day on which it was no more so. `counted`: of
    a share whether it was so. `may_open` is false where one may not read the record, as where another team has it by
    now. Of a restricted record on which one is not named `ask` says whom to ask, and the rest but for the team is
    null."""

    id = serializers.IntegerField()
    case = serializers.CharField(source="case.number", allow_null=True)
    urn = serializers.CharField(source="case.urn", allow_null=True)
    may_open = serializers.SerializerMethodField()
    ask = serializers.SerializerMethodField(help_text="Empty of every other record.")
    team = TeamOut()
    subject = serializers.IntegerField(
        help_text="The number of what is counted, among those of its measure.", allow_null=True
    )
    part = serializers.CharField(allow_null=True)
    on = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    counted = serializers.BooleanField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)

    def get_may_open(self, fact: Fact) -> bool:
        return fact.case_id in self.context["opened"].opens

    def get_ask(self, fact: Fact) -> str:
        return str(self.context["opened"].asks.get(fact.case_id, ""))

    def to_representation(self, fact: Fact) -> dict[str, Any]:
        shown = super().to_representation(fact)
        return {name: said if name in TOLD else None for name, said in shown.items()} if shown["ask"] else shown


class OneTeamForm(forms.Form):
    """Of which team figures are."""

    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="code", required=False)

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["team"]
        chosen.queryset = teams


class OfFigures(Resource):
    is_list = True

    def teams(self) -> list[Team]:
        """The one that the address names, or all whose figures one sees."""
        require(self.user, Permission.SEE_FIGURES, team=None)
        teams = teams_where(self.user, Permission.SEE_FIGURES).filter(kind=TeamKind.CAIT)
        asked = self.asked(OneTeamForm(self.request.query_params, teams=teams))
        return [asked["team"]] if asked["team"] else list(teams.order_by("name"))


class Figures(OfFigures):
    @extend_schema(parameters=[TEAM], responses=FiguresOut)
    def get(self, request: Any) -> Response:
        """Every measure: what it asks, what it counts, and its figures."""
        series = series_of(self.teams(), today=clock.today())
        given = {"as_at": as_at(), "results": [series[each.code, None] for each in MEASURES]}
        return self.shown(FiguresOut, given)


class OneFigure(OfFigures):
    @extend_schema(parameters=[TEAM], responses=FigureInFullOut)
    def get(self, request: Any, code: str) -> Response:
        """One measure, with its parts."""
        teams = self.teams()
        if code not in BY_CODE:
            raise Http404
        measure, today = BY_CODE[code], clock.today()
        series = series_of(teams, today=today, measures=[measure])[code, None]
        named = parts_of(measure, teams, today=today) if measure.by else []
        parts = [{"part": each.now.part, "name": name, "figures": each} for name, each in named]
        return self.shown(FigureInFullOut, series, parts=parts, as_at=as_at())


class FigureRecords(Resource):
    is_list = True

    @extend_schema(
        parameters=[
            TEAM,
            OpenApiParameter("month", OpenApiTypes.STR, description="Like 2009-11; without it, now."),
            OpenApiParameter("since", OpenApiTypes.STR, description="The first of several months; `month` the last."),
            OpenApiParameter("part", OpenApiTypes.STR),
            OpenApiParameter("which", OpenApiTypes.STR, enum=["counted", "not"], description="Of a share."),
            AFTER,
        ],
        responses=listing(FactOut),
    )
    def get(self, request: Any, code: str) -> Response:
        """What a figure counts, the latest first: as many as the figure says."""
        require(self.user, Permission.SEE_FIGURES, team=None)
        if code not in BY_CODE:
            raise Http404
        teams = teams_where(self.user, Permission.SEE_FIGURES)
        asked = self.asked(FactsForm(request.query_params, teams=teams))
        it, month, since = BY_CODE[code], asked["month"], asked["since"]
        if said := not_told(it, month=month, since=since, today=clock.today()):
            raise ValidationError(dict([said]))
        rows = Fact.objects.visible_to(self.user).select_related("case", "team")
        if team := asked["team"]:
            rows = rows.filter(team=team)
        which, part = asked["which"], asked["part"] or None
        found = facts_listed(rows, it, month=month, part=part, which=which, since=since)
        page = self.page(found, key="on", descending=True)
        opened = opening((row.case for row in page.rows), user=self.user)
        self.looked(Fact, team=team, **looked_at(it, page.rows, asked, withheld=opened.asks))
        return self.listed(
            page, lambda facts, **said: FactOut(facts, many=True, context={**said["context"], "opened": opened})
        )


urlpatterns = [
    path("figures/", Figures.as_view(), name="figures"),
    path("figures/<slug:code>/", OneFigure.as_view(), name="figure"),
    path("figures/<slug:code>/records/", FigureRecords.as_view(), name="figure_records"),
]
