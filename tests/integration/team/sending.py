"""What an administrator sends."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse


def post(client: Client, name: str, pk: int | None = None, /, **fields: Any) -> str:
    url = reverse(f"team:{name}", args=[pk] if pk else [])
    return client.post(url, fields, follow=True).content.decode()
