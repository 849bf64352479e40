"""How the tests of the API ask: as a program does, with a token."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from team.actions import give_token
from team.models import User


class Program:
    """A program that acts as somebody."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client(headers={"Authorization": f"Token {give_token(user, by=User.objects.system())}"})

    def get(self, name: str, /, *args: Any, **asked: Any) -> Any:
        return self.client.get(reverse(f"api:{name}", args=args), asked)

    def post(self, name: str, /, *args: Any, **sent: Any) -> Any:
        return self.client.post(reverse(f"api:{name}", args=args), sent, content_type="application/json")

    def put(self, name: str, /, *args: Any, **sent: Any) -> Any:
        return self.client.put(reverse(f"api:{name}", args=args), sent, content_type="application/json")

    def patch(self, name: str, /, *args: Any, **sent: Any) -> Any:
        return self.client.patch(reverse(f"api:{name}", args=args), sent, content_type="application/json")
