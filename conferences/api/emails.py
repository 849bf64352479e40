"""An email that was passed to conferences and leaves nothing to do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from api.fields import Line, Sent
from conferences import actions
from intake.api import MessageOut, OfMessage
from team.permissions import Permission


class NothingToDoIn(Sent):
    why = Line(most=300)


class NothingToDo(OfMessage):
    writes = Permission.BOOK_CONFERENCES

    @extend_schema(request=NothingToDoIn, responses=MessageOut)
    def post(self, request: Any, pk: int) -> Response:
        """An email to conferences leaves nothing to do: it stays, with the reason."""
        message = self.message(pk)
        actions.set_aside_email(message, **self.sent(NothingToDoIn), by=self.user)
        return self.again(message)
