"""The way in, and the description of everything."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

# Each with the name of its address.
RESOURCES = {
    "intake": "api:intake",
    "referrals": "api:referrals",
    "cases": "api:cases",
    "assessments": "api:assessments",
    "conferences": "api:conferences",
    "plans": "api:plans",
    "duties": "api:duties",
    "figures": "api:figures",
    "notices": "api:notices",
    "people": "api:people",
    "transfers": "api:transfers",
}


@cache
def description() -> dict[str, Any]:
    """The description of the API: the same for everybody until the code is another, and long in the making, so each
    process makes it once. Who asks may see all of it: it names no record."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


class Schema(SpectacularAPIView):
    """The description of the API in OpenAPI 3."""

    def _get_schema_response(self, request: Request) -> Response:
        name = self._get_filename(request, None)
        return Response(description(), headers={"Content-Disposition": f'inline; filename="{name}"'})


class WayInOut(serializers.Serializer[Any]):
    """The addresses of what there is."""

    schema = serializers.URLField()
    intake = serializers.URLField()
    referrals = serializers.URLField()
    cases = serializers.URLField()
    figures = serializers.URLField()
    assessments = serializers.URLField()
    conferences = serializers.URLField()
    plans = serializers.URLField()
    duties = serializers.URLField()
    notices = serializers.URLField()
    people = serializers.URLField()
    transfers = serializers.URLField()


class WayIn(APIView):
    """What there is, each with its address."""

    @extend_schema(responses=WayInOut, operation_id="root")
    def get(self, request: Request) -> Response:
        named = {"schema": "api-schema", **RESOURCES}
        return Response({what: request.build_absolute_uri(reverse(name)) for what, name in named.items()})
