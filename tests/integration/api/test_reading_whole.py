"""Of a record with everything that can be read, conferences and transfers among it: every address at once."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.events import Look
from audit.models import AccessLog
from team.enums import Role
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import READS, Prepared, said_wrong, with_everything
from tests.integration.api.reading import (
    TELLING,
    at_the_desk,
    everything_read,
    read,
    read_as_described,
)
from tests.shared import Shared, own

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("everything read")]  # to build it once


@pytest.fixture(scope="module")
def built(shared: Shared) -> Prepared:
    return shared(with_everything)


@pytest.fixture
def it(built: Prepared) -> Prepared:
    return own(built)


ON_RECORD = {name for name, what in READS.items() if what == "number"}
ON_RECORD |= {"duty", "assessment", "conference", "plan", "report"}
# What shows numbers and nobody's record.
NUMBERS = {"way_in", "figures", "figure"}
OF_WHAT = {
    "referrals": "referrals.referral",
    "intake": "intake.message",
    "message": "intake.message",
    "cases": "cases.case",
    "assessments": "cram.assessment",
    "conferences": "conferences.conference",
    "plans": "conferences.plan",
    "duties": "diary.duty",
    "figure_records": "oversight.fact",
    "notices": "diary.notice",
    "people": "people.person",
    "person": "people.person",
    "transfers": "cases.transfer",
}


def test_each_look_is_one_row_of_the_access_log(it: Prepared) -> None:
    program = at_the_desk()
    names = sorted(set(READS) - NUMBERS)
    before = AccessLog.objects.count()
    for name in names:
        read(program, name, *it.args(name))
    rows = list(AccessLog.objects.order_by("pk")[before:])
    assert [row.detail["page"] for row in rows] == [f"api:{name}" for name in names]
    for name, row in zip(names, rows, strict=True):
        # What another team transfers is a look at its record.
        theirs = name == "transfer"
        team = a_team("BRN") if theirs else a_team()
        assert (row.by_id, row.how, row.team_id) == (program.user.pk, Look.API, team.pk), name
        if theirs:
            assert (row.object_type, row.object_id, row.case_id) == ("cases.case", *[it.transfer.case_id] * 2)
        elif name in ON_RECORD:
            assert (row.object_type, row.object_id, row.case_id) == ("cases.case", it.case.pk, it.case.pk), name
        else:
            about = {"message": it.message.pk, "person": it.child.pk}.get(name)
            assert (row.object_type, row.object_id, row.case_id) == (OF_WHAT[name], about, None), name


def test_a_refused_look_is_none(it: Prepared) -> None:
    before = AccessLog.objects.count()
    auditor = Program(an_officer(Role.AUDITOR))
    for name in sorted(set(READS) - {"way_in"}):
        assert auditor.get(name, *it.args(name)).status_code in (403, 404), name
    program = at_the_desk()
    assert program.client.get(reverse("api:case", args=["HGY-1999-0001"])).status_code == 404
    assert program.get("cases", state="banana").status_code == 400
    assert AccessLog.objects.count() == before


def test_nothing_of_another_team_is_there(it: Prepared) -> None:
    before = AccessLog.objects.count()
    program = Program(an_officer(Role.DESK_SERGEANT, a_team("ENF")))
    for name, what in READS.items():
        if what and what != "measure":
            said_wrong(program.get(name, *it.args(name)), 404)
    assert AccessLog.objects.count() == before
    for name in ("referrals", "cases", "duties", "people", "intake"):
        assert read(program, name)["results"] == [], name
    assert read(program, "figure_records", "referrals")["results"] == []
    assert read(program, "people", q="Calloway")["results"] == []
    assert read(program, "people", q=it.number)["results"] == []
    assert read(program, "referrals", q=it.referral.urn)["results"] == []
    said_wrong(program.get("duties", case=it.number), 404)


def test_where_nobody_is_protected_the_same_is_told(it: Prepared) -> None:
    """So that the test above can fail."""
    read_whole = everything_read(at_the_desk(), it, set())
    told = {each for said in read_whole.values() for each in TELLING if each.casefold() in said}
    assert told == set(TELLING)


def test_what_is_read_is_as_it_says(it: Prepared) -> None:
    read_as_described(it)
