"""Transfers over the API: what one's teams are asked to take over, and what they have asked others (ADR 30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.fields import Moment, OfficerOut, Sent, Text, YesNo
from api.filters import narrowing
from api.resources import Resource
from api.schema import listing
from audit.events import Look
from audit.recording import record_access
from cases import actions
from cases.api.shapes import AnswerIn
from cases.api.transfers import TransferOut
from cases.enums import Level, TransferState
from cases.models import Transfer
from deadlines import clock
from pages.validators import LONGEST_REASON
from team.permissions import Permission, require
from workbench.transfers import (
    handover_of,
    reads_the_handover,
    reads_the_words,
    said_of_restricted,
    unfinished_on_restricted,
    with_all_of_it,
)


class TransfersForm(forms.Form):
    """Narrows the list of transfers."""

    state = forms.ChoiceField(choices=[("", "All"), *TransferState.choices], required=False)


class ChildOut(serializers.Serializer[Any]):
    name_and_age = serializers.CharField(source="shown")
    plan_category = serializers.CharField(source="category")
    plan_since = serializers.DateField(source="since", allow_null=True)


class DueOut(serializers.Serializer[Any]):
    duty = serializers.CharField(source="label")
    due_on = serializers.DateField(source="duty.due_on")
    due_at = Moment(source="duty.due_at", allow_null=True)


class MeetingOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    starts_at = Moment()
    place = serializers.CharField()


class HandoverOut(serializers.Serializer[Any]):
    """What comes with the record: enough to answer, and nothing of its chronology."""

    children = ChildOut(many=True)
    level = serializers.ChoiceField([("", "Not assessed"), *Level.choices])
    officer_in_case = OfficerOut(allow_null=True)
    supervisor = OfficerOut(allow_null=True)
    due = DueOut(many=True)
    conferences = MeetingOut(many=True)
    actions_for_whoever_accepts = serializers.IntegerField()
    unfinished = serializers.ListField(child=serializers.CharField())


class TransferLineOut(TransferOut):
    """Of a restricted record on which one is not named: whom to ask (`ring`), and no word of it but to whoever
    is to answer."""

    reason = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()
    ring = serializers.SerializerMethodField()

    class Meta(TransferOut.Meta):
        fields = [*TransferOut.Meta.fields, "ring"]

    def get_reason(self, transfer: Transfer) -> str:
        return transfer.reason if self._reads(transfer) else ""

    def get_answer(self, transfer: Transfer) -> str:
        return transfer.answer if self._reads(transfer) else ""

    def get_ring(self, transfer: Transfer) -> str:
        return said_of_restricted(transfer, self.context["request"].user)

    def _reads(self, transfer: Transfer) -> bool:
        return reads_the_words(transfer, self.context["request"].user)


class TransferInFullOut(TransferLineOut):
    """`handover`: null where the record does not wait for one's own answer, and of a restricted record."""

    handover = HandoverOut(allow_null=True, source="comes_with")

    class Meta(TransferLineOut.Meta):
        fields = [*TransferLineOut.Meta.fields, "handover"]


class AcceptTransferIn(Sent):
    read = YesNo(help_text="True: we have read what is open on it, and from now on it is ours.")
    answer = Text(most=LONGEST_REASON, allow_blank=True, default="")

    def validate_read(self, read: bool) -> bool:
        if not read:
            raise serializers.ValidationError(
                "Confirm that you have read what is open, or do not accept it and say why."
            )
        return read


class Transfers(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(TransfersForm), responses=listing(TransferLineOut))
    def get(self, request: Any) -> Response:
        """Every transfer to and from one's teams, the latest asked first."""
        require(self.user, Permission.ANSWER_TRANSFERS, team=None)
        asked = self.asked(TransfersForm(request.query_params))
        rows = with_all_of_it(Transfer.objects.visible_to(self.user))
        if state := asked["state"]:
            rows = rows.filter(state=state)
        page = self.page(rows, key="asked_at", descending=True)
        filters = sorted(name for name, value in asked.items() if value)
        self.looked(Transfer, records=sorted({each.case_id for each in page.rows}), filters=filters)
        return self.listed(page, TransferLineOut)


class OfTransfer(Resource):
    """Found by whoever may ask for it or answer it: they need not be able to open its record."""

    transfer: Transfer

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.check_writes(None)
        rows = with_all_of_it(Transfer.objects.visible_to(self.user))
        self.transfer = get_object_or_404(rows, pk=kwargs["pk"])
        case, detail = self.transfer.case, {"page": self.address}
        record_access(case, by=self.user, how=Look.API, case_id=case.pk, team_id=case.team_id, detail=detail)
        self.check_writes(self.transfer.to_team)


class OneTransfer(OfTransfer):
    @extend_schema(responses=TransferInFullOut)
    def get(self, request: Any, pk: int) -> Response:
        """One transfer; while it waits for one's own answer, with what comes with the record."""
        it, case = self.transfer, self.transfer.case
        it.comes_with = None  # type: ignore[attr-defined]
        if reads_the_handover(it, self.user):
            found = handover_of(it, today=clock.today())
            it.comes_with = {  # type: ignore[attr-defined]
                "children": found.children,
                "level": case.level,
                "officer_in_case": case.officer_in_case,
                "supervisor": case.supervisor,
                "due": found.due,
                "conferences": found.conferences,
                "actions_for_whoever_accepts": len(found.passed),
                "unfinished": [each.what for each in found.unfinished],
            }
        return self.shown(TransferInFullOut, it)


class Answering(OfTransfer):
    writes = Permission.ANSWER_TRANSFERS

    def answer(self, act: Callable[..., Any], sent: dict[str, Any]) -> Response:
        return self.done(act, self.transfer, sent, TransferLineOut)


class AcceptTransfer(Answering):
    @extend_schema(request=AcceptTransferIn, responses=TransferLineOut)
    def post(self, request: Any, pk: int) -> Response:
        """Take the record over, with everything that is open on it: never by who asked."""
        sent = self.sent(AcceptTransferIn)
        if unfinished := unfinished_on_restricted(self.transfer, self.user):
            raise ValidationError(unfinished)
        return self.answer(actions.accept_transfer, {"answer": sent["answer"]})


class DeclineTransfer(Answering):
    @extend_schema(request=AnswerIn, responses=TransferLineOut)
    def post(self, request: Any, pk: int) -> Response:
        """Do not accept it, and say why: it stays where it is."""
        return self.answer(actions.decline_transfer, self.sent(AnswerIn))


urlpatterns = [
    path("transfers/", Transfers.as_view(), name="transfers"),
    path("transfers/<int:pk>/", OneTransfer.as_view(), name="transfer"),
    path("transfers/<int:pk>/accept/", AcceptTransfer.as_view(), name="accept_transfer"),
    path("transfers/<int:pk>/decline/", DeclineTransfer.as_view(), name="decline_transfer"),
]
