"""Restricted records: who may open one, and who else is named. As on the pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.fields import Id, Line, Numbers, OfficerOut, Sent, Shown, Text
from api.resources import CREATED
from cases import actions, restricting
from cases.api.shapes import CaseOut
from cases.api.views import OfRecord
from cases.models import NamedOfficer, Restriction
from cases.restricting_forms import LONGEST_LINE
from pages.validators import LONGEST_REASON
from team.models import User
from team.permissions import Permission


class NamedOut(Shown):
    """Somebody who is named on a restricted record."""

    officer = OfficerOut()
    named_by = OfficerOut()

    class Meta:
        model = NamedOfficer
        fields = ["id", "officer", "reason", "named_at", "named_by"]


class RunningOut(Shown):
    began_by = OfficerOut()

    class Meta:
        model = Restriction
        fields = ["reason", "began_at", "began_by"]


class RestrictionOut(serializers.Serializer[Any]):
    """Whether a record is restricted, why, and who is named; who else could be named."""

    restriction = RunningOut(allow_null=True)
    named = NamedOut(many=True)
    can_be_named = OfficerOut(many=True)


class RestrictIn(Sent):
    reason = Text(most=LONGEST_REASON, help_text="Why it is restricted. Only those named read it.")
    officers = Numbers(required=False, help_text="Who may open it besides you: the numbers of their accounts.")


class NameIn(Sent):
    officer = Id(help_text="Who may open it too: the number of their account.")
    reason = Line(most=LONGEST_LINE, help_text="Why they need to know.")


class RestrictionWhyIn(Sent):
    reason = Line(most=LONGEST_LINE)


class OfRestriction(OfRecord):
    writes = Permission.RESTRICT_RECORDS

    def can_be_named(self) -> QuerySet[User]:
        named = restricting.named_on(self.case).order_by().values("officer")
        return restricting.can_be_named(self.case).exclude(pk__in=named)

    def officers(self, ids: Iterable[int], field: str) -> list[User]:
        """Who can be named, by the numbers of their accounts. Raises ValidationError for anybody else."""
        wanted = set(ids)
        found = list(restricting.can_be_named(self.case).filter(pk__in=wanted))
        if wanted - {each.pk for each in found}:
            raise ValidationError({field: ["Nobody with this number can be named on this record today."]})
        return found


class RestrictionOfRecord(OfRestriction):
    @extend_schema(responses=RestrictionOut)
    def get(self, request: Any, number: str) -> Response:
        """Whether it is restricted, and who is named."""
        found = {
            "restriction": restricting.restriction_of(self.case),
            "named": restricting.named_on(self.case),
            "can_be_named": self.can_be_named(),
        }
        return self.shown(RestrictionOut, found)

    @extend_schema(request=RestrictIn, responses={CREATED: CaseOut})
    def post(self, request: Any, number: str) -> Response:
        """Restrict it to those named, and oneself."""
        sent = self.sent(RestrictIn)
        sent["officers"] = self.officers(sent.get("officers", ()), "officers")
        return self.done(actions.restrict_case, self.case, sent, CaseOut, status=CREATED)


class NameOfficer(OfRestriction):
    @extend_schema(request=NameIn, responses={CREATED: NamedOut})
    def post(self, request: Any, number: str) -> Response:
        """Name somebody more."""
        sent = self.sent(NameIn)
        [sent["officer"]] = self.officers([sent["officer"]], "officer")
        return self.done(actions.name_officer, self.case, sent, NamedOut, status=CREATED)


class TakeNameOff(OfRestriction):
    @extend_schema(request=RestrictionWhyIn, responses={204: None})
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Somebody may open it no more."""
        named = get_object_or_404(NamedOfficer.objects.select_related("officer", "case"), case=self.case, pk=pk)
        actions.take_name_off(named, **self.sent(RestrictionWhyIn), by=self.user)
        return Response(status=204)


class EndRestriction(OfRecord):
    writes = Permission.END_RESTRICTIONS

    @extend_schema(request=RestrictionWhyIn, responses=CaseOut)
    def post(self, request: Any, number: str) -> Response:
        """Everybody in the team may open it again."""
        return self.done(actions.end_restriction, self.case, self.sent(RestrictionWhyIn), CaseOut)
