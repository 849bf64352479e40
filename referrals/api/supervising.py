"""The supervision of an investigation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from api.resources import CREATED
from api.schema import listing
from cases.api.views import OfRecord
from referrals import actions
from referrals.api import deciding_shapes as shapes
from referrals.supervision import supervisions_of
from team.permissions import Permission


class Supervisions(OfRecord):
    writes = Permission.SUPERVISE_RECORDS

    @extend_schema(responses=listing(shapes.SupervisionOut))
    def get(self, request: Any, number: str) -> Response:
        """The reviews of an investigation, the one that was recorded last first."""
        return self.all_shown(shapes.SupervisionOut, supervisions_of(self.case))

    @extend_schema(request=shapes.SuperviseIn, responses={CREATED: shapes.SupervisionOut})
    def post(self, request: Any, number: str) -> Response:
        """Record a review of an investigation: what was found, and what is to be done. The next one is due then."""
        return self.done(
            actions.supervise, self.case, self.sent(shapes.SuperviseIn), shapes.SupervisionOut, status=CREATED
        )
