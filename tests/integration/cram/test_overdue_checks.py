"""A risk is managed by what was found; that nobody has looked again in time, everybody reads (HMIC 2010, AFI 2)."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from cases.actions import ask_closure
from cases.closure import in_the_way
from cases.enums import Court
from cram.enums import Works
from cram.managing import risks_of
from cram.models import Measure, Risk
from cram.paper import paper_of
from deadlines import clock
from pages.words import day
from team.enums import Role
from tests.factories.assessing import an_assessment, assessed
from tests.factories.deciding import a_decided_case, asked_to_close
from tests.factories.managing import a_measure, a_risk, checked
from tests.factories.team import an_officer
from tests.integration.cram.follows import days, later, system

pytestmark = pytest.mark.django_db


def test_a_late_check_stands_in_the_way_of_closure_by_name_until_somebody_looks(client: Client) -> None:
    case = a_decided_case()
    assessed(case)
    risk = a_risk(case)
    measure = a_measure(risk, works=Works.YES, what="Bail: no contact", check_on=days(14))
    later(14)
    assert in_the_way(case) == []  # it is due today
    later(1)
    since, said = days(-1), f"A check is overdue since {day(days(-1))}: Bail: no contact"
    assert [(each.what, each.view) for each in in_the_way(case)] == [(said, "cram:risks")]
    with pytest.raises(ValidationError, match=said):
        ask_closure(case, outcome="Nobody was hurt", court=Court.NONE, by=system())
    assert not Risk.objects.unmanaged().exists()
    assert list(Measure.objects.not_checked_since(clock.today())) == [measure]
    (line,) = risks_of(case, today=clock.today())
    assert (line.is_unmanaged, line.check_overdue_since) == (False, since)

    client.force_login(an_officer(Role.DESK_SERGEANT))
    words = f"overdue</span> since {day(since)}"
    for name in ("cram:risks", "workbench:case"):
        page = unescape(client.get(reverse(name, args=[case.number])).content.decode())
        assert f"heck {words}" in page, name
    assessment = an_assessment(case)
    context = paper_of(assessment)
    (then,) = context["risks"]
    assert (then.unmanaged, then.check_overdue_since) == (False, since)
    paper = unescape(render_to_string("cram/paper.html", context))
    assert f"Check {words}" in paper
    assert "1 check overdue" in client.get(reverse("cram:assess", args=[case.number])).content.decode()

    other = a_measure(risk, works=Works.YES, what="An alarm")  # it is still to be looked at
    assert len(in_the_way(case)) == 2  # with the CRAM that is under way
    checked(measure, next_on=days(3))
    assert "overdue" not in client.get(reverse("cram:risks", args=[case.number])).content.decode()
    assert not Measure.objects.not_checked_since(clock.today()).exists()
    assert other.check_on > days(3)


def test_what_manages_nothing_is_unmanaged_and_not_overdue() -> None:
    case = a_decided_case()
    assessed(case)
    measure = a_measure(a_risk(case), works=Works.NO, check_on=days(2))
    later(3)
    assert [each.what for each in in_the_way(case)] == ["A risk is unmanaged: The uncle reaching the children"]
    checked(measure, Works.YES)
    assert in_the_way(case) == []
    asked_to_close(case)
