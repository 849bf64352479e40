"""What the auditor reads of a list that somebody narrowed: in words, and nothing where nothing was chosen."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django import forms
from django.db import transaction
from django.test import Client

from audit.events import FILTERS
from audit.models import AccessLog
from audit.recording import record_access
from cases.forms import RecordsFilterForm
from diary.forms import DutiesForm
from diary.models import Duty
from intake.forms import EmailsForm
from referrals.forms import LogFilterForm
from team.enums import Role
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

LOG = "/oversight/access/"


def looked_at(client: Client, **detail: Any) -> str:
    """What the log says of a look."""
    auditor = an_officer(Role.AUDITOR)
    with transaction.atomic():
        record_access(Duty, by=an_officer(Role.SUPERVISOR), detail=detail)
    client.force_login(auditor)
    cell = re.findall(r'data-label="Looked at">(.*?)</td>', client.get(LOG).content.decode(), re.S)[-1]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", cell))).strip()


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (["by"], "duty narrowed by: when it is due"),
        (["by", "kind", "whose"], "duty narrowed by: when it is due, what has to be done, whose it is"),
        (["show: dealt_with"], "duty narrowed by: show: dealt with"),
        (["passed to conferences"], "duty narrowed by: passed to conferences"),
        ([], "duty"),
    ],
)
def test_by_what_a_list_was_narrowed_is_said_in_words(client: Client, filters: list[str], said: str) -> None:
    assert looked_at(client, filters=filters) == said


def test_what_else_is_known_stands_without_an_empty_list_beside_it(client: Client) -> None:
    assert looked_at(client, filters=[], messages=[], rows=0) == "duty rows: 0"


def test_the_queue_is_looked_at_as_it_was_asked_for(client: Client) -> None:
    client.force_login(an_officer(Role.SUPERVISOR))
    assert client.get("/queues/?by=late&whose=").status_code == 200
    assert AccessLog.objects.latest("pk").details() == [("narrowed by", ["when it is due"])]
    assert client.get("/queues/").status_code == 200
    assert AccessLog.objects.latest("pk").details() == []


@pytest.mark.parametrize("form", [RecordsFilterForm, DutiesForm, EmailsForm, LogFilterForm])
def test_everything_a_list_is_narrowed_by_has_its_words(form: type[forms.Form]) -> None:
    assert {*form.declared_fields, "team"} <= set(FILTERS)


@pytest.mark.parametrize("log", ["/oversight/access/", "/oversight/acts/"])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"person": "nobody.here"}, "Who: select a person from the list"),
        ({"person": "x" * 3000}, "Who: select a person from the list"),
        ({"team": "no such"}, "Select a team from the list"),
        ({"from_on": "soon"}, "From: enter the date like 2 December 2009 or 2/12/2009"),
    ],
)
def test_a_damaged_filter_is_answered_in_plain_words_and_shows_nothing(
    client: Client, log: str, asked: dict[str, str], said: str
) -> None:
    client.force_login(an_officer(Role.AUDITOR))
    html = unescape(client.get(log, asked).content.decode())
    assert f">{said}</a>" in html
    assert "Nothing is shown until what is marked above is put right." in html
    assert 'role="rowheader"' not in html
