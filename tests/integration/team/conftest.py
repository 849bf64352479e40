from __future__ import annotations

import pytest
from django.test import Client

from team.enums import Role
from team.models import User
from tests.factories.team import an_officer


@pytest.fixture
def administrator(client: Client) -> User:
    """Who is signed in."""
    user = an_officer(Role.ADMINISTRATOR)
    client.force_login(user)
    return user
