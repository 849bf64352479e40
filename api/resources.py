"""One address of the API: who asks is known, what is shown is logged, and what an action refuses is said by field.

A view parses, calls an action or a query, and answers. No rule lives there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms import BooleanField, Form
from django.http import HttpRequest, HttpResponse
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import NOTHING_SHOWN
from audit.events import Look
from audit.recording import record_access
from pages.paging import Page, page_of
from team.acting import acting_team
from team.models import Team, User
from team.permissions import Permission, require, teams_where

Row = TypeVar("Row", bound=models.Model)
CREATED = 201
NO_PARAMETER = "There is nothing of this name to narrow it by."


class Asked(Request):
    """A request whose asker is known: nobody else comes so far."""

    user: User


class Resource(APIView):
    """One address. What is read and the row of the access log are one transaction: no log, no answer.

    An action that refuses undoes its own part alone: that somebody looked stays on record.
    """

    request: Asked
    # What a program must be allowed to do before what it sends is even read.
    writes: Permission | None = None
    # Whether its address takes something to narrow it by.
    is_list = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().dispatch(request, *args, **kwargs)
            if answer.status_code in NOTHING_SHOWN:
                transaction.set_rollback(True)
            return answer  # type: ignore[return-value]  # nothing streams

    @property
    def user(self) -> User:
        return self.request.user

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.query_params and not (self.is_list and request.method in SAFE_METHODS):
            raise ValidationError(dict.fromkeys(sorted(request.query_params), NO_PARAMETER))

    def check_writes(self, team: Team | None) -> None:
        """Raise NotAllowed, before anything is looked up or judged, unless whoever asks may do this for a team."""
        if self.writes is not None and self.request.method not in SAFE_METHODS:
            require(self.user, self.writes, team=team)

    def sent(self, shape: type[serializers.BaseSerializer[Any]], **context: Any) -> dict[str, Any]:
        """What was sent, in its shape. Raises a ValidationError that names each wrong field."""
        said = shape(data=self.request.data, context={"request": self.request, **context})
        said.is_valid(raise_exception=True)
        return dict(said.validated_data)

    def looked(self, on: type[models.Model] | models.Model, *, team: Team | None = None, **detail: Any) -> Any:
        """Write the row of the access log: a program looked, for whoever's token it has."""
        acting = team or acting_team(self.request)
        team_id = acting.pk if acting else None
        return record_access(on, by=self.user, how=Look.API, team_id=team_id, detail={**detail, "page": self.address})

    @property
    def address(self) -> str:
        """The name of the address, for the access log."""
        match = self.request.resolver_match
        return match.view_name if match else ""

    def asked(self, form: Form) -> dict[str, Any]:
        """By what a list is narrowed, as on its page. Raises ValidationError, by field."""
        if strange := sorted(set(self.request.query_params) - {*form.fields, "after"}):
            raise ValidationError(dict.fromkeys(strange, NO_PARAMETER))
        for name, value in self.request.query_params.items():
            if isinstance(form.fields.get(name), BooleanField) and value not in ("true", "false"):
                raise ValidationError({name: "Ask for true or false."})
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())
        return dict(form.cleaned_data)

    def page(self, rows: QuerySet[Row], *, key: str, descending: bool) -> Page[Row]:
        """Fifty rows, and where the next are found; never a count."""
        return page_of(rows, key=key, descending=descending, cursor=self.request.query_params.get("after", ""))

    def listed(self, page: Page[Any], shape: Callable[..., Any], rows: Sequence[Any] | None = None) -> Response:
        """A page of a list: `results`, and in `next` the address of what follows, null at the end."""
        following = None
        if page.following:
            asked = self.request.query_params.copy()
            asked["after"] = page.following
            following = self.request.build_absolute_uri(f"{self.request.path}?{asked.urlencode()}")
        shown = shape(page.rows if rows is None else rows, many=True, context={"request": self.request})
        return Response({"results": shown.data, "next": following})

    def shown(self, shape: Callable[..., Any], row: Any, *, status: int = 200, **context: Any) -> Response:
        """One thing."""
        return Response(shape(row, context={"request": self.request, **context}).data, status=status)

    def done(
        self,
        action: Callable[..., Any],
        on: Any,
        sent: dict[str, Any],
        shape: Callable[..., Any],
        *,
        status: int = 200,
    ) -> Response:
        """Do what was asked for, and show what came of it."""
        return self.shown(shape, action(on, **sent, by=self.user), status=status)

    def all_shown(self, shape: Callable[..., Any], rows: Any) -> Response:
        """Everything there is of something of which a record holds few."""
        shown = shape(list(rows), many=True, context={"request": self.request})
        return Response({"results": shown.data, "next": None})


def team_of(code: str, permission: Permission, *, user: User) -> Team:
    """The team that a program names, of those for which its holder has the permission.

    Raises NotAllowed where there is none at all, ValidationError for another team.
    """
    require(user, permission, team=None)
    team = teams_where(user, permission).filter(code=code).first()
    if team is None:
        raise ValidationError({"team": f"You hold no role for this in a team with the code “{code}”."})
    return team
