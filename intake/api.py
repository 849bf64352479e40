"""What arrived by email, over the API: the mailbox, one email, and what is made of one that is for no record.

An email is put on a record where the record is: with a referral, a confirmation, an update.
"""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.fields import Line, Number, OfficerOut, Sent, Shown, TeamOut
from api.filters import narrowing
from api.resources import Resource
from intake import actions
from intake.forms import EmailsForm
from intake.models import Message, Use
from intake.queries import uses_by_time
from intake.restricted import kept_waiting
from team.permissions import Permission, require, several_teams

SEEN = "How many uses of the email you have seen. Where a colleague made something of it since, you are told (409)."


class UseOut(Shown):
    """What was made of an email, by whom."""

    case = serializers.CharField(source="case.number", allow_null=True, default=None)
    used_by = OfficerOut()

    class Meta:
        model = Use
        fields = ["kind", "case", "reason", "used_at", "used_by"]


class AttachmentOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")


class MessageLineOut(Shown):
    team = TeamOut()
    uses = UseOut(source="made", many=True)

    class Meta:
        model = Message
        fields = ["id", "team", "received_at", "from_name", "from_address", "subject", "urgent", "state", "uses"]


class MailboxOut(serializers.Serializer[Any]):
    """A page of emails, and what is left out of them all."""

    results = MessageLineOut(many=True)
    next = serializers.URLField(allow_null=True, help_text="The address of what follows; null at the end.")
    not_shown = serializers.CharField(
        allow_blank=True,
        help_text="How many emails that wait are about restricted records, and whom to ask. Empty for none.",
    )


class MessageOut(MessageLineOut):
    """One email: what it says, what came with it, what could not be read of it."""

    attachments = AttachmentOut(many=True)

    class Meta(MessageLineOut.Meta):
        fields = [*MessageLineOut.Meta.fields, "to", "sent_at", "text", "attachments", "problems", "protected"]
        fields += ["copy_of"]


class SetAsideIn(Sent):
    reason = Line(most=300)
    seen = Number(help_text=SEEN)


class PutBackIn(Sent):
    reason = Line(most=300)


class SeenIn(Sent):
    seen = Number(help_text=SEEN)


class Mailbox(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(EmailsForm), responses=MailboxOut)
    def get(self, request: Any) -> Response:
        """The emails of the mailboxes that one handles, the oldest first. `not_shown` says whom to ask where some
        that wait are about restricted records: those are not in the list."""
        require(self.user, Permission.HANDLE_MAIL, team=None)
        teams = several_teams(self.user, Permission.HANDLE_MAIL)
        asked = self.asked(EmailsForm(request.query_params, teams=teams))
        narrower = {name: value for name, value in asked.items() if value}
        rows = Message.objects.handled_by(self.user).filter(**narrower).defer("text").select_related("team")
        page = self.page(rows.prefetch_related(uses_by_time()), key="received_at", descending=False)
        self.looked(Message, filters=sorted(narrower), messages=sorted(each.pk for each in page.rows))
        answer = self.listed(page, MessageLineOut)
        of_team = {"team": narrower["team"]} if "team" in narrower else {}
        answer.data["not_shown"] = kept_waiting(self.user, **of_team)
        return answer


class OfMessage(Resource):
    """One email that one may read: reading it is a look at what it tells."""

    writes = Permission.HANDLE_MAIL

    def message(self, pk: int) -> Message:
        rows = Message.objects.visible_to(self.user).select_related("team").prefetch_related(uses_by_time())
        message = get_object_or_404(rows, pk=pk)
        self.check_writes(message.team)
        self.looked(message, team=message.team)
        return message

    def again(self, message: Message) -> Response:
        """The email as it is now."""
        rows = Message.objects.select_related("team").prefetch_related(uses_by_time())
        return self.shown(MessageOut, rows.get(pk=message.pk))


class OneMessage(OfMessage):
    @extend_schema(responses=MessageOut)
    def get(self, request: Any, pk: int) -> Response:
        """One email, and what was made of it."""
        return self.shown(MessageOut, self.message(pk))


class SetAside(OfMessage):
    @extend_schema(request=SetAsideIn, responses=MessageOut)
    def post(self, request: Any, pk: int) -> Response:
        """An email that is for no record: it stays, with the reason."""
        message = self.message(pk)
        return self.again(actions.set_aside_message(message, **self.sent(SetAsideIn), by=self.user))


class PutBack(OfMessage):
    @extend_schema(request=PutBackIn, responses=MessageOut)
    def post(self, request: Any, pk: int) -> Response:
        """An email that was dealt with waits at the desk again."""
        message = self.message(pk)
        return self.again(actions.put_back_message(message, **self.sent(PutBackIn), by=self.user))


class PassToConferences(OfMessage):
    @extend_schema(request=SeenIn, responses=MessageOut)
    def post(self, request: Any, pk: int) -> Response:
        """An invitation to a conference: the Police Conference Liaison Officer finds it."""
        message = self.message(pk)
        return self.again(actions.pass_to_conferences(message, **self.sent(SeenIn), by=self.user))


urlpatterns = [
    path("intake/", Mailbox.as_view(), name="intake"),
    path("intake/<int:pk>/", OneMessage.as_view(), name="message"),
    path("intake/<int:pk>/set-aside/", SetAside.as_view(), name="set_aside_message"),
    path("intake/<int:pk>/put-back/", PutBack.as_view(), name="put_back_message"),
    path("intake/<int:pk>/pass-to-conferences/", PassToConferences.as_view(), name="pass_to_conferences"),
]
