"""A CRAM that was begun by mistake is thrown away: it never counts, and what was found while it was written stays."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from cases.closure import in_the_way
from cases.models import Action, Case, Entry
from cram.actions import (
    add_assessment_action,
    add_decision,
    discard_assessment,
    endorse_assessment,
    return_assessment,
    set_level,
    submit_assessment,
)
from cram.enums import Said
from cram.models import Answer, Assessment, Gap
from cram.policies import EARLIER
from cram.queries import being_written, last_submitted
from cram.timeline import timeline_of
from deadlines import clock
from diary.checking import findings_of
from diary.models import Duty, DutyState
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from tests.factories.assessing import an_assessment, answered, submitted
from tests.factories.managing import a_risk
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

WHY = "Begun on the wrong record"


def system() -> User:
    return User.objects.system()


def words(client: Client, name: str, *args: object, **typed: str) -> str:
    """What stands on a page, or on the one that follows what was sent."""
    address = reverse(f"cram:{name}", args=args)
    answer = client.post(address, typed, follow=True) if typed else client.get(address, follow=True)
    html = unescape(answer.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", html[html.index("<main") :]).split())


def open_duties(case: Case) -> set[str]:
    return set(Duty.objects.filter(case=case, state=DutyState.OPEN).values_list("kind", flat=True))


def test_it_never_counts_and_what_it_raised_stays(assessed_case: Case) -> None:
    by = an_officer(Role.INVESTIGATOR)
    before, first = open_duties(assessed_case), last_submitted(assessed_case)
    review = an_assessment(assessed_case, by=by)
    answered(review, Said.YES)
    answered(review, Said.NOT_KNOWN, number=1)
    a_risk(assessed_case)
    add_decision(review, what="A visit tonight", why="Nobody has seen them", by=by)
    add_assessment_action(review, what="See the aunt", owner=by, due_on=clock.today(), by=by)
    set_level(review, level="high", rationale="He is back", by=by)
    events = AuditEvent.objects.count()
    done = discard_assessment(review, why=WHY, version=version_of(review), by=by)
    assert (done.state, done.discarded_by, done.discarded_why) == ("discarded", by, WHY)
    (event,) = AuditEvent.objects.order_by("pk")[events:]
    assert (event.event, event.detail) == ("ASSESSMENT_DISCARDED", {"assessment": 2})
    entry = Entry.objects.filter(case=assessed_case).latest("pk")
    assert (entry.title, entry.text, entry.recorded_by) == ("CRAM review thrown away", WHY, by)
    # The record is as it was but for what belongs to it.
    assessed_case.refresh_from_db()
    assert (assessed_case.level, being_written(assessed_case), last_submitted(assessed_case)) == (
        "standard",
        None,
        first,
    )
    assert open_duties(assessed_case) == {*before, "gap", "action"}
    assert Gap.objects.get(case=assessed_case).raised_in == review
    assert Action.objects.get(case=assessed_case, what="See the aunt").state == "open"
    assert not [each for each in in_the_way(assessed_case) if "CRAM" in each.what]
    assert "high" not in timeline_of(assessed_case).finding
    assert findings_of(assessed_case) == []
    # The next is numbered on, and stands beside the last that counted.
    following = an_assessment(assessed_case)
    assert (following.number, following.previous, following.kind) == (3, first, "review")


def test_one_that_was_ever_sent_stays_and_a_second_reads_who_was_first(case: Case) -> None:
    by = an_officer(Role.INVESTIGATOR)
    assessment = an_assessment(case, by=by)
    with pytest.raises(ValidationError) as refused:
        discard_assessment(assessment, why=" ", by=by)
    assert list(refused.value.message_dict) == ["why"]
    sent = submitted(a_case(), by=by)
    with pytest.raises(ChangedMeanwhile, match="sent this CRAM for endorsement"):
        discard_assessment(sent, why=WHY, by=by)
    return_assessment(sent, words="What of the father?", by=an_officer(Role.SUPERVISOR))
    with pytest.raises(ValidationError, match="was sent for endorsement once"):
        discard_assessment(sent, why=WHY, by=by)
    opened_on = version_of(assessment)
    set_level(assessment, level="high", rationale="He is back", by=system())
    with pytest.raises(ChangedMeanwhile, match="changed this while you had it open"):
        discard_assessment(assessment, why=WHY, version=opened_on, by=by)
    discard_assessment(assessment, why=WHY, by=by)
    said = f"{by} threw this CRAM away on .*{WHY}"
    for act in (
        lambda: discard_assessment(assessment, why=WHY, by=system()),
        lambda: submit_assessment(assessment, by=system()),
        lambda: endorse_assessment(assessment, by=an_officer(Role.SUPERVISOR)),
        lambda: answered(assessment, Said.YES),
    ):
        with pytest.raises(ChangedMeanwhile, match=said):
            act()


def test_the_database_holds_it(begun: Assessment) -> None:
    answered(begun, Said.YES)
    rows = Assessment.objects.filter(pk=begun.pk)
    with pytest.raises(IntegrityError, match="discarded_assessment_says_why"), transaction.atomic():
        rows.update(state="discarded", discarded_at=clock.moment(), discarded_by=system())
    discard_assessment(begun, why=WHY, by=system())
    with pytest.raises(IntegrityError, match="submitted_assessment_is_whole"), transaction.atomic():
        rows.update(submitted_at=clock.moment(), first_submitted_at=clock.moment())
    with pytest.raises(IntegrityError, match="discarded_assessment_says_why"), transaction.atomic():
        rows.update(state="under_way")
    with pytest.raises(ProgrammingError, match="answers of a CRAM that was sent stay"), transaction.atomic():
        Answer.objects.filter(assessment=begun).update(said="no")


def test_one_that_overtook_another_by_mistake_lets_that_be_returned(sent: Assessment) -> None:
    sergeant = an_officer(Role.SUPERVISOR)
    newer = an_assessment(sent.case, by=sergeant)
    with pytest.raises(ValidationError, match="began a newer CRAM"):
        return_assessment(sent, words="What of the father?", by=sergeant)
    discard_assessment(newer, why=WHY, by=sergeant)
    assert return_assessment(sent, words="What of the father?", by=sergeant).assessment.state == "returned"


def test_it_is_thrown_away_on_its_page_and_read_as_thrown_away(client: Client, case: Case) -> None:
    by = an_officer(Role.DESK_SERGEANT)
    client.force_login(by)
    assert "No CRAM of this record is being written" in words(client, "discard", case.number)
    assessment = an_assessment(case, by=by)
    answered(assessment, Said.NOT_KNOWN)
    assert "Throw it away" in words(client, "assess", case.number)
    page = words(client, "discard", case.number)
    assert "1 question is answered in it" in page
    assert "1 gap that it raised stays open" in page
    assert Gap.objects.get(case=case).question in page
    assert "Say why" in words(client, "discard", case.number, why="")
    assert "The CRAM is thrown away" in words(client, "discard", case.number, why=WHY)
    listed = words(client, "assess", case.number)
    assert f"never thrown away by {by}" in listed
    assert "There is no CRAM of this record yet" in listed
    assert f"It does not count. {by} threw it away on" in words(client, "assessment", case.number, 1)
    # Whoever still had it open reads that, with what they typed.
    late = words(client, "level", case.number, level="high", rationale="He is back tonight")
    assert f"{by} threw the CRAM away on" in late
    assert "He is back tonight" in late


def test_what_was_typed_on_a_page_of_an_earlier_cram_is_meant_for_the_next_when_it_is_sent_again(
    client: Client, assessed_case: Case
) -> None:
    by = an_officer(Role.INVESTIGATOR)
    client.force_login(by)
    discard_assessment(an_assessment(assessed_case), why=WHY, by=by)
    now = an_assessment(assessed_case)
    typed = {
        "do": "decision",
        "decision-what": "A visit",
        "decision-why": "Nobody saw them",
        "decision-assessed": "2",
    }
    for name, sent, rows in (
        ("decisions", typed, now.decided),
        (
            "new_information",
            {"do": "add", "what": "He moved", "why_not": "They know", "assessed": "2"},
            now.new_information,
        ),
    ):
        address = reverse(f"cram:{name}", args=[assessed_case.number])
        answer = client.post(address, sent)
        assert EARLIER in unescape(answer.content.decode())
        assert not rows.exists()
        assert b'assessed" value="3"' in answer.content
    earlier = version_of(Assessment.objects.get(case=assessed_case, number=2))
    assert "Check every field" in words(
        client, "new_information", assessed_case.number, do="nothing", version=str(earlier)
    )
    now.refresh_from_db()
    assert now.nothing_new is False
    words(client, "decisions", assessed_case.number, **{**typed, "decision-assessed": "3"})
    assert now.decided.get().what == "A visit"
