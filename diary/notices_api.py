"""What CAIT told somebody, over the API; and how far they have read it."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.fields import Id, OfficerOut, Sent, Shown, TeamOut
from api.filters import narrowing
from api.resources import Resource
from api.schema import listing
from deadlines import clock
from diary import actions
from diary.models import Notice, NoticesRead
from diary.notices import Told, notices_of, read_up_to
from team.permissions import Permission, require


class NoticeOut(Shown):
    """Something that CAIT told whoever asks."""

    team = TeamOut()
    to_person = OfficerOut(allow_null=True, help_text="Null where it is told to whoever holds `to_role`.")
    case = serializers.CharField(
        source="duty.case.number",
        default=None,
        allow_null=True,
        help_text="Null of an outage, which is of no record.",
    )
    urn = serializers.CharField(source="duty.case.urn", default=None, allow_null=True)
    heading = serializers.SerializerMethodField(help_text="What is told, in a few words.")
    what = serializers.SerializerMethodField(help_text="The duty in words; of an outage, what became late meanwhile.")
    read = serializers.SerializerMethodField(help_text="Whether whoever asks has marked it as read.")

    class Meta:
        model = Notice
        fields = ["id", "kind", "number", "team", "to_person", "to_role", "duty", "case", "urn", "heading", "what"]
        fields += ["raised_at", "read"]
        extra_kwargs = {
            "number": {
                "help_text": "Of a late duty which step: 1 whoever has to do it, 2 a supervisor, 3, 4 higher."
            },
        }

    def get_heading(self, notice: Notice) -> str:
        return Told(notice, new=False).heading

    def get_what(self, notice: Notice) -> str:
        return Told(notice, new=False).what

    def get_read(self, notice: Notice) -> bool:
        return bool(notice.pk <= self.context["up_to"])


class ReadIn(Sent):
    up_to = Id(help_text="The id of the newest notice that was read.")


class ReadOut(Shown):
    """How far whoever asks has read what they were told."""

    class Meta:
        model = NoticesRead
        fields = ["up_to"]


class Notices(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(Form), responses=listing(NoticeOut))
    def get(self, request: Any) -> Response:
        """What CAIT told whoever asks in the last fortnight, and what they have not read of duties that are still
        open; the newest first."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        self.asked(Form(request.query_params))
        self.looked(Notice)
        rows = notices_of(self.user, now=clock.now()).select_related("team", "duty__case", "to_person")
        up_to = read_up_to(self.user)

        def shape(rows: Any, *, many: bool, context: dict[str, Any]) -> Any:
            return NoticeOut(rows, many=many, context={**context, "up_to": up_to})

        return self.listed(self.page(rows, key="id", descending=True), shape)


class ReadNotices(Resource):
    writes = Permission.SEE_RECORDS

    @extend_schema(request=ReadIn, responses=ReadOut)
    def post(self, request: Any) -> Response:
        """Mark as read what was told up to a notice; later ones stay unread."""
        self.check_writes(None)
        return self.shown(ReadOut, actions.mark_notices_read(**self.sent(ReadIn), by=self.user))


urlpatterns = [
    path("notices/", Notices.as_view(), name="notices"),
    path("notices/read/", ReadNotices.as_view(), name="read_notices"),
]
