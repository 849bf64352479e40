"""A row of an old log whose record is restricted by now says its URN and whom to ask to who is not named on it."""

from __future__ import annotations

from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from cases.models import Case
from team.enums import Role
from tests.factories.old_logs import HEADINGS, a_row, an_old_log, brought_in, referral_of
from tests.factories.restricting import a_restricted_case
from tests.factories.team import an_officer
from tests.integration.old_logs.as_read import HERE, column

pytestmark = pytest.mark.django_db

SAYS = ("Quarrendon", "The PE teacher", "Physical")


def page_of(client: Client, log: int, show: str) -> str:
    answer = client.get(f"{HERE}{log}/", {"show": show})
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_what_it_says_is_kept_from_who_is_not_named(client: Client) -> None:
    row = a_row(family="Quarrendon", allegation="Physical", circs="The PE teacher")
    log = brought_in(an_old_log(row))
    case: Case = referral_of(log).case
    client.force_login(an_officer(Role.DESK_SERGEANT))
    assert "Quarrendon" in page_of(client, log.pk, "brought-in")
    a_restricted_case(case=case)
    # And the same row again, as it was and with other words.
    again, differs = an_old_log(row), an_old_log({**row, "circs": "The PE teacher, again"})
    for of, show in ((log, "brought-in"), (again, "here"), (differs, "flawed")):
        page = page_of(client, of.pk, show)
        assert row["urn"] in page
        inspector = case.named.get(officer__family_name="Castell").officer
        assert f"Restricted: ask {inspector} or {case.restrictions.get().began_by}" in page
        assert not any(word in page for word in SAYS)
        client.force_login(inspector)
        assert any(word in page_of(client, of.pk, show) for word in SAYS)
        client.force_login(an_officer(Role.DESK_SERGEANT))
    answer = client.get(f"{HERE}{differs.pk}/download/")
    cells = [cell for cells in load_workbook(BytesIO(answer.content)).active.values for cell in cells if cell]
    assert f"Restricted: ask {inspector} or {case.restrictions.get().began_by}" in cells
    assert not any(word in str(cell) for cell in cells for word in SAYS)


@pytest.mark.parametrize("button", [{"show": "yes"}, {}])
def test_its_columns_show_no_row_once_it_is_brought_in(client: Client, button: dict[str, str]) -> None:
    log = an_old_log(a_row(family="Quarrendon", allegation="Physical", circs="The PE teacher"))
    client.force_login(an_officer(Role.DESK_SERGEANT))
    here = f"{HERE}{log.pk}/columns/"
    sent = {"heading-0": "1", **{column(each): "note" for each in HEADINGS.values()}, **button}
    assert any(word in unescape(client.post(here, sent).content.decode()) for word in SAYS)
    a_restricted_case(case=referral_of(brought_in(log)).case)
    for answer in (client.post(here, sent), client.post(here, {**sent, "heading-0": "x"}), client.get(here)):
        page = unescape(answer.content.decode())
        assert answer.status_code == 200
        assert not any(word in page for word in SAYS)
    assert "has had this log brought in" in unescape(client.post(here, sent).content.decode())
