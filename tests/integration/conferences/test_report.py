"""The police report: written, endorsed by another, sent; never without the CRAM before the conference."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction

from cases.enums import Partner, Way
from cases.models import Entry, Shared
from conferences import actions
from conferences.actions import (
    Decision,
    add_recipient,
    change_item,
    decide_sharing,
    endorse_report,
    keep_from,
    move_conference,
    return_report,
    send_report,
    start_report,
    submit_report,
    take_off_recipient,
)
from conferences.enums import Paper, RecipientKind, ReportState, Section, Sharing, StepKind
from conferences.models import Conference, Item, KeptFrom, Recipient, Report
from conferences.queries import steps_done
from conferences.report_queries import items_of, kept_state, newest, recipients_of
from cram.actions import return_assessment
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, held
from tests.factories.reports import (
    ANALYSIS,
    FACT,
    a_recipient,
    a_report,
    a_submitted_report,
    a_whole_report,
    an_item,
    as_sent,
    endorsed,
    sent,
)
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


@pytest.fixture
def no_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands on the papers is tried in test_report_papers."""
    monkeypatch.setattr(actions.issuing, "drawn", lambda *_, number, **__: f"%PDF- copy {number}".encode())


def system() -> User:
    return User.objects.system()


def of_endorsement(report: Report) -> Duty:
    return Duty.objects.get(case=report.conference.case, kind="endorse_report", subject=report.pk)


def refused_by_the_database(statement: str, *values: Any) -> None:
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- the CRAM before the conference, and what else stops it -------------------------------------


def test_it_is_not_sent_for_endorsement_without_the_cram_before_the_conference(conference: Conference) -> None:
    report = a_whole_report(conference)
    with pytest.raises(ValidationError, match="The CRAM before this conference is not done"):
        submit_report(report, by=system())
    cram = submitted(conference.case)
    return_assessment(cram, words="Ask the school", by=an_officer(Role.SUPERVISOR))
    with pytest.raises(ValidationError, match="was returned to be put right"):
        submit_report(report, by=system())
    submitted(conference.case)
    report = submit_report(report, by=system())
    duty = of_endorsement(report)
    assert (duty.state, duty.due_on, duty.reckoned.why.rule) == (DutyState.OPEN, date(2010, 3, 11), "ENDORSEMENT")
    assert findings_of(conference.case) == []
    # What a supervisor reads stays as it is, whoever tries.
    item = report.items.earliest("pk")
    with pytest.raises(ChangedMeanwhile, match="sent this version for endorsement"):
        change_item(item, left_out=True, by=system())
    refused_by_the_database("UPDATE conferences_item SET text = 'x' WHERE id = %s", item.pk)


def test_it_says_what_is_missing(empty_report: Report) -> None:
    Recipient.objects.filter(conference=empty_report.conference).update(taken_off_at=clock.now())
    with pytest.raises(ValidationError) as refused:
        submit_report(empty_report, by=system())
    assert [each.split(" ")[:3] for each in refused.value.messages] == [
        ["The", "CRAM", "before"],
        ["No", "fact", "may"],
        ["What", "police", "make"],
        ["Nobody", "chairs", "the"],
    ]
    # What nobody may read is no fact and no analysis.
    an_item(empty_report, sharing=Sharing.WITHHELD, why="It would show who told us")
    change_item(an_item(empty_report, ANALYSIS, Section.ANALYSIS), left_out=True, by=system())
    with pytest.raises(ValidationError) as refused:
        submit_report(empty_report, by=system())
    assert len(refused.value.messages) == 4


# --- endorsement by another -----------------------------------------------------------------------


def test_nobody_endorses_what_they_began_wrote_or_sent(prepared: Conference) -> None:
    began, wrote, kept, sends, reads = (an_officer(Role.SUPERVISOR) for _ in range(5))
    case = prepared.case
    case.supervisor = wrote
    case.save()
    report = a_whole_report(prepared, by=began)
    item = an_item(report, "The door was broken.", by=wrote)
    keep_from(an_item(report, "He has an alias.", by=wrote), kept={recipients_of(prepared)[0].pk: "No"}, by=kept)
    report = submit_report(report, by=sends)
    for own in (began, wrote, kept, sends):
        with pytest.raises(ValidationError, match="Another sergeant or the inspector endorses it"):
            endorse_report(report, by=own)
        with pytest.raises(ValidationError, match="Another sergeant"):
            return_report(report, words="Why?", by=own)
    # The record's supervisor wrote a part of it: it falls to whoever holds the role.
    assert of_endorsement(report).owner is None
    # Whoever sent it once has written it, also after somebody else has sent it again.
    return_report(report, words="Who broke it?", by=reads)
    change_item(item, text="The door was broken by the father.", source="CAD", happened_on=NOW.date(), by=wrote)
    report = submit_report(report, by=began)
    with pytest.raises(ValidationError, match="Another sergeant"):
        endorse_report(report, by=sends)
    endorsement = endorse_report(report, words="Well set out", by=reads)
    assert endorsement.report.endorsed_by == reads
    assert steps_done(prepared)[StepKind.ENDORSEMENT].what == f"Version 1 endorsed by {reads}"
    rows = Duty.objects.filter(case=case, kind="endorse_report").order_by("cycle")
    assert [(duty.state, duty.ended_why) for duty in rows] == [
        (DutyState.SATISFIED, "Returned: Who broke it?"),
        (DutyState.SATISFIED, "Endorsed"),
    ]
    assert findings_of(case) == []
    with pytest.raises(ChangedMeanwhile, match="endorsed this report"):
        endorse_report(report, by=an_officer(Role.INSPECTOR))


def test_a_report_that_is_returned_says_why_and_can_be_changed(submitted_report: Report) -> None:
    sergeant = an_officer(Role.SUPERVISOR)
    with pytest.raises(ValidationError, match="Say what must be put right"):
        return_report(submitted_report, words=" ", by=sergeant)
    opened_on = version_of(submitted_report)
    return_report(submitted_report, words="The father is named", by=sergeant)
    with pytest.raises(ChangedMeanwhile, match="returned to be put right"):
        return_report(submitted_report, words="Again", by=sergeant)
    an_item(submitted_report, "Written anew.", Section.VIEW)
    with pytest.raises(ChangedMeanwhile, match="while you had it open"):
        submit_report(submitted_report, version=opened_on, by=system())
    assert submit_report(submitted_report, by=system()).state == ReportState.SUBMITTED


def test_an_endorsement_falls_to_the_new_supervisor_of_the_record(submitted_report: Report) -> None:
    from cases.actions import assign_case

    supervisor = an_officer(Role.SUPERVISOR)
    case = submitted_report.conference.case
    assign_case(case, officer_in_case=None, supervisor=supervisor, by=system())
    assert of_endorsement(submitted_report).owner == supervisor


# --- sending to the conference --------------------------------------------------------------------


@pytest.mark.usefixtures("no_papers")
def test_a_report_is_sent_once_to_each_and_kept_as_it_was(submitted_report: Report) -> None:
    conference = submitted_report.conference
    with pytest.raises(ValidationError, match="it never goes out without another person’s yes"):
        send_report(submitted_report, **as_sent(submitted_report), by=system())
    return_report(submitted_report, words="Add the school", by=an_officer(Role.SUPERVISOR))
    an_item(submitted_report, "For the chair alone.", sharing=Sharing.CHAIR_ONLY, why="A refuge")
    father = a_recipient(conference)
    submitted_report = endorsed(submit_report(submitted_report, by=system()))
    with pytest.raises(ValidationError) as refused:
        send_report(submitted_report, ways={father.pk: Way.TELEPHONE}, basis="", by=system())
    chair = recipients_of(conference)[0]
    assert set(refused.value.message_dict) == {f"way-{chair.pk}", f"way-{father.pk}", "basis"}
    entries = set(Entry.objects.values_list("pk", flat=True))
    by = an_officer(Role.PCLO)
    copies = send_report(submitted_report, **as_sent(submitted_report), by=by)
    assert [(copy.number, copy.recipient, copy.paper) for copy in copies] == [
        (1, chair, Paper.REPORT),
        (2, chair, Paper.ANNEX),
        (3, father, Paper.REPORT),
    ]
    assert all(copy.digest == hashlib.sha256(copy.pdf).hexdigest() for copy in copies)
    submitted_report.refresh_from_db()
    assert (submitted_report.state, submitted_report.sent_by, submitted_report.on_time) == (
        ReportState.SENT,
        by,
        True,
    )
    assert steps_done(conference)[StepKind.REPORT].what == "Version 1 sent, 3 copies"
    assert not Duty.objects.filter(case=conference.case, kind="conference_report", state=DutyState.OPEN).exists()
    assert findings_of(conference.case) == []
    shared = Shared.objects.filter(case=conference.case).order_by("pk")
    assert [(each.partner, each.to_whom, each.way) for each in shared] == [
        (Partner.SOCIAL_SERVICES, chair.name, Way.EMAIL),
        (Partner.OTHER, father.name, Way.EMAIL),
    ]
    (told,) = Entry.objects.exclude(pk__in=entries)
    assert "copy 1, and confidential annex, copy 2. By email." in told.text
    assert "refuge" not in told.text
    with pytest.raises(ChangedMeanwhile, match="Begin the next version"):
        send_report(submitted_report, **as_sent(submitted_report), by=system())
    refused_by_the_database("UPDATE conferences_report SET on_time = false WHERE id = %s", submitted_report.pk)
    refused_by_the_database("UPDATE conferences_copy SET pdf = 'x' WHERE number = 1")


@pytest.mark.usefixtures("no_papers")
def test_a_report_that_goes_out_late_says_so(endorsed_report: Report) -> None:
    move_time_to(endorsed_report.conference.starts_at - timedelta(hours=20))
    sent(endorsed_report)
    endorsed_report.refresh_from_db()
    assert endorsed_report.on_time is False


@pytest.mark.usefixtures("no_papers")
def test_after_it_was_sent_the_next_version_begins_as_a_copy(prepared: Conference) -> None:
    father = a_recipient(prepared)
    aunt = a_recipient(prepared, "Ms T Stroud, aunt")
    report = a_whole_report(prepared)
    item = an_item(report, "The mother has a new telephone.")
    keep_from(item, kept={father.pk: "He must not find her", aunt.pk: "She tells him"}, by=system())
    change_item(an_item(report, "Not of use."), left_out=True, by=system())
    with pytest.raises(ChangedMeanwhile, match="Go on with that one"):
        start_report(prepared, by=system())
    sent(endorsed(submit_report(report, by=system())))
    take_off_recipient(aunt, by=system())
    done = {kind: step.pk for kind, step in steps_done(prepared).items()}
    officer = an_officer(Role.PCLO)
    second = start_report(prepared, by=officer)
    before, after = items_of(report), items_of(second)
    assert [(each.text, each.sharing, each.left_out) for each in after] == [
        (each.text, each.sharing, each.left_out) for each in before
    ]
    assert [line.history_user for line in after[0].history.all()] == [officer]
    # Also from whoever was taken off: she may get it again.
    kept = KeptFrom.objects.filter(item__report=second).order_by("recipient")
    assert [(each.recipient, each.why) for each in kept] == [
        (father, "He must not find her"),
        (aunt, "She tells him"),
    ]
    copies = sent(endorsed(submit_report(second, by=system())))
    assert [copy.number for copy in copies] == [4, 5]
    assert {kind: step.pk for kind, step in steps_done(prepared).items()} == done
    # Copying is writing: whoever began the next version does not endorse it.
    assert newest(prepared) == second


@pytest.mark.usefixtures("no_papers")
def test_an_endorsed_version_that_was_not_sent_is_overtaken(endorsed_report: Report) -> None:
    conference = endorsed_report.conference
    second = start_report(conference, by=system())
    endorsed_report.refresh_from_db()
    assert endorsed_report.state == ReportState.OVERTAKEN
    assert StepKind.ENDORSEMENT not in steps_done(conference)
    with pytest.raises(ChangedMeanwhile, match="A newer version"):
        send_report(endorsed_report, **as_sent(endorsed_report), by=system())
    with pytest.raises(ChangedMeanwhile, match="A newer version"):
        endorse_report(endorsed_report, by=an_officer(Role.INSPECTOR))
    with pytest.raises(ChangedMeanwhile, match="A newer version"):
        change_item(Item.objects.filter(report=endorsed_report)[0], left_out=True, by=system())
    sent(endorsed(submit_report(second, by=system())))


@pytest.mark.usefixtures("no_papers")
@pytest.mark.parametrize("state", [ReportState.SUBMITTED, ReportState.ENDORSED, ReportState.SENT])
def test_a_conference_that_is_moved_by_months_needs_a_new_cram_and_endorsement(
    state: ReportState, submitted_report: Report
) -> None:
    conference, case = submitted_report.conference, submitted_report.conference.case
    if state != ReportState.SUBMITTED:
        submitted_report = endorsed(submitted_report)
    if state == ReportState.SENT:
        sent(submitted_report)
    on = conference.starts_at + timedelta(days=70)
    conference = move_conference(conference, starts_at=on, why="The family is abroad", by=system())
    submitted_report.conference = conference
    assert not {StepKind.CRAM, StepKind.ENDORSEMENT, StepKind.REPORT} & set(steps_done(conference))
    sergeant = an_officer(Role.INSPECTOR)

    def goes_on() -> None:
        if state == ReportState.SUBMITTED:
            endorse_report(submitted_report, by=sergeant)
        else:
            send_report(submitted_report, **as_sent(submitted_report), by=system())

    if state != ReportState.SENT:
        with pytest.raises(ValidationError, match="The CRAM before this conference is not done"):
            goes_on()
    move_time_to(conference.starts_at - timedelta(days=10))
    submitted(case)
    if state != ReportState.SENT:
        with pytest.raises(ValidationError, match="written before the conference was moved"):
            goes_on()
    if state == ReportState.SUBMITTED:
        again = return_report(submitted_report, words="Take up what is new", by=sergeant).report
    else:
        again = start_report(conference, by=system())
    sent(endorsed(submit_report(again, by=system())))
    assert {StepKind.ENDORSEMENT, StepKind.REPORT} <= set(steps_done(conference))
    assert findings_of(case) == []


@pytest.mark.usefixtures("no_papers")
def test_a_conference_that_is_moved_by_months_and_back_keeps_its_cram(submitted_report: Report) -> None:
    conference, before = submitted_report.conference, submitted_report.conference.starts_at
    conference = move_conference(conference, starts_at=before + timedelta(days=70), why="Abroad", by=system())
    submitted_report.conference = move_conference(conference, starts_at=before, why="They are back", by=system())
    endorse_report(submitted_report, by=an_officer(Role.INSPECTOR))
    assert StepKind.ENDORSEMENT in steps_done(submitted_report.conference)


@pytest.mark.usefixtures("no_papers")
def test_nothing_is_written_for_a_conference_that_is_over(endorsed_report: Report) -> None:
    conference = held(endorsed_report.conference)
    for act in (
        lambda: start_report(conference, by=system()),
        lambda: send_report(endorsed_report, **as_sent(endorsed_report), by=system()),
        lambda: add_recipient(conference, kind=RecipientKind.FAMILY, name="Mr Stroud", by=system()),
    ):
        with pytest.raises(ChangedMeanwhile, match="The conference is over"):
            act()


# --- items ----------------------------------------------------------------------------------------

WRONG_ITEMS: list[tuple[dict[str, Any], str]] = [
    ({"text": " "}, "text"),
    ({"section": "gossip"}, "section"),
    ({"source": ""}, "source"),
    ({"happened_on": None}, "happened_on"),
    ({"happened_on": date(2010, 3, 11)}, "happened_on"),
    ({"sharing": "nobody"}, "sharing"),
    ({"sharing": Sharing.WITHHELD}, "why"),
    ({"sharing": Sharing.CHAIR_ONLY, "why": " "}, "why"),
    ({"text": FACT}, "text"),  # it stands there already
    ({"source": "Ms Adeyemi\nhead teacher"}, "source"),
]


def test_an_item_says_what_it_must(empty_report: Report) -> None:
    item = an_item(empty_report)
    for wrong, names in WRONG_ITEMS:
        with pytest.raises(ValidationError) as refused:
            an_item(empty_report, **{"text": "He came back.", **wrong})
        assert set(refused.value.message_dict) == {names}, wrong
    with pytest.raises(ValidationError, match="Enter what the report says"):
        change_item(item, text="", source="CAD", happened_on=NOW.date(), by=system())
    with pytest.raises(ValidationError, match="Say why it is not shared"):
        change_item(item, sharing=Sharing.WITHHELD, by=system())
    # An opinion needs neither source nor date; what is shared keeps no reason why it is not.
    assert an_item(empty_report, "It is grave.", Section.VIEW, why="Typed and then not needed").why == ""
    changed = change_item(item, sharing=Sharing.WITHHELD, why="It would show who told us", by=system())
    assert change_item(changed, sharing=Sharing.SHARED, by=system()).why == ""


def test_two_who_change_an_item_at_once_are_kept_apart(empty_report: Report) -> None:
    item, other = an_item(empty_report), an_item(empty_report, "He came back.")
    opened_on = version_of(item)
    a_colleague = an_officer(Role.PCLO)
    change_item(item, sharing=Sharing.WITHHELD, why="A refuge", by=a_colleague)
    with pytest.raises(ChangedMeanwhile, match=f"{a_colleague} changed this while you had it open"):
        change_item(item, text="Mine", source="CAD", happened_on=NOW.date(), version=opened_on, by=system())
    decisions = [
        Decision(item.pk, Sharing.CHAIR_ONLY, "Mine", version=opened_on),
        Decision(other.pk, Sharing.CHAIR_ONLY, "Mine", version=version_of(other)),
    ]
    done = decide_sharing(empty_report, decisions=decisions, by=system())
    assert (done.saved, done.theirs) == (1, [item.pk])
    item.refresh_from_db()
    other.refresh_from_db()
    assert [(each.sharing, each.why) for each in (item, other)] == [
        (Sharing.WITHHELD, "A refuge"),
        (Sharing.CHAIR_ONLY, "Mine"),
    ]
    wrong = [Decision(item.pk, Sharing.CHAIR_ONLY), Decision(other.pk, Sharing.SHARED)]
    with pytest.raises(ValidationError) as refused:
        decide_sharing(empty_report, decisions=wrong, by=system())
    assert set(refused.value.message_dict) == {f"why-{item.pk}"}
    # What is left out keeps what was said of it, for when it is put back.
    decide_sharing(empty_report, decisions=[Decision(item.pk, item.sharing, left_out=True)], by=system())
    item.refresh_from_db()
    assert (item.left_out, item.why) == (True, "A refuge")


def test_items_are_put_in_an_order_that_can_be_changed_without_end(empty_report: Report) -> None:
    one, two, three = (an_item(empty_report, text, Section.VIEW) for text in ("One", "Two", "Three"))

    def order() -> list[str]:
        return [item.text for item in items_of(empty_report)]

    change_item(three, after=0, by=system())
    assert order() == ["Three", "One", "Two"]
    change_item(three, after=one.pk, by=system())
    assert order() == ["One", "Three", "Two"]
    for turn in range(14):  # more than there is room for between two
        moved, other = (two, three) if turn % 2 else (three, two)
        change_item(moved, after=one.pk, by=system())
        assert order() == ["One", moved.text, other.text]
    elsewhere = an_item(empty_report, "An analysis", Section.ANALYSIS)
    for wrong in (elsewhere.pk, one.pk, 10**9):
        with pytest.raises(ValidationError, match="Select after which item"):
            change_item(one, after=wrong, by=system())
    # The chronology is read in the order of time, whatever was added first.
    an_item(empty_report, "Later")
    an_item(empty_report, "Earlier", happened_on=date(2009, 3, 1))
    assert order()[:2] == ["Earlier", "Later"]


def test_an_item_is_kept_from_somebody_for_a_reason(conference: Conference) -> None:
    item, father, aunt = an_item(a_report(conference)), a_recipient(conference), a_recipient(conference, "Ms Stroud")
    seen = kept_state(item)
    keep_from(item, kept={father.pk: "He must not find her"}, seen=seen, by=system())
    with pytest.raises(ChangedMeanwhile, match="Somebody changed from whom this item is kept"):
        keep_from(item, kept={aunt.pk: "She tells him"}, seen=seen, by=system())
    seen = kept_state(item)
    with pytest.raises(ValidationError) as refused:
        keep_from(item, kept={father.pk: " ", aunt.pk: "She tells him"}, seen=seen, by=system())
    assert set(refused.value.message_dict) == {f"why-{father.pk}"}
    stranger = a_recipient(a_conference(), "Somebody of another conference")
    with pytest.raises(ValidationError, match="They do not get the report any more"):
        keep_from(item, kept={stranger.pk: "No"}, by=system())
    keep_from(item, kept={aunt.pk: "She tells him"}, seen=seen, by=system())
    assert [kept.recipient for kept in KeptFrom.objects.all()] == [aunt]
    # That it was once kept from him stays to be read.
    assert KeptFrom.history.filter(history_type="-").get().recipient_id == father.pk


# --- recipients -----------------------------------------------------------------------------------


def test_recipients_are_there_once_and_the_chair_stays(prepared: Conference) -> None:
    father = a_recipient(prepared)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": " "}, "name"),
        ({"name": father.name.upper()}, "name"),
        ({"kind": "neighbour"}, "kind"),
        ({"kind": RecipientKind.CHAIR}, "kind"),
        ({"email": "nobody"}, "email"),
    ]
    for said, names in wrong:
        with pytest.raises(ValidationError) as refused:
            a_recipient(prepared, **{"name": "Ms Adeyemi, head teacher", **said})
        assert set(refused.value.message_dict) == {names}, said
    with pytest.raises(ValidationError, match="goes to the chair"):
        take_off_recipient(recipients_of(prepared)[0], by=system())
    take_off_recipient(father, by=system())
    with pytest.raises(ChangedMeanwhile, match="was taken off"):
        take_off_recipient(father, by=system())
    assert a_recipient(prepared) == father  # he can be there again
    # Whoever endorses it has read what each of them gets.
    report = a_submitted_report(prepared)
    with pytest.raises(ValidationError, match="The supervisor reads what each recipient gets"):
        a_recipient(prepared, "Ms Adeyemi, head teacher")
    endorsed(report)
    with pytest.raises(ValidationError, match="endorsed the report for those who get it now"):
        a_recipient(prepared, "Ms Adeyemi, head teacher")
