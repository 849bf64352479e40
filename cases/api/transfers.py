"""Transfers of a record: asking another team, and taking it back. Their answer is in `workbench`."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.fields import Line, OfficerOut, Sent, Shown, TeamOut, Text
from api.resources import CREATED
from cases import actions
from cases.api.shapes import AnswerIn
from cases.api.views import OfRecord
from cases.closure import before_transfer
from cases.models import Transfer
from cases.transfers import teams_that_can_answer, transfers_of
from pages.validators import LONGEST_REASON
from team.permissions import Permission


class TransferOut(Shown):
    """A request that another team takes a record over, and its answer."""

    case = serializers.CharField(source="case.number")
    urn = serializers.CharField(source="case.urn")
    from_team = TeamOut()
    to_team = TeamOut()
    asked_by = OfficerOut()
    answered_by = OfficerOut(allow_null=True)

    class Meta:
        model = Transfer
        fields = ["id", "case", "urn", "from_team", "to_team", "reason", "state", "asked_at", "asked_by"]
        fields += ["answered_at", "answered_by", "answer"]


class TransfersOut(serializers.Serializer[Any]):
    """What has to be finished before another team takes a record over, in words; which teams can be asked; and each
    request, the latest first."""

    unfinished = serializers.ListField(child=serializers.CharField())
    teams = TeamOut(many=True)
    results = TransferOut(many=True)


class AskTransferIn(Sent):
    to_team = Line(most=3, help_text="The code of the team that is asked.")
    reason = Text(most=LONGEST_REASON, help_text="Why it is theirs. They read this before they answer.")


class TransfersOfRecord(OfRecord):
    writes = Permission.TRANSFER_RECORDS

    @extend_schema(responses=TransfersOut)
    def get(self, request: Any, number: str) -> Response:
        """What has to be finished first, which teams can be asked, and each request."""
        found = {
            "unfinished": [each.what for each in before_transfer(self.case)],
            "teams": teams_that_can_answer(self.case),
            "results": transfers_of(self.case).select_related("case"),
        }
        return self.shown(TransfersOut, found)

    @extend_schema(request=AskTransferIn, responses={CREATED: TransferOut})
    def post(self, request: Any, number: str) -> Response:
        """Ask another borough's team to take the record over. Until it accepts nothing changes."""
        sent = self.sent(AskTransferIn)
        team = teams_that_can_answer(self.case).filter(code=sent["to_team"]).first()
        if team is None:
            raise ValidationError({"to_team": ["No team with this code can be asked."]})
        return self.done(actions.ask_transfer, self.case, {**sent, "to_team": team}, TransferOut, status=CREATED)


class WithdrawTransfer(OfRecord):
    writes = Permission.TRANSFER_RECORDS

    @extend_schema(request=AnswerIn, responses=TransferOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Take the request back, and say why."""
        asked = get_object_or_404(transfers_of(self.case), pk=pk)
        asked.case = self.case
        return self.done(actions.withdraw_transfer, asked, self.sent(AnswerIn), TransferOut)
