"""What became of the duties of a record, on a page of their own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

import diary.ended_views
from deadlines.clock import LONDON
from diary.models import Duty, Waker
from diary.steps import end_duty
from diary.sweep import sweep
from pages.paging import page_of
from team.enums import Role
from tests.factories.clock import move_time_to
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

NOW = datetime(2010, 3, 8, 10, 0, tzinfo=LONDON)  # a Monday


def words(client: Client, address: str) -> str:
    html = unescape(client.get(address).content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", html[html.index("<main") :]).split())


def test_what_ended_says_by_whom_how_late_and_who_was_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    move_time_to(NOW)
    case, sergeant = a_case(), an_officer(Role.DESK_SERGEANT)
    client.force_login(sergeant)
    here = f"/queues/{case.number}/ended/"
    assert here in client.get(f"/cases/{case.number}/").content.decode()
    assert here in client.get(f"/cases/{case.number}/chronology/").content.decode()
    assert "Nothing that was to be done on this record is over yet." in words(client, here)
    triage, cram = (Duty.objects.get(case=case, kind=kind) for kind in ("triage", "first_cram"))
    end_duty(triage, done=True, why="Triaged", by=sergeant)
    move_time_to(NOW + timedelta(hours=27))
    sweep(woken_by=Waker.COMMAND)
    move_time_to(NOW + timedelta(hours=29))
    end_duty(cram, done=False, why="It came twice", by=sergeant)
    page = words(client, here)
    first, second = page.index("First CRAM 9 March 2010"), page.index("Triage the referral 9 March 2010")
    assert first < second  # what ended last comes first
    assert f"Fell away 9 March 2010, 3pm, {sergeant} 5 hours late It came twice" in page
    assert "the referral desk, 9 March 2010, 1pm" in page
    assert f"Done 8 March 2010, 10am, {sergeant} Triaged Nobody: it was in time" in page
    # Page by page, and each on its own record alone.
    monkeypatch.setattr(diary.ended_views, "page_of", lambda rows, **how: page_of(rows, **how, size=1))
    html = client.get(here).content.decode()
    older = re.search(r'href="(\?after=[^"]*)"', html)
    assert older is not None
    assert "Triaged" not in html
    assert "Triaged" in words(client, here + unescape(older[1]))
    assert "Triaged" not in words(client, f"/queues/{an_old_referral().case.number}/ended/")
